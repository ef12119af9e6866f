import { readRefresh, refreshRequest } from '../../../../../core/platforms/bluesky/refresh';
import { readSession } from '../../../../../core/platforms/bluesky/session';
import { account, answer, DID, NOW } from './fixtures';

const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
const token = (claims: unknown) => `${part({ alg: 'HS256' })}.${part(claims)}.c2ln`;
const accessJwt = token({ iat: 1000, exp: 8200 });
const secret = { accessToken: 'old', refreshToken: 'old-refresh', expiresAt: 5 };

describe('refresh', () => {
	test('goes to the place of sign-in with the refresh token', () => {
		expect(refreshRequest(account, secret)).toMatchObject({
			method: 'POST',
			url: 'https://bsky.social/xrpc/com.atproto.server.refreshSession',
			headers: { authorization: 'Bearer old-refresh' },
		});
	});

	test('brings a new pair that lives as long as the token says, by our clock', () => {
		expect(readRefresh(answer(200, { accessJwt, refreshJwt: 'r' }), secret, NOW)).toEqual({
			outcome: 'done',
			secret: {
				accessToken: accessJwt,
				refreshToken: 'r',
				issuedAt: NOW,
				expiresAt: NOW + 7_200_000,
			},
		});
	});

	test.each(['opaque', 'a.b.c', token({}), token({ iat: 5, exp: 1 })])(
		'a token that does not say so (%#) has no known end',
		(opaque) => {
			const reading = readRefresh(answer(200, { accessJwt: opaque, refreshJwt: 'r' }), secret, NOW);
			expect(reading).toMatchObject({ outcome: 'done' });
			expect(reading).not.toHaveProperty('secret.expiresAt');
		},
	);

	test.each([
		[400, 'ExpiredToken'],
		[400, 'InvalidToken'],
		[401, 'AccountTakedown'],
	])('%i %s proves it dead', (status, error) => {
		expect(readRefresh(answer(status, { error }), secret, NOW)).toMatchObject({ outcome: 'dead' });
	});

	test.each([
		answer(401, { error: 'AuthMissing' }),
		answer(400, { error: 'InvalidRequest' }),
		answer(403, '<html>'),
		answer(429, { error: 'RateLimitExceeded' }),
		answer(500, { error: 'ExpiredToken' }),
		answer(200, { accessJwt }),
		answer(200, '<html>'),
		{ kind: 'lost', reason: 'cut off' } as const,
		{ kind: 'not_sent', reason: 'refused' } as const,
	])('anything else (%#) keeps the token', (given) => {
		expect(readRefresh(given, secret, NOW)).toMatchObject({ outcome: 'later' });
	});

	test('without a refresh token only the person can help', () => {
		expect(readRefresh(answer(500, ''), { accessToken: 'a' }, NOW)).toMatchObject({
			outcome: 'dead',
		});
	});
});

describe('sign-in', () => {
	const session = { did: DID, handle: 'alice.bsky.social', accessJwt, refreshJwt: 'r' };
	const service = { id: '#atproto_pds', type: 'AtprotoPersonalDataServer' };

	test.each([
		['https://amanita.us-east.host.bsky.network/', 'https://amanita.us-east.host.bsky.network'],
		['nowhere', null],
		[undefined, null],
	])('names the server %s', (serviceEndpoint, server) => {
		const didDoc = { service: [{ ...service, serviceEndpoint }] };
		expect(readSession(answer(200, { ...session, didDoc }), NOW)).toMatchObject({
			outcome: 'ok',
			session: { did: DID, handle: 'alice.bsky.social', server },
		});
	});

	test('a refusal shows the server’s words and no token', () => {
		const reading = readSession(
			answer(401, { error: 'AuthenticationRequired', message: 'Invalid identifier or password' }),
			NOW,
		);
		expect(reading).toMatchObject({
			outcome: 'refused',
			error: { message: expect.stringContaining('Invalid identifier or password') },
		});
		const half = readSession(answer(200, { ...session, refreshJwt: '' }), NOW);
		expect(half).toMatchObject({ outcome: 'refused' });
		expect(JSON.stringify(half)).not.toContain(accessJwt);
	});
});
