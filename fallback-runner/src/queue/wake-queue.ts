import { JOB_KINDS, JOBS, type JobData, type JobKind } from '../jobs/catalog';
import { within } from '../within';
import { begin, type BullQueue, type BullWorker, type QueueDriver } from './drivers';

export interface WakeQueueOptions {
	/** Queues are named `<prefix>-<kind>`. */
	prefix: string;
	/** Kinds that come by themselves, and how often. */
	every: Partial<Record<JobKind, number>>;
	/** Wake-ups that may wait. */
	maxQueued: number;
	/** Runs a job; a thrown error makes it fail. */
	run(kind: JobKind, data: unknown): Promise<void>;
	onConnection(there: boolean): void;
}

export type QueueCounts = Record<'waiting' | 'active' | 'delayed' | 'failed', number>;
export type Added = 'queued' | 'full';

/** Of one question to the backend. */
const ASK_LIMIT_MS = 3_000;
/** What stays to look at in the board. */
const KEEP = {
	removeOnComplete: { count: 50, age: 3_600 },
	removeOnFail: { count: 200, age: 86_400 },
};

/** The queue gave no answer in time. */
export class QueueSilent extends Error {}

async function inTime<T>(work: Promise<T>, limitMs = ASK_LIMIT_MS): Promise<T> {
	return await within(work, limitMs, () => {
		throw new QueueSilent(`The queue gave no answer within ${limitMs} ms`);
	});
}

/**
 * The queue of wake-ups on one of BullMQ's backends. It holds nothing that counts: a job says only
 * "look", the store says what is to be done.
 */
export class WakeQueue {
	private readonly queues = new Map<JobKind, BullQueue>();
	private readonly workers: BullWorker[] = [];

	private constructor(
		private readonly driver: QueueDriver,
		private readonly options: WakeQueueOptions,
	) {}

	/**
	 * Connects, installs the schedulers and begins to work.
	 * @throws when the backend cannot be reached; nothing stays open then
	 */
	static async open(driver: QueueDriver, options: WakeQueueOptions): Promise<WakeQueue> {
		await inTime(driver.open(), OPEN_LIMIT_MS);
		const queue = new WakeQueue(driver, options);
		try {
			await queue.begin();
			return queue;
		} catch (thrown) {
			await queue.close(ASK_LIMIT_MS);
			throw thrown;
		}
	}

	get backend(): QueueDriver['backend'] {
		return this.driver.backend;
	}

	/** For the board. */
	all(): BullQueue[] {
		return [...this.queues.values()];
	}

	/**
	 * Adds a wake-up; one that waits already for the same thing is enough.
	 * @throws when the backend gives no answer
	 */
	async add<Kind extends JobKind>(kind: Kind, data: JobData<Kind>): Promise<Added> {
		const queue = this.of(kind);
		const counts = await inTime(queue.getJobCounts('waiting', 'delayed', 'prioritized'));
		const waiting = Object.values(counts).reduce((sum, count) => sum + count, 0);
		if (waiting >= this.options.maxQueued) return 'full';
		await inTime(
			queue.add(kind, data, {
				...jobOptions(kind),
				// The id of the thing: a job with it that waits or runs takes this one's place.
				deduplication: { id: 'postId' in data ? `post-${data.postId}` : kind },
			}),
		);
		return 'queued';
	}

	/**
	 * Looks whether the schedulers are there and do their work, and puts back those that are gone
	 * (a Redis that was flushed, or came back empty).
	 * @throws when the backend gives no answer
	 */
	async inspect(): Promise<'well' | 'put_back' | 'stuck'> {
		let putBack = false;
		for (const [kind, every] of this.schedules()) {
			const scheduler = await inTime(this.of(kind).getJobScheduler(kind));
			if (scheduler === undefined || scheduler === null || scheduler.next === undefined) {
				await this.install(kind, every);
				putBack = true;
			} else if (scheduler.next < Date.now() - STUCK_AFTER * every) {
				return 'stuck';
			}
		}
		return putBack ? 'put_back' : 'well';
	}

	/** @throws when the backend gives no answer */
	async counts(): Promise<Record<JobKind, QueueCounts>> {
		const entries = JOB_KINDS.map(async (kind) => {
			const found = await inTime(
				this.of(kind).getJobCounts('waiting', 'active', 'delayed', 'prioritized', 'failed'),
			);
			return [
				kind,
				{
					waiting: (found.waiting ?? 0) + (found.prioritized ?? 0),
					active: found.active ?? 0,
					delayed: found.delayed ?? 0,
					failed: found.failed ?? 0,
				},
			] as const;
		});
		return Object.fromEntries(await Promise.all(entries)) as Record<JobKind, QueueCounts>;
	}

	/** Takes no further job, waits for those that run at most `limitMs`, and lets go. */
	async close(limitMs: number): Promise<void> {
		const parts = [...this.workers, ...this.queues.values()];
		const closing = Promise.allSettled(this.workers.map(async (worker) => await worker.close()));
		await inTime(closing, limitMs).catch(async () => {
			const forced = this.workers.map(async (worker) => await worker.close(true));
			await inTime(Promise.allSettled(forced), ASK_LIMIT_MS).catch(() => undefined);
		});
		const queues = [...this.queues.values()].map(async (queue) => await queue.close());
		await inTime(Promise.allSettled(queues)).catch(() => undefined);
		await this.driver.close();
		for (const part of parts) part.removeAllListeners('ready');
	}

	private async begin(): Promise<void> {
		for (const kind of JOB_KINDS) {
			const queue = this.driver.queue(this.nameOf(kind));
			queue.on('error', () => undefined);
			this.queues.set(kind, queue);
		}
		for (const [kind, every] of this.schedules()) await this.install(kind, every);
		for (const kind of JOB_KINDS) {
			const worker = this.driver.worker(
				this.nameOf(kind),
				async (data) => await this.options.run(kind, data),
				{ concurrency: JOBS[kind].concurrency },
			);
			worker.on('error', () => undefined);
			this.workers.push(worker);
		}
		const lost = () => this.options.onConnection(false);
		await inTime(Promise.all(this.workers.map(async (worker) => await begin(worker, lost))));
		this.driver.onConnection(this.options.onConnection);
	}

	private schedules(): [JobKind, number][] {
		return Object.entries(this.options.every) as [JobKind, number][];
	}

	private async install(kind: JobKind, every: number): Promise<void> {
		const template = { name: kind, data: {}, opts: jobOptions(kind) };
		await inTime(this.of(kind).upsertJobScheduler(kind, { every }, template));
	}

	private nameOf(kind: JobKind): string {
		return `${this.options.prefix}-${kind}`;
	}

	private of(kind: JobKind): BullQueue {
		const queue = this.queues.get(kind);
		if (queue === undefined) throw new QueueSilent('The queue is not open');
		return queue;
	}
}

/** Migrations of BullMQ's schema come first. */
const OPEN_LIMIT_MS = 20_000;
/** A scheduler whose next run is this many periods late has no worker. */
const STUCK_AFTER = 2;

function jobOptions(kind: JobKind) {
	const { attempts, backoffMs } = JOBS[kind];
	return {
		attempts,
		...(backoffMs > 0 ? { backoff: { type: 'exponential' as const, delay: backoffMs } } : {}),
		...KEEP,
	};
}
