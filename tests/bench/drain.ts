import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import type { RunnerProcess } from '../runner/runner-process';
import { duplicates } from './entries';
import { metric, percentile, type Metric, type Scale } from './metric';
import { System } from './system';

const FULL = { posts: 10_000, accounts: 1_000, restMs: 20_000 };
const TINY = { posts: 40, accounts: 10, restMs: 1_000 };
/** Posts in flight at the same time. More than that gains nothing on two cores (measured). */
export const CONCURRENCY = 32;
/** Between setting the due time and reaching it. */
const LEAD_MS = 10_000;
const LIMIT_MS = 15 * 60_000;
const GOAL_S = 60;
const MIB = 1024;

export interface DrainRun {
	posts: number;
	/** Platform's time of each entry minus the due time, ms. */
	latenessMs: number[];
	duplicates: number;
	lost: number;
	/** From the due time to the last entry. */
	seconds: number;
	restMib: number;
	peakMib: number;
}

let done: Promise<DrainRun> | null = null;

/** One drain serves `drain` and `memory`, which look at the same run from two sides. */
export async function drainOnce(scale: Scale): Promise<DrainRun> {
	done ??= run(scale);
	return await done;
}

async function run(scale: Scale): Promise<DrainRun> {
	const size = scale.tiny ? TINY : FULL;
	const system = await System.start();
	try {
		scale.say(`drain: making ${size.posts} posts on ${size.accounts} accounts`);
		await system.posts(await system.accounts(size.accounts), size.posts);
		const runner = await system.runner({ concurrency: CONCURRENCY });
		await pause(size.restMs);
		const restMib = residentMib(runner);
		const due = new Date(Date.now() + (scale.tiny ? 2_000 : LEAD_MS));
		await system.dueAt(due);
		scale.say('drain: all are due at the same instant');
		const peakMib = await drained(system, runner, { posts: size.posts, due });
		const entries = await system.ledger();
		const latenessMs = entries.map(({ createdAt }) => Date.parse(createdAt) - due.getTime());
		const repeated = duplicates(entries);
		return {
			posts: size.posts,
			latenessMs,
			duplicates: repeated,
			lost: size.posts - (entries.length - repeated),
			seconds: Math.max(...latenessMs) / 1_000,
			restMib,
			peakMib,
		};
	} finally {
		await system.stop();
	}
}

/** Waits until everything is published; answers the most memory that the runner held. */
async function drained(
	system: System,
	runner: RunnerProcess,
	{ posts, due }: { posts: number; due: Date },
): Promise<number> {
	let peak = 0;
	for (;;) {
		await pause(500);
		peak = Math.max(peak, residentMib(runner));
		if ((await system.published()) === posts) return peak;
		if (Date.now() - due.getTime() > LIMIT_MS) throw new Error('The drain did not come to its end');
	}
}

/** Resident memory of a process, MiB. */
function residentMib(runner: RunnerProcess): number {
	const status = readFileSync(`/proc/${runner.child.pid}/status`, 'utf8');
	const kib = /^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1];
	if (kib === undefined) throw new Error('The memory of the runner cannot be read');
	return Number(kib) / MIB;
}

/** 10,000 posts of 1,000 accounts, due at the same instant, by one runner. */
export async function drain(scale: Scale): Promise<Metric[]> {
	const { tiny } = scale;
	const run = await drainOnce(scale);
	return [
		metric('drain: time to drain all', run.seconds, 's', {
			goal: { of: 'value', is: '<=', bound: GOAL_S },
			tiny,
		}),
		metric('drain: published', run.posts / run.seconds, 'posts/s'),
		metric('drain: lateness p50', percentile(run.latenessMs, 0.5), 'ms'),
		metric('drain: lateness p99', percentile(run.latenessMs, 0.99), 'ms'),
		metric('drain: duplicates', run.duplicates, 'posts', {
			goal: { of: 'value', is: '<=', bound: 0 },
		}),
		metric('drain: lost', run.lost, 'posts', { goal: { of: 'value', is: '<=', bound: 0 } }),
	];
}

/** Resident memory of the runner's process. */
export async function memory(scale: Scale): Promise<Metric[]> {
	const run = await drainOnce(scale);
	return [
		metric('memory: runner at rest', run.restMib, 'MiB'),
		metric('memory: runner under the drain, peak', run.peakMib, 'MiB', { reference: run.restMib }),
	];
}
