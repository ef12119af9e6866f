import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { RpcAnswer, StorePort } from '../../../core/ports';
import type { AccountView, PostView } from '../../../core/store/contract';
import { createPanel } from '../../../panel/server/app';

const account: AccountView = {
	id: 'a1',
	owner: 'default',
	platform: 'x',
	mode: 'sandbox',
	remoteId: '1',
	handle: 'demo',
	displayName: 'Demo',
	status: 'connected',
	statusReason: null,
	scopes: [],
	tokenExpiresAt: null,
	lastSuccessAt: null,
	profileUrl: 'http://127.0.0.1:54402/x/demo',
};

function post(changes: Partial<PostView>): PostView {
	return {
		id: 'p1',
		owner: 'default',
		accountId: 'a1',
		platform: 'x',
		mode: 'sandbox',
		account: '@demo',
		state: 'published',
		waitReason: null,
		error: null,
		content: { text: 'hello' },
		media: [],
		scheduledAt: '2026-11-22T10:00:00.000Z',
		wallTime: null,
		timeZone: null,
		nextAt: null,
		publishedAt: '2026-11-22T10:00:02.000Z',
		remoteId: '99',
		url: 'http://127.0.0.1:54402/x/demo/status/99',
		confirmedBy: 'answer',
		carrier: 'n8n:main',
		attempts: 1,
		version: 1,
		deletedAt: null,
		maxLatenessMs: 3_600_000,
		createdAt: '2026-11-22T09:00:00.000Z',
		updatedAt: '2026-11-22T10:00:02.000Z',
		...changes,
	};
}

const noCounts = {
	draft: 0,
	scheduled: 0,
	publishing: 0,
	published: 0,
	failed: 0,
	missed: 0,
	needs_review: 0,
	cancelled: 0,
};

/** Answers the three questions of the page; anything else is a mistake of the panel. */
class PageStore implements StorePort {
	posts: PostView[] = [];
	nextCursor: string | null = null;
	instead: RpcAnswer<never> | null = null;
	asked: Record<string, Record<string, unknown>> = {};

	async rpc<T>(name: string, args: Record<string, unknown>): Promise<RpcAnswer<T>> {
		this.asked[name] = args;
		if (this.instead) return this.instead;
		const counts = { ...noCounts };
		for (const { state } of this.posts) counts[state] += 1;
		const answers: Record<string, unknown> = {
			social_post_list: { items: this.posts, nextCursor: this.nextCursor },
			social_account_list: { items: [account], nextCursor: null },
			social_overview: { counts, due: 0, oldestDueAt: null, heartbeats: [], incidents: [] },
		};
		if (!(name in answers)) throw new Error(`the page must not call ${name}`);
		return { kind: 'ok', value: answers[name] as T };
	}
	putObject(): never {
		throw new Error('the page stores nothing');
	}
	getObject(): never {
		throw new Error('the page loads no media');
	}
	signObject(): never {
		throw new Error('the page signs nothing');
	}
}

describe('the first page of the panel', () => {
	let server: Server;
	let base: string;
	let store: PageStore;

	beforeEach(async () => {
		store = new PageStore();
		server = createServer(createPanel({ store }));
		await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
		base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
	});

	afterEach(async () => {
		await new Promise((resolve) => server.close(resolve));
	});

	it('shows a post with state, account, UTC time and both links', async () => {
		store.posts = [post({})];
		const answer = await fetch(base);
		const page = await answer.text();
		expect(answer.status).toBe(200);
		expect(page).toContain('<span class="state published">Published</span>');
		expect(page).toContain('<b>X</b> @demo');
		expect(page).toContain(
			'<time datetime="2026-11-22T10:00:02.000Z">2026-11-22 10:00:02 UTC</time>',
		);
		expect(page).toContain('href="http://127.0.0.1:54402/x/demo/status/99"');
		expect(page).toContain('href="http://127.0.0.1:54402/x/demo"');
		expect(page).toContain('<b>1</b> Published');
	});

	it('asks the store for the owner, state and page of the address', async () => {
		await fetch(`${base}/?owner=shop&state=failed&cursor=abc`);
		expect(store.asked.social_post_list).toMatchObject({
			p_owner: 'shop',
			p_filter: { states: ['failed'] },
			p_cursor: 'abc',
			p_contract: 1,
		});
		expect(store.asked.social_overview).toMatchObject({ p_owner: 'shop' });
	});

	it('keeps owner and state in the link to older posts', async () => {
		store.posts = [post({ state: 'failed' })];
		store.nextCursor = 'next one';
		const page = await (await fetch(`${base}/?owner=shop&state=failed`)).text();
		expect(page).toContain('href="/?owner=shop&amp;state=failed&amp;cursor=next+one"');
	});

	it('shows text from outside as text and links only to web addresses', async () => {
		store.posts = [
			post({
				content: { text: '<script>alert(1)</script> & "quoted"' },
				account: '@<b>x</b>',
				url: 'javascript:alert(1)',
				error: { code: 'c', message: '<img src=x onerror=1>', remedy: 'r' },
			}),
		];
		const page = await (await fetch(base)).text();
		expect(page).toContain('&lt;script&gt;alert(1)&lt;/script&gt; &amp; &quot;quoted&quot;');
		expect(page).toContain('@&lt;b&gt;x&lt;/b&gt;');
		expect(page).not.toContain('javascript:');
		expect(page).not.toContain('<img');
	});

	it('says how to make the first post when there is none', async () => {
		const page = await (await fetch(base)).text();
		expect(page).toContain('No posts yet');
		const filtered = await (await fetch(`${base}/?state=missed`)).text();
		expect(filtered).toContain('No post is in the state &quot;Missed&quot;');
	});

	it('says that the store is down, with 503 and what it means', async () => {
		store.instead = { kind: 'unreachable', reason: 'the connection was refused' };
		const answer = await fetch(base);
		expect(answer.status).toBe(503);
		const page = await answer.text();
		expect(page).toContain('The store does not answer: the connection was refused.');
		expect(page).toContain('nothing is lost');
	});

	it("passes on the store's own sentence when it refuses", async () => {
		store.instead = {
			kind: 'refused',
			refusal: { status: 401, code: 'x', message: 'Invalid API key', hint: 'Check the key.' },
		};
		const page = await (await fetch(base)).text();
		expect(page).toContain('Invalid API key');
		expect(page).toContain('Check the key.');
	});

	it.each(['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'])('refuses %s', async (method) => {
		const answer = await fetch(base, { method });
		expect(answer.status).toBe(405);
		expect(answer.headers.get('allow')).toBe('GET, HEAD');
		expect(store.asked).toEqual({});
	});

	it('refuses an unknown filter without asking the store', async () => {
		expect((await fetch(`${base}/?state=nonsense`)).status).toBe(400);
		expect((await fetch(`${base}/?state=failed&state=missed`)).status).toBe(400);
		expect(store.asked).toEqual({});
	});

	async function withHost(host: string): Promise<number> {
		const { port } = server.address() as AddressInfo;
		return await new Promise((resolve, reject) => {
			request({ port, host: '127.0.0.1', path: '/', headers: { host } }, (answer) => {
				answer.resume();
				answer.on('end', () => resolve(answer.statusCode ?? 0));
			})
				.on('error', reject)
				.end();
		});
	}

	it('answers under its own names only', async () => {
		expect(await withHost('localhost:54403')).toBe(200);
		expect(await withHost('[::1]:54403')).toBe(200);
		expect(await withHost('192.168.1.20:54403')).toBe(200);
		store.asked = {};
		expect(await withHost('evil.example')).toBe(421);
		expect(await withHost('127.0.0.1.evil.example')).toBe(421);
		expect(await withHost('localhost.evil.example:54403')).toBe(421);
		expect(store.asked).toEqual({});
	});

	it('lets nothing run in the page but its own script', async () => {
		const answer = await fetch(base);
		const policy = answer.headers.get('content-security-policy') ?? '';
		expect(policy).toContain("default-src 'none'");
		expect(policy).toContain("script-src 'self'");
		expect(policy).not.toContain('unsafe');
		expect(policy).toContain("frame-ancestors 'none'");
		expect(answer.headers.get('x-powered-by')).toBeNull();
		expect(answer.headers.get('cache-control')).toBe('no-store');
		const page = await answer.text();
		expect(page).not.toMatch(/<script(?![^>]*src=)/);
		expect(page).not.toMatch(/\sstyle=|\son\w+=/);
	});

	it('serves its style and script, and no other file', async () => {
		expect((await fetch(`${base}/assets/panel.js`)).headers.get('content-type')).toMatch(
			/javascript/,
		);
		expect((await fetch(`${base}/assets/panel.css`)).headers.get('content-type')).toMatch(/css/);
		expect((await fetch(`${base}/assets/..%2fapp.ts`)).status).toBe(404);
		expect((await fetch(`${base}/nothing`)).status).toBe(404);
		expect(await (await fetch(`${base}/healthz`)).text()).toBe('ok');
	});
});
