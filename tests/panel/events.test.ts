import { once } from 'node:events';
import { get, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import express, { type Express } from 'express';
import type { Client } from 'pg';
import type { RpcAnswer, StorePort } from '../../core/ports';
import { createStore } from '../../core/store/client';
import { createPorts } from '../../fallback-runner/src/ports';
import { Streams } from '../../panel/server/notifications/streams';
import type { Session } from '../../panel/server/session';
import { localProvider } from '../../panel/server/sign-in/local';
import { Sessions } from '../../panel/server/sign-in/sessions';
import { Browser, type Panel, PASSWORD, startPanel, withPeople } from './world';

const TIMES = { pollMs: 50, aliveMs: 200 };

let panel: Panel;
let admin: Browser;
let viewer: Browser;
let database: Client;
const open = new Set<Stream>();

beforeAll(async () => {
	panel = await startPanel({ streamTimes: TIMES });
	({ admin, viewer } = await withPeople(panel));
	database = await panel.store.connect();
	await database.query(`insert into musekit_social.owners (id) values ('acme')`);
}, 120_000);

afterAll(async () => {
	await panel?.stop();
});

afterEach(() => {
	for (const stream of open) stream.close();
	open.clear();
});

interface SentEvent {
	event: string;
	id: string | null;
	data: Record<string, unknown>;
}

/** A reader of server-sent events as browsers are, without their reconnecting. */
class Stream {
	readonly events: SentEvent[] = [];
	comments = 0;
	ended = false;
	#wake: () => void = () => undefined;
	#text = '';

	private constructor(readonly answer: IncomingMessage) {
		answer.setEncoding('utf8');
		answer.on('data', (text: string) => this.#take(text));
		answer.on('close', () => {
			this.ended = true;
			this.#wake();
		});
		answer.on('error', () => undefined);
		open.add(this);
	}

	static async open(browser: Browser, after?: string, url = panel.url): Promise<Stream> {
		return await new Promise((resolve, reject) => {
			const headers = {
				cookie: browser.cookie ?? '',
				...(after ? { 'last-event-id': after } : {}),
			};
			get(`${url}/api/events`, { headers }, (answer) => resolve(new Stream(answer))).on(
				'error',
				reject,
			);
		});
	}

	#take(text: string): void {
		this.#text += text;
		const blocks = this.#text.split('\n\n');
		this.#text = blocks.pop() ?? '';
		for (const block of blocks) {
			const fields = new Map(
				block.split('\n').map((line) => {
					const at = line.indexOf(':');
					return [line.slice(0, at), line.slice(at + 1).trimStart()] as const;
				}),
			);
			if (fields.has('')) this.comments++;
			const event = fields.get('event');
			if (event === undefined) continue;
			const data = JSON.parse(fields.get('data') ?? '{}') as SentEvent['data'];
			this.events.push({ event, id: fields.get('id') ?? null, data });
		}
		this.#wake();
	}

	/** Waits until it is so; a test that waits in vain ends by its own limit. */
	async until(done: () => boolean): Promise<void> {
		while (!done()) await new Promise<void>((resolve) => (this.#wake = resolve));
	}

	async next(event: string, from = 0): Promise<SentEvent> {
		await this.until(() => this.events.slice(from).some((one) => one.event === event));
		return this.events.slice(from).find((one) => one.event === event) as SentEvent;
	}

	texts(): unknown[] {
		return this.events
			.filter(({ event }) => event === 'notice')
			.map(({ data }) => (data.facts as { text?: string }).text);
	}

	close(): void {
		this.answer.destroy();
	}
}

async function notice(owner: string | null, text: string) {
	await database.query(
		`select musekit_social.add_notice('needs_review', $1, $2, null, null, jsonb_build_object('text', $2::text))`,
		[owner, text],
	);
}

test('what happens is told at once, to each person what they may see', async () => {
	const [ofAdmin, ofViewer] = [await Stream.open(admin), await Stream.open(viewer)];
	expect(ofAdmin.answer.headers['content-type']).toBe('text/event-stream');
	expect(ofAdmin.answer.headers['cache-control']).toBe('no-store');
	await Promise.all([ofAdmin.next('ready'), ofViewer.next('ready')]);
	await notice('acme', 'for acme');
	await notice('default', 'for us');
	await notice(null, 'for all');
	await ofAdmin.until(() => ofAdmin.texts().includes('for all'));
	await ofViewer.until(() => ofViewer.texts().includes('for all'));
	expect(ofAdmin.texts()).toEqual(['for acme', 'for us', 'for all']);
	expect(ofViewer.texts()).toEqual(['for us', 'for all']);
	expect(JSON.stringify(ofViewer.events)).not.toContain('acme');
	const sent = await ofViewer.next('notice');
	expect(sent.data).toMatchObject({ kind: 'needs_review', count: 1 });
	expect(sent.data).not.toHaveProperty('unread');
});

test('what was missed comes after a pause; what was not is no repeat', async () => {
	const first = await Stream.open(viewer);
	const ready = await first.next('ready');
	first.close();
	await notice('default', 'while away');
	await notice('acme', 'while away of acme');
	const second = await Stream.open(viewer, ready.id ?? '');
	await second.next('ready');
	expect(second.texts()).toEqual(['while away']);
	const third = await Stream.open(viewer);
	await third.next('ready');
	expect(third.texts()).toEqual([]);
	third.close();
	const odd = await Stream.open(viewer, 'no place');
	await odd.next('ready');
	expect(odd.texts()).toEqual([]);
});

test('signs of life, and the end with the session', async () => {
	const other = new Browser(panel.url);
	panel.skip(3_600_000);
	await other.signIn('vera');
	const [ending, staying] = [await Stream.open(other), await Stream.open(viewer)];
	await Promise.all([ending.next('ready'), staying.next('ready')]);
	await ending.until(() => ending.comments >= 2);
	await other.send('POST', '/api/sign-out');
	await ending.next('end');
	await ending.until(() => ending.ended);
	expect(staying.ended).toBe(false);
	await notice('default', 'still here');
	await staying.until(() => staying.texts().includes('still here'));
	expect((await Stream.open(other)).answer.statusCode).toBe(401);
});

test('a person who is removed, or whose role changes, is told no more', async () => {
	panel.skip(3_600_000);
	await admin.send('POST', '/api/users', { name: 'bob', password: PASSWORD, role: 'viewer' });
	const bob = new Browser(panel.url);
	await bob.signIn('bob');
	const stream = await Stream.open(bob);
	await stream.next('ready');
	await database.query(`delete from musekit_social.panel_sessions where name = 'bob'`);
	await stream.until(() => stream.ended);
	expect(stream.events.at(-1)?.event).toBe('end');
});

test('a session opens three of them; a fourth is told to ask instead', async () => {
	const three = [await Stream.open(admin), await Stream.open(admin), await Stream.open(admin)];
	await Promise.all(three.map((stream) => stream.next('ready')));
	expect(await admin.send('GET', '/api/events')).toMatchObject({
		status: 429,
		json: { code: 'events_limited' },
	});
	three[0].close();
	await expect(
		(async () => {
			for (;;) {
				const again = await Stream.open(admin);
				if (again.answer.statusCode === 200) return 'opened';
				await new Promise((resolve) => setTimeout(resolve, 20));
			}
		})(),
	).resolves.toBe('opened');
});

function realStore(): StorePort {
	return createPorts({
		store: { url: panel.store.url, key: panel.store.serviceKey },
		log: { name: 'panel', level: 'silent' },
	}).store;
}

test('one poller asks for all, only while somebody listens, and tells when the store is away', async () => {
	let asked = 0;
	let away = false;
	const real = realStore();
	const counted: StorePort = {
		...real,
		rpc: async <T>(name: string, args: Record<string, unknown>): Promise<RpcAnswer<T>> => {
			if (name === 'social_notices_since') asked++;
			if (away && name === 'social_notices_since') {
				return { kind: 'unreachable', reason: 'it is away' } as RpcAnswer<T>;
			}
			return await real.rpc<T>(name, args);
		},
	};
	const second = await startPanel({ store: counted, streamTimes: { pollMs: 50, aliveMs: 60_000 } });
	try {
		// Its people are those of the first store: sessions are found there.
		const first = await Stream.open(admin, undefined, second.url);
		const other = await Stream.open(viewer, undefined, second.url);
		await Promise.all([first.next('ready'), other.next('ready')]);
		asked = 0;
		await new Promise((resolve) => setTimeout(resolve, 500));
		// Two clients asking for themselves would be twice as many.
		expect(asked).toBeLessThanOrEqual(11);
		expect(asked).toBeGreaterThan(0);
		away = true;
		expect((await first.next('store')).data).toEqual({ reachable: false });
		away = false;
		await first.until(() => first.events.at(-1)?.data.reachable === true);
		await notice(null, 'after the outage');
		await first.until(() => first.texts().includes('after the outage'));
		first.close();
		other.close();
		await new Promise((resolve) => setTimeout(resolve, 200));
		asked = 0;
		await new Promise((resolve) => setTimeout(resolve, 300));
		expect(asked).toBe(0);
	} finally {
		await second.stop();
	}
});

describe('a page that goes early', () => {
	const session: Session = {
		id: 'one',
		userId: 'local:one',
		name: 'vera',
		role: 'viewer',
		csrf: '',
		owner: 'default',
	};
	let app: Express;
	let server: Server;
	let url: string;

	beforeEach(async () => {
		app = express();
		server = app.listen(0, '127.0.0.1');
		await once(server, 'listening');
		url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
	});

	afterEach(async () => {
		server.closeAllConnections();
		await new Promise((resolve) => server.close(resolve));
	});

	function streamsOn(port: StorePort): Streams {
		const store = createStore(port);
		return new Streams(store, new Sessions(store, localProvider(store)), TIMES);
	}

	test('before its stream opens is no listener', async () => {
		const streams = streamsOn(realStore());
		const opened = new Promise<void>((resolve) => {
			app.get('/api/events', (request, response) => {
				response.once('close', () => resolve(streams.open(request, response, session)));
			});
		});
		const asking = get(`${url}/api/events`).on('error', () => undefined);
		await once(server, 'request');
		asking.destroy();
		await opened;
		expect(streams.size).toBe(0);
		expect(streams.hasRoom(session)).toBe(true);
	});

	test('while the store is asked leaves no place from which the next one is told', async () => {
		const real = realStore();
		let answerFirst: () => void = () => undefined;
		const held = new Promise<void>((resolve) => (answerFirst = resolve));
		let first = true;
		const streams = streamsOn({
			...real,
			rpc: async <T>(name: string, args: Record<string, unknown>): Promise<RpcAnswer<T>> => {
				const answer = await real.rpc<T>(name, args);
				if (name === 'social_notices_since' && first) {
					first = false;
					await held;
				}
				return answer;
			},
		});
		const opened: Promise<void>[] = [];
		app.get('/api/events', (request, response) => {
			opened.push(streams.open(request, response, session));
		});
		const early = await Stream.open(viewer, undefined, url);
		early.close();
		while (streams.size > 0) await new Promise((resolve) => setTimeout(resolve, 5));
		answerFirst();
		await opened[0];
		await notice('default', 'when nobody listened');
		const next = await Stream.open(viewer, undefined, url);
		await next.next('ready');
		await notice('default', 'when somebody did');
		await next.until(() => next.texts().includes('when somebody did'));
		expect(next.texts()).toEqual(['when somebody did']);
	});
});
