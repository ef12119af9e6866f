import type { SeededAccount } from '../../sandbox/src/accounts';
import { readLittleText } from '../../sandbox/src/linkedin/little-text';
import { picture, sandboxUnderTest } from './fixtures';
import type { SandboxUnderTest } from './fixtures';

let sandbox: SandboxUnderTest;
let ada: SeededAccount;

beforeAll(async () => {
	sandbox = await sandboxUnderTest();
});
afterAll(async () => await sandbox.stop());
beforeEach(async () => {
	await sandbox.reset();
	await sandbox.set({ indexLagMs: { linkedin: 0 }, processingMs: { linkedinAsset: 0 } });
	ada = await sandbox.seed({ platform: 'linkedin', handle: 'ada', displayName: 'Ada Lovelace' });
});

const VERSION = { 'LinkedIn-Version': '202609', 'X-Restli-Protocol-Version': '2.0.0' };

interface Answer {
	status: number;
	headers: Headers;
	text: string;
	body: Record<string, unknown>;
}

async function call(
	method: string,
	path: string,
	options: { body?: unknown; token?: string; headers?: Record<string, string> } = {},
): Promise<Answer> {
	const response = await fetch(`${sandbox.url}/linkedin${path}`, {
		method,
		headers: {
			authorization: `Bearer ${options.token ?? ada.accessToken}`,
			'content-type': 'application/json',
			...(options.headers ?? VERSION),
		},
		...(options.body === undefined ? {} : { body: JSON.stringify(options.body) }),
	});
	const text = await response.text();
	return {
		status: response.status,
		headers: response.headers,
		text,
		body: text.startsWith('{') ? (JSON.parse(text) as Record<string, unknown>) : {},
	};
}

function share(commentary: string, more: Record<string, unknown> = {}): Record<string, unknown> {
	return {
		author: ada.urn,
		commentary,
		visibility: 'PUBLIC',
		distribution: {
			feedDistribution: 'MAIN_FEED',
			targetEntities: [],
			thirdPartyDistributionChannels: [],
		},
		lifecycleState: 'PUBLISHED',
		isReshareDisabledByAuthor: false,
		...more,
	};
}

const post = async (body: unknown, token?: string): Promise<Answer> =>
	await call('POST', '/rest/posts', { body, token });

async function asset(bytes: Buffer, owner = ada.urn, token = ada.accessToken): Promise<string> {
	const answer = await call('POST', '/rest/images?action=initializeUpload', {
		body: { initializeUploadRequest: { owner } },
		token,
	});
	expect(answer.status).toBe(200);
	const { uploadUrl, image } = answer.body.value as { uploadUrl: string; image: string };
	const put = await fetch(uploadUrl, { method: 'PUT', body: new Uint8Array(bytes) });
	expect(put.status).toBe(201);
	return image;
}

test('201 is empty and names the post in a header; its id tells the time', async () => {
	const before = Date.now();
	const answer = await post(share('Hello \\(world\\)'));
	expect(answer.status).toBe(201);
	expect(answer.text).toBe('');
	const urn = answer.headers.get('x-restli-id') ?? '';
	expect(urn).toMatch(/^urn:li:share:\d+$/);
	const at = Number(BigInt(urn.split(':').pop() ?? '0') >> 22n);
	expect(at).toBeGreaterThanOrEqual(before);
	expect(at).toBeLessThanOrEqual(Date.now());
	expect([...answer.headers.keys()].filter((name) => name.includes('rate'))).toEqual([]);
	const [entry] = await sandbox.ledger();
	expect(entry).toMatchObject({
		id: urn,
		handle: 'ada',
		text: 'Hello (world)',
		url: `${sandbox.url}/linkedin/feed/update/${urn}/`,
	});
});

test('version headers: missing 400, dead 426 verbatim, protocol required', async () => {
	const without = await call('POST', '/rest/posts', { body: share('a'), headers: {} });
	expect(without.status).toBe(400);
	expect(without.body).toMatchObject({ code: 'VERSION_MISSING', status: 400 });
	const dead = await call('POST', '/rest/posts', {
		body: share('a'),
		headers: { ...VERSION, 'LinkedIn-Version': '202501' },
	});
	expect(dead.status).toBe(426);
	expect(dead.body).toEqual({
		status: 426,
		code: 'NONEXISTENT_VERSION',
		message: 'Requested version 20250101 is not active',
	});
	const future = await call('POST', '/rest/posts', {
		body: share('a'),
		headers: { ...VERSION, 'LinkedIn-Version': '209901' },
	});
	expect(future.status).toBe(426);
	const protocol = await call('POST', '/rest/posts', {
		body: share('a'),
		headers: { 'LinkedIn-Version': '202609' },
	});
	expect(protocol.status).toBe(400);
	expect(await sandbox.ledger()).toEqual([]);
});

test('the body is checked field by field', async () => {
	const missing = await post(share('a', { author: undefined }));
	expect(missing.status).toBe(422);
	expect(missing.body).toEqual({
		message: 'ERROR :: /author :: field is required but not found and has no default value\n',
		status: 422,
	});
	expect((await post(share('a', { specificContent: {} }))).body.message).toBe(
		'ERROR :: /specificContent :: unrecognized field found but not allowed\n',
	);
	const other = await sandbox.seed({ platform: 'linkedin', handle: 'bob' });
	const foreign = await post(share('a', { author: other.urn }));
	expect(foreign.status).toBe(403);
	expect(foreign.body).toEqual({
		serviceErrorCode: 100,
		code: 'ACCESS_DENIED',
		message: 'Not enough permissions to access: partnerApiPostsExternal.CREATE.20260901',
		status: 403,
	});
});

test('3000 characters fit, 3001 are refused as LinkedIn words it', async () => {
	expect((await post(share('a'.repeat(3000)))).status).toBe(201);
	const long = await post(share('b'.repeat(3001)));
	expect(long.status).toBe(400);
	expect(long.body).toMatchObject({
		message: expect.stringContaining(
			'ShareCommentary text length (3001 characters) exceeded the maximum allowed (3000 characters)',
		),
		errorDetails: { inputErrors: [{ code: 'FIELD_ARRAY_SIZE_TOO_HIGH' }] },
	});
});

test.each([
	['plain text', 'plain text', false],
	['escaped \\(brackets\\) \\_all\\_ \\\\', 'escaped (brackets) _all_ \\', false],
	['cut off (here) silently', 'cut off ', true],
	['hi @[Ada \\(L\\)](urn:li:person:abc)!', 'hi Ada (L)!', false],
	['{hashtag|\\#|news} and #plain', '#news and #plain', false],
	['mail me @home', 'mail me ', true],
	['a star * cuts too', 'a star ', true],
])('little text %j', (commentary, shown, truncated) => {
	expect(readLittleText(commentary)).toEqual({ shown, truncated });
});

test('unescaped text is cut silently, a broken mention is refused', async () => {
	expect((await post(share('We grew (a lot)'))).status).toBe(201);
	expect((await sandbox.ledger())[0]?.text).toBe('We grew ');
	const broken = await post(share('thanks @[Ada](urn:li:person'));
	expect(broken.status).toBe(400);
	expect(broken.body).toMatchObject({
		errorDetails: { inputErrors: [{ code: 'INVALID_FORMAT' }] },
	});
	expect((await post(share('news {hashtag|news}'))).status).toBe(400);
});

test('the same post again: 422 verbatim with the live URN, a ghost after delete, off by setting', async () => {
	const urn = (await post(share('same'))).headers.get('x-restli-id') ?? '';
	const again = await post(share('same'));
	expect(again.status).toBe(422);
	expect(again.body).toEqual({
		errorDetailType: 'com.linkedin.common.error.BadRequest',
		message: `com.linkedin.content.common.exception.BadRequestResponseException: Content is a duplicate of ${urn}`,
		errorDetails: {
			inputErrors: [
				{ description: 'Duplicate post is detected', input: {}, code: 'DUPLICATE_POST' },
			],
		},
		status: 422,
	});
	const gone = await call('DELETE', `/rest/posts/${encodeURIComponent(urn)}`);
	expect(gone.status).toBe(204);
	expect((await call('DELETE', `/rest/posts/${encodeURIComponent(urn)}`)).status).toBe(204);
	expect((await post(share('same'))).body.message).toContain(urn);
	await sandbox.set({ duplicates: { linkedin: { ghostMs: 0 } } });
	await sandbox.set({ clockOffsetMs: 1000 });
	expect((await post(share('same'))).status).toBe(201);
	await sandbox.set({ duplicates: { linkedin: { enabled: false } } });
	expect((await post(share('same'))).status).toBe(201);
	expect(await sandbox.ledger('live=true')).toHaveLength(2);
});

test('an image must be AVAILABLE before it is posted; members cannot ask', async () => {
	await sandbox.set({ processingMs: { linkedinAsset: 60_000 } });
	const image = await asset(await picture('jpeg'));
	const content = { media: { id: image, altText: 'A blue field' } };
	const early = await post(share('pic', { content }));
	expect(early.status).toBe(400);
	expect(early.body).toMatchObject({
		errorDetails: { inputErrors: [{ code: 'MEDIA_ASSET_PROCESSING' }] },
	});
	const poll = await call('GET', `/rest/images/${encodeURIComponent(image)}`);
	expect(poll.status).toBe(403);
	expect(poll.body).toMatchObject({ serviceErrorCode: 100 });
	await sandbox.set({ clockOffsetMs: 61_000 });
	expect((await post(share('pic', { content }))).status).toBe(201);
	expect((await sandbox.ledger())[0]?.media).toEqual([
		{ sha256: expect.any(String), altText: 'A blue field', mime: 'image/jpeg' },
	]);
	await sandbox.set({ clockOffsetMs: 0, processingMs: { linkedinAsset: 0 } });
	const waiting = await call('POST', '/rest/images?action=initializeUpload', {
		body: { initializeUploadRequest: { owner: ada.urn } },
	});
	const { image: empty } = waiting.body.value as { image: string };
	const bare = await post(share('none', { content: { media: { id: empty } } }));
	expect(bare.body).toMatchObject({
		errorDetails: { inputErrors: [{ code: 'MEDIA_ASSET_WAITING_UPLOAD' }] },
	});
	const broken = await asset(Buffer.from('text'));
	const failed = await post(share('broken', { content: { media: { id: broken } } }));
	expect(failed.body).toMatchObject({
		errorDetails: { inputErrors: [{ code: 'MEDIA_ASSET_PROCESSING_FAILED' }] },
	});
});

test('organisations: finder, image state and ACLs need their scopes', async () => {
	const page = await sandbox.seed({
		platform: 'linkedin',
		handle: 'acme',
		displayName: 'Acme',
		kind: 'organization',
	});
	expect(page.urn).toMatch(/^urn:li:organization:\d+$/);
	const token = page.accessToken;
	const acls = await call('GET', '/rest/organizationAcls?q=roleAssignee&role=ADMINISTRATOR', {
		token,
	});
	expect(acls.body.elements).toEqual([
		expect.objectContaining({ organization: page.urn, role: 'ADMINISTRATOR', state: 'APPROVED' }),
	]);
	const image = await asset(await picture('png'), page.urn, token);
	const state = await call('GET', `/rest/images/${encodeURIComponent(image)}`, { token });
	expect(state.body.status).toBe('AVAILABLE');
	const content = { media: { id: image } };
	expect((await post(share('ours', { author: page.urn, content }), token)).status).toBe(201);
	const find = `/rest/posts?q=author&author=${encodeURIComponent(page.urn ?? '')}&count=10&sortBy=LAST_MODIFIED`;
	const found = await call('GET', find, { token });
	expect(found.body.elements).toEqual([
		expect.objectContaining({ author: page.urn, commentary: 'ours', lifecycleState: 'PUBLISHED' }),
	]);
	expect((await call('GET', find)).status).toBe(403);
	const own = `/rest/posts?q=author&author=${encodeURIComponent(ada.urn ?? '')}`;
	expect((await call('GET', own)).status).toBe(403);
	expect((await call('GET', '/rest/organizationAcls?q=roleAssignee')).status).toBe(403);
});

test('tokens: missing, unknown, revoked, expired; refresh keeps the same refresh token', async () => {
	const me = async (token: string): Promise<Answer> => await call('GET', '/v2/userinfo', { token });
	expect((await me(ada.accessToken)).body).toMatchObject({
		sub: ada.accountId,
		name: 'Ada Lovelace',
	});
	expect((await me('nonsense')).body).toMatchObject({ status: 401, serviceErrorCode: 65600 });
	const form = async (path: string, fields: Record<string, string>): Promise<Answer> => {
		const response = await fetch(`${sandbox.url}/linkedin${path}`, {
			method: 'POST',
			body: new URLSearchParams({
				client_id: ada.clientId,
				client_secret: ada.clientSecret ?? '',
				...fields,
			}),
		});
		const text = await response.text();
		return {
			status: response.status,
			headers: response.headers,
			text,
			body: JSON.parse(text) as Record<string, unknown>,
		};
	};
	const fields = { grant_type: 'refresh_token', refresh_token: ada.refreshToken ?? '' };
	const fresh = await form('/oauth/v2/accessToken', fields);
	expect(fresh.body).toMatchObject({ expires_in: 5_184_000, refresh_token: ada.refreshToken });
	expect((await form('/oauth/v2/accessToken', fields)).status).toBe(200);
	const wrong = await form('/oauth/v2/accessToken', { ...fields, client_secret: 'no' });
	expect(wrong.body).toEqual({
		error: 'invalid_client',
		error_description: 'Client authentication failed',
	});
	const info = await form('/oauth/v2/introspectToken', { token: ada.accessToken });
	expect(info.body).toMatchObject({ active: true, status: 'active', auth_type: '3L' });
	await form('/oauth/v2/revoke', { token: ada.accessToken });
	expect((await me(ada.accessToken)).body).toMatchObject({
		serviceErrorCode: 65601,
		code: 'REVOKED_ACCESS_TOKEN',
	});
	await sandbox.set({ clockOffsetMs: 61 * 86_400_000 });
	expect((await me(String(fresh.body.access_token))).body).toMatchObject({
		serviceErrorCode: 65602,
		code: 'EXPIRED_ACCESS_TOKEN',
	});
});

test('the daily limit answers 429 without any rate header', async () => {
	await sandbox.set({
		rateLimits: { overrides: { 'linkedin:post.create': { limit: 1, windowMs: 1 } } },
	});
	expect((await post(share('one'))).status).toBe(201);
	const limited = await post(share('two'));
	expect(limited.status).toBe(429);
	expect(limited.body).toMatchObject({ serviceErrorCode: 101, code: 'TOO_MANY_REQUESTS' });
	expect(limited.headers.get('retry-after')).toBeNull();
});

test('consent: approve and exchange once, deny as LinkedIn words it', async () => {
	const redirect = 'http://localhost:9999/callback';
	const query = {
		response_type: 'code',
		client_id: 'sandbox-linkedin-app',
		redirect_uri: redirect,
		scope: 'openid profile w_member_social',
		state: 's1',
	};
	const submit = async (fields: Record<string, string>): Promise<URL> => {
		const response = await fetch(`${sandbox.url}/linkedin/oauth/v2/authorization`, {
			method: 'POST',
			redirect: 'manual',
			body: new URLSearchParams({ ...query, ...fields }),
		});
		return new URL(response.headers.get('location') ?? '');
	};
	const denied = await submit({ decision: 'deny' });
	expect(denied.searchParams.get('error')).toBe('user_cancelled_authorize');
	expect(denied.searchParams.get('state')).toBe('s1');
	const approved = await submit({ decision: 'approve', account: ada.accountId });
	const exchange = async (): Promise<Response> =>
		await fetch(`${sandbox.url}/linkedin/oauth/v2/accessToken`, {
			method: 'POST',
			body: new URLSearchParams({
				grant_type: 'authorization_code',
				code: approved.searchParams.get('code') ?? '',
				redirect_uri: redirect,
				client_id: 'sandbox-linkedin-app',
				client_secret: 'sandbox-linkedin-app-secret',
			}),
		});
	const granted = await exchange();
	expect(granted.status).toBe(200);
	expect(await granted.json()).toMatchObject({
		scope: 'openid,profile,w_member_social',
		refresh_token_expires_in: 31_536_000,
	});
	const replay = await exchange();
	expect(replay.status).toBe(400);
	expect(await replay.json()).toMatchObject({
		error: 'invalid_request',
		error_description: expect.stringMatching(/^Unable to retrieve access token/),
	});
});
