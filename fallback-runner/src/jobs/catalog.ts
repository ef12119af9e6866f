import { z } from 'zod';
import { within } from '../within';

/** Upkeep that one maintenance job does. */
export const MAINTENANCE_TASKS = [
	'store',
	'status-pages',
	'tokens',
	'risks',
	'entries',
	'purge',
	'media',
] as const;
export type MaintenanceTask = (typeof MAINTENANCE_TASKS)[number];

/**
 * Every kind of job with its schema, time limit, retries and concurrency. BullMQ may run a job twice
 * or lose it: none of them decides anything, the store does.
 */
export const JOBS = {
	/** Wakes a claim of one post, without waiting for the next round and without grace. */
	'immediate-post': {
		data: z.strictObject({ postId: z.uuid() }),
		/** Longest step (30 s) with pictures before it; the lease covers what goes on behind it. */
		timeoutMs: 120_000,
		/** The account may be busy with another post; after 5, 10 and 20 s the batch has it anyway. */
		attempts: 3,
		backoffMs: 5_000,
		/** As many as leave the batch most of the machine. */
		concurrency: 2,
	},
	/** Wakes the drain: everything that is due. */
	'scheduled-batch': {
		data: z.strictObject({}),
		/** It only wakes; the drain itself has no job's time limit. */
		timeoutMs: 10_000,
		/** The next one comes by itself. */
		attempts: 1,
		backoffMs: 0,
		/** The drain never runs twice in a process. */
		concurrency: 1,
	},
	/** Upkeep of the store. */
	maintenance: {
		data: z.strictObject({ tasks: z.array(z.enum(MAINTENANCE_TASKS)).optional() }),
		/** Portions of some hundred rows take seconds. */
		timeoutMs: 120_000,
		/** A store that restarts is back within the minute. */
		attempts: 2,
		backoffMs: 30_000,
		/** Two of them would only wait for each other's locks. */
		concurrency: 1,
	},
} as const satisfies Record<string, JobDefinition>;

interface JobDefinition {
	data: z.ZodType;
	/** Of one run. */
	timeoutMs: number;
	/** Runs in all, the first one included. */
	attempts: number;
	/** Wait before the second run; doubled each time. */
	backoffMs: number;
	/** Runs at the same time in one process. */
	concurrency: number;
}

export type JobKind = keyof typeof JOBS;
export type JobData<Kind extends JobKind> = z.output<(typeof JOBS)[Kind]['data']>;

export const JOB_KINDS = Object.keys(JOBS) as JobKind[];

/** What runs a job. A thrown error makes the job fail and, if attempts are left, come again. */
export type JobHandlers = {
	[Kind in JobKind]: (data: JobData<Kind>, signal: AbortSignal) => Promise<void>;
};

/** A job took longer than its kind allows. */
export class JobTimeout extends Error {}

/**
 * Checks a job's data and runs it within its time limit.
 * @throws z.ZodError when the data do not fit, JobTimeout, or what the handler throws
 */
export async function runJob<Kind extends JobKind>(
	kind: Kind,
	data: unknown,
	handlers: JobHandlers,
): Promise<void> {
	const { timeoutMs } = JOBS[kind];
	const checked = JOBS[kind].data.parse(data) as JobData<Kind>;
	const limit = new AbortController();
	await within(handlers[kind](checked, limit.signal), timeoutMs, () => {
		limit.abort();
		throw new JobTimeout(`${kind} took longer than ${timeoutMs} ms`);
	});
}
