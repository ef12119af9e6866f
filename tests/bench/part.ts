import { type ChildProcess, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';

export const REPO = path.resolve(__dirname, '../..');

/** A process of the system under test: it prints `{"ready":true,…}` and ends with our stdin. */
export class Part {
	private readonly exited: Promise<void>;

	private constructor(
		readonly child: ChildProcess,
		/** What it said when it was ready. */
		readonly said: Record<string, unknown>,
	) {
		this.exited = new Promise((resolve) => child.once('exit', () => resolve()));
	}

	/** @param script path below the repository */
	static async start(script: string, file: string, config: unknown): Promise<Part> {
		writeFileSync(file, JSON.stringify(config), { mode: 0o600 });
		const child = spawn(process.execPath, ['--import', 'tsx', path.join(REPO, script), file], {
			cwd: REPO,
			stdio: ['pipe', 'pipe', 'inherit'],
			env: { PATH: process.env.PATH },
		});
		const words: string[] = [];
		const said = await new Promise<Record<string, unknown>>((resolve, reject) => {
			child.once('exit', () => reject(new Error(`${script} ended: ${words.join('\n')}`)));
			createInterface({ input: child.stdout }).on('line', (line) => {
				words.push(line);
				const value = JSON.parse(line) as Record<string, unknown>;
				if (value.ready === true) resolve(value);
			});
		});
		return new Part(child, said);
	}

	get pid(): number {
		return this.child.pid ?? 0;
	}

	/** Waits until it has ended by itself. */
	async ended(): Promise<void> {
		await this.exited;
	}

	async stop(): Promise<void> {
		if (this.child.exitCode !== null || this.child.signalCode !== null) return;
		this.child.kill('SIGTERM');
		await this.exited;
	}
}
