import { availableParallelism } from 'node:os';
import { Worker, isMainThread, parentPort, workerData } from 'node:worker_threads';
import type { RunOptions } from './plan';
import { count, emptyTally, merge, type Tally } from './tally';
import { runSchedule } from './world';

/** Seeds `first`, `first + step`, … below `end`. */
export interface Share {
	first: number;
	end: number;
	step: number;
}

/** Runs a share of the schedules in this thread. */
export async function runShare(share: Share, options: RunOptions): Promise<Tally> {
	const tally = emptyTally();
	for (let seed = share.first; seed < share.end; seed += share.step) {
		count(tally, await runSchedule(seed, options));
	}
	return tally;
}

/** Runs schedules on every core. `seed` is the first one; each schedule has the next number. */
export async function simulate(
	schedules: number,
	seed: number,
	options: RunOptions,
	threads = availableParallelism(),
): Promise<Tally> {
	const whole = { first: seed, end: seed + schedules, step: 1 };
	if (threads <= 1 || schedules < 200) return await runShare(whole, options);
	const tally = emptyTally();
	const shares = Array.from({ length: threads }, async (_, number) => {
		merge(tally, await inWorker({ ...whole, first: seed + number, step: threads }, options));
	});
	await Promise.all(shares);
	return tally;
}

async function inWorker(share: Share, options: RunOptions): Promise<Tally> {
	return await new Promise((resolve, reject) => {
		const worker = new Worker(__filename, { workerData: { share, options } });
		worker.on('message', resolve);
		worker.on('error', reject);
		worker.on('exit', (code) => reject(new Error(`A worker ended with ${code}`)));
	});
}

interface WorkerTask {
	share: Share;
	options: RunOptions;
}

function isTask(data: unknown): data is WorkerTask {
	return typeof data === 'object' && data !== null && 'share' in data && 'options' in data;
}

if (!isMainThread && isTask(workerData)) {
	const { share, options } = workerData;
	void runShare(share, options).then((tally) => parentPort?.postMessage(tally));
}
