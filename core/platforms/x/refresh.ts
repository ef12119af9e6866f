import type { HttpAnswer, HttpRequest } from '../../ports';
import type { CarriedAccount } from '../../store/contract';
import { isSuccess, jsonOf, textAt } from '../answers';
import type { RefreshReading, TokenSecret } from '../platform';
import { deadToken, laterToken, renewed } from '../tokens';
import { clientForm } from './client-form';

const LIMIT_MS = 20_000;
const X = { name: 'x', displayName: 'X' };

/** Access tokens live 2 h, refresh tokens are used once (docs.x.com OAuth 2.0). */
export function refreshRequest(account: CarriedAccount, secret: TokenSecret): HttpRequest {
	const fields = { grant_type: 'refresh_token', refresh_token: secret.refreshToken ?? '' };
	return clientForm(`${account.authUrl}/2/oauth2/token`, fields, secret, LIMIT_MS);
}

/**
 * Dead only by X's own word about this token: HTTP 400 `invalid_request`, "Value passed for the
 * token was invalid." (field reports), or `invalid_grant`. A 401 hit everybody in the incident of
 * 2026-06-30 and proves nothing.
 */
export function readRefresh(
	answer: HttpAnswer,
	secret: TokenSecret,
	nowMs: number,
): RefreshReading {
	if (!secret.refreshToken) return deadToken(X, 'X gave no refresh token for this account');
	if (answer.kind !== 'response') return laterToken(X, answer.reason);
	const body = jsonOf(answer) ?? {};
	if (isSuccess(answer)) {
		return renewed(body, secret, nowMs) ?? laterToken(X, 'the answer held no token', answer.status);
	}
	const named = textAt(body, 'error');
	const proven =
		answer.status === 400 &&
		(named === 'invalid_grant' ||
			(named === 'invalid_request' &&
				/token was invalid/i.test(textAt(body, 'error_description') ?? '')));
	return proven
		? deadToken(X, 'X no longer takes the refresh token', answer.status)
		: laterToken(X, `HTTP ${answer.status}`, answer.status);
}
