/**
 * Process that owns the system under test: store, sandbox, n8n's database, n8n. Prints one JSON line
 * with the name of the access file when all of it runs, and ends everything when its stdin closes or
 * it gets SIGTERM.
 */
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { startSandbox } from '../../../sandbox/src/server';
import {
	importCredentials,
	importWorkflows,
	type N8nOptions,
	placePack,
	startN8n,
	templatesIn,
} from '../../../scripts/n8n/instance';
import { removeRootState, startPostgres } from '../../../supabase/embedded/postgres';
import { generateStoreSecrets, startStore } from '../../../supabase/embedded/start-store';
import { freePort } from '../../store/free-port';
import type { SystemAccess } from './access';

const repo = path.resolve(__dirname, '../../..');
const CREDENTIAL_ID = 'musekit-social-api';

/** What has been started, undone in reverse order. */
const undo: (() => Promise<unknown>)[] = [];
let stopping: Promise<void> | null = null;

function stop(code: number): Promise<void> {
	stopping ??= (async () => {
		for (const step of undo.reverse()) {
			await step().catch((error: unknown) => process.stderr.write(`${String(error)}\n`));
		}
		process.exit(code);
	})();
	return stopping;
}

function fromEnvironment(name: string): string {
	const value = process.env[name];
	if (!value) throw new Error(`${name} is not set: start these tests with "npm run test:e2e"`);
	return value;
}

const seconds = () => `${(process.uptime() | 0).toString().padStart(3)} s`;
const note = (text: string) => process.stderr.write(`[e2e ${seconds()}] ${text}\n`);

async function bringUpStore(folder: string, port: number) {
	const secrets = generateStoreSecrets();
	const store = await startStore({
		repo: folder,
		folder,
		ports: { gateway: 0, postgres: port },
		...secrets,
		limits: { rate: { requests: 100_000, windowMs: 60_000 } },
	});
	undo.push(() => store.stop());
	return store;
}

async function bringUpN8nDatabase(folder: string, port: number) {
	const password = randomBytes(24).toString('base64url');
	const postgres = await startPostgres({
		repo: folder,
		folder: path.join(folder, 'postgres'),
		name: 'n8n',
		port,
		password,
	});
	undo.push(() => postgres.stop());
	return { port, password };
}

async function bringUp(): Promise<string> {
	const n8nFolder = fromEnvironment('MUSEKIT_N8N');
	const packTarball = fromEnvironment('MUSEKIT_PACK');
	const folder = mkdtempSync(path.join(tmpdir(), 'musekit-e2e-'));
	undo.push(() => rm(folder, { recursive: true, force: true }));
	// Databases belong to this folder and not to the clone, which somebody may start or reset meanwhile.
	undo.push(() => removeRootState(folder));
	const [storePort, databasePort, n8nPort, brokerPort] = await Promise.all(
		Array.from({ length: 4 }, freePort),
	);

	const sandbox = await startSandbox({ port: 0 });
	undo.push(() => sandbox.stop());
	const store = await bringUpStore(folder, storePort);
	const database = await bringUpN8nDatabase(folder, databasePort);
	note('store, sandbox and the database of n8n are up');

	const vaultKey = randomBytes(32).toString('hex');
	const storeAccess = {
		url: store.url,
		secretKey: store.serviceKey,
		publishableKey: store.anonKey,
		databaseUrl: store.databaseUrl,
	};
	writeFileSync(path.join(folder, 'config.json'), JSON.stringify({ vaultKey }), { mode: 0o600 });
	await seed(folder, {
		MUSEKIT_STORE_URL: store.url,
		MUSEKIT_STORE_SECRET_KEY: store.serviceKey,
		MUSEKIT_SANDBOX_URL: sandbox.url,
	});

	const options: N8nOptions = {
		n8nFolder,
		packTarball,
		userFolder: path.join(folder, 'n8n'),
		port: n8nPort,
		brokerPort,
		database,
		encryptionKey: randomBytes(32).toString('base64url'),
		owner: { email: 'owner@musekit.local', password: `${randomBytes(12).toString('base64url')}A7` },
		logFile: path.join(folder, 'n8n.log'),
		env: { GENERIC_TIMEZONE: 'Europe/Berlin', N8N_LOG_LEVEL: 'info', N8N_LOG_FORMAT: 'json' },
	};
	await placePack(options);
	await importCredentials(options, [
		{
			id: CREDENTIAL_ID,
			name: 'MuseKit Social',
			type: 'museKitSocialApi',
			data: { url: store.url, secretKey: store.serviceKey, vaultKey, companionUrl: '' },
		},
	]);
	const templates = await templatesIn(path.join(repo, 'workflows'));
	await importWorkflows(
		options,
		templates.map(({ file }) => file),
	);
	note('pack, credential and templates are in place');
	const n8n = await startN8n(options);
	undo.push(() => n8n.stop());
	note(`n8n is ready at ${n8n.url}`);
	const idOf = (name: string) => {
		const found = templates.find(({ file }) => path.basename(file) === name);
		if (!found) throw new Error(`${name} is not among the templates`);
		return found.id;
	};
	const access: SystemAccess = {
		n8n: {
			url: n8n.url,
			...options.owner,
			userFolder: options.userFolder,
			logFile: options.logFile,
		},
		credentialId: CREDENTIAL_ID,
		templates: {
			publishDue: idOf('publish-due-posts.json'),
			publishToAll: idOf('publish-to-all-networks.json'),
		},
		store: storeAccess,
		vaultKey,
		sandboxUrl: sandbox.url,
	};
	const file = path.join(folder, 'access.json');
	writeFileSync(file, JSON.stringify(access), { mode: 0o600 });
	return file;
}

/** Vault key and demo accounts, by the script that `npm start` runs for it. */
async function seed(instance: string, env: Record<string, string>): Promise<void> {
	const script = path.join(repo, 'scripts', 'seed.ts');
	await promisify(execFile)(process.execPath, ['--import', 'tsx', script], {
		cwd: repo,
		env: { ...process.env, MUSEKIT_INSTANCE: instance, ...env },
	});
}

process.on('SIGTERM', () => void stop(0));
process.on('SIGINT', () => void stop(0));
process.stdin.once('end', () => void stop(0)).resume();

bringUp().then(
	(file) => process.stdout.write(`${JSON.stringify({ access: file })}\n`),
	async (error: unknown) => {
		process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
		await stop(1);
	},
);
