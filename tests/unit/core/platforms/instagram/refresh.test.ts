import { readRefresh, refreshRequest } from '../../../../../core/platforms/instagram/refresh';
import { account, NOW, response } from '../posts';

const DAY = 86_400_000;
const SECRET = { accessToken: 'old&token', issuedAt: NOW - 10 * DAY, expiresAt: NOW + 50 * DAY };
const REFUSED = response(400, { error: { code: 190, message: 'x' } });

test('the token renews itself by a GET', () => {
	const request = refreshRequest(account('instagram'), SECRET);
	expect(request.method).toBe('GET');
	const url = new URL(request.url);
	expect(url.origin + url.pathname).toBe('http://127.0.0.1:4010/instagram/refresh_access_token');
	expect(Object.fromEntries(url.searchParams)).toEqual({
		grant_type: 'ig_refresh_token',
		access_token: 'old&token',
	});
});

test('a new token starts its own life', () => {
	const answer = response(200, {
		access_token: 'new',
		token_type: 'bearer',
		expires_in: 5_183_944,
	});
	expect(readRefresh(answer, SECRET, NOW)).toEqual({
		outcome: 'done',
		secret: { accessToken: 'new', issuedAt: NOW, expiresAt: NOW + 5_183_944_000 },
	});
});

test('code 190 proves it dead', () => {
	expect(readRefresh(REFUSED, SECRET, NOW)).toMatchObject({ outcome: 'dead' });
});

test('an expired token is dead, whatever the answer', () => {
	const over = { ...SECRET, expiresAt: NOW };
	expect(readRefresh(response(500, ''), over, NOW)).toMatchObject({ outcome: 'dead' });
});

test('a token younger than a day is left alone', () => {
	const young = { ...SECRET, issuedAt: NOW - DAY + 1 };
	expect(readRefresh(REFUSED, young, NOW)).toMatchObject({ outcome: 'later' });
	expect(readRefresh(REFUSED, { ...SECRET, issuedAt: NOW - DAY }, NOW)).toMatchObject({
		outcome: 'dead',
	});
});

test.each([
	['HTTP 500', response(500, { error: { code: 190 } })],
	['another code', response(400, { error: { code: 2 } })],
	['HTTP 401 without a body', response(401, '')],
	['a success without a token', response(200, {})],
	['a lost answer', { kind: 'lost' as const, reason: 'x' }],
])('%s proves nothing', (_name, answer) => {
	const reading = readRefresh(answer, SECRET, NOW);
	expect(reading).toMatchObject({ outcome: 'later' });
	expect(JSON.stringify(reading)).not.toContain('old&token');
});
