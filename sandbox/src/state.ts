import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Journal } from './journal';
import type {
	Account,
	Client,
	Code,
	Container,
	Entry,
	LinkedInAsset,
	Platform,
	RequestRecord,
	Token,
	XMedia,
} from './records';
import { PLATFORMS } from './records';
import { defaultSettings } from './settings';
import type { Settings } from './settings';

const REQUESTS_KEPT = 200_000;

/** A map whose every change goes to the journal. */
export class Table<T> {
	private readonly rows = new Map<string, T>();

	constructor(
		readonly name: string,
		private readonly changed: (table: string, key: string, record: T | null) => void,
	) {}

	get(key: string): T | undefined {
		return this.rows.get(key);
	}
	put(key: string, record: T): T {
		this.rows.set(key, record);
		this.changed(this.name, key, record);
		return record;
	}
	delete(key: string): void {
		if (this.rows.delete(key)) this.changed(this.name, key, null);
	}
	/** Takes over a row read from the journal. */
	load(key: string, record: T | null): void {
		if (record === null) this.rows.delete(key);
		else this.rows.set(key, record);
	}
	values(): T[] {
		return [...this.rows.values()];
	}
	entries(): [string, T][] {
		return [...this.rows.entries()];
	}
	clear(): void {
		for (const key of [...this.rows.keys()]) this.delete(key);
	}
}

/** The whole memory of one sandbox. With a data file it survives restarts and kills. */
export class SandboxState {
	settings: Settings = defaultSettings();
	/** Origin under which the sandbox is reached, without trailing slash. */
	publicUrl = 'http://127.0.0.1';
	/** Reads the machine's clock, Unix ms; simulations let it run faster. */
	clock: () => number = Date.now;
	/** Hosts that Instagram may fetch pictures from; everything else is refused. */
	fetchHosts = new Set(['127.0.0.1', 'localhost', '[::1]']);

	readonly accounts = this.table<Account>('accounts');
	readonly clients = this.table<Client>('clients');
	readonly tokens = this.table<Token>('tokens');
	readonly codes = this.table<Code>('codes');
	readonly entries = this.table<Entry>('entries');
	readonly xMedia = this.table<XMedia>('xMedia');
	readonly assets = this.table<LinkedInAsset>('assets');
	readonly containers = this.table<Container>('containers');

	readonly requests: RequestRecord[] = [];
	/** Upload chunks on their way; lost in a restart like an upload session that broke. */
	readonly chunks = new Map<string, Map<number, Buffer>>();
	/** Rate-limit counters by name. */
	readonly counters = new Map<string, { startedAt: number; count: number }>();

	private readonly blobs = new Map<string, Buffer>();
	private readonly timelines = new Map<string, Entry[]>();
	private readonly latestByDuplicateKey = new Map<string, Entry>();
	private readonly journal: Journal | null;

	constructor(private readonly dataFile?: string) {
		this.journal = dataFile === undefined ? null : new Journal(dataFile);
		if (this.journal === null) {
			this.seedClients();
			return;
		}
		mkdirSync(this.blobFolder(), { recursive: true, mode: 0o700 });
		const tables = new Map<string, Table<unknown>>(
			this.tables().map((table) => [table.name, table]),
		);
		for (const [table, key, record] of this.journal.read()) tables.get(table)?.load(key, record);
		const changes = this.tables().flatMap((table) =>
			table.entries().map(([key, record]): [string, string, unknown] => [table.name, key, record]),
		);
		this.journal.start(changes);
		for (const entry of this.entries.values()) this.index(entry);
		this.seedClients();
	}

	/** Unix ms of the sandbox's clock. */
	now(): number {
		return Math.floor(this.clock()) + this.settings.clockOffsetMs;
	}

	findAccount(platform: Platform, handleOrId: string): Account | undefined {
		const byId = this.accounts.get(`${platform}:${handleOrId}`);
		if (byId) return byId;
		const handle = handleOrId.replace(/^@/, '').toLowerCase();
		return this.accounts
			.values()
			.find((account) => account.platform === platform && account.handle.toLowerCase() === handle);
	}

	account(platform: Platform, id: string): Account {
		const account = this.accounts.get(`${platform}:${id}`);
		if (!account) throw new Error(`No ${platform} account ${id}`);
		return account;
	}

	saveAccount(account: Account): Account {
		return this.accounts.put(`${account.platform}:${account.id}`, account);
	}

	/** Adds or changes a post on a timeline. */
	saveEntry(entry: Entry): Entry {
		const known = this.entries.get(`${entry.platform}:${entry.id}`) !== undefined;
		this.entries.put(`${entry.platform}:${entry.id}`, entry);
		if (!known) this.index(entry);
		else this.replaceIndexed(entry);
		return entry;
	}

	/** Posts of an account, oldest first, deleted ones included. */
	timeline(platform: Platform, accountId: string): readonly Entry[] {
		return this.timelines.get(`${platform}:${accountId}`) ?? [];
	}

	/** The post that makes a new one with this key a duplicate, if the platform's rule says so. */
	findDuplicate(platform: 'x' | 'linkedin', accountId: string, key: string): Entry | undefined {
		const rule = this.settings.duplicates[platform];
		const entry = this.latestByDuplicateKey.get(`${platform}:${accountId}:${key}`);
		if (!rule.enabled || !entry) return undefined;
		if (this.now() - entry.createdAt > rule.windowMs) return undefined;
		if (entry.deletedAt !== null && this.now() - entry.deletedAt > rule.ghostMs) return undefined;
		return entry;
	}

	/** Keeps bytes under their hash and returns it. */
	saveBlob(bytes: Buffer): string {
		const sha256 = createHash('sha256').update(bytes).digest('hex');
		if (this.blobs.has(sha256)) return sha256;
		this.blobs.set(sha256, bytes);
		if (this.dataFile !== undefined) {
			writeFileSync(join(this.blobFolder(), sha256), bytes, { mode: 0o600 });
		}
		return sha256;
	}

	blob(sha256: string): Buffer | undefined {
		const kept = this.blobs.get(sha256);
		if (kept || this.dataFile === undefined || !/^[0-9a-f]{64}$/.test(sha256)) return kept;
		const file = join(this.blobFolder(), sha256);
		if (!existsSync(file)) return undefined;
		const bytes = readFileSync(file);
		this.blobs.set(sha256, bytes);
		return bytes;
	}

	record(request: RequestRecord): void {
		this.requests.push(request);
		if (this.requests.length > REQUESTS_KEPT) this.requests.splice(0, REQUESTS_KEPT / 2);
	}

	/** Forgets posts, media and requests and restores the settings; `everything`: accounts too. */
	reset(everything: boolean): void {
		this.settings = defaultSettings();
		this.requests.length = 0;
		this.chunks.clear();
		this.counters.clear();
		this.timelines.clear();
		this.latestByDuplicateKey.clear();
		this.blobs.clear();
		for (const table of [this.entries, this.xMedia, this.assets, this.containers, this.codes]) {
			table.clear();
		}
		if (everything) {
			for (const table of [this.accounts, this.clients, this.tokens]) table.clear();
			this.seedClients();
		}
		if (this.dataFile !== undefined) {
			rmSync(this.blobFolder(), { recursive: true, force: true });
			mkdirSync(this.blobFolder(), { recursive: true, mode: 0o700 });
		}
	}

	close(): void {
		this.journal?.close();
	}

	private table<T>(name: string): Table<T> {
		return new Table<T>(name, (table, key, record) => this.journal?.append([table, key, record]));
	}

	private tables(): Table<unknown>[] {
		return [
			this.accounts,
			this.clients,
			this.tokens,
			this.codes,
			this.entries,
			this.xMedia,
			this.assets,
			this.containers,
		] as Table<unknown>[];
	}

	private blobFolder(): string {
		return `${this.dataFile}.media`;
	}

	private index(entry: Entry): void {
		const key = `${entry.platform}:${entry.accountId}`;
		const timeline = this.timelines.get(key);
		if (timeline) timeline.push(entry);
		else this.timelines.set(key, [entry]);
		if (entry.duplicateKey !== null) {
			this.latestByDuplicateKey.set(`${key}:${entry.duplicateKey}`, entry);
		}
	}

	private replaceIndexed(entry: Entry): void {
		const key = `${entry.platform}:${entry.accountId}`;
		const timeline = this.timelines.get(key) ?? [];
		const at = timeline.findIndex((other) => other.id === entry.id);
		if (at >= 0) timeline[at] = entry;
		const duplicate = `${key}:${entry.duplicateKey}`;
		if (this.latestByDuplicateKey.get(duplicate)?.id === entry.id) {
			this.latestByDuplicateKey.set(duplicate, entry);
		}
	}

	private seedClients(): void {
		for (const platform of PLATFORMS) {
			const id = defaultClientId(platform);
			if (this.clients.get(`${platform}:${id}`)) continue;
			this.clients.put(`${platform}:${id}`, {
				platform,
				id,
				secret: `${id}-secret`,
				redirectUris: ['loopback'],
			});
		}
	}
}

/** The developer app that every sandbox knows. */
export function defaultClientId(platform: Platform): string {
	return `sandbox-${platform}-app`;
}
