import type { HttpRequest } from '../../ports';
import type { CarriedAccount } from '../../store/contract';
import { textAt } from '../answers';
import type { IdentityContext, IdentityReading, IdentityRules } from '../identity';
import { ask, noAccount } from '../identity-answers';
import type { TokenSecret } from '../platform';
import { NAMES, REFUSALS } from './errors';
import { readSession, sessionRequest } from './session';

const LIMIT_MS = 15_000;

/** `com.atproto.server.getSession`: the server's own word about the session. */
async function identify(context: IdentityContext): Promise<IdentityReading> {
	const answer = await ask(
		context.http,
		REFUSALS,
		{
			url: `${context.baseUrl}/xrpc/com.atproto.server.getSession`,
			headers: { authorization: `Bearer ${context.secret.accessToken}` },
		},
		context.nowMs,
	);
	if (answer.outcome !== 'ok') return answer;
	const did = textAt(answer.body, 'did');
	const handle = textAt(answer.body, 'handle');
	if (did === undefined || handle === undefined) {
		return noAccount(
			NAMES,
			'The server named no account for this session. Nothing was changed.',
			'Check the address of the server.',
		);
	}
	const off = answer.body.active === false;
	return {
		outcome: 'ok',
		scopes: null,
		candidates: [
			{
				remoteId: did,
				handle,
				displayName: handle,
				kind: 'person',
				profileUrl: context.mode === 'live' ? `https://bsky.app/profile/${did}` : null,
				settings: {},
				unavailable: off
					? {
							code: 'bluesky_account_inactive',
							message: `@${handle} cannot be connected: the account is ${textAt(answer.body, 'status') ?? 'not active'} at its server.`,
							remedy: 'Reactivate it in Bluesky’s settings, then connect again.',
						}
					: null,
			},
		],
	};
}

/** `deleteSession` takes the refresh token (com.atproto.server.deleteSession). */
function revoke(account: CarriedAccount, secret: TokenSecret): HttpRequest[] {
	if (!secret.refreshToken) return [];
	return [
		{
			method: 'POST',
			url: `${account.authUrl}/xrpc/com.atproto.server.deleteSession`,
			headers: { accept: 'application/json', authorization: `Bearer ${secret.refreshToken}` },
			limitMs: LIMIT_MS,
		},
	];
}

/** Connecting Bluesky by app password, on any server of the network. */
export const IDENTITY: IdentityRules = {
	requiredScopes: () => [],
	wantedScopes: () => [],
	lengthen: null,
	identify,
	signIn: {
		request: sessionRequest,
		read: (answer, nowMs) => {
			const reading = readSession(answer, nowMs);
			return reading.outcome === 'ok'
				? { outcome: 'ok', secret: reading.session.secret, server: reading.session.server }
				: reading;
		},
	},
	revoke,
};
