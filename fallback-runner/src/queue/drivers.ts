import { createPostgresBackend, createRedisBackend, runMigrations, withBackend } from 'bullmq';
import IORedis from 'ioredis';
import { Client } from 'pg';

const onRedis = withBackend(createRedisBackend);
const onPostgres = withBackend(createPostgresBackend);

export type BullQueue = InstanceType<typeof onRedis.Queue | typeof onPostgres.Queue>;
export type BullWorker = InstanceType<typeof onRedis.Worker | typeof onPostgres.Worker>;

export interface WorkerSettings {
	concurrency: number;
}

/** Runs one job; a thrown error makes it fail. */
export type Processor = (data: unknown) => Promise<void>;

/** BullMQ on one of its backends. */
export interface QueueDriver {
	readonly backend: 'redis' | 'postgres';
	/**
	 * Makes the backend usable.
	 * @throws when it cannot be reached; nothing stays open then
	 */
	open(): Promise<void>;
	queue(name: string): BullQueue;
	/** A worker that takes no job before `begin`. */
	worker(name: string, processor: Processor, settings: WorkerSettings): BullWorker;
	/** Called when the connection is lost, and when it is there again. */
	onConnection(listener: (there: boolean) => void): void;
	close(): Promise<void>;
}

/**
 * Lets a worker take jobs as soon as its connection is there. One whose first connection failed never
 * forgets that failure (bullmq 6.7.0 on Postgres): asked for a job it fails again without any I/O
 * between, and such a loop lets nothing else in the process run.
 *
 * @param ended called when it stops working by an error
 * @throws when the connection fails; the worker does not begin then
 */
export async function begin(worker: BullWorker, ended: (error: unknown) => void): Promise<void> {
	await worker.waitUntilReady();
	worker.run().catch(ended);
}

const CONNECT_LIMIT_MS = 5_000;

/**
 * Seldom questions while nothing happens: an idle worker asks twice in 90 s instead of 39 times,
 * which counts where commands are billed (Upstash; measured 2026-11). Jobs still start at once, for
 * adding one wakes the blocked worker.
 */
const QUIET = { drainDelay: 60, stalledInterval: 300_000 };

/** BullMQ on Redis. Rediss, Upstash and plain Redis alike; the eviction policy must be noeviction. */
export function redisDriver(url: string): QueueDriver {
	let asking: IORedis | null = null;
	let working: IORedis | null = null;
	const listeners: ((there: boolean) => void)[] = [];
	const connect = (options: {
		maxRetriesPerRequest: number | null;
		enableOfflineQueue: boolean;
	}) => {
		const client = new IORedis(url, {
			...options,
			lazyConnect: true,
			connectTimeout: CONNECT_LIMIT_MS,
			// A Redis that returns is noticed within two seconds.
			retryStrategy: (times) => Math.min(times * 200, 2_000),
		});
		// Without a listener an error event ends the process; what it means is told by `close`.
		client.on('error', () => undefined);
		return client;
	};
	const need = <T>(value: T | null): T => {
		if (value === null) throw new Error('The queue is not open');
		return value;
	};
	return {
		backend: 'redis',
		open: async () => {
			// Adding and counting fail at once while Redis is away; workers wait for it.
			asking = connect({ maxRetriesPerRequest: 1, enableOfflineQueue: false });
			working = connect({ maxRetriesPerRequest: null, enableOfflineQueue: true });
			try {
				await asking.connect();
				await working.connect();
			} catch (thrown) {
				asking.disconnect();
				working.disconnect();
				throw thrown;
			}
			asking.on('close', () => listeners.forEach((listener) => listener(false)));
			asking.on('ready', () => listeners.forEach((listener) => listener(true)));
		},
		queue: (name) => new onRedis.Queue(name, { connection: need(asking) }),
		worker: (name, processor, settings) =>
			new onRedis.Worker(name, async (job) => await processor(job.data), {
				connection: need(working),
				autorun: false,
				...QUIET,
				...settings,
			}),
		onConnection: (listener) => {
			listeners.push(listener);
		},
		close: async () => {
			listeners.length = 0;
			asking?.disconnect();
			working?.disconnect();
			await Promise.resolve();
		},
	};
}

/**
 * BullMQ on Postgres, in a schema of its own. Needs a session connection, because it listens for
 * notifications: a transaction pooler (port 6543 at Supabase) cannot carry them.
 */
export function postgresDriver(databaseUrl: string, schema: string): QueueDriver {
	const listeners: ((there: boolean) => void)[] = [];
	const connection = {
		connectionString: databaseUrl,
		schema,
		// Three queues and three workers share what a small database allows.
		max: 1,
		connectionTimeoutMillis: CONNECT_LIMIT_MS,
		keepAlive: true,
	};
	return {
		backend: 'postgres',
		open: async () => {
			const client = new Client({
				connectionString: databaseUrl,
				connectionTimeoutMillis: CONNECT_LIMIT_MS,
			});
			client.on('error', () => undefined);
			try {
				await client.connect();
				await runMigrations(client, schema);
			} finally {
				await client.end().catch(() => undefined);
			}
		},
		queue: (name) => new onPostgres.Queue(name, { connection }),
		worker: (name, processor, settings) => {
			const worker = new onPostgres.Worker(name, async (job) => await processor(job.data), {
				connection,
				autorun: false,
				...settings,
			});
			worker.on('error', () => listeners.forEach((listener) => listener(false)));
			return worker;
		},
		onConnection: (listener) => {
			listeners.push(listener);
		},
		close: async () => {
			listeners.length = 0;
			await Promise.resolve();
		},
	};
}
