import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { build } from 'esbuild';
import { POINTS, type Point } from './protocol';
import { RacingProcess, type Done } from './process';
import { RaceWorld } from './world';

export interface RaceOptions {
	trials: number;
	/** Processes that refresh the same account at once. */
	processes?: number;
	signal: AbortSignal;
	say(line: string): void;
}

export interface RaceReport {
	trials: number;
	/** Refresh calls at the platform beyond the one that is needed (after a kill: beyond two). */
	extraRefreshes: number;
	/** Accounts that are neither good nor honestly marked for reconnect, or whose carriers stopped. */
	brokenAccounts: number;
	/** How the accounts ended, by what was done to them. */
	ends: Record<string, Record<'good' | 'reconnect' | 'broken', number>>;
	/** What was wrong, one sentence each. */
	failures: string[];
	seconds: number;
}

/** No kill, then one kill at each point, over and over. */
const KINDS: (Point | 'race')[] = ['race', ...POINTS];
/** The platform's answer takes so long where a process is killed while it waits for it. */
const SLOW_ANSWER_MS = 1_500;
/** After these the platform has spent the old refresh token and nobody has the new one. */
const PAIR_LOST: ReadonlySet<string> = new Set<Point>(['during_call', 'after_answer']);
/** Where the kill may come on either side of the moment that counts. */
const EITHER_WAY: ReadonlySet<string> = new Set<Point>(['during_save']);

/**
 * Many processes refresh one X account at the same instant, against single-use rotating tokens;
 * in most trials one of them has been killed on the way before. @throws only when the stage fails
 */
export async function runRefreshRace(options: RaceOptions): Promise<RaceReport> {
	const began = Date.now();
	const folder = mkdtempSync(path.join(tmpdir(), 'musekit-race-'));
	const program = path.join(folder, 'worker.cjs');
	const world = await RaceWorld.start();
	const running: RacingProcess[] = [];
	const stopAll = async () => await Promise.all(running.map(async (each) => await each.kill()));
	options.signal.addEventListener('abort', () => void stopAll(), { once: true });
	const report: RaceReport = {
		trials: 0,
		extraRefreshes: 0,
		brokenAccounts: 0,
		ends: {},
		failures: [],
		seconds: 0,
	};
	try {
		await build({
			bundle: true,
			platform: 'node',
			target: 'node24',
			format: 'cjs',
			logLevel: 'error',
			entryPoints: [path.join(__dirname, 'worker.ts')],
			outfile: program,
		});
		const start = async () => {
			const made = await RacingProcess.start(program, world.config);
			running.push(made);
			return made;
		};
		// The first fills the compile cache for the rest.
		const pool = [await start()];
		const wanted = options.processes ?? 50;
		while (pool.length < wanted) {
			const more = Math.min(8, wanted - pool.length);
			pool.push(...(await Promise.all(Array.from({ length: more }, start))));
		}
		options.say(`${pool.length} processes are up after ${seconds(began)} s`);
		for (let trial = 0; trial < options.trials && !options.signal.aborted; trial++) {
			const kind = KINDS[trial % KINDS.length];
			const victim = kind === 'race' ? null : await start();
			await runTrial(world, pool, { kind, victim, trial, report });
			if (victim !== null) running.splice(running.indexOf(victim), 1);
			if ((trial + 1) % 10 === 0) options.say(`${trial + 1} trials, ${seconds(began)} s`);
		}
	} finally {
		await stopAll();
		await world.stop();
		await rm(folder, { recursive: true, force: true });
	}
	return { ...report, seconds: Number(seconds(began)) };
}

interface Trial {
	kind: Point | 'race';
	victim: RacingProcess | null;
	trial: number;
	report: RaceReport;
}

async function runTrial(world: RaceWorld, pool: RacingProcess[], given: Trial): Promise<void> {
	const { kind, victim, trial, report } = given;
	const account = await world.account();
	await Promise.all(pool.map(async (each) => await each.open(account.id)));
	world.forgetRequests();
	if (victim !== null && kind !== 'race') {
		if (kind === 'during_call') {
			world.sandbox.faults.add({
				kind: 'latency',
				step: 'oauth.token',
				when: 'after',
				ms: SLOW_ANSWER_MS,
			});
		}
		await victim.open(account.id);
		if (!(await victim.refreshAndDie(kind))) fail(report, trial, kind, 'was not there to kill');
		world.sandbox.faults.remove();
		await world.endLease(account.id);
	}
	const ends = await Promise.all(pool.map(async (each) => await each.refresh()));
	const calls = world.refreshCalls();
	const needed = PAIR_LOST.has(kind) ? 2 : 1;
	const allowed = EITHER_WAY.has(kind) ? 2 : needed;
	if (calls > allowed) {
		report.extraRefreshes += calls - allowed;
		fail(report, trial, kind, `${calls} refresh calls instead of ${allowed}`);
	}
	const after = await world.read(account.id);
	const good =
		after.status === 'connected' &&
		(await world.storedPairWorks(after)) &&
		ends.every(({ outcome, works }) => outcome === 'ok' && works);
	const honest =
		(PAIR_LOST.has(kind) || EITHER_WAY.has(kind)) &&
		after.status === 'reconnect' &&
		/cut off/.test(after.statusReason ?? '') &&
		ends.every(({ outcome }) => outcome === 'dead');
	const end = good ? 'good' : honest ? 'reconnect' : 'broken';
	report.trials += 1;
	report.ends[kind] ??= { good: 0, reconnect: 0, broken: 0 };
	report.ends[kind][end] += 1;
	if (end === 'broken') {
		report.brokenAccounts += 1;
		fail(report, trial, kind, `the account is ${after.status}; ${countsOf(ends)}`);
	}
}

function fail(report: RaceReport, trial: number, kind: string, what: string): void {
	report.failures.push(`trial ${trial}, ${kind}: ${what}`);
}

function countsOf(ends: Done[]): string {
	const counts = new Map<string, number>();
	for (const { outcome, works, reason } of ends) {
		const name =
			outcome === 'ok' ? (works ? 'ok' : 'ok with a dead token') : `${outcome} (${reason})`;
		counts.set(name, (counts.get(name) ?? 0) + 1);
	}
	return [...counts].map(([name, count]) => `${count} × ${name}`).join(', ');
}

function seconds(began: number): string {
	return ((Date.now() - began) / 1000).toFixed(1);
}
