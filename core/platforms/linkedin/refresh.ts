import type { HttpAnswer, HttpRequest } from '../../ports';
import type { CarriedAccount } from '../../store/contract';
import { isSuccess, jsonOf, textAt } from '../answers';
import type { RefreshReading, TokenSecret } from '../platform';
import { deadToken, laterToken, renewed } from '../tokens';

const LIMIT_MS = 20_000;
const LINKEDIN = { name: 'linkedin', displayName: 'LinkedIn' };

/**
 * Access tokens live 60 days. Refresh tokens exist for approved apps only, live 365 days from the
 * first consent and are not rotated (learn.microsoft.com, programmatic refresh tokens).
 */
export function refreshRequest(account: CarriedAccount, secret: TokenSecret): HttpRequest {
	const form = new URLSearchParams({
		grant_type: 'refresh_token',
		refresh_token: secret.refreshToken ?? '',
		client_id: secret.clientId ?? '',
		client_secret: secret.clientSecret ?? '',
	});
	return {
		method: 'POST',
		url: `${account.authUrl}/oauth/v2/accessToken`,
		headers: {
			'content-type': 'application/x-www-form-urlencoded',
			accept: 'application/json',
		},
		body: form.toString(),
		limitMs: LIMIT_MS,
	};
}

/**
 * Without a refresh token the access is dead only once it has expired: until then one refused call
 * proves nothing. With one, LinkedIn's `invalid_grant` (or its 400 that names the refresh token)
 * is the proof.
 */
export function readRefresh(
	answer: HttpAnswer,
	secret: TokenSecret,
	nowMs: number,
): RefreshReading {
	if (!secret.refreshToken) {
		return secret.expiresAt !== undefined && secret.expiresAt <= nowMs
			? deadToken(LINKEDIN, 'the 60 days are over and this app gets no refresh token')
			: laterToken(LINKEDIN, 'this app gets no refresh token');
	}
	if (answer.kind !== 'response') return laterToken(LINKEDIN, answer.reason);
	const body = jsonOf(answer) ?? {};
	if (isSuccess(answer)) {
		return (
			renewed(body, secret, nowMs) ??
			laterToken(LINKEDIN, 'the answer held no token', answer.status)
		);
	}
	const named = textAt(body, 'error');
	const proven =
		answer.status === 400 &&
		(named === 'invalid_grant' ||
			(named === 'invalid_request' &&
				/refresh token/i.test(textAt(body, 'error_description') ?? '')));
	return proven
		? deadToken(LINKEDIN, 'LinkedIn no longer takes the refresh token', answer.status)
		: laterToken(LINKEDIN, `HTTP ${answer.status}`, answer.status);
}
