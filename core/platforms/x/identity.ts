import type { HttpRequest } from '../../ports';
import type { CarriedAccount } from '../../store/contract';
import { objectAt, textAt } from '../answers';
import type { IdentityContext, IdentityReading, IdentityRules } from '../identity';
import { ask, noAccount } from '../identity-answers';
import type { TokenSecret } from '../platform';
import { clientForm } from './client-form';
import { REFUSALS } from './errors';

const X = { name: 'x', displayName: 'X' };
const LIMIT_MS = 15_000;

/** `GET /2/users/me` (75 in 15 minutes; docs.x.com). X tells nothing about the scopes. */
async function identify(context: IdentityContext): Promise<IdentityReading> {
	const { http, mode, baseUrl, secret, nowMs } = context;
	const request = {
		url: `${baseUrl}/2/users/me`,
		headers: { authorization: `Bearer ${secret.accessToken}` },
	};
	const answer = await ask(http, REFUSALS, request, nowMs);
	if (answer.outcome !== 'ok') return answer;
	const user = objectAt(answer.body, 'data');
	const id = textAt(user, 'id');
	const handle = textAt(user, 'username');
	if (id === undefined || handle === undefined) {
		return noAccount(X, 'X named no account for this access. Nothing was changed.', 'Try again.');
	}
	return {
		outcome: 'ok',
		scopes: null,
		candidates: [
			{
				remoteId: id,
				handle,
				displayName: textAt(user, 'name') ?? handle,
				kind: 'person',
				profileUrl: mode === 'live' ? `https://x.com/${handle}` : `${baseUrl}/${handle}`,
				settings: {},
				unavailable: null,
			},
		],
	};
}

/** RFC 7009 at `/2/oauth2/revoke`; the refresh token takes its access tokens with it. */
function revoke(account: CarriedAccount, secret: TokenSecret): HttpRequest[] {
	const named: [string, string | undefined][] = [
		['refresh_token', secret.refreshToken],
		['access_token', secret.accessToken],
	];
	return named.flatMap(([hint, token]) => {
		if (!token) return [];
		const fields = { token, token_type_hint: hint };
		return [clientForm(`${account.authUrl}/2/oauth2/revoke`, fields, secret, LIMIT_MS)];
	});
}

/** Connecting X (docs.x.com, OAuth 2.0 scopes). */
export const IDENTITY: IdentityRules = {
	requiredScopes: () => ['tweet.read', 'tweet.write', 'users.read'],
	wantedScopes: () => ['offline.access', 'media.write'],
	lengthen: null,
	identify,
	signIn: null,
	revoke,
};
