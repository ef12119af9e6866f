import { spawn } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { selfSigned, type SelfSigned } from '../../sandbox/src/tls-front';
import { Pds } from '../bluesky/pds';
import { pdsFolder } from '../bluesky/pds-folder';
import { noRedis } from '../runner/redis';
import { makeBundles, type Bundles } from './bundle';
import type { ClockSpec } from './clock';
import { judge } from './count';
import { OptionRefused, type ChaosOptions } from './options';
import { planRun, replayOf, type Fault, type PlanFilter, type TrialPlan } from './plan';
import { Tally, type ChaosReport } from './report';
import { Scouts } from './scouts';
import { Stage } from './stage';
import { runTrial, type DoneTrial, type TrialMeans } from './trial';
import { ChaosWorld } from './world';
import { runShaken, SHAKEN } from './shaken';

/** What this machine cannot do, and why. */
function missing(): { without: PlanFilter['without']; notes: string[] } {
	const pds = pdsFolder();
	const notes: string[] = [];
	if ('reason' in pds) notes.push(`without bluesky: ${pds.reason}`);
	if (noRedis !== null) notes.push(`without redis-kill and redis-flush: ${noRedis}`);
	return {
		without: {
			rows: 'reason' in pds ? ['bluesky'] : [],
			faults: noRedis === null ? [] : ['redis-kill', 'redis-flush'],
		},
		notes,
	};
}

/** Outside the fault model, or resting on a rule that the run has switched off. */
function isOutside({ row, fault }: TrialPlan, { duplicateRules }: ChaosOptions): boolean {
	return fault === 'tls-stop-n8n' || (!duplicateRules && row === 'linkedin');
}

interface Run {
	options: ChaosOptions;
	spec: ClockSpec;
	bundles: Bundles;
	certificate: SelfSigned;
	trusted: string;
	pds: Pds | null;
}

interface Part {
	world: ChaosWorld;
	done: DoneTrial[];
	unfinished: { plan: TrialPlan; reason: string }[];
}

/** A start of a process on a quiet machine; ten times that means a tenth of the speed. */
const QUIET_START_MS = 120;

/** The factor that this machine can keep up with at the moment. */
async function factorFor({ factor, adapt }: ChaosOptions): Promise<number> {
	if (!adapt) return factor;
	const began = performance.now();
	for (let nth = 0; nth < 4; nth++) {
		const child = spawn(process.execPath, ['-e', ''], { stdio: 'ignore' });
		await new Promise((resolve) => child.once('exit', resolve));
	}
	const startMs = (performance.now() - began) / 4;
	return Math.max(4, Math.min(factor, Math.round((factor * QUIET_START_MS) / startMs)));
}

/** Carriers as processes, all times scaled by one factor. */
export async function runFast(asked: ChaosOptions): Promise<ChaosReport> {
	const began = Date.now();
	// A world that cannot be had ends the run at once, not when the others are through.
	const failed = new AbortController();
	const options = {
		...asked,
		factor: await factorFor(asked),
		signal: AbortSignal.any([asked.signal, failed.signal]),
	};
	if (options.factor !== asked.factor) options.say(`a busy machine: factor ${options.factor}`);
	const { without, notes } = missing();
	const { platform, fault } = options;
	const plans = planRun(options, { platform, fault, without });
	if (plans.length === 0) {
		throw new OptionRefused(`Nothing is left to run on this machine. ${notes.join('. ')}`);
	}
	const folder = mkdtempSync(path.join(tmpdir(), 'musekit-chaos-run-'));
	const lag = monitorEventLoopDelay({ resolution: 5 });
	lag.enable();
	const certificate = selfSigned();
	const trusted = path.join(folder, 'trusted.pem');
	writeFileSync(trusted, certificate.cert);
	const place = pdsFolder();
	const needsPds = plans.some(({ row }) => row === 'bluesky');
	const bundles = await makeBundles();
	const pds = needsPds && 'folder' in place ? await Pds.start(place.folder) : null;
	const run: Run = {
		...{ options, bundles, certificate, trusted, pds },
		spec: { epochMs: Date.now(), factor: options.factor },
	};
	const tally = new Tally();
	const parts: Part[] = [];
	try {
		const isShaken = ({ fault: name }: TrialPlan): boolean => SHAKEN.has(name);
		const calm = plans.filter((plan) => !isShaken(plan));
		const shaken = plans.filter(isShaken);
		const worlds = [
			...(calm.length > 0 ? [inWorld(run, 'c', calm, runCalm)] : []),
			...(shaken.length > 0 ? [inWorld(run, 's', shaken, runShaken)] : []),
		];
		for (const world of worlds) world.catch(() => failed.abort());
		const settled = await Promise.allSettled(worlds);
		for (const one of settled) if (one.status === 'fulfilled') parts.push(one.value);
		for (const one of settled) if (one.status === 'rejected') throw one.reason;
		for (const part of parts) await countPart(run, part, tally);
	} finally {
		for (const { world } of parts) await world.stop();
		await pds?.stop();
		await bundles.remove();
		await rm(folder, { recursive: true, force: true, maxRetries: 5 });
	}
	const all = parts.flatMap(({ done }) => done);
	const missed = all.filter(({ struck }) => !struck);
	const lagMs = Math.round((lag.max / 1e6) * options.factor);
	return tally.report({
		seed: options.seed,
		seconds: (Date.now() - began) / 1000,
		notes: [
			...notes,
			...(options.signal.aborted ? [`cut short: ${all.length} of ${plans.length} trials`] : []),
			`struck as planned: ${all.length - missed.length} of ${all.length}`,
			...missed.map(
				({ plan, spot }) =>
					`trial ${plan.index} (${plan.row}, ${plan.fault}) did not come to ${spot}`,
			),
			`longest stall of store and sandbox: ${lagMs} ms of fast time`,
		],
	});
}

type Runner = (
	means: TrialMeans,
	plans: TrialPlan[],
	part: Part,
	options: ChaosOptions,
) => Promise<void>;

/** Runs trials in a world of their own; the world stays up to be counted. */
async function inWorld(run: Run, name: string, plans: TrialPlan[], runner: Runner): Promise<Part> {
	const { options, spec, pds, bundles, trusted, certificate } = run;
	const { duplicateRules, signal } = options;
	const world = await ChaosWorld.start({ spec, duplicateRules, pds, name });
	const stage = new Stage(world, spec, bundles, trusted);
	const part: Part = { world, done: [], unfinished: [] };
	const aborted = new Promise<void>((resolve) => {
		if (signal.aborted) resolve();
		signal.addEventListener('abort', () => resolve(), { once: true });
	});
	const running = runner(
		{ stage, scouts: new Scouts(stage), certificate, signal, detail: options.detail },
		plans,
		part,
		options,
	);
	// What Ctrl-C cuts short fails one way or another, and says nothing.
	running.catch(() => undefined);
	try {
		await Promise.race([running, aborted]);
	} catch (error) {
		await stage.killAll();
		await world.stop();
		throw error;
	}
	await stage.killAll();
	return part;
}

/** Many trials at the same time, each on an account of its own. */
async function runCalm(
	means: TrialMeans,
	plans: TrialPlan[],
	part: Part,
	options: ChaosOptions,
): Promise<void> {
	await means.scouts.all(plans, Math.min(options.concurrency, 8));
	await means.stage.rescuers();
	const waiting = [...plans];
	const carry = async (): Promise<void> => {
		for (;;) {
			const plan = waiting.shift();
			if (plan === undefined || means.signal.aborted) return;
			const began = Date.now();
			try {
				const trial = await runTrial(means, plan);
				// What was cut short says nothing.
				if (means.signal.aborted) return;
				part.done.push(trial);
				const took = Date.now() - began;
				options.detail(
					`trial ${plan.index} ${plan.row} ${plan.fault} ${plan.kind}: ${trial.spot}, ${took} ms; ${await part.world.history(trial.post.id)}`,
				);
			} catch (error) {
				if (means.signal.aborted) return;
				const reason = error instanceof Error ? error.message : 'unknown reason';
				options.say(`trial ${plan.index} (${plan.row}, ${plan.fault}) broke off: ${reason}`);
				part.unfinished.push({ plan, reason });
			}
			const ended = part.done.length + part.unfinished.length;
			if (ended % 25 === 0) options.say(`${ended} of ${plans.length} trials are over`);
		}
	};
	await Promise.all(Array.from({ length: Math.min(options.concurrency, plans.length) }, carry));
}

async function countPart(run: Run, part: Part, tally: Tally): Promise<void> {
	const { options } = run;
	for (const { plan, account, post, spot, log } of part.done) {
		const { end, what, resolvedByLookup } = judge(await part.world.stand(account, post));
		const said = log.length === 0 ? '' : ` Carriers said: ${log.slice(-4).join(' | ')}`;
		tally.add({
			platform: plan.row,
			fault: plan.fault,
			end,
			resolvedByLookup,
			outside: isOutside(plan, options),
			what: `${what ?? ''}; struck at ${spot}, ${plan.kind}${plan.image ? ', picture' : ''}.${said}`,
			replay: replayOf(plan, options),
		});
	}
	for (const { plan, reason } of part.unfinished) {
		tally.breakOff({
			platform: plan.row,
			fault: plan.fault,
			what: `broke off: ${reason}`,
			replay: replayOf(plan, options),
		});
	}
}

export type { Fault };
