import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { PostView } from '../../core/store/contract';
import type { RunnerConfigInput } from '../../fallback-runner/src/config';
import { Redis } from '../runner/redis';
import type { ChaosOptions } from './options';
import type { Fault, TrialPlan } from './plan';
import { pick, spotsOf, VISIBLE } from './points';
import type { Stage } from './stage';
import { carriersGone, carryWork, postEnded, type DoneTrial, type TrialMeans } from './trial';
import type { ChaosAccount } from './world';

/** Faults that hit everybody at once: their trials come in groups, in a world of their own. */
export const SHAKEN: ReadonlySet<Fault> = new Set<Fault>([
	'store-restart',
	'redis-kill',
	'redis-flush',
]);

/** Trials that one restart of the store, or one loss of the queue, hits. */
const GROUP = 8;
/** Posts of a group that waits for the queue are due within this time, fast ms. */
const SPREAD_MS = 60_000;
/** How long a killed Redis stays away, real ms. */
const AWAY_MS = 1_500;

interface Part {
	done: DoneTrial[];
}

/** First all that wait for the store's restart, then all that wait for Redis. */
export async function runShaken(
	means: TrialMeans,
	plans: TrialPlan[],
	part: Part,
	options: ChaosOptions,
): Promise<void> {
	const of = (fault: Fault): TrialPlan[] => plans.filter((plan) => plan.fault === fault);
	const restarts = groups(of('store-restart'));
	if (restarts.length > 0) {
		await means.scouts.all(restarts.flat(), GROUP);
		const rescuers = await means.stage.rescuers();
		for (const group of restarts) {
			if (means.signal.aborted) return;
			const done = await restartStore(means, group);
			if (means.signal.aborted) return;
			part.done.push(...done);
			options.say(`a store restart hit ${group.length} trials`);
		}
		await Promise.all(rescuers.map(async (carrier) => await carrier.kill()));
	}
	const losses = [...groups(of('redis-kill')), ...groups(of('redis-flush'))];
	if (losses.length === 0 || means.signal.aborted) return;
	const redis = await Redis.start();
	const runner = await FastRunner.start(means.stage, redis);
	try {
		for (const group of losses) {
			if (means.signal.aborted) return;
			const done = await loseQueue(means, group, redis);
			if (means.signal.aborted) return;
			part.done.push(...done);
			options.say(`a ${group[0].fault} hit ${group.length} trials`);
		}
	} finally {
		await runner.stop();
		await redis.stop();
	}
}

function groups(plans: TrialPlan[]): TrialPlan[][] {
	return Array.from({ length: Math.ceil(plans.length / GROUP) }, (_, nth) =>
		plans.slice(nth * GROUP, (nth + 1) * GROUP),
	);
}

const direct = async (url: string): Promise<string> => await Promise.resolve(url);

/** Every carrier of the group goes to its point, then Postgres is killed under all of them. */
async function restartStore(means: TrialMeans, group: TrialPlan[]): Promise<DoneTrial[]> {
	const { stage, scouts } = means;
	const started = await Promise.all(
		group.map(async (plan) => {
			const passed = await scouts.of(plan, 'plain');
			const spot = pick(spotsOf(passed), plan.pointAt);
			const account = await stage.world.account(plan.row, direct);
			const crew = await stage.crew(1);
			return { plan, account, spot, crew };
		}),
	);
	const standing = await Promise.all(
		started.map(async ({ plan, account, spot, crew }) => {
			const post = await stage.world.post(account, plan.image);
			const arrived = stage.arm(plan, account, spot);
			const hold = spot.where === 'at' ? spot.point : null;
			const carrier = stage.send(crew, plan.kind, `t${plan.index}`, carryWork(post.id, hold), {
				wire: stage.wireOf(plan),
			});
			const struck = await arrived(carrier);
			return { plan, account, post, carrier, struck, spot: `${spot.point} (${spot.where})` };
		}),
	);
	process.kill(stage.world.store.postgres.pid(), 'SIGKILL');
	for (const { carrier } of standing) carrier.go();
	return await Promise.all(
		standing.map(async ({ plan, account, post, carrier, struck, spot }) => {
			await postEnded(means, post);
			await carriersGone(means, [carrier]);
			stage.world.storeWire.clear(stage.wireOf(plan));
			account.release();
			return { plan, account, post, struck, spot, log: carrier.log };
		}),
	);
}

/** Posts fall due one after another while the real runner's Redis goes away or is emptied. */
async function loseQueue(
	means: TrialMeans,
	group: TrialPlan[],
	redis: Redis,
): Promise<DoneTrial[]> {
	const { stage } = means;
	const made = await Promise.all(
		group.map(async (plan): Promise<{ account: ChaosAccount; post: PostView }> => {
			const account = await stage.world.account(plan.row, direct);
			const step = { point: `http:${VISIBLE[plan.row]}#1:before` };
			// A request that is on its way at the moment of the loss.
			if (plan.onVisible) stage.disturb(account, step, 'drop-after-commit', true);
			const post = await stage.world.post(account, plan.image, plan.stepAt * SPREAD_MS);
			return { account, post };
		}),
	);
	await stage.pause(group[0].moment * SPREAD_MS);
	const keys = (await redis.keys()).length;
	if (group[0].fault === 'redis-flush') {
		await redis.flush();
	} else {
		await redis.kill();
		await new Promise((resolve) => setTimeout(resolve, AWAY_MS));
		await redis.run();
	}
	return await Promise.all(
		made.map(async ({ account, post }, nth) => {
			await postEnded(means, post);
			account.release();
			const spot = `${keys} keys in Redis`;
			return { plan: group[nth], account, post, struck: keys > 0, spot, log: [] };
		}),
	);
}

/** The real runner with BullMQ on Redis, in fast time. */
class FastRunner {
	private constructor(
		private readonly child: ChildProcess,
		private readonly folder: string,
	) {}

	static async start(stage: Stage, redis: Redis): Promise<FastRunner> {
		const { world, spec, bundles } = stage;
		const folder = mkdtempSync(path.join(tmpdir(), 'musekit-chaos-runner-'));
		const config: RunnerConfigInput = {
			name: 'chaos',
			storeUrl: world.store.url,
			storeKey: world.store.serviceKey,
			vaultKey: world.vaultKeyText,
			redisUrl: redis.url,
			port: 0,
			concurrency: 16,
			// The queue's own times are real ones.
			batchEveryMs: 1_000,
			lookEveryMs: 2_000,
			logLevel: 'silent',
		};
		const file = path.join(folder, 'config.json');
		writeFileSync(file, JSON.stringify(config), { mode: 0o600 });
		const child = spawn(process.execPath, [bundles.runner, file], {
			stdio: ['pipe', 'pipe', 'inherit'],
			env: {
				PATH: process.env.PATH,
				MUSEKIT_TEST_RUN: process.env.MUSEKIT_TEST_RUN,
				MUSEKIT_CHAOS_CLOCK: JSON.stringify(spec),
				NODE_EXTRA_CA_CERTS: stage.trusted,
			},
		});
		const lines = createInterface({ input: child.stdout });
		await new Promise<void>((resolve, reject) => {
			child.once('exit', () => reject(new Error('The runner did not start')));
			lines.on('line', (line) => {
				const said = JSON.parse(line) as { ready?: boolean; error?: string };
				if (said.ready === true) resolve();
				if (said.error !== undefined) reject(new Error(said.error));
			});
		});
		return new FastRunner(child, folder);
	}

	async stop(): Promise<void> {
		const gone = new Promise((resolve) => this.child.once('exit', resolve));
		if (this.child.exitCode === null && this.child.signalCode === null) {
			this.child.kill('SIGKILL');
			await gone;
		}
		await rm(this.folder, { recursive: true, force: true });
	}
}
