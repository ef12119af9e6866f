import { randomBytes, randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { Client } from 'pg';
import sharp from 'sharp';
import { loadVaultKey, type VaultKey } from '../../core/accounts/vault';
import type { Ports } from '../../core/ports';
import type { PostView } from '../../core/store/contract';
import type { RunnerConfigInput } from '../../fallback-runner/src/config';
import { createPorts } from '../../fallback-runner/src/ports';
import { seedAccount, type AccountInput } from '../../sandbox/src/accounts';
import type { FaultInput } from '../../sandbox/src/faults';
import { readLedger, type LedgerEntry } from '../../sandbox/src/ledger';
import { mergeSettings } from '../../sandbox/src/settings';
import { startSandbox, type RunningSandbox } from '../../sandbox/src/server';
import { seededConnection } from '../../scripts/seeded-connection';
import { mustCall, type MustCall } from '../store/must-call';
import { createOne, type Draft } from '../store/publishing';
import { startTestStore, type TestStore } from '../store/with-store';
import { noRedis, Redis } from './redis';
import { RunnerProcess } from './runner-process';

export type Backend = 'redis' | 'postgres';

/** Both BullMQ backends; Redis is left out, with the reason, where there is none. */
export const BACKENDS: Backend[] = noRedis === null ? ['redis', 'postgres'] : ['postgres'];

/** Shows in the report that Redis was left out. */
export function tellSkippedBackends(): void {
	if (noRedis !== null) test.skip(`on Redis (skipped: ${noRedis})`, () => undefined);
}

export interface TestAccount {
	id: string;
	platform: 'x' | 'linkedin' | 'instagram';
	handle: string;
}

/** How an account differs from a plain one. */
export interface AccountChange {
	seed?: Partial<Omit<AccountInput, 'platform' | 'handle'>>;
	settings?: Record<string, unknown>;
}

/** A loaded machine may be slow; what takes longer than this does not come at all. */
const PATIENCE_MS = 40_000;

/** Asks again until the answer is true. */
export async function until(ask: () => Promise<boolean> | boolean): Promise<void> {
	const began = Date.now();
	while (!(await ask())) {
		if (Date.now() - began > PATIENCE_MS) throw new Error(`In vain: ${ask.toString()}`);
		await pause(100);
	}
}

/** A real store, the sandbox, perhaps Redis, and runners as processes. */
export class World {
	private readonly runners: RunnerProcess[] = [];
	private accounts = 0;

	private constructor(
		readonly backend: Backend,
		readonly store: TestStore,
		readonly sandbox: RunningSandbox,
		readonly redis: Redis | null,
		readonly ports: Ports,
		readonly database: Client,
		readonly vaultKeyText: string,
		readonly key: VaultKey,
	) {}

	static async start(backend: Backend): Promise<World> {
		const [store, sandbox, redis] = await Promise.all([
			startTestStore(),
			startSandbox({ port: 0 }),
			backend === 'redis' ? Redis.start() : null,
		]);
		const ports = createPorts({
			store: { url: store.url, key: store.serviceKey },
			log: { level: 'silent' },
		});
		const keyText = randomBytes(32).toString('hex');
		const key = await loadVaultKey(keyText, ports.crypto);
		if (key.outcome !== 'ok') throw new Error(key.error.message);
		const database = await store.connect({ query_timeout: PATIENCE_MS });
		const world = new World(backend, store, sandbox, redis, ports, database, keyText, key.key);
		await world.call('social_vault_init', { p_vault_fingerprint: key.key.fingerprint });
		await world.call('social_settings_set', { p_key: 'media', p_value: { publicUrl: store.url } });
		// The tests let time pass in the store only, and so the platforms have to list at once.
		const { state } = sandbox;
		state.settings = mergeSettings(state.settings, {
			indexLagMs: { x: 0, linkedin: 0, instagram: 0 },
		});
		return world;
	}

	async stop(): Promise<void> {
		await this.killRunners();
		await this.redis?.stop();
		await this.sandbox.stop();
		await this.store.remove();
	}

	/** Ends every runner and clears faults, so that one test does not reach into the next. */
	async killRunners(): Promise<void> {
		await Promise.all(this.runners.splice(0).map(async (runner) => await runner.kill()));
		this.sandbox.faults.remove();
	}

	/** Starts a runner with short waits. */
	async runner(name: string, change: Partial<RunnerConfigInput> = {}): Promise<RunnerProcess> {
		const queue =
			this.redis === null ? { databaseUrl: this.store.databaseUrl } : { redisUrl: this.redis.url };
		const runner = await RunnerProcess.start(this.store.folder, {
			name,
			storeUrl: this.store.url,
			storeKey: this.store.serviceKey,
			vaultKey: this.vaultKeyText,
			...queue,
			port: 0,
			watchMs: 1_000,
			batchEveryMs: 2_000,
			lookEveryMs: 500,
			n8nProbeMs: 300,
			...change,
		});
		this.runners.push(runner);
		return runner;
	}

	get call(): MustCall {
		return mustCall(this.ports.store);
	}

	/** A fresh sandbox account, connected in the store. */
	async account(
		platform: TestAccount['platform'] = 'x',
		change: AccountChange = {},
	): Promise<TestAccount> {
		this.accounts += 1;
		const handle = `${platform}${this.accounts}`;
		return await this.connect({ id: randomUUID(), platform, handle }, change);
	}

	/** What connecting an account saves; done again for a known account it is a reconnect. */
	async connect(
		{ id, platform, handle }: TestAccount,
		{ seed, settings }: AccountChange = {},
	): Promise<TestAccount> {
		const made = seedAccount(this.sandbox.state, { platform, handle, issuedAgoMs: 0, ...seed });
		const row = { accountId: id, owner: 'default' };
		const vault = { crypto: this.ports.crypto, key: this.key };
		const save = await seededConnection(vault, made, row);
		const p_settings = { ...save.p_settings, ...settings };
		await this.call('social_account_save', { ...save, p_settings });
		return { id, platform, handle: made.handle };
	}

	async create(account: TestAccount, draft: Draft = {}): Promise<PostView> {
		return await createOne(this.ports, account, draft);
	}

	/** Some posts that are due now, each on an account of its own. */
	async manyPosts(count: number): Promise<PostView[]> {
		return await Promise.all(
			Array.from({ length: count }, async () => await this.create(await this.account())),
		);
	}

	async post(id: string): Promise<PostView> {
		return await this.call('social_post_get', { p_post_id: id, p_owner: 'default' });
	}

	/** Waits until all of them are published; says how each stands when that does not come. */
	async published(...posts: PostView[]): Promise<PostView[]> {
		const now = async () => await Promise.all(posts.map(async ({ id }) => await this.post(id)));
		let seen: PostView[] = [];
		try {
			await until(async () => {
				seen = await now();
				return seen.every(({ state }) => state === 'published');
			});
			return seen;
		} catch {
			const stand = seen.map(({ state, waitReason, nextAt, carrier, error }) => ({
				...{ state, waitReason, nextAt, carrier, error },
			}));
			throw new Error(`Not published: ${JSON.stringify(stand)}`);
		}
	}

	/** Entries on the platforms that carry this post's text. */
	live(post: PostView): LedgerEntry[] {
		return readLedger(this.sandbox.state, {}).filter(({ text }) => text === post.content.text);
	}

	fault(input: FaultInput): void {
		this.sandbox.faults.add(input);
	}

	/** Waits until so many requests have met a scripted fault. */
	async faultHits(count: number): Promise<void> {
		await until(() => this.sandbox.faults.list().reduce((sum, { hits }) => sum + hits, 0) >= count);
	}

	/** Makes a post look as if nothing had happened to it for so long. */
	async age(postId: string, ms: number): Promise<void> {
		await this.database.query('begin');
		// The guard would set the time of the last change to now.
		await this.database.query('alter table musekit_social.posts disable trigger guard_post');
		await this.database.query(
			'update musekit_social.posts set updated_at = updated_at - make_interval(secs => $2) where id = $1',
			[postId, ms / 1000],
		);
		await this.database.query('alter table musekit_social.posts enable trigger guard_post');
		await this.database.query('commit');
	}

	/** Ends every wait now: leases, deadlines, settle times and the times of waiting posts. */
	async endWaits(): Promise<void> {
		const now = 'clock_timestamp()';
		await this.database.query(`
			update musekit_social.intents set deadline_at = least(deadline_at, ${now}),
				settled_at = least(settled_at, ${now});
			update musekit_social.posts set next_at = least(next_at, ${now}),
				lease_until = least(lease_until, ${now});
			select musekit_social.refresh_due(id) from musekit_social.accounts;`);
	}
}

/** A small real picture, another one each time. */
export async function picture(): Promise<Uint8Array> {
	const [r, g, b] = randomBytes(3);
	const image = sharp({
		create: { width: 640, height: 640, channels: 3, background: { r, g, b } },
	});
	return new Uint8Array(await image.jpeg().toBuffer());
}
