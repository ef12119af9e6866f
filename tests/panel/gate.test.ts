import { mkdtempSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Express } from 'express';
import { NONCE_PLACEHOLDER } from '../../panel/server/pages';
import { PUBLIC_API } from '../../panel/server/session';
import { Browser, type Panel, PASSWORD, startPanel, withPeople } from './world';

let panel: Panel;
let admin: Browser;
let viewer: Browser;
let folder: string;

beforeAll(async () => {
	folder = mkdtempSync(path.join(tmpdir(), 'musekit-panel-'));
	const script = `<script nonce="${NONCE_PLACEHOLDER}">1</script>`;
	writeFileSync(path.join(folder, 'index.html'), `<!doctype html>${script}`);
	panel = await startPanel({ webFolder: folder });
	({ admin, viewer } = await withPeople(panel));
}, 120_000);

afterAll(async () => {
	await panel?.stop();
	await rm(folder, { recursive: true, force: true });
});

interface Layer {
	route?: { path: string | string[]; methods: Record<string, boolean> };
	handle: { stack?: Layer[] };
}

/** Every route of the app, with its parameters filled in. */
function routes(app: Express): { method: string; path: string }[] {
	const found: { method: string; path: string }[] = [];
	const walk = (layers: Layer[]) => {
		for (const { route, handle } of layers) {
			if (handle.stack && !route) walk(handle.stack);
			for (const place of route ? [route.path].flat() : []) {
				for (const method of Object.keys(route?.methods ?? {})) {
					const filled = place
						.replace(/:token/g, 't'.repeat(43))
						.replace(/:(id|flow)\b/g, '01890000-0000-7000-8000-000000000000')
						.replace(/:\w+/g, 'x');
					found.push({ method: method.toUpperCase(), path: filled });
				}
			}
		}
	};
	walk((app as unknown as { router: { stack: Layer[] } }).router.stack);
	return found;
}

const isPublic = (place: string) => PUBLIC_API.some((pattern) => pattern.test(place));
const OWN = [
	'/api/sign-out',
	'/api/sign-out-everywhere',
	'/api/password',
	'/api/notifications/read',
];
/** Answers that have no end, and what they say first. */
const STREAMS: Record<string, string> = { '/api/events': 'event: ready' };

/** A stream up to its first word, as an answer. */
async function beginningOf(place: string): Promise<{ text: string; headers: Headers }> {
	const gone = new AbortController();
	const headers = { cookie: admin.cookie ?? '' };
	const response = await fetch(panel.url + place, { headers, signal: gone.signal });
	let text = '';
	const decoder = new TextDecoder();
	for await (const part of response.body ?? []) {
		text += decoder.decode(part as Uint8Array, { stream: true });
		if (text.includes(STREAMS[place])) break;
	}
	gone.abort();
	return { text, headers: response.headers };
}

describe('every route below /api', () => {
	const api = () => routes(panel.app).filter((route) => route.path.startsWith('/api/'));
	const writes = () => api().filter(({ method }) => method !== 'GET');

	it('is known to this test', () => {
		const known = api().map(({ method, path: place }) => `${method} ${place}`);
		expect(known).toEqual(
			expect.arrayContaining([
				'GET /api/session',
				'POST /api/users',
				'GET /api/posts',
				'GET /api/accounts',
				'POST /api/connect',
			]),
		);
		expect(writes().length).toBeGreaterThan(12);
	});

	it('needs a session, but for the public ones', async () => {
		const stranger = new Browser(panel.url);
		for (const { method, path: place } of api().filter((route) => !isPublic(route.path))) {
			const { status, json } = await stranger.send(
				method,
				place,
				method === 'GET' ? undefined : {},
			);
			expect([method, place, status]).toEqual([method, place, 401]);
			expect(json).toMatchObject({ code: 'signed_out' });
		}
	});

	it('lets a viewer write nothing but what is their own', async () => {
		for (const { method, path: place } of writes()) {
			if (isPublic(place) || OWN.includes(place)) continue;
			const { status, json } = await viewer.send(method, place, {});
			expect([method, place, status]).toEqual([method, place, 403]);
			expect(json).toMatchObject({ code: 'role_missing' });
		}
	});

	it('takes no write from another origin, from none, or with the token of another session', async () => {
		const other = new Browser(panel.url);
		await other.signIn('ada');
		for (const { method, path: place } of writes()) {
			const foreign = [
				{ origin: 'https://evil.example' },
				{ origin: 'null' },
				{ origin: undefined },
				{ origin: panel.url, 'sec-fetch-site': 'cross-site' },
				{ origin: panel.url, 'sec-fetch-site': 'same-site' },
			];
			for (const headers of foreign) {
				const { status, json } = await admin.send(method, place, {}, headers);
				expect([method, place, status]).toEqual([method, place, 403]);
				expect(json).toMatchObject({ code: 'origin_refused' });
			}
			if (isPublic(place)) continue;
			for (const token of [undefined, '', other.csrf ?? '']) {
				const { status, json } = await admin.send(method, place, {}, { 'x-csrf-token': token });
				expect([method, place, status]).toEqual([method, place, 403]);
				expect(json).toMatchObject({ code: 'csrf_refused' });
			}
		}
	});

	it('is kept by no cache and answers what it does not know as JSON', async () => {
		for (const place of ['/api/session', '/api/posts', '/api/nothing']) {
			const answer = await admin.send('GET', place);
			expect(answer.headers.get('cache-control')).toBe('no-store');
			expect(answer.json).not.toBeNull();
		}
		expect((await admin.send('GET', '/api/nothing')).status).toBe(404);
	});

	it('refuses a body that is no JSON or too large, in words', async () => {
		const large = await admin.send('POST', '/api/users', { name: 'x'.repeat(100_000) });
		expect(large.status).toBe(413);
		expect(large.json).toMatchObject({ code: 'request_unreadable' });
	});
});

it('lets the gate be passed by no other spelling of a path', async () => {
	for (const place of [
		'/API/users',
		'/api/users/',
		'//api/users',
		'/api/./users',
		'/api%2Fusers',
	]) {
		const { status, text } = await new Browser(panel.url).send('GET', place);
		expect([place, status === 200 && text.includes('"users"')]).toEqual([place, false]);
		const write = await viewer.send('POST', place, {
			name: 'm',
			password: PASSWORD,
			role: 'admin',
		});
		expect([place, write.status < 300]).toEqual([place, false]);
	}
	const { json } = await admin.send('GET', '/api/users');
	expect((json as { users: unknown[] }).users).toHaveLength(2);
});

it('a viewer cannot ask for the data of another owner, an admin can', async () => {
	expect((await viewer.send('GET', '/api/posts?owner=shop')).status).toBe(403);
	expect((await viewer.send('GET', '/api/posts?owner=default')).status).toBe(200);
	expect((await admin.send('GET', '/api/posts?owner=shop')).status).toBe(200);
	expect((await viewer.send('GET', '/api/accounts?owner=shop')).status).toBe(403);
});

describe('pages', () => {
	it('run only scripts that carry the nonce of their own answer', async () => {
		const nonces = new Set<string>();
		for (let round = 0; round < 3; round++) {
			const { headers, text } = await new Browser(panel.url).send('GET', '/posts');
			const policy = headers.get('content-security-policy') ?? '';
			const nonce = /script-src 'self' 'nonce-([^']+)'/.exec(policy)?.[1] ?? '';
			expect(nonce.length).toBeGreaterThanOrEqual(22);
			expect(text).toContain(`<script nonce="${nonce}">`);
			expect(policy).toContain("default-src 'none'");
			expect(policy).toContain("frame-ancestors 'none'");
			expect(policy).not.toContain('unsafe');
			expect(headers.get('cache-control')).toBe('no-store');
			expect(headers.get('x-powered-by')).toBeNull();
			nonces.add(nonce);
		}
		expect(nonces.size).toBe(3);
	});

	it('are not given as files that do not exist, nor from beside their folder', async () => {
		const browser = new Browser(panel.url);
		expect((await browser.send('GET', '/assets/nothing.js')).status).toBe(404);
		expect((await browser.send('GET', '/assets/..%2f..%2fapp.ts')).status).toBe(404);
		expect((await browser.send('GET', '/config.json')).status).toBe(404);
	});

	it('answer under the panel’s own names only', async () => {
		const { hostname, port } = new URL(panel.url);
		const statusFor = (host: string) =>
			new Promise<number>((resolve, reject) => {
				request({ port, host: hostname, path: '/healthz', headers: { host } }, (answer) => {
					answer.resume();
					answer.on('end', () => resolve(answer.statusCode ?? 0));
				})
					.on('error', reject)
					.end();
			});
		for (const host of ['localhost:14403', '[::1]:14403', '192.168.1.20:14403']) {
			expect([host, await statusFor(host)]).toEqual([host, 200]);
		}
		for (const host of ['evil.example', '127.0.0.1.evil.example', 'localhost.evil.example:14403']) {
			expect([host, await statusFor(host)]).toEqual([host, 421]);
		}
	});
});

it('no answer holds a secret of the panel or of its people', async () => {
	const hashes = await panel.calls.call('social_panel_user_find', { p_name: 'ada' });
	const hash = hashes.kind === 'ok' ? (hashes.value?.passwordHash ?? '') : '';
	expect(hash).toMatch(/^\$argon2id\$/);
	const secrets = [
		panel.vaultKey,
		panel.store.serviceKey,
		panel.store.anonKey,
		PASSWORD,
		hash,
		(admin.cookie ?? '').split('=')[1],
	];
	for (const { method, path: place } of routes(panel.app)) {
		if (OWN.includes(place)) continue;
		const { text, headers } =
			place in STREAMS
				? await beginningOf(place)
				: await admin.send(method, place, method === 'GET' ? undefined : {});
		const all = text + JSON.stringify([...headers]);
		for (const secret of secrets) expect([place, all.includes(secret)]).toEqual([place, false]);
	}
});
