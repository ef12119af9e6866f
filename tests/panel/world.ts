import { randomBytes } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Express } from 'express';
import { createStore, type Store } from '../../core/store/client';
import { createPorts } from '../../fallback-runner/src/ports';
import { createPanel, type PanelOptions } from '../../panel/server/app';
import { openSetup } from '../../panel/server/sign-in/setup-token';
import { startTestStore, type TestStore } from '../store/with-store';

export const PASSWORD = 'a calm sentence for tests';

export interface Answer {
	status: number;
	headers: Headers;
	text: string;
	json: unknown;
}

export interface Panel {
	url: string;
	app: Express;
	store: TestStore;
	calls: Store;
	vaultKey: string;
	/** Moves the clock of the sign-in limits. */
	skip(ms: number): void;
	/** The address that makes the first admin; a new one each time. */
	setupUrl(): Promise<string | null>;
	/** Cuts off every connection that is open, as the end of the process does. */
	dropConnections(): void;
	stop(): Promise<void>;
}

/** The real panel on a free port over a real store of its own. */
export async function startPanel(change: Partial<PanelOptions> = {}): Promise<Panel> {
	const store = await startTestStore();
	try {
		return await openPanel(store, change);
	} catch (error) {
		await store.remove();
		throw error;
	}
}

async function openPanel(store: TestStore, change: Partial<PanelOptions>): Promise<Panel> {
	const ports = createPorts({
		store: { url: store.url, key: store.serviceKey },
		log: { name: 'panel', level: 'silent' },
	});
	const vaultKey = randomBytes(32).toString('hex');
	let skipped = 0;
	// The address has to be known before the app is made, because redirect URIs begin with it.
	const server: Server = createServer();
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
	const app = createPanel({
		store: ports.store,
		ports,
		vaultKey,
		publicUrl: url,
		version: '0.0.0-test',
		now: () => Date.now() + skipped,
		onError: (error) => {
			process.stderr.write(`panel: ${String((error as Error).stack ?? error)}\n`);
		},
		...change,
	});
	server.on('request', app);
	const calls = createStore(ports.store);
	return {
		url,
		app,
		store,
		calls,
		vaultKey,
		skip: (ms) => {
			skipped += ms;
		},
		setupUrl: () => openSetup(calls, url),
		dropConnections: () => server.closeAllConnections(),
		stop: async () => {
			server.closeAllConnections();
			await new Promise((resolve) => server.close(resolve));
			await store.remove();
		},
	};
}

/** What a browser does: keeps the cookie, sends Origin and the session's CSRF token. */
export class Browser {
	cookie: string | null = null;
	csrf: string | null = null;

	constructor(
		private readonly url: string,
		private readonly address?: string,
	) {}

	async send(
		method: string,
		path: string,
		body?: unknown,
		headers: Record<string, string | undefined> = {},
	): Promise<Answer> {
		const wanted: Record<string, string | undefined> = {
			...(body === undefined ? {} : { 'content-type': 'application/json' }),
			...(this.cookie === null ? {} : { cookie: this.cookie }),
			...(this.address === undefined ? {} : { 'x-forwarded-for': this.address }),
			...(method === 'GET' ? {} : { origin: this.url }),
			...(method === 'GET' || this.csrf === null ? {} : { 'x-csrf-token': this.csrf }),
			...headers,
		};
		const response = await fetch(this.url + path, {
			method,
			redirect: 'manual',
			headers: Object.entries(wanted).filter(
				(entry): entry is [string, string] => entry[1] !== undefined,
			),
			...(body === undefined ? {} : { body: JSON.stringify(body) }),
		});
		for (const line of response.headers.getSetCookie()) {
			const [pair] = line.split(';');
			this.cookie = pair.endsWith('=') ? null : pair;
		}
		const text = await response.text();
		let json: unknown = null;
		try {
			json = JSON.parse(text);
		} catch {
			// A page and not an answer of the API.
		}
		return { status: response.status, headers: response.headers, text, json };
	}

	/** Signs in, or makes the first admin with a set-up address, and keeps cookie and CSRF token. */
	async #enter(path: string, body: unknown): Promise<Answer> {
		const answer = await this.send('POST', path, body);
		const token = (answer.json as { csrfToken?: string } | null)?.csrfToken;
		if (answer.status < 300 && token) this.csrf = token;
		return answer;
	}

	signIn(name: string, password = PASSWORD): Promise<Answer> {
		return this.#enter('/api/sign-in', { name, password });
	}

	setUp(address: string, name: string, password = PASSWORD): Promise<Answer> {
		const token = new URLSearchParams(new URL(address).hash.slice(1)).get('token');
		return this.#enter('/api/setup', { token, name, password });
	}
}

/** An admin named `ada` and a viewer named `vera`, both signed in. */
export async function withPeople(panel: Panel): Promise<{ admin: Browser; viewer: Browser }> {
	const address = await panel.setupUrl();
	if (address === null) throw new Error('Somebody is registered already');
	const admin = new Browser(panel.url);
	await admin.setUp(address, 'ada');
	await admin.send('POST', '/api/users', { name: 'vera', password: PASSWORD, role: 'viewer' });
	const viewer = new Browser(panel.url);
	await viewer.signIn('vera');
	return { admin, viewer };
}
