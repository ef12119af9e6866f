import { readRefresh, refreshRequest } from '../../../../../core/platforms/x/refresh';
import type { TokenSecret } from '../../../../../core/platforms/platform';
import { account, NOW, response } from '../posts';

const SECRET = {
	accessToken: 'old-access',
	refreshToken: 'old-refresh',
	expiresAt: NOW - 1,
	clientId: 'app 1',
	clientSecret: 's:e/c+ret',
};

describe('the request', () => {
	test('of a confidential client proves itself by HTTP Basic', () => {
		const request = refreshRequest(account('x'), SECRET);
		expect(request).toMatchObject({
			method: 'POST',
			url: 'http://127.0.0.1:4010/x/2/oauth2/token',
			body: 'grant_type=refresh_token&refresh_token=old-refresh',
		});
		const basic = request.headers.authorization?.replace('Basic ', '') ?? '';
		expect(Buffer.from(basic, 'base64').toString()).toBe('app%201:s%3Ae%2Fc%2Bret');
	});

	test('of a public client names its id in the body', () => {
		const secret: TokenSecret = { ...SECRET };
		delete secret.clientSecret;
		const request = refreshRequest(account('x'), secret);
		expect(request.headers.authorization).toBeUndefined();
		expect(request.body).toBe('grant_type=refresh_token&refresh_token=old-refresh&client_id=app+1');
	});
});

describe('the answer', () => {
	test('replaces both tokens', () => {
		const answer = response(200, {
			access_token: 'new-access',
			refresh_token: 'new-refresh',
			expires_in: 7200,
		});
		expect(readRefresh(answer, SECRET, NOW)).toEqual({
			outcome: 'done',
			secret: {
				...SECRET,
				accessToken: 'new-access',
				refreshToken: 'new-refresh',
				issuedAt: NOW,
				expiresAt: NOW + 7_200_000,
			},
		});
	});

	test.each([undefined, '', null])('refresh token %j never replaces a good one', (value) => {
		const answer = response(200, { access_token: 'new', refresh_token: value, expires_in: 1 });
		expect(readRefresh(answer, SECRET, NOW)).toMatchObject({
			secret: { accessToken: 'new', refreshToken: 'old-refresh' },
		});
	});

	test.each([
		[
			'X’s own words',
			response(400, {
				error: 'invalid_request',
				error_description: 'Value passed for the token was invalid.',
			}),
		],
		['invalid_grant', response(400, { error: 'invalid_grant' })],
	])('%s prove it dead', (_name, answer) => {
		expect(readRefresh(answer, SECRET, NOW)).toMatchObject({ outcome: 'dead' });
	});

	test.each([
		['HTTP 401 for everybody (2026-06-30)', response(401, { error: 'unauthorized_client' })],
		[
			'a missing parameter',
			response(400, { error: 'invalid_request', error_description: 'Missing required parameter' }),
		],
		['HTTP 503', response(503, '')],
		['HTTP 429', response(429, {})],
		['a success without a token', response(200, {})],
		['a success that is HTML', response(200, '<html></html>')],
		['a lost answer', { kind: 'lost' as const, reason: 'no answer' }],
		['no connection', { kind: 'not_sent' as const, reason: 'no route' }],
	])('%s proves nothing', (_name, answer) => {
		const reading = readRefresh(answer, SECRET, NOW);
		expect(reading).toMatchObject({ outcome: 'later' });
		expect(JSON.stringify(reading)).not.toMatch(/old-refresh|old-access|s:e\/c/);
	});

	test('without a refresh token there is no way back', () => {
		const secret: TokenSecret = { ...SECRET };
		delete secret.refreshToken;
		expect(readRefresh(response(400, {}), secret, NOW)).toMatchObject({ outcome: 'dead' });
	});
});
