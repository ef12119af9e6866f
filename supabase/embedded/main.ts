import { fstatSync, readFileSync } from 'node:fs';
import { startStore, type RunningStore } from './start-store';
import { readStoreConfig, type StoreConfig } from './store-config';

const ORPHAN_ROUND_MS = 60 * 60 * 1000;
const PARENT_CHECK_MS = 1_000;

function say(line: Record<string, unknown>): void {
	process.stdout.write(`${JSON.stringify(line)}\n`);
}

function loadConfig(): StoreConfig {
	const file = process.argv[2];
	if (!file) throw new Error('Usage: npx tsx supabase/embedded/main.ts <config.json>');
	return readStoreConfig(JSON.parse(readFileSync(file, 'utf8')));
}

/** Calls back when the starter is gone: its end of our stdin closes, or we get a new parent. */
function whenParentGone(gone: () => void): void {
	const parent = process.ppid;
	setInterval(() => {
		if (process.ppid !== parent) gone();
	}, PARENT_CHECK_MS).unref();
	const stdin = fstatSync(0, { throwIfNoEntry: false } as never);
	if (stdin?.isFIFO() || stdin?.isSocket()) {
		process.stdin.once('end', gone).once('error', gone).resume();
		(process.stdin as unknown as { unref?: () => void }).unref?.();
	}
}

/**
 * The process that `npm start` spawns. Prints one JSON line when the store is up
 * (`{"ready":true,"url":…}`, no secrets), further ones as `{"notice":…}`, and `{"error":…}` before
 * it ends with code 1.
 */
async function main(): Promise<void> {
	const config = loadConfig();
	let store: RunningStore | null = null;
	let ending: Promise<void> | null = null;
	const end = () => {
		ending ??= (async () => {
			// During the start there is nothing to stop yet: it is stopped as soon as it is up.
			if (!store) return;
			await store.stop();
			process.exit(0);
		})();
	};
	process.on('SIGTERM', end).on('SIGINT', end).on('SIGHUP', end);
	// A reader that went away must not take the store with it.
	process.stdout.on('error', () => undefined);
	if (config.exitWithParent) whenParentGone(end);
	store = await startStore(config, { notice: (text) => say({ notice: text }) });
	if (ending) {
		await store.stop();
		process.exit(0);
	}
	say({
		ready: true,
		url: store.url,
		postgresPort: store.postgres.port,
		pid: process.pid,
		postgresPid: store.postgres.pid(),
		data: store.postgres.dataFolder,
		user: store.postgres.user?.name ?? null,
		applied: store.applied,
	});
	const running = store;
	setInterval(() => {
		running.removeOrphans().catch(() => undefined);
	}, ORPHAN_ROUND_MS).unref();
}

main().catch((error: unknown) => {
	say({ error: error instanceof Error ? error.message : 'The store could not be started.' });
	process.exit(1);
});
