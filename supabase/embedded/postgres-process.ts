import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import path from 'node:path';
import { withConnection } from './connection';
import { isAlive } from './instance-lock';

/** For a clean shutdown, before we insist. */
export const STOP_LIMIT_MS = 10_000;

/** Listens on the port; null when it is taken. */
export async function tryListen(port: number, host = '127.0.0.1'): Promise<Server | null> {
	return await new Promise((resolve) => {
		const server = createServer();
		server.once('error', () => resolve(null));
		server.listen({ port, host, exclusive: true }, () => resolve(server));
	});
}

/** Nothing listens there now. */
export async function isPortFree(port: number, host = '127.0.0.1'): Promise<boolean> {
	const probe = await tryListen(port, host);
	if (probe === null) return false;
	await new Promise((resolve) => probe.close(resolve));
	return true;
}

/** Throws with the remedy when something else listens on the port. */
export async function assertPortFree(
	port: number,
	what: string,
	variable?: string,
	host = '127.0.0.1',
): Promise<void> {
	if (await isPortFree(port, host)) return;
	throw new Error(
		`Port ${port} for ${what} is taken by another program. Stop that program` +
			(variable
				? `, or choose another port with ${variable}=<port>.`
				: ', or choose another port.'),
	);
}

/** Lines of `postmaster.pid`; none while there is no such file. */
function pidFileOf(dataFolder: string): string[] {
	try {
		return readFileSync(path.join(dataFolder, 'postmaster.pid'), 'utf8').split('\n');
	} catch {
		return [];
	}
}

/**
 * True once this process, and no other, serves the folder and has its port: an answer on the port
 * alone may come from the server of somebody who was faster.
 * Source: Postgres' `pidfile.h` (line 1 the process, line 8 its state, padded).
 */
export function isServing(dataFolder: string, pid: number): boolean {
	const lines = pidFileOf(dataFolder);
	return Number(lines[0]) === pid && lines[7]?.trim() === 'ready';
}

/** Pid in `postmaster.pid` if that process lives and is a Postgres of this folder. */
export function runningPid(dataFolder: string): number | null {
	const pid = Number(pidFileOf(dataFolder)[0]);
	if (!pid || !isAlive(pid)) return null;
	try {
		// A reused pid belongs to something else: then the file is only stale.
		const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
		return command.includes(dataFolder) ? pid : null;
	} catch {
		return process.platform === 'linux' ? null : pid;
	}
}

/** Resolves to false when the process is still there after the limit. */
export async function waitGone(pid: number, limitMs: number): Promise<boolean> {
	const end = Date.now() + limitMs;
	while (isAlive(pid)) {
		if (Date.now() > end) return false;
		await new Promise((resolve) => setTimeout(resolve, 20));
	}
	return true;
}

/** Fast shutdown of the server of a data folder, by pid; immediate shutdown when that takes too long. */
export async function stopPostgres(dataFolder: string): Promise<void> {
	const pid = runningPid(dataFolder);
	if (pid === null) return;
	for (const signal of ['SIGINT', 'SIGQUIT', 'SIGKILL'] as const) {
		try {
			process.kill(pid, signal);
		} catch {
			return;
		}
		if (await waitGone(pid, STOP_LIMIT_MS)) return;
	}
}

/** Shell that waits for its stdin to close (the owner is gone) and then stops the server. */
export function guard(pid: number): ChildProcess | null {
	if (process.platform === 'win32') return null;
	const watcher = spawn('/bin/sh', ['-c', `read line; kill -INT ${pid}`], {
		stdio: ['pipe', 'ignore', 'ignore'],
		detached: true,
		env: { PATH: process.env.PATH },
		cwd: '/',
	});
	watcher.unref();
	(watcher.stdin as unknown as { unref?: () => void } | null)?.unref?.();
	watcher.on('error', () => undefined);
	watcher.stdin?.on('error', () => undefined);
	return watcher;
}

/** Last lines of a log, for an error message. */
export function lastWords(logFile: string): string {
	try {
		return readFileSync(logFile, 'utf8').trim().split('\n').slice(-3).join(' | ');
	} catch {
		return '';
	}
}

/**
 * True when the server takes our connection.
 * @throws Error when it refuses the password: waiting will not help.
 */
export async function answers(url: string): Promise<boolean> {
	try {
		await withConnection({ connectionString: url, connectionTimeoutMillis: 2_000 }, (client) =>
			client.query('select 1'),
		);
		return true;
	} catch (error) {
		// 28P01: it runs, but with another password, and waiting will not help.
		if ((error as { code?: string }).code === '28P01') {
			throw new Error(
				'The database of this data folder has another password than config.json. ' +
					'Put the old config.json back, or run "npm run reset" (deletes the data).',
			);
		}
		return false;
	}
}
