import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, openSync, closeSync } from 'node:fs';
import { chown, cp, mkdir, open, readdir, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { withConnection } from './connection';
import { takeLock } from './instance-lock';
import { once } from './once';
import {
	answers,
	assertPortFree,
	guard,
	isServing,
	lastWords,
	stopPostgres,
	STOP_LIMIT_MS,
	waitGone,
} from './postgres-process';
import {
	rootStateFolder,
	runnableBinaries,
	startedByRoot,
	systemUser,
	type SystemUser,
} from './postgres-binaries';

export { hydrateEmbeddedPostgres } from './postgres-binaries';
export { assertPortFree, runningPid, stopPostgres } from './postgres-process';

const run = promisify(execFile);

/** Orphans of a killed postmaster hold the folder for a second or two; a busy disk for longer. */
const START_LIMIT_MS = 30_000;

export interface PostgresOptions {
	/** Path of the clone; names the place below `/var/lib/musekit-social` when root starts. */
	repo: string;
	/** Data go to `<folder>/<name>`, unless root starts. */
	folder: string;
	/** `store`, `n8n`, …: one database server each. */
	name: string;
	/** TCP port on 127.0.0.1. */
	port: number;
	/** Environment variable that moves the port, named when it is taken. */
	portVariable?: string;
	/** Of the superuser `postgres`. */
	password: string;
	/** `shared_buffers`, MiB. Default 128, Postgres' own. */
	memoryMb?: number;
	/** Postgres' own log. Default `<data>.log`. */
	logFile?: string;
	/** Stops the server when this process is gone, however it went. Default true. */
	dieWithOwner?: boolean;
	/** Copied instead of running initdb: what `dataFolder` of a stopped server holds. */
	template?: { folder: string; password: string };
	/** Sentences for the person at the terminal. */
	notice?: (text: string) => void;
}

export interface RunningPostgres {
	/** As superuser `postgres`, database `postgres`. Holds the password. */
	url: string;
	port: number;
	dataFolder: string;
	/** Process id of the postmaster now. */
	pid(): number;
	/** Null unless root started it. */
	user: SystemUser | null;
	/** Fast shutdown; resolves when the process is gone. */
	stop(): Promise<void>;
}

interface Place {
	data: string;
	state: string | null;
	user: SystemUser | null;
}

async function placeOf(options: Pick<PostgresOptions, 'repo' | 'folder' | 'name' | 'notice'>) {
	if (!startedByRoot()) {
		return { data: path.resolve(options.folder, options.name), state: null, user: null };
	}
	const state = rootStateFolder(options.repo);
	const user = await systemUser(options.notice ?? (() => undefined));
	return { data: path.join(state, options.name), state, user };
}

/** Where the data of an instance lie, for this user. */
export function dataFolderOf(options: Pick<PostgresOptions, 'repo' | 'folder' | 'name'>): string {
	return startedByRoot()
		? path.join(rootStateFolder(options.repo), options.name)
		: path.resolve(options.folder, options.name);
}

/** A data folder that initdb has completed. */
function isCluster(data: string): boolean {
	return existsSync(path.join(data, 'PG_VERSION'));
}

/** Nothing of ours goes to the server: no keys, no proxies, no locale. */
function serverEnvironment(): NodeJS.ProcessEnv {
	const env: NodeJS.ProcessEnv = { PATH: process.env.PATH, LC_ALL: 'C', TZ: 'UTC' };
	if (process.platform === 'win32') env.SystemRoot = process.env.SystemRoot;
	return env;
}

function identity(user: SystemUser | null): { uid?: number; gid?: number } {
	return user ? { uid: user.uid, gid: user.gid } : {};
}

/** initdb into a folder beside, renamed when complete: a start cut short leaves no half cluster. */
async function createCluster(bin: string, place: Place, options: PostgresOptions): Promise<void> {
	const unfinished = `${place.data}.new`;
	await rm(unfinished, { recursive: true, force: true });
	await mkdir(path.dirname(place.data), { recursive: true });
	if (options.template) {
		await cp(options.template.folder, unfinished, { recursive: true, preserveTimestamps: true });
		await run('chmod', ['-R', 'u=rwX,go=', unfinished]);
		if (place.user) await run('chown', ['-R', `${place.user.uid}:${place.user.gid}`, unfinished]);
		await rename(unfinished, place.data);
		return;
	}
	await mkdir(unfinished, { mode: 0o700 });
	const passwordFile = `${place.data}.${randomBytes(6).toString('hex')}.pw`;
	await writeFile(passwordFile, `${options.password}\n`, { mode: 0o600 });
	if (place.user) {
		await chown(unfinished, place.user.uid, place.user.gid);
		await chown(passwordFile, place.user.uid, place.user.gid);
	}
	try {
		await run(
			path.join(bin, 'initdb'),
			[
				`--pgdata=${unfinished}`,
				'--username=postgres',
				'--auth=scram-sha-256',
				`--pwfile=${passwordFile}`,
				'--encoding=UTF8',
				'--locale=C',
				'--locale-provider=builtin',
				'--builtin-locale=C.UTF-8',
			],
			{ env: serverEnvironment(), cwd: path.dirname(place.data), ...identity(place.user) },
		);
	} catch (error) {
		const said = (error as { stderr?: string }).stderr?.trim();
		throw new Error(`Postgres could not make its data folder ${place.data}: ${said ?? error}`);
	} finally {
		await rm(passwordFile, { force: true });
	}
	// initdb has synced the files; the rename needs its own.
	await rename(unfinished, place.data);
	const parent = await open(path.dirname(place.data), 'r');
	await parent.sync().catch(() => undefined);
	await parent.close();
}

async function changePassword(port: number, from: string, to: string): Promise<void> {
	await withConnection({ connectionString: urlOf(port, from) }, (client) =>
		client.query(`alter role postgres password ${client.escapeLiteral(to)}`),
	);
}

function urlOf(port: number, password: string): string {
	return `postgres://postgres:${encodeURIComponent(password)}@127.0.0.1:${port}/postgres`;
}

/**
 * Deletes the data of an instance, after stopping a server whose owner is gone.
 * @throws InstanceBusy while its owner runs, who would only start it again.
 */
export async function removePostgres(
	options: Pick<PostgresOptions, 'repo' | 'folder' | 'name'>,
): Promise<void> {
	const data = dataFolderOf(options);
	if (!existsSync(path.dirname(data))) return;
	await takeLock(`${data}.lock`);
	await stopPostgres(data);
	for (const suffix of ['', '.new', '.log', '.lock']) {
		await rm(`${data}${suffix}`, { recursive: true, force: true, maxRetries: 5 });
	}
}

/**
 * Moves the databases that starts by root have left for an earlier clone at this path out of the way:
 * a new clone has other passwords. Deletes nothing; servers whose owner is gone are stopped.
 * @returns the folder where they are now, null when there were none.
 * @throws InstanceBusy while their owner runs.
 */
export async function setAsideRootState(repo: string): Promise<string | null> {
	const state = rootStateFolder(repo);
	if (!startedByRoot() || !existsSync(state)) return null;
	const there = (await readdir(state)).filter((name) => isCluster(path.join(state, name)));
	if (there.length === 0) return null;
	const aside = path.join(state, `before-${new Date().toISOString().replace(/[:.]/g, '-')}`);
	for (const name of there) {
		const data = path.join(state, name);
		const unlock = await takeLock(`${data}.lock`);
		try {
			await stopPostgres(data);
			await mkdir(aside, { recursive: true });
			await rename(data, path.join(aside, name));
		} finally {
			await unlock();
		}
	}
	return aside;
}

/** Deletes everything that starts by root have left for this clone. Servers must be stopped. */
export async function removeRootState(repo: string): Promise<void> {
	if (startedByRoot())
		await rm(rootStateFolder(repo), { recursive: true, force: true, maxRetries: 5 });
}

/**
 * Starts Postgres 18 on 127.0.0.1 (no Unix socket, scram passwords, fsync on) and keeps it up: a
 * server that dies is started again until `stop()` is called.
 * @throws Error with a sentence for people: port taken, already running, no binaries.
 */
export async function startPostgres(options: PostgresOptions): Promise<RunningPostgres> {
	const place: Place = await placeOf(options);
	const notice = options.notice ?? (() => undefined);
	const bin = await runnableBinaries(place.state);
	mkdirSync(path.dirname(place.data), { recursive: true });
	const unlock = await takeLock(`${place.data}.lock`);
	const logFile = options.logFile ?? `${place.data}.log`;
	mkdirSync(path.dirname(logFile), { recursive: true });
	const url = urlOf(options.port, options.password);
	let child: ChildProcess | null = null;
	let watcher: ChildProcess | null = null;
	let stopping = false;

	/** One server process; resolves when it answers, false when it ended before. */
	const launch = async (probe: string): Promise<boolean> => {
		const log = openSync(logFile, 'a', 0o600);
		const settings = {
			listen_addresses: '127.0.0.1',
			port: String(options.port),
			unix_socket_directories: '',
			fsync: 'on',
			synchronous_commit: 'on',
			full_page_writes: 'on',
			max_connections: '120',
			shared_buffers: `${options.memoryMb ?? 128}MB`,
			timezone: 'UTC',
			log_timezone: 'UTC',
			password_encryption: 'scram-sha-256',
			// What the server itself has to say, but no errors of calls: their text holds what people
			// sent, and the caller gets it anyway.
			log_min_messages: 'log',
			log_min_error_statement: 'panic',
			log_checkpoints: 'off',
		};
		const started = spawn(
			path.join(bin, 'postgres'),
			[
				'-D',
				place.data,
				...Object.entries(settings).flatMap(([key, value]) => ['-c', `${key}=${value}`]),
			],
			{
				// Own process group: Ctrl-C reaches us, and we stop the server last.
				detached: true,
				stdio: ['ignore', log, log],
				env: serverEnvironment(),
				cwd: place.data,
				...identity(place.user),
			},
		);
		closeSync(log);
		let ended = false;
		started.once('error', () => (ended = true));
		started.once('exit', () => (ended = true));
		child = started;
		const limit = Date.now() + START_LIMIT_MS;
		while (!ended && Date.now() < limit) {
			if (isServing(place.data, started.pid ?? 0) && (await answers(probe))) return true;
			await new Promise((resolve) => setTimeout(resolve, 25));
		}
		if (!ended) await stopPostgres(place.data);
		return false;
	};

	/** Tries until it runs: after a crash the folder stays busy until the last backend has gone. */
	const launchUntil = async (probe: string, limitMs: number): Promise<void> => {
		const limit = Date.now() + limitMs;
		while (!stopping) {
			if (await launch(probe)) break;
			await assertPortFree(options.port, 'the database', options.portVariable);
			if (Date.now() > limit) {
				throw new Error(
					`Postgres did not start on 127.0.0.1:${options.port}. Its last words: ${lastWords(logFile)} (${logFile})`,
				);
			}
			await new Promise((resolve) => setTimeout(resolve, 250));
		}
		const process_ = child;
		if (stopping || !process_?.pid) return;
		if (options.dieWithOwner ?? true) watcher = guard(process_.pid);
		process_.unref();
		process_.once('exit', () => {
			watcher?.kill('SIGKILL');
			watcher = null;
			if (!stopping) void revive();
		});
		const gone = process_.exitCode !== null || process_.signalCode !== null;
		if (gone && !stopping) await launchUntil(probe, limitMs);
	};

	const revive = async (): Promise<void> => {
		notice('The database stopped unexpectedly and is being started again.');
		while (!stopping) {
			try {
				await launchUntil(url, START_LIMIT_MS);
				return;
			} catch (error) {
				notice(error instanceof Error ? error.message : String(error));
				await new Promise((resolve) => setTimeout(resolve, 1_000));
			}
		}
	};

	const stop = once(async (): Promise<void> => {
		stopping = true;
		await stopPostgres(place.data);
		// A server that has not written its pid file yet is only known as our child.
		if (child?.pid && child.exitCode === null && child.signalCode === null) {
			child.kill('SIGINT');
			if (!(await waitGone(child.pid, STOP_LIMIT_MS))) child.kill('SIGKILL');
		}
		watcher?.kill('SIGKILL');
		watcher = null;
		await unlock();
	});

	try {
		// We hold the lock, so a server on this folder is an orphan of an owner that died.
		await stopPostgres(place.data);
		await assertPortFree(options.port, 'the database', options.portVariable);
		const fresh = !isCluster(place.data);
		if (fresh) await createCluster(bin, place, options);
		const first = fresh && options.template ? options.template.password : options.password;
		await launchUntil(urlOf(options.port, first), START_LIMIT_MS);
		if (first !== options.password) await changePassword(options.port, first, options.password);
	} catch (error) {
		await stop();
		throw error;
	}
	return {
		url,
		port: options.port,
		dataFolder: place.data,
		pid: () => child?.pid ?? 0,
		user: place.user,
		stop,
	};
}
