import { type ChildProcess, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { RunnerConfigInput } from '../../fallback-runner/src/config';
import type { Health } from '../../fallback-runner/src/health';

const REPO = path.resolve(__dirname, '../..');

export interface LogLine {
	msg: string;
	[fact: string]: unknown;
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
		const { url } = await ready;
		started = new RunnerProcess(child, url, raw);
		started.lines.push(...early);
		return started;
	}

	said(event: string): LogLine[] {
		return this.lines.filter(({ msg }) => msg === event);
	}

	async health(): Promise<Health> {
		const answer = await fetch(`${this.url}/health`);
		return (await answer.json()) as Health;
	}

	signal(name: NodeJS.Signals): void {
		this.child.kill(name);
	}

	/** Waits for the end; answers its code, null after a signal. */
	async end(): Promise<number | null> {
		return await this.exited;
	}

	async kill(): Promise<void> {
		if (this.child.exitCode !== null || this.child.signalCode !== null) return;
		this.child.kill('SIGKILL');
		await this.exited;
	}
}
