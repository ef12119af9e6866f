import type { SeededAccount } from '../../sandbox/src/accounts';
import { fileServer, picture, sandboxUnderTest } from './fixtures';
import type { FileServer, SandboxUnderTest } from './fixtures';

let sandbox: SandboxUnderTest;
let files: FileServer;
let studio: SeededAccount;

beforeAll(async () => {
	sandbox = await sandboxUnderTest();
	const jpeg = await picture('jpeg', 1080, 1080);
	files = await fileServer({
		'/ok.jpg': jpeg,
		'/second.jpg': await picture('jpeg', 800, 1000),
		'/picture.png': await picture('png'),
		'/wide.jpg': await picture('jpeg', 1000, 500),
		'/tall.jpg': await picture('jpeg', 700, 1000),
		'/big.jpg': Buffer.concat([jpeg, Buffer.alloc(8 * 1024 * 1024)]),
		'/moved.jpg': '/ok.jpg',
		'/secret.jpg': 403,
		'/page.jpg': Buffer.from('<html></html>'),
	});
});
afterAll(async () => {
	await sandbox.stop();
	await files.stop();
});
beforeEach(async () => {
	await sandbox.reset();
	await sandbox.set({ indexLagMs: { instagram: 0 }, processingMs: { instagramContainer: 0 } });
	studio = await sandbox.seed({ platform: 'instagram', handle: 'studio' });
});

interface GraphBody {
	id?: string;
	error?: { code: number; error_subcode?: number; type: string; fbtrace_id: string };
	data?: Record<string, unknown>[];
	[name: string]: unknown;
}

interface Answer {
	status: number;
	headers: Headers;
	body: GraphBody;
}

async function graph(
	method: string,
	path: string,
	params: Record<string, string> = {},
	token: string | null = studio.accessToken,
): Promise<Answer> {
	const query =
		method === 'GET' && Object.keys(params).length > 0 ? `?${new URLSearchParams(params)}` : '';
	const response = await fetch(`${sandbox.url}/instagram${path}${query}`, {
		method,
		headers: token === null ? {} : { authorization: `Bearer ${token}` },
		...(method === 'POST' ? { body: new URLSearchParams(params) } : {}),
	});
	return {
		status: response.status,
		headers: response.headers,
		body: (await response.json()) as GraphBody,
	};
}

const container = async (params: Record<string, string>): Promise<Answer> =>
	await graph('POST', `/v26.0/${studio.accountId}/media`, params);
const publish = async (id: string): Promise<Answer> =>
	await graph('POST', `/v26.0/${studio.accountId}/media_publish`, { creation_id: id });
const statusOf = async (id: string): Promise<GraphBody> =>
	(await graph('GET', `/v26.0/${id}`, { fields: 'status_code,status' })).body;

test('container, states, publish once, permalink, list', async () => {
	await sandbox.set({ processingMs: { instagramContainer: 60_000 } });
	const made = await container({
		image_url: `${files.url}/ok.jpg`,
		caption: 'Hello #world',
		alt_text: 'A blue square',
	});
	expect(made.status).toBe(200);
	expect(JSON.parse(made.headers.get('x-app-usage') ?? '')).toHaveProperty('call_count');
	const id = made.body.id ?? '';
	expect(await statusOf(id)).toMatchObject({ id, status_code: 'IN_PROGRESS' });
	const early = await publish(id);
	expect(early.status).toBe(400);
	expect(early.body.error).toMatchObject({
		message: 'Media ID is not available',
		type: 'OAuthException',
		code: 9007,
		error_subcode: 2207027,
		is_transient: false,
		fbtrace_id: expect.any(String),
	});
	await sandbox.set({ clockOffsetMs: 61_000 });
	expect(await statusOf(id)).toMatchObject({ status_code: 'FINISHED' });
	const live = await publish(id);
	expect(live.status).toBe(200);
	expect(await statusOf(id)).toMatchObject({ status_code: 'PUBLISHED' });
	const again = await publish(id);
	expect(again.status).toBe(400);
	expect(await sandbox.ledger()).toHaveLength(1);

	const media = await graph('GET', `/v26.0/${live.body.id}`, {
		fields: 'permalink,shortcode,timestamp,caption',
	});
	expect(media.body).toEqual({
		id: live.body.id,
		permalink: `${sandbox.url}/instagram/p/${String(media.body.shortcode)}/`,
		shortcode: expect.stringMatching(/^[\w-]+$/),
		timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+0000$/),
		caption: 'Hello #world',
	});
	const list = await graph('GET', `/${studio.accountId}/media`, {
		fields: 'id,caption,timestamp,permalink',
		limit: '10',
	});
	expect(list.body.data).toHaveLength(1);
	const [entry] = await sandbox.ledger();
	expect(entry).toMatchObject({ text: 'Hello #world', url: media.body.permalink });
	expect(entry?.media).toEqual([
		{ sha256: expect.any(String), altText: 'A blue square', mime: 'image/jpeg' },
	]);
	expect(files.hits.at(-1)).toBe('/ok.jpg');
});

test.each([
	['a PNG', '/picture.png', 36001, 2207005],
	['a page', '/page.jpg', 36001, 2207005],
	['too wide', '/wide.jpg', 36003, 2207009],
	['too tall', '/tall.jpg', 36003, 2207009],
	['over 8 MiB', '/big.jpg', 36000, 2207004],
	['a redirect', '/moved.jpg', 9004, 2207052],
	['no access', '/secret.jpg', 9004, 2207052],
	['not there', '/none.jpg', 9004, 2207052],
])('the picture is fetched and refused: %s', async (_name, path, code, subcode) => {
	const answer = await container({ image_url: `${files.url}${path}` });
	expect(answer.status).toBe(400);
	expect(answer.body.error).toMatchObject({ code, error_subcode: subcode });
});

test('only this machine is fetched from', async () => {
	for (const url of [
		'http://10.0.0.1/a.jpg',
		'file:///etc/passwd',
		'http://example.com/a.jpg',
		'x',
	]) {
		const answer = await container({ image_url: url });
		expect(answer.body.error).toMatchObject({ code: 9004, error_subcode: 2207052 });
	}
});

test('caption rules, missing image, unknown parameter', async () => {
	const image_url = `${files.url}/ok.jpg`;
	const tags = (count: number): string =>
		Array.from({ length: count }, (_, at) => `#t${at}`).join(' ');
	const names = Array.from({ length: 21 }, (_, at) => `@n${at}`).join(' ');
	for (const caption of ['a'.repeat(2201), tags(31), names]) {
		const answer = await container({ image_url, caption });
		expect(answer.body.error).toMatchObject({ code: 36004, error_subcode: 2207010 });
	}
	expect((await container({ image_url, caption: tags(30) })).status).toBe(200);
	expect((await container({ image_url, caption: 'a'.repeat(2200) })).status).toBe(200);
	expect((await container({ caption: 'text only' })).body.error).toMatchObject({ code: 100 });
	expect((await container({ image_url, idempotency_key: 'k' })).body.error).toMatchObject({
		code: 100,
	});
});

test('a container expires after 24 h, a published one does not', async () => {
	const first = (await container({ image_url: `${files.url}/ok.jpg` })).body.id ?? '';
	const second = (await container({ image_url: `${files.url}/ok.jpg` })).body.id ?? '';
	await publish(second);
	await sandbox.set({ clockOffsetMs: 86_400_001 });
	expect(await statusOf(first)).toMatchObject({ status_code: 'EXPIRED' });
	expect(await statusOf(second)).toMatchObject({ status_code: 'PUBLISHED' });
	expect((await publish(first)).body.error).toMatchObject({ code: -2, error_subcode: 2207020 });
});

test('a failed container says why and cannot be published', async () => {
	await sandbox.fault({ kind: 'container_error', platform: 'instagram', subcode: 2207077 });
	const id = (await container({ image_url: `${files.url}/ok.jpg` })).body.id ?? '';
	expect(await statusOf(id)).toMatchObject({
		status_code: 'ERROR',
		status: 'Error: Media upload has failed with error code 2207077',
	});
	expect((await publish(id)).status).toBe(400);
});

test('a carousel of two', async () => {
	const child = async (path: string): Promise<string> =>
		(await container({ image_url: `${files.url}${path}`, is_carousel_item: 'true' })).body.id ?? '';
	const children = `${await child('/ok.jpg')},${await child('/second.jpg')}`;
	const id = (await container({ media_type: 'CAROUSEL', children, caption: 'two' })).body.id ?? '';
	expect((await publish(id)).status).toBe(200);
	expect((await sandbox.ledger())[0]?.media).toHaveLength(2);
	const lone = await container({ media_type: 'CAROUSEL', children: await child('/ok.jpg') });
	expect(lone.body.error).toMatchObject({ error_subcode: 2207028 });
});

test('the publishing limit counts and ends in 9/2207042', async () => {
	await sandbox.set({
		rateLimits: { overrides: { 'instagram:publish': { limit: 1, windowMs: 1 } } },
	});
	const ids = [];
	for (let at = 0; at < 2; at += 1) {
		ids.push((await container({ image_url: `${files.url}/ok.jpg` })).body.id ?? '');
	}
	await publish(ids[0] ?? '');
	const quota = await graph('GET', `/${studio.accountId}/content_publishing_limit`, {
		fields: 'quota_usage,config',
	});
	expect(quota.body.data).toEqual([
		{ quota_usage: 1, config: { quota_total: 1, quota_duration: 86_400 } },
	]);
	const over = await publish(ids[1] ?? '');
	expect(over.body.error).toMatchObject({ code: 9, error_subcode: 2207042 });
});

test('tokens: by parameter, missing, unknown, expired, foreign object, scope', async () => {
	const me = await graph(
		'GET',
		'/me',
		{ fields: 'user_id,username,account_type', access_token: studio.accessToken },
		null,
	);
	expect(me.body).toMatchObject({ user_id: studio.accountId, username: 'studio' });
	expect((await graph('GET', '/me', {}, null)).body.error).toMatchObject({ code: 2500 });
	expect((await graph('GET', '/me', {}, 'nonsense')).body.error).toMatchObject({ code: 190 });
	const other = await sandbox.seed({ platform: 'instagram', handle: 'other' });
	const foreign = await graph('POST', `/${other.accountId}/media`, {
		image_url: `${files.url}/ok.jpg`,
	});
	expect(foreign.body.error).toMatchObject({
		code: 100,
		error_subcode: 33,
		type: 'GraphMethodException',
	});
	const weak = await sandbox.seed({
		platform: 'instagram',
		handle: 'studio',
		scopes: ['instagram_business_basic'],
	});
	const denied = await graph('POST', '/me/media', {}, weak.accessToken);
	expect(denied.body.error).toMatchObject({ code: 10 });
	await sandbox.set({ clockOffsetMs: 61 * 86_400_000 });
	const expired = await graph('GET', '/me');
	expect(expired.status).toBe(401);
	expect(expired.body.error).toMatchObject({ code: 190, error_subcode: 463 });
});

test('Instagram Login: code, short token, long token, refresh from 24 h of age on', async () => {
	const redirect = 'http://127.0.0.1:9999/callback';
	const app = { client_id: 'sandbox-instagram-app', client_secret: 'sandbox-instagram-app-secret' };
	const consent = await fetch(`${sandbox.url}/instagram/oauth/authorize`, {
		method: 'POST',
		redirect: 'manual',
		body: new URLSearchParams({
			response_type: 'code',
			client_id: app.client_id,
			redirect_uri: redirect,
			scope: 'instagram_business_basic,instagram_business_content_publish',
			state: 's',
			decision: 'approve',
			account: studio.accountId,
			choice: '1',
			granted: 'instagram_business_basic',
		}),
	});
	const location = consent.headers.get('location') ?? '';
	expect(location).toMatch(/#_$/);
	const code = new URL(location).searchParams.get('code') ?? '';
	const exchange = async (): Promise<Response> =>
		await fetch(`${sandbox.url}/instagram/oauth/access_token`, {
			method: 'POST',
			body: new URLSearchParams({
				...app,
				grant_type: 'authorization_code',
				redirect_uri: redirect,
				code,
			}),
		});
	const short = (await (await exchange()).json()) as {
		access_token: string;
		permissions: string[];
	};
	expect(short.permissions).toEqual(['instagram_business_basic']);
	expect(await (await exchange()).json()).toEqual({
		error_type: 'OAuthException',
		code: 400,
		error_message: 'This authorization code has been used',
	});

	const fresh = await exchangeLong((await seedShort()).accessToken);
	expect(fresh.body).toMatchObject({ token_type: 'bearer', expires_in: 5_184_000 });
	const refresh = async (): Promise<Answer> =>
		await graph(
			'GET',
			'/refresh_access_token',
			{
				grant_type: 'ig_refresh_token',
				access_token: String(fresh.body.access_token),
			},
			null,
		);
	expect((await refresh()).status).toBe(400);
	await sandbox.set({ clockOffsetMs: 86_400_000 });
	const extended = await refresh();
	expect(extended.status).toBe(200);
	expect(extended.body.access_token).not.toBe(fresh.body.access_token);

	async function exchangeLong(token: string): Promise<Answer> {
		return await graph(
			'GET',
			'/access_token',
			{
				grant_type: 'ig_exchange_token',
				client_secret: app.client_secret,
				access_token: token,
			},
			null,
		);
	}
	async function seedShort(): Promise<{ accessToken: string }> {
		const again = await fetch(`${sandbox.url}/instagram/oauth/authorize`, {
			method: 'POST',
			redirect: 'manual',
			body: new URLSearchParams({
				response_type: 'code',
				client_id: app.client_id,
				redirect_uri: redirect,
				scope: 'instagram_business_basic',
				decision: 'approve',
				account: studio.accountId,
			}),
		});
		const second = new URL(again.headers.get('location') ?? '').searchParams.get('code') ?? '';
		const answer = await fetch(`${sandbox.url}/instagram/oauth/access_token`, {
			method: 'POST',
			body: new URLSearchParams({
				...app,
				grant_type: 'authorization_code',
				redirect_uri: redirect,
				code: second,
			}),
		});
		return { accessToken: ((await answer.json()) as { access_token: string }).access_token };
	}
});

test('Facebook Login: dialog, user token, page token that does not expire', async () => {
	const redirect = 'http://127.0.0.1:9999/callback';
	const app = { client_id: 'sandbox-instagram-app', client_secret: 'sandbox-instagram-app-secret' };
	const consent = async (): Promise<string> => {
		const dialog = await fetch(`${sandbox.url}/instagram/v26.0/dialog/oauth`, {
			method: 'POST',
			redirect: 'manual',
			body: new URLSearchParams({
				response_type: 'code',
				client_id: app.client_id,
				redirect_uri: redirect,
				scope: 'instagram_basic,instagram_content_publish,pages_show_list',
				decision: 'approve',
				account: studio.accountId,
			}),
		});
		return new URL(dialog.headers.get('location') ?? '').searchParams.get('code') ?? '';
	};
	const user = await graph(
		'GET',
		'/v26.0/oauth/access_token',
		{ ...app, code: await consent(), redirect_uri: redirect },
		null,
	);
	// OAuth clients such as n8n send the same as a form, to the versioned path.
	const byForm = await fetch(`${sandbox.url}/instagram/v26.0/oauth/access_token`, {
		method: 'POST',
		body: new URLSearchParams({
			...app,
			grant_type: 'authorization_code',
			code: await consent(),
			redirect_uri: redirect,
		}),
	});
	expect(byForm.status).toBe(200);
	expect(await byForm.json()).toMatchObject({
		access_token: expect.stringMatching(/^.{20,}$/),
		token_type: 'bearer',
		expires_in: user.body.expires_in,
	});
	const long = await graph(
		'GET',
		'/v26.0/oauth/access_token',
		{
			...app,
			grant_type: 'fb_exchange_token',
			fb_exchange_token: String(user.body.access_token),
		},
		null,
	);
	const granted = await graph('GET', '/v26.0/me/permissions', {}, String(long.body.access_token));
	expect(granted.body.data).toContainEqual({ permission: 'pages_show_list', status: 'granted' });
	const pages = await graph('GET', '/v26.0/me/accounts', {}, String(long.body.access_token));
	const page = pages.body.data?.[0] as {
		access_token: string;
		instagram_business_account: { id: string };
	};
	expect(page.instagram_business_account.id).toBe(studio.accountId);
	await sandbox.set({ clockOffsetMs: 300 * 86_400_000 });
	const made = await graph(
		'POST',
		`/v26.0/${studio.accountId}/media`,
		{ image_url: `${files.url}/ok.jpg` },
		page.access_token,
	);
	expect(made.status).toBe(200);
});
