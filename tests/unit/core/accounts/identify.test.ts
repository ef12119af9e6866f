import { identifyToken, missingScopes, wrongAddress } from '../../../../core/accounts/identify';
import type { ConsentedToken } from '../../../../core/accounts/connect-types';
import { PLATFORMS } from '../../../../core/platforms';
import type { HttpAnswer, HttpRequest, Ports } from '../../../../core/ports';

const NOW = Date.UTC(2026, 10, 22);

type Replies = Record<string, { status?: number; body: unknown } | HttpAnswer>;

/** Answers by path; a request that is not foreseen fails the test. */
function portsWith(replies: Replies): { ports: Ports; seen: HttpRequest[] } {
	const seen: HttpRequest[] = [];
	const undeclared = () => {
		throw new Error('not declared');
	};
	const ports: Ports = {
		http: {
			send: async (request) => {
				seen.push(request);
				const { pathname } = new URL(request.url);
				if (!(pathname in replies)) throw new Error(`nobody expected ${pathname}`);
				const reply = replies[pathname];
				if ('kind' in reply) return reply;
				return {
					kind: 'response',
					status: reply.status ?? 200,
					headers: {},
					text: JSON.stringify(reply.body),
				};
			},
		},
		clock: { now: () => NOW, monotonic: () => 0, sleep: undeclared },
		store: {
			rpc: undeclared,
			putObject: undeclared,
			getObject: undeclared,
			signObject: undeclared,
		},
		crypto: {
			uuid: undeclared,
			randomBytes: undeclared,
			sha256: undeclared,
			deriveKey: undeclared,
			seal: undeclared,
			open: undeclared,
		},
		log: { info: undeclared, warn: undeclared },
	};
	return { ports, seen };
}

function token(
	platform: 'x' | 'linkedin' | 'instagram' | 'bluesky',
	change: Partial<ConsentedToken> = {},
): ConsentedToken {
	const { liveBaseUrl, liveAuthUrl } = PLATFORMS[platform];
	return {
		mode: 'live',
		baseUrl: liveBaseUrl,
		authUrl: liveAuthUrl,
		secret: { accessToken: 'AT', clientId: 'app', clientSecret: 'app-secret' },
		grantedScopes: null,
		...change,
	};
}

const lasting = { accessToken: 'AT', expiresAt: NOW + 59 * 86_400_000 };

test('X: users/me, and a scope that posting needs', async () => {
	const me = { '/2/users/me': { body: { data: { id: '7', name: 'Ada L', username: 'ada' } } } };
	const { ports, seen } = portsWith(me);
	const found = await identifyToken(ports, PLATFORMS.x, token('x'));
	expect(found).toMatchObject({
		outcome: 'ok',
		grantedScopes: null,
		candidates: [
			{
				remoteId: '7',
				handle: 'ada',
				displayName: 'Ada L',
				profileUrl: 'https://x.com/ada',
				unavailable: null,
			},
		],
	});
	expect(seen).toMatchObject([
		{ method: 'GET', url: 'https://api.x.com/2/users/me', headers: { authorization: 'Bearer AT' } },
	]);
	const reader = await identifyToken(
		portsWith(me).ports,
		PLATFORMS.x,
		token('x', { grantedScopes: ['tweet.read', 'users.read'] }),
	);
	expect(reader).toMatchObject({
		candidates: [
			{ unavailable: { code: 'scope_missing', message: expect.stringContaining('tweet.write') } },
		],
	});
});

test.each<[string, HttpAnswer | { status: number; body: unknown }, object]>([
	[
		'401',
		{ status: 401, body: { title: 'Unauthorized', type: 'about:blank', status: 401 } },
		{ outcome: 'refused', tokenRefused: true, error: { code: 'x_identity_refused' } },
	],
	[
		'402',
		{ status: 402, body: { title: 'CreditsDepleted' } },
		{ outcome: 'refused', tokenRefused: false, error: { code: 'x_identity_blocked' } },
	],
	[
		'429',
		{ status: 429, body: { title: 'Too Many Requests' } },
		{ outcome: 'later', error: { code: 'x_identity_unknown' } },
	],
	['503', { status: 503, body: {} }, { outcome: 'later' }],
	['no connection', { kind: 'not_sent', reason: 'refused' }, { outcome: 'later' }],
	['no answer', { kind: 'lost', reason: 'reset' }, { outcome: 'later' }],
	['no JSON', { kind: 'response', status: 200, headers: {}, text: '<html>' }, { outcome: 'later' }],
	['no account', { status: 200, body: { data: {} } }, { outcome: 'refused' }],
])('X says %s', async (_name, reply, wanted) => {
	const { ports } = portsWith({ '/2/users/me': reply });
	expect(await identifyToken(ports, PLATFORMS.x, token('x'))).toMatchObject(wanted);
});

test('LinkedIn: the member, and the pages where the app may ask for them', async () => {
	const { ports, seen } = portsWith({
		'/v2/userinfo': { body: { sub: 'AbC-1', name: 'Zoë  Grün' } },
		'/rest/organizationAcls': {
			body: {
				elements: [
					{ organization: 'urn:li:organization:12', role: 'ADMINISTRATOR' },
					{ organization: 'urn:li:organization:12', role: 'CONTENT_ADMINISTRATOR' },
					{ organization: 'urn:li:organizationBrand:9' },
				],
			},
		},
		'/rest/organizations/12': { body: { id: 12, vanityName: 'acme', localizedName: 'Acme Ltd' } },
	});
	const scopes = ['openid', 'profile', 'w_member_social'];
	const found = await identifyToken(
		ports,
		PLATFORMS.linkedin,
		token('linkedin', { grantedScopes: scopes, secret: lasting }),
	);
	expect(found).toMatchObject({
		candidates: [
			{
				remoteId: 'AbC-1',
				handle: 'zoe-grun',
				kind: 'person',
				settings: { authorUrn: 'urn:li:person:AbC-1' },
				unavailable: null,
			},
			{
				remoteId: '12',
				handle: 'acme',
				kind: 'organisation',
				settings: { authorUrn: 'urn:li:organization:12' },
				unavailable: { code: 'scope_missing' },
			},
		],
	});
	expect(seen[1].headers).toMatchObject({ 'x-restli-protocol-version': '2.0.0' });
});

test('LinkedIn without pages: a refusal there is no refusal of the member', async () => {
	const { ports } = portsWith({
		'/v2/userinfo': { body: { sub: 'm' } },
		'/rest/organizationAcls': { status: 403, body: { status: 403, code: 'ACCESS_DENIED' } },
	});
	const found = await identifyToken(ports, PLATFORMS.linkedin, token('linkedin'));
	expect(found).toMatchObject({ outcome: 'ok', candidates: [{ remoteId: 'm' }] });
});

test('Instagram Login: lengthened first, a personal account is not for choosing', async () => {
	const { ports, seen } = portsWith({
		'/access_token': { body: { access_token: 'LONG', expires_in: 5_184_000 } },
		'/v26.0/me': { body: { user_id: '178', username: 'frida', account_type: 'PERSONAL' } },
	});
	const short = { accessToken: 'SHORT', clientSecret: 's', expiresAt: NOW + 3_600_000 };
	const found = await identifyToken(
		ports,
		PLATFORMS.instagram,
		token('instagram', { secret: short }),
	);
	expect(found).toMatchObject({
		outcome: 'ok',
		secret: { accessToken: 'LONG', expiresAt: NOW + 5_184_000_000, issuedAt: NOW },
		candidates: [{ remoteId: '178', unavailable: { code: 'instagram_not_professional' } }],
	});
	expect(seen[1].headers.authorization).toBe('Bearer LONG');
});

test('Instagram by Facebook Login: pages with their tokens, and what was granted', async () => {
	const { ports } = portsWith({
		'/v26.0/me': { body: { id: '55', name: 'Gina' } },
		'/v26.0/me/permissions': {
			body: {
				data: [
					{ permission: 'instagram_basic', status: 'granted' },
					{ permission: 'pages_show_list', status: 'granted' },
					{ permission: 'instagram_content_publish', status: 'declined' },
				],
			},
		},
		'/v26.0/me/accounts': {
			body: {
				data: [
					{ id: '1', name: 'No Instagram', access_token: 'P1' },
					{
						id: '2',
						name: 'Studio',
						access_token: 'P2',
						instagram_business_account: { id: '178', username: 'studio' },
					},
				],
			},
		},
	});
	const found = await identifyToken(
		ports,
		PLATFORMS.instagram,
		token('instagram', {
			baseUrl: 'https://graph.facebook.com',
			authUrl: 'https://graph.facebook.com',
			secret: lasting,
			product: 'facebook',
		}),
	);
	expect(found).toMatchObject({
		grantedScopes: ['instagram_basic', 'pages_show_list'],
		candidates: [
			{
				remoteId: '178',
				handle: 'studio',
				displayName: 'Studio',
				settings: { login: 'facebook', pageId: '2', grant: 'facebook:55' },
				secret: { accessToken: 'P2', revokeToken: 'AT' },
				unavailable: { code: 'scope_missing' },
			},
		],
	});
});

test('Bluesky: an account that is not active is said so', async () => {
	const { ports } = portsWith({
		'/xrpc/com.atproto.server.getSession': {
			body: { did: 'did:plc:a', handle: 'a.example', active: false, status: 'deactivated' },
		},
	});
	expect(await identifyToken(ports, PLATFORMS.bluesky, token('bluesky'))).toMatchObject({
		candidates: [{ remoteId: 'did:plc:a', unavailable: { code: 'bluesky_account_inactive' } }],
	});
});

test('a token goes nowhere else: nothing is sent to a foreign host', async () => {
	const { ports, seen } = portsWith({});
	const foreign = token('x', { baseUrl: 'https://api.x.com.evil.example' });
	expect(await identifyToken(ports, PLATFORMS.x, foreign)).toMatchObject({
		outcome: 'refused',
		error: { code: 'account_host_refused' },
	});
	expect(seen).toEqual([]);
});

test.each([
	['bluesky', 'live', 'https://pds.example.org', true],
	['bluesky', 'live', 'https://pds.example.org:444', false],
	['bluesky', 'live', 'https://user@pds.example.org', false],
	['bluesky', 'live', 'https://10.0.0.1', false],
	['bluesky', 'live', 'https://router.lan', false],
	['bluesky', 'live', 'file:///etc/passwd', false],
	['x', 'live', 'https://example.org', false],
	['x', 'sandbox', 'http://127.0.0.1:4010/x', true],
	['x', 'sandbox', 'https://api.x.com', false],
] as const)('%s %s at %s: %s', (platform, mode, address, fine) => {
	expect(wrongAddress(PLATFORMS[platform], mode, address) === null).toBe(fine);
});

test('missing scopes: needed and wanted ones, none when it is not known', () => {
	const { identity } = PLATFORMS.x;
	const person = { kind: 'person' as const };
	expect(
		missingScopes(identity, person, null, ['tweet.read', 'tweet.write', 'users.read']),
	).toEqual(['offline.access', 'media.write']);
	expect(missingScopes(identity, person, null, null)).toEqual([]);
});
