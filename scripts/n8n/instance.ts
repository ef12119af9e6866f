import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { hashSync } from 'bcryptjs';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Time that executions get to end when n8n is stopped; a publish needs one step's limit. */
const GRACEFUL_SECONDS = 15;

export interface N8nOptions {
	/** Folder with `node_modules/n8n` (the cache's `n8n-<hash>`). */
	n8nFolder: string;
	/** Tarball of the node pack, as `npm pack` made it. */
	packTarball: string;
	/** `N8N_USER_FOLDER`: binary data, the pack, n8n's own settings. */
	userFolder: string;
	/** Address to listen on; default 127.0.0.1. */
	listen?: string;
	port: number;
	/** A port of its own for the task broker; two n8n on one machine must differ. */
	brokerPort: number;
	/** Postgres on 127.0.0.1: n8n's own database, not the store. */
	database: { port: number; password: string };
	encryptionKey: string;
	owner: { email: string; password: string };
	/** Everything that n8n prints is appended here. */
	logFile: string;
	/** More environment, e.g. `EXECUTIONS_DATA_SAVE_ON_SUCCESS`. */
	env?: Record<string, string>;
}

export interface RunningN8n {
	/** `http://127.0.0.1:<port>` */
	url: string;
	pid: number;
	/** Resolves with a sentence when n8n ended, also by `stop()`. */
	ended: Promise<string>;
	/** In order within 20 s, then by force; resolves when all its processes are gone. */
	stop(): Promise<void>;
}

/** What `import:credentials` takes: plain data, which n8n encrypts with its own key. */
export interface ImportedCredential {
	id: string;
	name: string;
	type: string;
	data: Record<string, unknown>;
}

const program = (options: N8nOptions) =>
	path.join(options.n8nFolder, 'node_modules', 'n8n', 'bin', 'n8n');

/** Secrets of the store that n8n has no business knowing, and what a test run tells its own code. */
const WITHHELD = /^(SUPABASE_|MUSEKIT_|REDIS_URL|DATABASE_URL|npm_|N8N_|DB_|NODE_ENV$|JEST_)/;

function environment(options: N8nOptions): NodeJS.ProcessEnv {
	const inherited = Object.entries(process.env).filter(
		([name]) => !WITHHELD.test(name) || name === 'MUSEKIT_TEST_RUN',
	);
	const host = options.listen ?? '127.0.0.1';
	return {
		...Object.fromEntries(inherited),
		N8N_USER_FOLDER: options.userFolder,
		N8N_ENCRYPTION_KEY: options.encryptionKey,
		N8N_HOST: host === '0.0.0.0' || host === '::' ? 'localhost' : host,
		N8N_LISTEN_ADDRESS: host,
		N8N_PORT: String(options.port),
		N8N_RUNNERS_BROKER_PORT: String(options.brokerPort),
		N8N_SECURE_COOKIE: 'false',
		N8N_DIAGNOSTICS_ENABLED: 'false',
		N8N_VERSION_NOTIFICATIONS_ENABLED: 'false',
		N8N_TEMPLATES_ENABLED: 'false',
		N8N_PERSONALIZATION_ENABLED: 'false',
		N8N_HIRING_BANNER_ENABLED: 'false',
		N8N_LICENSE_AUTO_RENEW_ENABLED: 'false',
		// Off by default from n8n 3 on; the pack is not a verified one.
		N8N_UNVERIFIED_PACKAGES_ENABLED: 'true',
		N8N_GRACEFUL_SHUTDOWN_TIMEOUT: String(GRACEFUL_SECONDS),
		N8N_INSTANCE_OWNER_MANAGED_BY_ENV: 'true',
		N8N_INSTANCE_OWNER_EMAIL: options.owner.email,
		N8N_INSTANCE_OWNER_FIRST_NAME: 'MuseKit',
		N8N_INSTANCE_OWNER_LAST_NAME: 'Owner',
		N8N_INSTANCE_OWNER_PASSWORD_HASH: hashSync(options.owner.password, 10),
		GENERIC_TIMEZONE: Intl.DateTimeFormat().resolvedOptions().timeZone,
		DB_TYPE: 'postgresdb',
		DB_POSTGRESDB_HOST: '127.0.0.1',
		DB_POSTGRESDB_PORT: String(options.database.port),
		DB_POSTGRESDB_USER: 'postgres',
		DB_POSTGRESDB_DATABASE: 'postgres',
		DB_POSTGRESDB_PASSWORD: options.database.password,
		...options.env,
	};
}

/**
 * Puts the pack where n8n loads community packages from at its start
 * (`<user folder>/.n8n/nodes/node_modules/<name>`), unless exactly this one is there.
 */
export async function placePack(options: N8nOptions): Promise<void> {
	const modules = path.join(options.userFolder, '.n8n', 'nodes', 'node_modules');
	await mkdir(modules, { recursive: true });
	const noteFile = path.join(options.userFolder, 'pack.txt');
	const note = path.basename(options.packTarball);
	const present = await readFile(noteFile, 'utf8').catch(() => '');
	const unpacked = await mkdtemp(path.join(options.userFolder, 'unpacked-'));
	try {
		await run('tar', ['-xzf', options.packTarball, '-C', unpacked, '--strip-components=1']);
		const manifest = await readFile(path.join(unpacked, 'package.json'), 'utf8');
		const { name } = JSON.parse(manifest) as { name: string };
		const target = path.join(modules, name);
		if (present === note && existsSync(path.join(target, 'package.json'))) return;
		await rm(noteFile, { force: true });
		await rm(target, { recursive: true, force: true });
		await mkdir(path.dirname(target), { recursive: true });
		await rename(unpacked, target);
		await writeFile(noteFile, note);
	} finally {
		await rm(unpacked, { recursive: true, force: true });
	}
}

/**
 * Runs one command of n8n's command line, such as `['import:workflow', '--input=…']`; answers what it
 * printed. Works while n8n is down; it creates and migrates n8n's database when needed.
 * @throws Error with the last lines of its output
 */
export async function n8nCommand(options: N8nOptions, args: string[]): Promise<string> {
	mkdirSync(options.userFolder, { recursive: true });
	try {
		const { stdout } = await run(process.execPath, [program(options), ...args], {
			cwd: options.userFolder,
			env: environment(options),
			maxBuffer: 64e6,
			timeout: 300_000,
		});
		return stdout;
	} catch (error) {
		const { stdout, stderr } = error as { stdout?: string; stderr?: string };
		const said = `${stdout ?? ''}\n${stderr ?? ''}`.trim().split('\n').slice(-12).join('\n');
		throw new Error(`n8n ${args[0]} did not succeed:\n${said}`);
	}
}

/** Imports credentials from a file that only this user can read and that is gone afterwards. */
export async function importCredentials(
	options: N8nOptions,
	credentials: ImportedCredential[],
): Promise<void> {
	await mkdir(options.userFolder, { recursive: true });
	const folder = await mkdtemp(path.join(options.userFolder, 'import-'));
	try {
		const file = path.join(folder, 'credentials.json');
		await writeFile(file, JSON.stringify(credentials), { mode: 0o600 });
		await n8nCommand(options, ['import:credentials', `--input=${file}`]);
	} finally {
		await rm(folder, { recursive: true, force: true });
	}
}

/** Imports workflow files (each with its fixed id); they are inactive until published. */
export async function importWorkflows(options: N8nOptions, files: string[]): Promise<void> {
	for (const file of files) await n8nCommand(options, ['import:workflow', `--input=${file}`]);
}

/** Publishes an imported workflow: its triggers run from n8n's next start on. */
export async function publishWorkflow(options: N8nOptions, id: string): Promise<void> {
	await n8nCommand(options, ['publish:workflow', `--id=${id}`]);
}

/** Files in `workflows/` that are workflows, with their id. */
export async function templatesIn(folder: string): Promise<{ file: string; id: string }[]> {
	const names = (await readdir(folder).catch(() => [])).filter((name) => name.endsWith('.json'));
	const templates = [];
	for (const name of names.sort()) {
		const file = path.join(folder, name);
		const content = JSON.parse(await readFile(file, 'utf8')) as { id?: string; nodes?: unknown };
		if (content.nodes && content.id) templates.push({ file, id: content.id });
	}
	return templates;
}

async function isReady(url: string): Promise<boolean> {
	try {
		const answer = await fetch(`${url}/healthz/readiness`, { signal: AbortSignal.timeout(2000) });
		return answer.status === 200;
	} catch {
		return false;
	}
}

/** n8n answers "ready" a moment before it registered its webhooks and took over its triggers. */
async function hasEditor(url: string): Promise<boolean> {
	try {
		const answer = await fetch(`${url}/rest/settings`, { signal: AbortSignal.timeout(2000) });
		return answer.status === 200;
	} catch {
		return false;
	}
}

function endGroup(child: ChildProcess, signal: NodeJS.Signals): void {
	try {
		process.kill(-(child.pid ?? 0), signal);
	} catch {
		child.kill(signal);
	}
}

interface N8nProcess {
	pid: number;
	isGone(): boolean;
	ended: Promise<string>;
	stop(): Promise<void>;
}

/** One n8n process (`start`, `worker`) with its children in a group of their own. */
function spawnN8n(options: N8nOptions, args: string[], more: NodeJS.ProcessEnv = {}): N8nProcess {
	mkdirSync(path.dirname(options.logFile), { recursive: true });
	const log = openSync(options.logFile, 'a', 0o600);
	const child = spawn(
		process.execPath,
		['--require', path.join(__dirname, '..', 'start', 'leash.cjs'), program(options), ...args],
		{
			cwd: options.userFolder,
			env: { ...environment(options), ...more },
			// A group of its own: ending it by force takes its task runner along.
			detached: true,
			stdio: ['ignore', log, log, 'ipc'],
		},
	);
	closeSync(log);
	let gone = false;
	const ended = new Promise<string>((resolve) => {
		child.once('error', (error) => resolve(error.message));
		child.once('exit', (code, signal) => resolve(signal ?? `exit code ${code}`));
	}).then((how) => {
		gone = true;
		return how;
	});
	const stop = async () => {
		if (!gone) child.kill('SIGTERM');
		const limit = (GRACEFUL_SECONDS + 5) * 1000;
		let timer: NodeJS.Timeout | undefined;
		const late = new Promise<void>((resolve) => {
			timer = setTimeout(resolve, limit);
		});
		await Promise.race([ended, late]);
		clearTimeout(timer);
		endGroup(child, 'SIGKILL');
		await ended;
	};
	return { pid: child.pid ?? 0, isGone: () => gone, ended, stop };
}

/** Waits until `ask` says yes; ends a process that does not come up. */
async function comesUp(
	options: N8nOptions,
	started: N8nProcess,
	ask: () => Promise<boolean>,
): Promise<void> {
	const until = Date.now() + 240_000;
	while (!(await ask())) {
		if (started.isGone() || Date.now() > until) {
			await started.stop();
			const lines = readFileSync(options.logFile, 'utf8').trim().split('\n').slice(-15).join('\n');
			throw new Error(`n8n did not start (${await started.ended}). Its last lines:\n${lines}`);
		}
		await new Promise((resolve) => setTimeout(resolve, 250));
	}
}

/**
 * Starts n8n and resolves when it serves the editor and its API.
 * @throws Error with its last lines when it ends or stays silent
 */
export async function startN8n(options: N8nOptions): Promise<RunningN8n> {
	const started = spawnN8n(options, ['start']);
	const url = `http://127.0.0.1:${options.port}`;
	await comesUp(options, started, async () => (await isReady(url)) && (await hasEditor(url)));
	const { pid, ended, stop } = started;
	return { url, pid, ended, stop };
}

/**
 * Starts a worker of an n8n in queue mode (`options.env` names mode and Redis, as for the main
 * process). `port` serves its health checks, `brokerPort` its task broker.
 * @throws Error with its last lines when it ends or stays silent
 */
export async function startN8nWorker(
	options: N8nOptions,
	worker: { port: number; brokerPort: number; concurrency: number },
): Promise<RunningN8n> {
	const started = spawnN8n(options, ['worker', `--concurrency=${worker.concurrency}`], {
		QUEUE_HEALTH_CHECK_ACTIVE: 'true',
		QUEUE_HEALTH_CHECK_PORT: String(worker.port),
		N8N_RUNNERS_BROKER_PORT: String(worker.brokerPort),
	});
	const url = `http://127.0.0.1:${worker.port}`;
	await comesUp(options, started, async () => await isReady(url));
	const { pid, ended, stop } = started;
	return { url, pid, ended, stop };
}
