import { type ChildProcess, spawn } from 'node:child_process';
import type { FromWorker, Point, ToWorker, WorkerConfig } from './protocol';

export type Done = Extract<FromWorker, { say: 'done' }>;

/** A carrier as a process of its own that refreshes on demand and may be killed on the way. */
export class RacingProcess {
	private readonly heard: FromWorker[] = [];
	private readonly waiting: (() => void)[] = [];
	private gone = false;

	private constructor(private readonly child: ChildProcess) {
		child.on('message', (message: FromWorker) => {
			this.heard.push(message);
			this.wake();
		});
		child.once('exit', () => {
			this.gone = true;
			this.wake();
		});
		// A message to a process that has just been killed is of no use to anybody.
		child.on('error', () => undefined);
	}

	static async start(program: string, config: WorkerConfig): Promise<RacingProcess> {
		const child = spawn(process.execPath, [program], {
			stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
			env: {
				PATH: process.env.PATH,
				MUSEKIT_TEST_RUN: process.env.MUSEKIT_TEST_RUN,
				NODE_COMPILE_CACHE: `${program}.cache`,
			},
		});
		const racing = new RacingProcess(child);
		racing.tell({ do: 'start', config });
		await racing.hear('ready');
		return racing;
	}

	get pid(): number | undefined {
		return this.child.pid;
	}

	async open(accountId: string): Promise<void> {
		this.tell({ do: 'open', accountId });
		await this.hear('opened');
	}

	async refresh(): Promise<Done> {
		this.tell({ do: 'refresh', stopAt: null });
		return await this.hear('done');
	}

	/** Refreshes and is killed at a point. False when it never came there. */
	async refreshAndDie(point: Point): Promise<boolean> {
		this.tell({ do: 'refresh', stopAt: point });
		const first = await this.hearAny(['at', 'done']);
		await this.kill();
		return first.say === 'at';
	}

	async kill(): Promise<void> {
		if (this.gone) return;
		const ended = new Promise<void>((resolve) => this.child.once('exit', () => resolve()));
		this.child.kill('SIGKILL');
		await ended;
	}

	private tell(message: ToWorker): void {
		if (this.child.connected) this.child.send(message, () => undefined);
	}

	private async hear<Say extends FromWorker['say']>(
		wanted: Say,
	): Promise<Extract<FromWorker, { say: Say }>> {
		return (await this.hearAny([wanted])) as Extract<FromWorker, { say: Say }>;
	}

	private async hearAny(wanted: FromWorker['say'][]): Promise<FromWorker> {
		for (;;) {
			const at = this.heard.findIndex(({ say }) => wanted.includes(say));
			if (at >= 0) return this.heard.splice(at, 1)[0];
			if (this.gone) throw new Error(`A process ended before it said ${wanted.join(' or ')}`);
			await new Promise<void>((resolve) => this.waiting.push(resolve));
		}
	}

	private wake(): void {
		for (const resolve of this.waiting.splice(0)) resolve();
	}
}
