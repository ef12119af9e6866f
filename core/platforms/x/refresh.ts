import { encodeBase64 } from '../../content/base64';
import type { HttpAnswer, HttpRequest } from '../../ports';
import type { CarriedAccount } from '../../store/contract';
import { isSuccess, jsonOf, textAt } from '../answers';
import type { RefreshReading, TokenSecret } from '../platform';
import { deadToken, laterToken, renewed } from '../tokens';

const LIMIT_MS = 20_000;
const X = { name: 'x', displayName: 'X' };

/**
 * Access tokens live 2 h, refresh tokens are used once (docs.x.com OAuth 2.0). A confidential
 * client proves itself by HTTP Basic, a public one by its id in the body.
 */
export function refreshRequest(account: CarriedAccount, secret: TokenSecret): HttpRequest {
	const form = new URLSearchParams({
		grant_type: 'refresh_token',
		refresh_token: secret.refreshToken ?? '',
	});
	const headers: Record<string, string> = {
		'content-type': 'application/x-www-form-urlencoded',
		accept: 'application/json',
	};
	if (secret.clientSecret) {
		const pair = `${encodeURIComponent(secret.clientId ?? '')}:${encodeURIComponent(secret.clientSecret)}`;
		headers.authorization = `Basic ${encodeBase64(new TextEncoder().encode(pair))}`;
	} else {
		form.set('client_id', secret.clientId ?? '');
	}
	return {
		method: 'POST',
		url: `${account.authUrl}/2/oauth2/token`,
		headers,
		body: form.toString(),
		limitMs: LIMIT_MS,
	};
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
