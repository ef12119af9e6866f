import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Client } from 'pg';
import { loadVaultKey, type VaultKey } from '../../core/accounts/vault';
import { PLATFORMS } from '../../core/platforms';
import type { Ports } from '../../core/ports';
import { createPosts } from '../../core/publishing/create';
import { seededConnection } from '../../scripts/seeded-connection';
import { mustCall, type MustCall } from '../store/must-call';
import type { RunnerConfigInput } from '../../fallback-runner/src/config';
import { createPorts } from '../../fallback-runner/src/ports';
import type { SeededAccount } from '../../sandbox/src/accounts';
import type { LedgerEntry } from '../../sandbox/src/ledger';
import { removePostgres } from '../../supabase/embedded/postgres';
import { generateStoreSecrets } from '../../supabase/embedded/start-store';
import { RunnerProcess } from '../runner/runner-process';
import { freePort } from '../store/free-port';
import { Part, REPO } from './part';

/** An X account of the sandbox that is connected in the store. */
export interface BenchAccount {
	id: string;
	handle: string;
	accessToken: string;
}

/** Posts in one call of `social_create`. */
const BATCH = 100;
/** A client address may make so many requests: the benchmark is one address, people are many. */
const RATE = { requests: 1_000_000, windowMs: 10_000 };

/**
 * Store (Postgres and gateway), sandbox and runners, each in a process of its own as `npm start`
 * runs them. Nothing is switched off: the start refuses a database that would not keep a commit.
 */
export class System {
	private readonly runners: RunnerProcess[] = [];
	private readonly parts: Part[] = [];

	private constructor(
		readonly folder: string,
		readonly name: string,
		readonly databaseUrl: string,
		readonly database: Client,
		private readonly storeUrl: string,
		private readonly storeKey: string,
		readonly sandboxUrl: string,
		readonly ports: Ports,
		private readonly vaultKeyText: string,
		private readonly key: VaultKey,
	) {}

	static async start(): Promise<System> {
		const folder = mkdtempSync(path.join(tmpdir(), 'musekit-bench-'));
		// Named as the tests' stores are, so that data of a run that was cut off are removed later.
		const name = `test-${randomBytes(6).toString('hex')}`;
		const secrets = generateStoreSecrets();
		const port = await freePort();
		const [store, sandbox] = await Promise.all([
			Part.start('supabase/embedded/main.ts', path.join(folder, 'store.json'), {
				repo: REPO,
				folder,
				name,
				ports: { gateway: 0, postgres: port },
				limits: { rate: RATE },
				...secrets,
			}),
			Part.start('sandbox/src/main.ts', path.join(folder, 'sandbox.json'), {
				port: 0,
				exitWithStdin: true,
			}),
		]);
		const password = encodeURIComponent(secrets.passwords.postgres);
		const databaseUrl = `postgres://postgres:${password}@127.0.0.1:${port}/postgres`;
		const database = new Client({ connectionString: databaseUrl });
		await database.connect();
		const storeUrl = String(store.said.url);
		const ports = createPorts({
			store: { url: storeUrl, key: secrets.keys.service },
			log: { level: 'silent' },
		});
		const keyText = randomBytes(32).toString('hex');
		const key = await loadVaultKey(keyText, ports.crypto);
		if (key.outcome !== 'ok') throw new Error(key.error.message);
		const system = new System(
			folder,
			name,
			databaseUrl,
			database,
			storeUrl,
			secrets.keys.service,
			String(sandbox.said.url),
			ports,
			keyText,
			key.key,
		);
		system.parts.push(store, sandbox);
		await assertDurable(database);
		await system.call('social_vault_init', { p_vault_fingerprint: key.key.fingerprint });
		return system;
	}

	async stop(): Promise<void> {
		await Promise.all(this.runners.map(async (runner) => await runner.kill()));
		await this.database.end();
		for (const part of this.parts.reverse()) await part.stop();
		const place = { repo: REPO, folder: path.join(this.folder, 'postgres'), name: this.name };
		await removePostgres(place);
		await rm(this.folder, { recursive: true, force: true });
	}

	get call(): MustCall {
		return mustCall(this.ports.store);
	}

	/** A runner that publishes what is due; ready when this returns. */
	async runner(change: Partial<RunnerConfigInput>): Promise<RunnerProcess> {
		const runner = await RunnerProcess.start(this.folder, {
			name: `bench-${this.runners.length + 1}`,
			storeUrl: this.storeUrl,
			storeKey: this.storeKey,
			vaultKey: this.vaultKeyText,
			port: 0,
			...change,
		});
		this.runners.push(runner);
		return runner;
	}

	/** Fresh X accounts, connected as the panel does it. */
	async accounts(count: number): Promise<BenchAccount[]> {
		return await inTurns(count, 8, async () => await this.account());
	}

	/**
	 * Makes so many scheduled posts, spread evenly over the accounts, each with a text of its own.
	 * They are due in a day; `dueAt` brings them forward.
	 */
	async posts(accounts: BenchAccount[], count: number): Promise<void> {
		const scheduledAt = new Date(Date.now() + 24 * 60 * 60_000).toISOString();
		await inTurns(Math.ceil(count / BATCH), 4, async (batch) => {
			const size = Math.min(BATCH, count - batch * BATCH);
			const outcome = await createPosts(this.ports, PLATFORMS, {
				key: randomUUID(),
				owner: 'default',
				source: 'api',
				dedupe: false,
				entries: Array.from({ length: size }, (_, at) => ({
					accountId: accounts[(batch * BATCH + at) % accounts.length].id,
					text: `Post ${randomUUID()}`,
					scheduledAt,
				})),
			});
			const made = outcome.kind === 'ok' ? outcome.entries.filter(({ post }) => post) : [];
			if (made.length !== size) throw new Error(`Not created: ${JSON.stringify(outcome)}`);
		});
		await this.database.query('analyze');
	}

	/** Everything scheduled falls due at this instant, through the table's own guards. */
	async dueAt(at: Date): Promise<void> {
		await this.database.query('begin');
		await this.database.query(
			`update musekit_social.posts set scheduled_at = $1 where state = 'scheduled'`,
			[at],
		);
		await this.database.query(
			'select musekit_social.refresh_due(id) from musekit_social.accounts order by id',
		);
		await this.database.query('commit');
		await this.database.query('vacuum analyze');
	}

	async published(): Promise<number> {
		const { rows } = await this.database.query<{ count: number }>(
			`select count(*)::int as count from musekit_social.posts where state = 'published'`,
		);
		return rows[0].count;
	}

	/** Every entry that the platform holds, in order of creation. */
	async ledger(): Promise<LedgerEntry[]> {
		const answer = await fetch(`${this.sandboxUrl}/_ledger`);
		return ((await answer.json()) as { entries: LedgerEntry[] }).entries;
	}

	async sandboxSettings(patch: Record<string, unknown>): Promise<void> {
		await this.admin('/_settings', patch);
	}

	private async account(): Promise<BenchAccount> {
		const handle = `bench${randomBytes(6).toString('hex')}`;
		const made = (await this.admin('/_accounts', { platform: 'x', handle })) as SeededAccount;
		const id = randomUUID();
		const row = { accountId: id, owner: 'default' };
		const vault = { crypto: this.ports.crypto, key: this.key };
		await this.call('social_account_save', await seededConnection(vault, made, row));
		return { id, handle, accessToken: made.accessToken };
	}

	private async admin(route: string, body: unknown): Promise<unknown> {
		const answer = await fetch(`${this.sandboxUrl}${route}`, {
			method: 'POST',
			headers: { 'content-type': 'application/json' },
			body: JSON.stringify(body),
		});
		if (!answer.ok) throw new Error(`The sandbox answered ${answer.status} on ${route}`);
		return await answer.json();
	}
}

/** Refuses to measure on a database that could lose what it committed. */
export async function assertDurable(database: Client): Promise<void> {
	const { rows } = await database.query<{ name: string; setting: string }>(
		`select name, setting from pg_settings
		where name in ('fsync', 'synchronous_commit', 'full_page_writes') order by name`,
	);
	const off = rows.filter(({ setting }) => setting !== 'on');
	if (rows.length !== 3 || off.length > 0) {
		throw new Error(`Not durable: ${JSON.stringify(off)}. A benchmark on it would not count.`);
	}
}

/** Runs `work(0)` … `work(count - 1)`, so many at a time; answers in their order. */
export async function inTurns<T>(
	count: number,
	width: number,
	work: (index: number) => Promise<T>,
): Promise<T[]> {
	const results: T[] = [];
	let next = 0;
	const lane = async (): Promise<void> => {
		while (next < count) {
			const index = next++;
			results[index] = await work(index);
		}
	};
	await Promise.all(Array.from({ length: Math.min(width, count) }, lane));
	return results;
}
