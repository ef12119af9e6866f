import { randomBytes, randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { Client } from 'pg';
import { loadVaultKey, sealToken, type VaultKey } from '../../../core/accounts/vault';
import { readSession, sessionRequest } from '../../../core/platforms/bluesky/session';
import type { Ports } from '../../../core/ports';
import type { Platform, PostView } from '../../../core/store/contract';
import type { RunnerConfigInput } from '../../../fallback-runner/src/config';
import { createPorts } from '../../../fallback-runner/src/ports';
import { readLedger } from '../../../sandbox/src/ledger';
import { startSandbox, type RunningSandbox } from '../../../sandbox/src/server';
import { Pds } from '../../bluesky/pds';
import { pdsFolder } from '../../bluesky/pds-folder';
import { Proxy } from '../../bluesky/proxy';
import { connectAccount } from '../../e2e/system/accounts';
import { SandboxClient } from '../../e2e/system/sandbox-client';
import { StoreClient } from '../../e2e/system/store-client';
import { makeImage } from '../../e2e/system/system';
import { RunnerProcess } from '../../runner/runner-process';
import { mustCall, type MustCall } from '../../store/must-call';
import { createOne, type Draft } from '../../store/publishing';
import { startTestStore, type TestStore } from '../../store/with-store';
import { N8n } from './n8n';

/** Kinds of accounts: LinkedIn tells members and pages apart when it is asked about a post. */
export const KINDS = ['x', 'linkedin member', 'linkedin page', 'instagram', 'bluesky'] as const;
export type Kind = (typeof KINDS)[number];

export interface Account {
	id: string;
	kind: Kind;
	platform: Platform;
	handle: string;
	/** Who calls in the eyes of the sandbox: a page is written to by its administrator. */
	caller: string;
	/** Bluesky: stands between the carriers and this account's server. */
	proxy: Proxy | null;
	/** Bluesky: the account's id. */
	did: string | null;
}

/** An entry that is live on a platform. */
export interface Live {
	id: string;
	/** Null where the platform's list does not name it (Bluesky). */
	url: string | null;
}

export interface WorldOptions {
	/** With Bluesky's own server. */
	bluesky?: boolean;
	/** Environment of n8n. */
	n8n?: Record<string, string>;
	/** Settings of the store's clocks. */
	timing?: { leaseMs?: number; marginMs?: number };
}

/** Asks again until the answer is true; jest's own limit ends it. */
export async function until(ask: () => Promise<boolean> | boolean): Promise<void> {
	while (!(await ask())) await pause(100);
}

/** Why Bluesky is left out here; null when its server is installed. */
export function noBluesky(): string | null {
	const found = pdsFolder();
	return 'folder' in found ? null : found.reason;
}

/** A store, the sandbox, perhaps Bluesky's server, a real n8n, and runners as processes. */
export class World {
	private readonly runners: RunnerProcess[] = [];
	private readonly proxies: Proxy[] = [];
	private accounts = 0;

	private constructor(
		readonly store: TestStore,
		readonly sandbox: RunningSandbox,
		readonly pds: Pds | null,
		readonly n8n: N8n,
		readonly ports: Ports,
		readonly database: Client,
		private readonly keyText: string,
		private readonly key: VaultKey,
	) {}

	static async start(options: WorldOptions = {}): Promise<World> {
		const packages = options.bluesky === true ? pdsFolder() : null;
		const [store, sandbox, pds] = await Promise.all([
			startTestStore({ limits: { rate: { requests: 100_000, windowMs: 60_000 } } }),
			startSandbox({ port: 0 }),
			packages !== null && 'folder' in packages ? Pds.start(packages.folder) : null,
		]);
		const keyText = randomBytes(32).toString('hex');
		const ports = createPorts({
			store: { url: store.url, key: store.serviceKey },
			log: { level: 'silent' },
		});
		const key = await loadVaultKey(keyText, ports.crypto);
		if (key.outcome !== 'ok') throw new Error(key.error.message);
		const database = await store.connect();
		const n8n = await N8n.prepare(
			store.folder,
			{ url: store.url, secretKey: store.serviceKey, vaultKey: keyText, companionUrl: '' },
			options.n8n,
		);
		const world = new World(store, sandbox, pds, n8n, ports, database, keyText, key.key);
		await world.call('social_vault_init', { p_vault_fingerprint: key.key.fingerprint });
		await world.call('social_settings_set', { p_key: 'media', p_value: { publicUrl: store.url } });
		if (options.timing !== undefined) {
			await world.call('social_settings_set', { p_key: 'timing', p_value: options.timing });
		}
		return world;
	}

	async stop(): Promise<void> {
		await this.n8n.remove();
		await Promise.all(this.runners.map(async (runner) => await runner.kill()));
		await Promise.all(this.proxies.map(async (proxy) => await proxy.stop()));
		await this.sandbox.stop();
		await this.pds?.stop();
		await this.store.remove();
	}

	/** A runner beside n8n: BullMQ on Postgres, probing n8n's health. */
	async runner(name: string, change: Partial<RunnerConfigInput> = {}): Promise<RunnerProcess> {
		const runner = await RunnerProcess.start(this.store.folder, {
			name,
			storeUrl: this.store.url,
			storeKey: this.store.serviceKey,
			vaultKey: this.keyText,
			databaseUrl: this.store.databaseUrl,
			n8nHealthUrl: this.n8n.healthUrl,
			n8nProbeMs: 500,
			port: 0,
			concurrency: 8,
			...change,
		});
		this.runners.push(runner);
		return runner;
	}

	get call(): MustCall {
		return mustCall(this.ports.store);
	}

	/** A fresh account on its platform, connected in the store. */
	async account(kind: Kind): Promise<Account> {
		this.accounts += 1;
		const handle = `account${this.accounts}`;
		if (kind === 'bluesky') return await this.blueskyAccount(handle);
		const platform = kind === 'x' || kind === 'instagram' ? kind : 'linkedin';
		const { url, serviceKey, databaseUrl } = this.store;
		const connected = await connectAccount(
			{
				sandbox: new SandboxClient(this.sandbox.url),
				store: new StoreClient({ url, secretKey: serviceKey, publishableKey: '', databaseUrl }),
				vaultKey: this.keyText,
			},
			{
				platform,
				handle,
				...(kind === 'linkedin page' ? { kind: 'organization' as const } : {}),
			},
		);
		const caller = kind === 'linkedin page' ? `${handle}-admin` : handle;
		return { id: connected.id, kind, platform, handle, caller, proxy: null, did: null };
	}

	async create(account: { id: string }, draft: Draft = {}): Promise<PostView> {
		return await createOne(this.ports, account, draft);
	}

	/** A post with a picture that is due at once. */
	async createWithPicture(account: Account): Promise<PostView> {
		const bytes = new Uint8Array(await makeImage(this.accounts));
		return await this.create(account, { media: [{ bytes, altText: 'A square of one colour' }] });
	}

	async post(id: string): Promise<PostView> {
		return await this.call('social_post_get', { p_post_id: id, p_owner: 'default' });
	}

	/** The posts once each of them is in one of these states. */
	async inState(posts: PostView[], ...states: PostView['state'][]): Promise<PostView[]> {
		const ids = posts.map(({ id }) => id);
		await until(async () => {
			const { rows } = await this.database.query<{ count: number }>(
				`select count(*)::int as count from musekit_social.posts
				where id = any ($1) and state = any ($2)`,
				[ids, states],
			);
			return rows[0].count === ids.length;
		});
		return await Promise.all(ids.map(async (id) => await this.post(id)));
	}

	/** What is live on the platform with the text of this post. */
	async live(account: Account, post: PostView): Promise<Live[]> {
		const { text } = post.content;
		if (account.did === null || this.pds === null) {
			return readLedger(this.sandbox.state, { platform: account.platform })
				.filter((entry) => entry.text === text)
				.map(({ id, url }) => ({ id, url }));
		}
		const entries = await this.pds.posts(account.did);
		return entries
			.filter(({ value }) => value.text === text)
			.map(({ uri }) => ({ id: uri, url: null }));
	}

	/** Who had claims on a post, each once. */
	async carriersOf(post: { id: string }): Promise<string[]> {
		const { rows } = await this.database.query<{ carrier: string }>(
			'select distinct carrier from musekit_social.attempts where post_id = $1',
			[post.id],
		);
		return rows.map(({ carrier }) => carrier);
	}

	/** When n8n wrote its last heartbeat. */
	async heartbeatAt(): Promise<Date | null> {
		const { rows } = await this.database.query<{ at: Date }>(
			`select max(last_at) as at from musekit_social.heartbeats where kind = 'n8n'`,
		);
		return rows[0].at;
	}

	/** Waits until n8n has ended its first round: from then on the runner gives it grace. */
	async firstRound(): Promise<void> {
		await until(async () => (await this.heartbeatAt()) !== null);
	}

	/** Waits until a round of n8n that began after now has ended. */
	async wholeRound(): Promise<void> {
		for (let round = 0; round < 2; round++) {
			const before = await this.heartbeatAt();
			await until(async () => {
				const last = await this.heartbeatAt();
				return last !== null && last.getTime() > (before?.getTime() ?? 0);
			});
		}
	}

	private async blueskyAccount(name: string): Promise<Account> {
		if (this.pds === null) throw new Error('This world has no Bluesky server');
		const person = await this.pds.person(name);
		const proxy = await Proxy.start(this.pds.url);
		this.proxies.push(proxy);
		const { http, clock, crypto } = this.ports;
		const answer = await http.send(sessionRequest(this.pds.url, person.handle, person.password));
		const reading = readSession(answer, clock.now());
		if (reading.outcome !== 'ok') throw new Error(reading.error.message);
		const { did, handle, secret } = reading.session;
		const id = randomUUID();
		const token = await sealToken(crypto, this.key, { accountId: id, owner: 'default' }, secret);
		await this.call('social_account_save', {
			p_id: id,
			p_owner: 'default',
			p_platform: 'bluesky',
			p_mode: 'sandbox',
			p_remote_id: did,
			p_handle: handle,
			p_display_name: handle,
			p_base_url: proxy.url,
			p_auth_url: proxy.url,
			p_scopes: [],
			p_token: token,
			p_token_key_id: this.key.keyId,
		});
		return { id, kind: 'bluesky', platform: 'bluesky', handle, caller: handle, proxy, did };
	}
}
