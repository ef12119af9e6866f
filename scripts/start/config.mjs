import { randomBytes } from 'node:crypto';
import {
	chmodSync,
	closeSync,
	existsSync,
	fsyncSync,
	mkdirSync,
	openSync,
	readdirSync,
	readFileSync,
	renameSync,
	writeSync,
} from 'node:fs';
import path from 'node:path';
import { instanceFolder, root, SetupError } from '../setup/places.mjs';

export const configFile = path.join(instanceFolder, 'config.json');

const secret = (bytes) => randomBytes(bytes).toString('base64url');

/** Keys and passwords of a new instance; none of them is ever chosen by a person. */
function generate() {
	return {
		/** `sb_secret_…`: service_role at the gateway. */
		secretKey: `sb_secret_${secret(32)}`,
		/** `sb_publishable_…`: anon at the gateway. */
		publishableKey: `sb_publishable_${secret(32)}`,
		/** HS256 secret of user tokens. */
		jwtSecret: secret(48),
		/** 32 bytes that seal the tokens of the accounts. Losing it loses them. */
		vaultKey: randomBytes(32).toString('hex'),
		/** Passwords of the database's superuser and of the role that the gateway uses. */
		postgresPassword: secret(32),
		gatewayPassword: secret(32),
		runner: {
			/** Bearer of the runner's /tick and /wake; password of its queue board. */
			tickSecret: secret(24),
			boardSecret: secret(24),
			/** Of the role that owns the queue's database and nothing else. */
			queuePassword: secret(24),
		},
		n8n: {
			databasePassword: secret(24),
			encryptionKey: secret(32),
			ownerEmail: 'owner@musekit.local',
			// n8n asks for a digit and a capital letter.
			ownerPassword: `${secret(15)}A7`,
		},
	};
}

/** Writes the whole file or nothing, readable by its owner only. */
function save(target, value) {
	mkdirSync(instanceFolder, { recursive: true, mode: 0o700 });
	const draft = `${target}.${process.pid}`;
	const file = openSync(draft, 'w', 0o600);
	writeSync(file, `${JSON.stringify(value, null, '\t')}\n`);
	fsyncSync(file);
	closeSync(file);
	renameSync(draft, target);
}

function fill(config, defaults) {
	let changed = false;
	for (const [key, value] of Object.entries(defaults)) {
		if (config[key] === undefined) {
			config[key] = value;
			changed = true;
		} else if (typeof value === 'object') {
			changed = fill(config[key], value) || changed;
		}
	}
	return changed;
}

/** True before this clone's first start: later, a missing `config.json` is a lost one. */
export function isFirstStart() {
	return (
		!existsSync(instanceFolder) || readdirSync(instanceFolder).every((name) => name === 'logs')
	);
}

/** Reads `.musekit/config.json`; makes it on the first start, and adds what a newer version needs. */
export function loadConfig() {
	let config = {};
	if (existsSync(configFile)) {
		try {
			config = JSON.parse(readFileSync(configFile, 'utf8'));
		} catch {
			throw new SetupError(
				`${configFile} is not readable as JSON. It holds the keys of this instance: put a good copy back, or run "npm run reset" to begin anew (this deletes the data).`,
			);
		}
		chmodSync(configFile, 0o600);
	}
	if (fill(config, generate())) save(configFile, config);
	return config;
}

/** Writes what `supabase/embedded/main.ts` reads; answers the file. */
export function writeStoreConfig(config, { ports, listen }) {
	const file = path.join(instanceFolder, 'store.json');
	save(file, {
		repo: root,
		folder: instanceFolder,
		listen,
		ports: { gateway: ports.gateway, postgres: ports.postgres },
		keys: { service: config.secretKey, anon: config.publishableKey },
		passwords: { postgres: config.postgresPassword, gateway: config.gatewayPassword },
		jwtSecret: config.jwtSecret,
		...storeMemory(),
	});
	return file;
}

/** `memoryMb` from the environment; else the store takes a quarter of the machine's. */
function storeMemory() {
	const text = process.env.MUSEKIT_STORE_MEMORY_MB;
	if (!text) return {};
	if (!/^\d{1,6}$/.test(text) || Number(text) < 16) {
		throw new SetupError(
			`MUSEKIT_STORE_MEMORY_MB=${text} is not a number of MiB (16 or more) for the store's database.`,
		);
	}
	return { memoryMb: Number(text) };
}

/** Writes what `sandbox/src/main.ts` reads; answers the file. */
export function writeSandboxConfig({ ports }) {
	const file = path.join(instanceFolder, 'sandbox.json');
	save(file, {
		port: ports.sandbox,
		host: '127.0.0.1',
		dataFile: path.join(instanceFolder, 'sandbox-data.json'),
	});
	return file;
}

/** The vault key, and behind it the old ones while `npm run vault:rotate` is not done. */
export function vaultKeysOf(config) {
	return (
		process.env.MUSEKIT_VAULT_KEY ?? [config.vaultKey, ...(config.vaultKeysOld ?? [])].join(' ')
	);
}

/** Where n8n says how it is, and where the queue is unless REDIS_URL names one. */
function placesAround(config, { ports, store, withN8n }) {
	const n8nHealthUrl =
		process.env.MUSEKIT_N8N_HEALTH_URL ||
		(withN8n ? `http://127.0.0.1:${ports.n8n}/healthz` : undefined);
	const databaseUrl = store.embedded
		? `postgres://musekit_queue:${config.runner.queuePassword}@127.0.0.1:${ports.postgres}/musekit_queue`
		: undefined;
	return { n8nHealthUrl, databaseUrl };
}

/** Writes what `fallback-runner/src/main.ts` reads; answers the file. */
export function writeRunnerConfig(config, { ports, store, withN8n }) {
	const file = path.join(instanceFolder, 'runner.json');
	const { tickSecret, boardSecret } = config.runner;
	const { n8nHealthUrl, databaseUrl } = placesAround(config, { ports, store, withN8n });
	save(file, {
		storeUrl: store.url,
		storeKey: store.key,
		vaultKey: vaultKeysOf(config),
		port: ports.runner,
		listen: '127.0.0.1',
		tickSecret,
		boardSecret,
		...(n8nHealthUrl ? { n8nHealthUrl } : {}),
		// With REDIS_URL in the environment the queue is there, and else on the embedded Postgres.
		...(databaseUrl ? { databaseUrl } : {}),
	});
	return file;
}

/** Writes what `panel/server/main.ts` reads; answers the file. */
export function writePanelConfig(config, { ports, store, listen, webFolder, sandboxUrl, withN8n }) {
	const file = path.join(instanceFolder, 'panel.json');
	const { REDIS_URL } = process.env;
	const around = placesAround(config, { ports, store, withN8n });
	const { MUSEKIT_PANEL_URL, MUSEKIT_PANEL_HOSTS } = process.env;
	const publishableKey = process.env.SUPABASE_PUBLISHABLE_KEY || process.env.SUPABASE_ANON_KEY;
	save(file, {
		storeUrl: store.url,
		storeKey: store.key,
		vaultKey: vaultKeysOf(config),
		port: ports.panel,
		listen,
		publicUrl: MUSEKIT_PANEL_URL || `http://127.0.0.1:${ports.panel}`,
		hosts: MUSEKIT_PANEL_HOSTS ?? '',
		sandboxUrl,
		runnerUrl: `http://127.0.0.1:${ports.runner}`,
		...(around.n8nHealthUrl ? { n8nHealthUrl: around.n8nHealthUrl } : {}),
		// The runner takes Redis before any database.
		...(REDIS_URL ? { redisUrl: REDIS_URL } : {}),
		...(around.databaseUrl && !REDIS_URL ? { queueDatabaseUrl: around.databaseUrl } : {}),
		webFolder,
		// The embedded store has no Supabase Auth: there the panel keeps its people itself.
		...(publishableKey && !store.embedded ? { supabasePublishableKey: publishableKey } : {}),
	});
	return file;
}

/** True when the keys that open the gateway cannot be guessed: ours, or as long as ours. */
export function hasStrongKeys(config) {
	return (
		/^sb_secret_[\w-]{40,}$/.test(config.secretKey) &&
		/^sb_publishable_[\w-]{40,}$/.test(config.publishableKey) &&
		config.jwtSecret.length >= 40
	);
}
