import { readRefresh, refreshRequest } from '../../../../../core/platforms/linkedin/refresh';
import type { TokenSecret } from '../../../../../core/platforms/platform';
import { account, NOW, response } from '../posts';

const SECRET = {
	accessToken: 'old-access',
	refreshToken: 'old-refresh',
	expiresAt: NOW + 1_000,
	clientId: 'app',
	clientSecret: 's&t',
};

test('the request names the app in the body', () => {
	expect(refreshRequest(account('linkedin'), SECRET)).toMatchObject({
		method: 'POST',
		url: 'http://127.0.0.1:4010/linkedin/oauth/v2/accessToken',
		body: 'grant_type=refresh_token&refresh_token=old-refresh&client_id=app&client_secret=s%26t',
	});
});

test('the refresh token stays when the answer has none', () => {
	const answer = response(200, { access_token: 'new', expires_in: 5_184_000 });
	expect(readRefresh(answer, SECRET, NOW)).toEqual({
		outcome: 'done',
		secret: {
			...SECRET,
			accessToken: 'new',
			issuedAt: NOW,
			expiresAt: NOW + 5_184_000_000,
		},
	});
});

test('without a refresh token it is dead only when it has expired', () => {
	const secret: TokenSecret = { ...SECRET };
	delete secret.refreshToken;
	const answer = response(400, { error: 'invalid_request' });
	expect(readRefresh(answer, secret, NOW)).toMatchObject({ outcome: 'later' });
	expect(readRefresh(answer, secret, NOW + 1_000)).toMatchObject({ outcome: 'dead' });
	const endless = { ...secret };
	delete endless.expiresAt;
	expect(readRefresh(answer, endless, NOW)).toMatchObject({ outcome: 'later' });
});

test.each([
	['invalid_grant', 400, { error: 'invalid_grant' }, 'dead'],
	[
		'the refresh token named',
		400,
		{ error: 'invalid_request', error_description: 'The provided refresh token is invalid' },
		'dead',
	],
	['another 400', 400, { error: 'invalid_request', error_description: 'client_id' }, 'later'],
	['HTTP 401', 401, { error: 'invalid_client' }, 'later'],
	['HTTP 500', 500, {}, 'later'],
])('%s', (_name, status, body, outcome) => {
	expect(readRefresh(response(status, body), SECRET, NOW)).toMatchObject({ outcome });
});

test('a lost answer proves nothing', () => {
	expect(readRefresh({ kind: 'lost', reason: 'x' }, SECRET, NOW)).toMatchObject({
		outcome: 'later',
	});
});
