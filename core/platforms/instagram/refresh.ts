import type { HttpAnswer, HttpRequest } from '../../ports';
import type { CarriedAccount } from '../../store/contract';
import { isSuccess, jsonOf, numberAt, objectAt } from '../answers';
import type { RefreshReading, TokenSecret } from '../platform';
import { deadToken, laterToken, renewed } from '../tokens';

const LIMIT_MS = 20_000;
const INSTAGRAM = { name: 'instagram', displayName: 'Instagram' };
/** Meta refuses to renew a token that is younger. */
const LEAST_AGE_MS = 24 * 3_600_000;
/** OAuthException of the Graph API: this token, not the platform. */
const TOKEN_REFUSED = 190;
/**
 * Subcodes that name what happened to this access: app removed, checkpoint, password changed,
 * expired, unconfirmed, role lost. 467 and none at all only say "invalid", which an outage says too.
 */
const NAMED: ReadonlySet<number> = new Set([458, 459, 460, 463, 464, 492]);

/**
 * Long-lived tokens (60 days) renew themselves while they live (Instagram Login,
 * `ig_refresh_token`). Meta takes the token in the query only.
 */
export function refreshRequest(account: CarriedAccount, secret: TokenSecret): HttpRequest {
	const query = new URLSearchParams({
		grant_type: 'ig_refresh_token',
		access_token: secret.accessToken,
	});
	return {
		method: 'GET',
		url: `${account.baseUrl}/refresh_access_token?${query.toString()}`,
		headers: { accept: 'application/json' },
		limitMs: LIMIT_MS,
	};
}

/**
 * Dead when the token's 60 days are over or Meta refuses it by name (code 190; without a subcode that
 * says why it is no more than a refusal). A token younger than a day cannot be renewed yet, whatever
 * the answer says.
 */
export function readRefresh(
	answer: HttpAnswer,
	secret: TokenSecret,
	nowMs: number,
): RefreshReading {
	if (answer.kind === 'response' && isSuccess(answer)) {
		return (
			renewed(jsonOf(answer) ?? {}, secret, nowMs) ??
			laterToken(INSTAGRAM, 'the answer held no token', answer.status)
		);
	}
	if (secret.expiresAt !== undefined && secret.expiresAt <= nowMs) {
		return deadToken(INSTAGRAM, 'its 60 days are over');
	}
	if (secret.issuedAt !== undefined && nowMs - secret.issuedAt < LEAST_AGE_MS) {
		return laterToken(INSTAGRAM, 'a token can be renewed only when it is a day old');
	}
	if (answer.kind !== 'response') return laterToken(INSTAGRAM, answer.reason);
	const error = objectAt(jsonOf(answer), 'error');
	if (numberAt(error, 'code') !== TOKEN_REFUSED || answer.status >= 500) {
		return laterToken(INSTAGRAM, `HTTP ${answer.status}`, answer.status);
	}
	const named = NAMED.has(numberAt(error, 'error_subcode') ?? 0);
	return deadToken(
		INSTAGRAM,
		'Instagram no longer takes the token',
		answer.status,
		named ? 'word' : 'refusal',
	);
}
