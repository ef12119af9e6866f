import type { HttpAnswer, HttpRequest } from '../../ports';
import type { CarriedAccount } from '../../store/contract';
import { isSuccess, jsonOf, textAt } from '../answers';
import type { RefreshReading, TokenSecret } from '../platform';
import { deadToken, laterToken } from '../tokens';
import { NAMES } from './errors';
import { secretOf } from './session';

const LIMIT_MS = 20_000;

/** The refresh token goes where an access token else goes; the old one works two hours more. */
export function refreshRequest(account: CarriedAccount, secret: TokenSecret): HttpRequest {
	return {
		method: 'POST',
		url: `${account.authUrl}/xrpc/com.atproto.server.refreshSession`,
		headers: { accept: 'application/json', authorization: `Bearer ${secret.refreshToken ?? ''}` },
		limitMs: LIMIT_MS,
	};
}

/**
 * Dead by the server's word about this token: 400 `ExpiredToken` (run out or revoked) and
 * `InvalidToken`, 401 `AccountTakedown` (which revokes every session). Measured on PDS 0.5.35.
 */
export function readRefresh(
	answer: HttpAnswer,
	secret: TokenSecret,
	nowMs: number,
): RefreshReading {
	if (!secret.refreshToken) return deadToken(NAMES, 'there is no refresh token for this account');
	if (answer.kind !== 'response') return laterToken(NAMES, answer.reason);
	const body = jsonOf(answer) ?? {};
	if (isSuccess(answer)) {
		const fresh = secretOf(body, nowMs);
		return fresh === null
			? laterToken(NAMES, 'the answer held no session', answer.status)
			: { outcome: 'done', secret: fresh };
	}
	const named = textAt(body, 'error');
	if (answer.status === 400 && (named === 'ExpiredToken' || named === 'InvalidToken')) {
		return deadToken(NAMES, 'the session was revoked or has run out', answer.status);
	}
	if (answer.status === 401 && named === 'AccountTakedown') {
		return deadToken(NAMES, 'Bluesky has taken the account down', answer.status);
	}
	return laterToken(NAMES, `HTTP ${answer.status}`, answer.status);
}
