import type { LogPort } from '../../../core/ports';
import type { JobData, JobHandlers, JobKind } from '../jobs/catalog';
import { JOB_KINDS, runJob } from '../jobs/catalog';
import type { QueueDriver } from './drivers';
import { WakeQueue, type QueueCounts } from './wake-queue';

export interface WakeupsOptions {
	/** Null: no queue is configured, the timer does it all. */
	driver: (() => QueueDriver) | null;
	prefix: string;
	every: { 'scheduled-batch': number; maintenance: number };
	maxQueued: number;
	/** Time between two tries to get a lost queue back. */
	retryMs?: number;
	handlers: JobHandlers;
	/** After each job, wherever it came from. */
	onJob?(kind: JobKind, result: 'done' | 'failed', ms: number): void;
}

/** `queue`: BullMQ wakes. `timer`: no queue is configured. `lost`: it is, and does not answer. */
export type WakeMode = 'queue' | 'timer' | 'lost';

/** A queue that has not woken us for this many periods is looked at. */
const STARVED_AFTER = 1.5;
const RETRY_MS = 5_000;
/** Clients reconnect by themselves; after this many silent tries a new start is the better bet. */
const REOPEN_AFTER = 3;

/**
 * Everything that wakes the drain: BullMQ as long as it works, and always a plain timer behind it
 * that steps in when no wake-up came. Losing the queue is told once; it is tried again until it is
 * back, and put in order when it came back empty.
 */
export class Wakeups {
	private queue: WakeQueue | null = null;
	private mode: WakeMode = 'timer';
	private warned = false;
	/** Tries in a row that got no answer. */
	private silent = 0;
	private stopped = false;
	private readonly lastRun: Record<JobKind, number>;
	private readonly active: Record<JobKind, number>;
	private timer: NodeJS.Timeout | undefined;
	private mending: Promise<void> | null = null;
	private lastMend = -Infinity;

	constructor(
		private readonly log: LogPort,
		private readonly options: WakeupsOptions,
	) {
		const zero = () => Object.fromEntries(JOB_KINDS.map((kind) => [kind, 0]));
		this.lastRun = zero() as Record<JobKind, number>;
		this.active = zero() as Record<JobKind, number>;
	}

	get state(): { mode: WakeMode; backend: 'redis' | 'postgres' | null } {
		return { mode: this.mode, backend: this.queue?.backend ?? null };
	}

	/** Jobs that run in this process now. */
	get running(): Record<JobKind, number> {
		return { ...this.active };
	}

	/** The open queue, for the board. */
	get open(): WakeQueue | null {
		return this.queue;
	}

	/** Opens the queue if it can be had, and starts the timer in any case. */
	async start(): Promise<void> {
		if (this.options.driver !== null) await this.mend();
		const period = Math.min(1_000, this.options.every['scheduled-batch'] / 4);
		this.timer = setInterval(() => this.beat(), period);
		this.beat();
	}

	/**
	 * Asks for one post. `direct` when the queue is away and it is done in this process.
	 * `full` is back-pressure: the post stays in the store and is drained in its turn.
	 */
	async ask(data: JobData<'immediate-post'>): Promise<'queued' | 'full' | 'direct'> {
		if (this.queue !== null && this.mode === 'queue') {
			try {
				return await this.queue.add('immediate-post', data);
			} catch {
				this.lose();
			}
		}
		if (this.active['immediate-post'] >= this.options.maxQueued) return 'full';
		void this.run('immediate-post', data).catch(() => undefined);
		return 'direct';
	}

	/** Depth by kind; null while no queue answers. */
	async counts(): Promise<Record<JobKind, QueueCounts> | null> {
		if (this.queue === null || this.mode !== 'queue') return null;
		try {
			return await this.queue.counts();
		} catch {
			this.lose();
			return null;
		}
	}

	/** Stops waking; jobs that run get `limitMs`. */
	async stop(limitMs: number): Promise<void> {
		this.stopped = true;
		clearInterval(this.timer);
		await this.mending;
		await this.queue?.close(limitMs);
		this.queue = null;
	}

	private async run(kind: JobKind, data: unknown): Promise<void> {
		this.lastRun[kind] = performance.now();
		this.active[kind] += 1;
		const began = performance.now();
		let result: 'done' | 'failed' = 'failed';
		try {
			await runJob(kind, data, this.options.handlers);
			result = 'done';
		} catch (thrown) {
			const reason = thrown instanceof Error ? thrown.message : 'unknown reason';
			this.log.warn('job_failed', { kind, reason });
			throw thrown;
		} finally {
			this.active[kind] -= 1;
			this.options.onJob?.(kind, result, performance.now() - began);
		}
	}

	/** The timer: does what no job did, and looks after the queue. */
	private beat(): void {
		if (this.stopped) return;
		const now = performance.now();
		let starved = false;
		for (const kind of ['scheduled-batch', 'maintenance'] as const) {
			const patience = this.options.every[kind] * (this.mode === 'queue' ? STARVED_AFTER : 1);
			if (this.lastRun[kind] !== 0 && now - this.lastRun[kind] < patience) continue;
			if (this.active[kind] > 0) continue;
			starved ||= this.lastRun[kind] !== 0;
			void this.run(kind, {}).catch(() => undefined);
		}
		if (this.options.driver === null) return;
		const retryMs = this.options.retryMs ?? RETRY_MS;
		const tryAgain = this.mode === 'lost' && now - this.lastMend >= retryMs;
		if (starved || tryAgain) void this.mend();
	}

	/** Opens, inspects or reopens the queue; one at a time. Never throws. */
	private async mend(): Promise<void> {
		this.mending ??= this.mendNow().finally(() => {
			this.lastMend = performance.now();
			this.mending = null;
		});
		await this.mending;
	}

	private async mendNow(): Promise<void> {
		const { driver } = this.options;
		if (driver === null || this.stopped) return;
		try {
			if (this.queue === null) {
				this.queue = await WakeQueue.open(driver(), {
					prefix: this.options.prefix,
					every: this.options.every,
					maxQueued: this.options.maxQueued,
					run: async (kind, data) => await this.run(kind, data),
					onConnection: (there) => (there ? void this.mend() : this.lose()),
				});
			} else {
				const found = await this.queue.inspect();
				if (found === 'put_back') this.log.info('queue_schedulers_put_back');
				if (found === 'stuck') return await this.drop();
			}
			this.find();
		} catch {
			this.lose();
			this.silent += 1;
			if (this.silent >= REOPEN_AFTER) await this.drop();
		}
	}

	/** Lets go of a queue that does not recover by itself; the next try opens a new one. */
	private async drop(): Promise<void> {
		const dropped = this.queue;
		this.queue = null;
		this.silent = 0;
		this.lose();
		await dropped?.close(1_000);
	}

	private find(): void {
		if (this.mode !== 'queue') {
			this.log.info(this.warned ? 'queue_back' : 'queue_ready', {
				backend: this.queue?.backend,
			});
		}
		this.mode = 'queue';
		this.warned = false;
		this.silent = 0;
	}

	private lose(): void {
		this.mode = 'lost';
		if (this.warned || this.stopped) return;
		this.warned = true;
		this.log.warn('queue_lost', {
			meaning: 'a timer wakes the runner until the queue is back; due posts still go out',
		});
	}
}
