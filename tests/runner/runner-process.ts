import { type ChildProcess, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { RunnerConfigInput } from '../../fallback-runner/src/config';
import type { Health } from '../../fallback-runner/src/health';
import { within } from '../../fallback-runner/src/within';

const REPO = path.resolve(__dirname, '../..');

export interface LogLine {
	msg: string;
	[fact: string]: unknown;
}

/** A loaded machine may be slow; what takes longer than this hangs, and the test shall say where. */
const PATIENCE_MS = 50_000;

/** Waits for it, but not for ever: a hang names itself instead of ending as the test's time-out. */
async function unlessHung<T>(what: string, wait: Promise<T>, said: string[]): Promise<T> {
	return await within(wait, PATIENCE_MS, () => {
		const lines = said.slice(-10).join('\n');
		throw new Error(`${what} took over ${PATIENCE_MS} ms; the last lines:\n${lines}`);
	});
}

/** A runner as `npm start` runs it: a process of its own, which may be killed or frozen. */
export class RunnerProcess {
	readonly lines: LogLine[] = [];
	private readonly exited: Promise<number | null>;

	private constructor(
		readonly child: ChildProcess,
		readonly url: string,
		readonly raw: string[],
	) {
		this.exited = new Promise((resolve) => child.once('exit', (code) => resolve(code)));
	}

	static async start(folder: string, config: RunnerConfigInput): Promise<RunnerProcess> {
		const file = path.join(folder, `runner-${config.name}.json`);
		writeFileSync(file, JSON.stringify(config), { mode: 0o600 });
		const child = spawn(
			process.execPath,
			['--import', 'tsx', path.join(REPO, 'fallback-runner/src/main.ts'), file],
			{ cwd: REPO, stdio: ['pipe', 'pipe', 'inherit'], env: { PATH: process.env.PATH } },
		);
		const raw: string[] = [];
		const lines = createInterface({ input: child.stdout });
		const early: LogLine[] = [];
		let started: RunnerProcess | null = null;
		const ready = new Promise<{ url: string }>((resolve, reject) => {
			child.once('exit', () => reject(new Error(`The runner ended:\n${raw.join('\n')}`)));
			lines.on('line', (line) => {
				raw.push(line);
				const value = JSON.parse(line) as LogLine & { ready?: boolean; url?: string };
				if (value.ready === true) resolve({ url: String(value.url) });
				else (started?.lines ?? early).push(value);
			});
		});
		const { url } = await unlessHung(`The start of ${config.name}`, ready, raw).catch(
			(error: unknown) => {
				child.kill('SIGKILL');
				throw error;
			},
		);
		started = new RunnerProcess(child, url, raw);
		started.lines.push(...early);
		return started;
	}

	said(event: string): LogLine[] {
		return this.lines.filter(({ msg }) => msg === event);
	}

	async health(): Promise<Health> {
		const answer = await fetch(`${this.url}/health`, {
			signal: AbortSignal.timeout(PATIENCE_MS),
		});
		return (await answer.json()) as Health;
	}

	signal(name: NodeJS.Signals): void {
		this.child.kill(name);
	}

	/** Waits for the end; answers its code, null after a signal. */
	async end(): Promise<number | null> {
		return await unlessHung('The end of the runner', this.exited, this.raw);
	}

	async kill(): Promise<void> {
		if (this.child.exitCode !== null || this.child.signalCode !== null) return;
		this.child.kill('SIGKILL');
		await this.exited;
	}
}
