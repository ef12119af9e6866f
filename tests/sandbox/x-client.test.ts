import { ApiResponseError } from 'twitter-api-v2';
import { picture, sandboxUnderTest, xClient } from './fixtures';
import type { SandboxUnderTest } from './fixtures';

const REDIRECT = 'http://127.0.0.1:9999/callback?from=x';
let sandbox: SandboxUnderTest;

beforeAll(async () => {
	sandbox = await sandboxUnderTest();
});
afterAll(async () => await sandbox.stop());
beforeEach(async () => {
	await sandbox.reset();
	await sandbox.set({ indexLagMs: { x: 0 } });
});

/** What a browser does with the consent page: submit its form. Returns the redirect's query. */
async function consent(authUrl: string, fields: Record<string, string>): Promise<URLSearchParams> {
	const { pathname, searchParams } = new URL(authUrl);
	const page = await fetch(`${sandbox.url}/x${pathname}?${searchParams}`);
	expect(page.status).toBe(200);
	expect(await page.text()).toContain('Authorize app');
	const response = await fetch(`${sandbox.url}/x${pathname}`, {
		method: 'POST',
		redirect: 'manual',
		body: new URLSearchParams({ ...Object.fromEntries(searchParams), ...fields }),
	});
	expect(response.status).toBe(302);
	return new URL(response.headers.get('location') ?? '').searchParams;
}

async function failure(promise: Promise<unknown>): Promise<ApiResponseError> {
	const error: unknown = await promise.then(
		() => null,
		(reason: unknown) => reason,
	);
	expect(error).toBeInstanceOf(ApiResponseError);
	return error as ApiResponseError;
}

describe('OAuth 2.0 through twitter-api-v2', () => {
	const app = { clientId: 'sandbox-x-app', clientSecret: 'sandbox-x-app-secret' };
	const scope = ['tweet.read', 'tweet.write', 'users.read', 'offline.access'];

	async function connect(handle: string) {
		const client = xClient(sandbox, app);
		const link = client.generateOAuth2AuthLink(REDIRECT, { scope });
		const query = await consent(link.url, { decision: 'approve', account: 'new', handle });
		expect(query.get('state')).toBe(link.state);
		expect(query.get('from')).toBe('x');
		return await client.loginWithOAuth2({
			code: query.get('code') ?? '',
			codeVerifier: link.codeVerifier,
			redirectUri: REDIRECT,
		});
	}

	test('code with PKCE, who-am-I, rotation, and the family dies when a rotated token comes back', async () => {
		const first = await connect('ada');
		expect(first.expiresIn).toBe(7200);
		expect(first.scope).toEqual(scope);
		const me = await xClient(sandbox, first.accessToken).v2.me();
		expect(me.data).toMatchObject({ username: 'ada' });

		const second = await xClient(sandbox, app).refreshOAuth2Token(first.refreshToken ?? '');
		expect(second.refreshToken).not.toBe(first.refreshToken);
		const replay = await failure(
			xClient(sandbox, app).refreshOAuth2Token(first.refreshToken ?? ''),
		);
		expect(replay.code).toBe(400);
		expect(replay.data).toMatchObject({
			error: 'invalid_request',
			error_description: 'Value passed for the token was invalid.',
		});
		const dead = await failure(xClient(sandbox, app).refreshOAuth2Token(second.refreshToken ?? ''));
		expect(dead.code).toBe(400);
		const me401 = await failure(xClient(sandbox, second.accessToken).v2.me());
		expect(me401.code).toBe(401);
		expect(me401.data).toEqual({
			title: 'Unauthorized',
			type: 'about:blank',
			status: 401,
			detail: 'Unauthorized',
		});
	});

	test('a code works once, within 30 s, with its verifier and its redirect URI', async () => {
		const client = xClient(sandbox, app);
		const attempt = async (
			change: { verifier?: string; redirectUri?: string },
			age = 0,
		): Promise<unknown> => {
			await sandbox.set({ clockOffsetMs: 0 });
			const link = client.generateOAuth2AuthLink(REDIRECT, { scope });
			const query = await consent(link.url, {
				decision: 'approve',
				account: 'new',
				handle: 'grace',
			});
			await sandbox.set({ clockOffsetMs: age });
			const error = await failure(
				client.loginWithOAuth2({
					code: query.get('code') ?? '',
					codeVerifier: change.verifier ?? link.codeVerifier,
					redirectUri: change.redirectUri ?? REDIRECT,
				}),
			);
			return (error.data as unknown as { error_description: string }).error_description;
		};
		expect(await attempt({ verifier: 'x'.repeat(50) })).toMatch(/code verifier/);
		expect(await attempt({ redirectUri: `${REDIRECT}&more=1` })).toMatch(/redirect uri/);
		expect(await attempt({}, 31_000)).toMatch(/authorization code was invalid/);

		await sandbox.set({ clockOffsetMs: 0 });
		const link = client.generateOAuth2AuthLink(REDIRECT, { scope });
		const query = await consent(link.url, { decision: 'approve', account: 'new', handle: 'grace' });
		const exchange = {
			code: query.get('code') ?? '',
			codeVerifier: link.codeVerifier,
			redirectUri: REDIRECT,
		};
		const granted = await client.loginWithOAuth2(exchange);
		expect((await failure(client.loginWithOAuth2(exchange))).code).toBe(400);
		const after = await failure(xClient(sandbox, granted.accessToken).v2.me());
		expect(after.code).toBe(401);
	});

	test('denied consent, wrong secret, revoke, foreign form', async () => {
		const client = xClient(sandbox, app);
		const link = client.generateOAuth2AuthLink(REDIRECT, { scope });
		const query = await consent(link.url, { decision: 'deny' });
		expect(query.get('error')).toBe('access_denied');
		expect(query.get('code')).toBeNull();

		const wrong = xClient(sandbox, { ...app, clientSecret: 'guess' });
		const refused = await failure(wrong.refreshOAuth2Token('any'));
		expect(refused.code).toBe(401);
		expect(refused.data).toMatchObject({ error: 'unauthorized_client' });

		const granted = await connect('ada');
		await client.revokeOAuth2Token(granted.refreshToken ?? '', 'refresh_token');
		expect((await failure(xClient(sandbox, granted.accessToken).v2.me())).code).toBe(401);

		const { pathname, searchParams } = new URL(link.url);
		const foreign = await fetch(`${sandbox.url}/x${pathname}`, {
			method: 'POST',
			headers: { origin: 'https://evil.example' },
			body: new URLSearchParams({ ...Object.fromEntries(searchParams), decision: 'approve' }),
			redirect: 'manual',
		});
		expect(foreign.status).toBe(400);
		const unregistered = await fetch(
			`${sandbox.url}/x${pathname}?${new URLSearchParams({ ...Object.fromEntries(searchParams), redirect_uri: 'https://evil.example/' })}`,
			{ redirect: 'manual' },
		);
		expect(unregistered.status).toBe(400);
	});

	test('a public client names itself in the body', async () => {
		const seeded = await sandbox.seed({ platform: 'x', handle: 'pub', clientId: 'public-app' });
		expect(seeded.clientSecret).toBeNull();
		const fresh = await xClient(sandbox, { clientId: 'public-app' }).refreshOAuth2Token(
			seeded.refreshToken ?? '',
		);
		expect((await xClient(sandbox, fresh.accessToken).v2.me()).data.username).toBe('pub');
	});
});

describe('posting through twitter-api-v2', () => {
	test('text is escaped and its links rewritten; timeline, look-up and delete', async () => {
		const account = await sandbox.seed({ platform: 'x', handle: 'ada' });
		const client = xClient(sandbox, account.accessToken);
		const before = Date.now();
		const made = await client.v2.tweet(
			'Fish & chips <3 see https://example.com/a?b=c and example.org',
		);
		expect(made.data.text).toMatch(
			/^Fish &amp; chips &lt;3 see https:\/\/t\.co\/\w{10} and https:\/\/t\.co\/\w{10}$/,
		);
		const ms = Number((BigInt(made.data.id) >> 22n) + 1288834974657n);
		expect(ms).toBeGreaterThanOrEqual(before);
		expect(ms).toBeLessThanOrEqual(Date.now());

		const page = await client.v2.userTimeline(account.accountId, {
			max_results: 5,
			start_time: new Date(before - 60_000).toISOString(),
			'tweet.fields': ['created_at', 'text', 'entities', 'attachments', 'referenced_tweets'],
		});
		expect(page.tweets).toHaveLength(1);
		expect(page.tweets[0]?.entities?.urls.map((url) => url.expanded_url)).toEqual([
			'https://example.com/a?b=c',
			'http://example.org',
		]);
		const url = page.tweets[0]?.entities?.urls[0];
		expect([...(page.tweets[0]?.text ?? '')].slice(url?.start, url?.end).join('')).toBe(url?.url);
		const single = await client.v2.singleTweet(made.data.id);
		expect(single.data.text).toBe(made.data.text);

		const [entry] = await sandbox.ledger('platform=x&account=ada');
		expect(entry?.text).toBe('Fish & chips <3 see https://example.com/a?b=c and example.org');
		expect(entry?.url).toBe(`${sandbox.url}/x/ada/status/${made.data.id}`);
		expect((await client.v2.deleteTweet(made.data.id)).data.deleted).toBe(true);
		expect((await sandbox.ledger())[0]?.deleted).toBe(true);
		expect(await sandbox.ledger('live=true')).toEqual([]);
		const empty = await client.v2.userTimeline(account.accountId);
		expect(empty.tweets).toEqual([]);
		expect(empty.meta.result_count).toBe(0);
	});

	test('a picture goes up in pieces, gets alt text, and shows in the ledger byte for byte', async () => {
		const account = await sandbox.seed({ platform: 'x', handle: 'ada' });
		const client = xClient(sandbox, account.accessToken);
		const bytes = await picture('png', 1200, 800);
		const id = await client.v2.uploadMedia(bytes, { media_type: 'image/png' as never }, 1000);
		await client.v2.createMediaMetadata(id, { alt_text: { text: 'A blue field' } });
		const made = await client.v2.tweet('', { media: { media_ids: [id] } });
		expect(made.data.text).toMatch(/^https:\/\/t\.co\/\w{10}$/);
		const [entry] = await sandbox.ledger();
		expect(entry?.media).toEqual([
			{ sha256: expect.any(String), altText: 'A blue field', mime: 'image/png' },
		]);
		const kept = await fetch(`${sandbox.url}/_media/${entry?.media[0]?.sha256}`);
		expect(kept.headers.get('content-type')).toBe('image/png');
		expect(Buffer.from(await kept.arrayBuffer()).equals(bytes)).toBe(true);
	});

	test('processing is asynchronous when it takes time', async () => {
		await sandbox.set({ processingMs: { xMedia: 700 } });
		const account = await sandbox.seed({ platform: 'x', handle: 'ada' });
		const client = xClient(sandbox, account.accessToken);
		const id = await client.v2.uploadMedia(await picture('jpeg'), {
			media_type: 'image/jpeg' as never,
		});
		const status = await client.v2.get<{ data: { processing_info: { state: string } } }>(
			'media/upload',
			{ command: 'STATUS', media_id: id },
		);
		expect(status.data.processing_info.state).toBe('succeeded');
		expect((await client.v2.tweet('now', { media: { media_ids: [id] } })).data.id).toMatch(/^\d+$/);
	});

	test('threads reply to their own posts', async () => {
		const account = await sandbox.seed({ platform: 'x', handle: 'ada' });
		const client = xClient(sandbox, account.accessToken);
		const [first, second] = await client.v2.tweetThread(['one', 'two']);
		const read = await client.v2.singleTweet(second?.data.id ?? '', {
			'tweet.fields': ['referenced_tweets', 'conversation_id'],
		});
		expect(read.data.referenced_tweets).toEqual([{ type: 'replied_to', id: first?.data.id }]);
		expect(read.data.conversation_id).toBe(first?.data.id);
	});
});

describe('what X refuses, as the client parses it', () => {
	test('duplicate text: the exact 403, until the rule is off', async () => {
		const account = await sandbox.seed({ platform: 'x', handle: 'ada' });
		const client = xClient(sandbox, account.accessToken);
		const made = await client.v2.tweet('same words');
		const error = await failure(client.v2.tweet('same words'));
		expect(error.code).toBe(403);
		expect(error.data).toEqual({
			detail: 'You are not allowed to create a Tweet with duplicate content.',
			type: 'about:blank',
			title: 'Forbidden',
			status: 403,
		});
		expect(error.rateLimit).toMatchObject({ limit: 100, remaining: 98 });
		await client.v2.deleteTweet(made.data.id);
		expect((await failure(client.v2.tweet('same words'))).code).toBe(403);
		await sandbox.set({ duplicates: { x: { enabled: false } } });
		await client.v2.tweet('same words');
		await client.v2.tweet('same words');
		expect(await sandbox.ledger('live=true')).toHaveLength(2);
	});

	test('rate limit: headers on every answer, then 429', async () => {
		const account = await sandbox.seed({ platform: 'x', handle: 'ada' });
		const client = xClient(sandbox, account.accessToken);
		await sandbox.set({
			rateLimits: { overrides: { 'x:tweet.create': { limit: 2, windowMs: 900_000 } } },
		});
		await client.v2.tweet('1');
		await client.v2.tweet('2');
		const error = await failure(client.v2.tweet('3'));
		expect(error.code).toBe(429);
		expect(error.rateLimitError).toBe(true);
		expect(error.rateLimit?.remaining).toBe(0);
		expect((error.rateLimit?.reset ?? 0) * 1000).toBeGreaterThan(Date.now());
		await sandbox.set({ clockOffsetMs: 901_000 });
		expect((await client.v2.tweet('3')).data.text).toBe('3');
	});

	test('no credits, spend cap, missing scope, expired token', async () => {
		const account = await sandbox.seed({ platform: 'x', handle: 'ada' });
		const client = xClient(sandbox, account.accessToken);
		const patch = async (body: unknown): Promise<void> => {
			await fetch(`${sandbox.url}/_accounts/x/ada`, {
				method: 'PATCH',
				headers: { 'content-type': 'application/json' },
				body: JSON.stringify(body),
			});
		};
		await patch({ credits: 'depleted' });
		const credits = await failure(client.v2.tweet('a'));
		expect(credits.code).toBe(402);
		expect(credits.data).toMatchObject({
			title: 'CreditsDepleted',
			type: 'https://api.twitter.com/2/problems/credits',
		});
		await patch({ credits: 'spend_cap' });
		const cap = await failure(client.v2.tweet('a'));
		expect(cap.code).toBe(403);
		expect(cap.data).toMatchObject({
			title: 'SpendCapReached',
			reset_date: expect.stringMatching(/^\d{4}-\d\d-01$/),
		});
		await patch({ credits: 'ok' });

		const reader = await sandbox.seed({
			platform: 'x',
			handle: 'ada',
			scopes: ['tweet.read', 'users.read'],
		});
		const denied = await failure(xClient(sandbox, reader.accessToken).v2.tweet('a'));
		expect(denied.code).toBe(403);
		expect(denied.data).toMatchObject({ detail: 'You are not permitted to perform this action.' });
		await sandbox.set({ clockOffsetMs: 7_201_000 });
		expect((await failure(client.v2.tweet('a'))).code).toBe(401);
		expect(await sandbox.ledger()).toEqual([]);
	});
});
