import { type ChildProcess, spawn } from 'node:child_process';
import type { FromWorker, ToWorker, WorkerConfig } from './worker/protocol';

export interface LaunchOptions {
	/** The bundle. */
	program: string;
	/** PEM file of an authority to be trusted besides. */
	trusted?: string;
}

/** A carrier as a process of its own, which may be killed, frozen or held at a point. */
export class Carrier {
	/** Points passed, when the worker was asked to tell them. */
	readonly passed: { point: string; limitMs?: number }[] = [];
	readonly log: string[] = [];
	ended = false;
	private isReady: () => void = () => undefined;
	private readonly ready = new Promise<void>((resolve) => {
		this.isReady = resolve;
	});
	private readonly exited: Promise<void>;
	private readonly waiting: ((point: string) => void)[] = [];

	private constructor(private readonly child: ChildProcess) {
		this.exited = new Promise((resolve) => {
			child.once('exit', () => {
				this.ended = true;
				resolve();
			});
		});
		child.on('message', (message: FromWorker) => this.hear(message));
		// A message to a process that has just been killed is of no use to anybody.
		child.on('error', () => undefined);
	}

	/** Starts a process that waits for its work; resolves when it is up. */
	static async launch({ program, trusted }: LaunchOptions): Promise<Carrier> {
		const child = spawn(process.execPath, [program], {
			stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
			env: {
				PATH: process.env.PATH,
				MUSEKIT_TEST_RUN: process.env.MUSEKIT_TEST_RUN,
				NODE_COMPILE_CACHE: `${program}.cache`,
				...(trusted === undefined ? {} : { NODE_EXTRA_CA_CERTS: trusted }),
			},
		});
		const carrier = new Carrier(child);
		await Promise.race([carrier.ready, carrier.exited]);
		return carrier;
	}

	work(config: WorkerConfig): void {
		this.send({ do: 'work', config });
	}

	/** The point at which it stands, or null when it ended before it came there. */
	async held(): Promise<string | null> {
		const point = new Promise<string>((resolve) => this.waiting.push(resolve));
		return await Promise.race([point, this.exited.then(() => null)]);
	}

	go(): void {
		this.send({ do: 'go' });
	}

	/** Lets it finish what is under way and end. */
	stop(): void {
		this.send({ do: 'stop' });
	}

	signal(name: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT'): void {
		this.child.kill(name);
	}

	async end(): Promise<void> {
		await this.exited;
	}

	async kill(): Promise<void> {
		if (this.ended) return;
		this.child.kill('SIGKILL');
		await this.exited;
	}

	private send(message: ToWorker): void {
		if (this.child.connected) this.child.send(message, () => undefined);
	}

	private hear(message: FromWorker): void {
		if (message.say === 'ready') this.isReady();
		if (message.say === 'passed') this.passed.push(message);
		if (message.say === 'held') for (const tell of this.waiting.splice(0)) tell(message.point);
		if (message.say === 'log') {
			this.log.push(`${message.event} ${JSON.stringify(message.facts ?? {})}`);
		}
	}
}
