import { spawn } from 'node:child_process';
import {
	closeSync,
	existsSync,
	mkdirSync,
	openSync,
	readFileSync,
	renameSync,
	statSync,
} from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { instanceFolder, root, SetupError } from '../setup/places.mjs';
import { say } from '../setup/progress.mjs';
import { nodeEnvironment } from '../setup/run.mjs';

const LEASH = fileURLToPath(new URL('leash.cjs', import.meta.url));
const LOG_LIMIT = 10e6;
/** A part that keeps dying is given up after this many starts in ten minutes. */
const MAX_STARTS = 5;

const logFolder = path.join(instanceFolder, 'logs');

/** `.musekit/logs/<name>.log`, opened for appending; a large one is set aside first. */
function openLog(name) {
	mkdirSync(logFolder, { recursive: true, mode: 0o700 });
	const file = path.join(logFolder, `${name}.log`);
	if (existsSync(file) && statSync(file).size > LOG_LIMIT) renameSync(file, `${file}.1`);
	return { file, descriptor: openSync(file, 'a', 0o600) };
}

/** Last lines that a part wrote since its start. */
function lastLines(file, from, count = 12) {
	const text = readFileSync(file).subarray(from).toString('utf8').trim();
	return text.split('\n').slice(-count).join('\n    ');
}

/**
 * One process of the system: started in its own process group (so that Ctrl-C reaches only us and
 * parts stop in order), on a leash that ends it when we are gone, started again when it dies.
 */
export class Part {
	#child = null;
	#stopping = false;
	#starts = [];

	/**
	 * @param name of the part and its log
	 * @param script TypeScript entry below the repository
	 * @param env its environment besides the inherited one
	 * @param stopMs time to stop in order before it is ended by force
	 * @param onMessage gets what it says over the IPC channel, each time it runs
	 */
	constructor({ name, node, script, args = [], env, stopMs = 8000, restart = true, onMessage }) {
		Object.assign(this, { name, node, script, args, env, stopMs, restart, onMessage });
	}

	/** Starts the process and resolves when `ready()` answers true; throws when it ends before. */
	async start(ready, limitMs) {
		this.ready = ready;
		this.#launch();
		const until = Date.now() + limitMs;
		while (!(await ready())) {
			if (this.#stopping) throw new SetupError(`${this.name} was stopped`);
			if (this.#child === null) throw new SetupError(this.#obituary());
			if (Date.now() > until) {
				throw new SetupError(
					`${this.name} did not get ready in ${limitMs / 1000} s. ${this.#obituary()}`,
				);
			}
			await sleep(150);
		}
		this.wasReady = true;
	}

	#launch() {
		const { file, descriptor } = openLog(this.name.replaceAll(' ', '-'));
		this.log = file;
		this.logFrom = statSync(file).size;
		this.#starts.push(Date.now());
		const child = spawn(
			this.node,
			['--require', LEASH, '--import', 'tsx', path.join(root, this.script), ...this.args],
			{
				cwd: root,
				detached: true,
				env: nodeEnvironment(this.node, this.env),
				stdio: ['ignore', descriptor, descriptor, 'ipc'],
			},
		);
		closeSync(descriptor);
		this.#child = child;
		if (this.onMessage) child.on('message', this.onMessage);
		child.once('error', (error) => {
			this.ending = error.message;
			if (this.#child === child) this.#child = null;
		});
		child.once('exit', (code, signal) => {
			this.ending = signal ?? `exit code ${code}`;
			if (this.#child === child) this.#child = null;
			if (this.wasReady && !this.#stopping) void this.#mourn();
		});
	}

	#obituary() {
		const lines = lastLines(this.log, this.logFrom);
		const ended = this.#child === null ? ` ended (${this.ending})` : '';
		return `${this.name}${ended}. Its last lines (${this.log}):\n    ${lines || '(none)'}`;
	}

	/** Says that the part died and starts it again, unless it dies all the time. */
	async #mourn() {
		say(`!!! ${this.#obituary()}`);
		const recent = this.#starts.filter((at) => at > Date.now() - 600_000).length;
		if (!this.restart || recent >= MAX_STARTS) {
			say(`!!! ${this.name} stays down. Stop with Ctrl-C and start again when the cause is gone.`);
			return;
		}
		await sleep(1000 * recent);
		if (this.#stopping) return;
		this.#launch();
		const until = Date.now() + 120_000;
		while (this.#child !== null && Date.now() < until) {
			if (await this.ready()) {
				say(`${this.name} runs again`);
				return;
			}
			await sleep(500);
		}
	}

	/** Asks it to stop, and ends it and what it started by force after `stopMs`. */
	async stop() {
		this.#stopping = true;
		const child = this.#child;
		if (child === null) return;
		const gone = new Promise((resolve) => child.once('exit', () => resolve(true)));
		child.kill('SIGTERM');
		if (await Promise.race([gone, sleep(this.stopMs, false, { ref: false })])) return;
		say(`${this.name} did not stop in ${this.stopMs / 1000} s and is ended by force`);
		this.kill();
		await Promise.race([gone, sleep(2000, false, { ref: false })]);
	}

	/** Ends the process group at once. */
	kill() {
		this.#stopping = true;
		const child = this.#child;
		if (child === null) return;
		try {
			process.kill(-child.pid, 'SIGKILL');
		} catch {
			child.kill('SIGKILL');
		}
	}
}

/** Asks an address until it answers anything at all over HTTP; `accept` may ask for more. */
export function answering(url, accept = () => true) {
	return async () => {
		try {
			const response = await fetch(url, {
				redirect: 'manual',
				signal: AbortSignal.timeout(2000),
			});
			await response.arrayBuffer();
			return accept(response);
		} catch {
			return false;
		}
	};
}
