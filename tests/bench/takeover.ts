import { setTimeout as pause } from 'node:timers/promises';
import { readLedger } from '../../sandbox/src/ledger';
import type { PostView } from '../../core/store/contract';
import type { Workflow } from '../e2e/system/n8n-client';
import type { RunnerProcess } from '../runner/runner-process';
import { until, World, type Account } from '../takeover/system/world';
import { metric, percentile, type Metric, type Scale } from './metric';

const GOAL_FIRST_MS = 10_000;
const GOAL_KNOWN_MS = 2_000;
/** Posts due around the kill, and again when n8n's death is known. */
const POSTS = 3;
/** The shipped template. */
const EVERY_S = 30;
const WATCH_S = 25;
/** The runner's own defaults; the other tests of takeover are faster. */
const DEFAULTS = { n8nProbeMs: 2_000, concurrency: 4 };
/** Largest random wait before the kill, so that it meets n8n in every part of its round. */
const PHASE_MS = 15_000;
/** From making a post to its due time, ms. */
const AHEAD_MS = 3_000;

interface Run {
	/** From the kill to the first post that fell due after it. */
	firstMs: number;
	/** Of each post that fell due once n8n was known to be down. */
	knownMs: number[];
	/** The post that n8n was sending when it was killed. */
	inFlight: PostView;
	killedAt: number;
}

class Takeover {
	private accounts: Account[] = [];
	private heartbeat!: Workflow;
	private survivor!: RunnerProcess;

	constructor(
		private readonly world: World,
		private readonly scale: Scale,
	) {}

	async prepare(): Promise<void> {
		const { world } = this;
		await world.n8n.start();
		await world.n8n.publishDueEvery(EVERY_S, WATCH_S);
		this.heartbeat = await world.n8n.installWebhook('heartbeat', {
			operation: 'publishDue',
			options: { watchForSeconds: 0 },
		});
		this.accounts = await Promise.all(
			Array.from({ length: POSTS }, async () => await world.account('x')),
		);
		this.survivor = await world.runner('survivor', DEFAULTS);
	}

	/** One kill; n8n is up when it begins and killed when it ends. */
	async run(): Promise<Run> {
		const { world } = this;
		// From now on the runner leaves everything to n8n.
		await this.beat();
		const inFlight = await this.hanging();
		await pause(this.scale.tiny ? 0 : Math.random() * PHASE_MS);
		await this.beat();
		const due = Date.now() + AHEAD_MS;
		const overdue = await this.duePosts(due);
		await pause(due - Date.now());
		const killedAt = Date.now();
		await world.n8n.kill();
		const first = Math.min(...(await this.liveAt(overdue)));
		await until(async () => (await this.probe()) === 'down');
		const later = Date.now() + AHEAD_MS;
		const known = await this.liveAt(await this.duePosts(later));
		return {
			firstMs: first - killedAt,
			knownMs: known.map((at) => Math.max(0, at - later)),
			inFlight,
			killedAt,
		};
	}

	/** When the interrupted post went out at last, after the kill, ms; null when a person decides. */
	async afterKill({ inFlight, killedAt }: Run): Promise<number | null> {
		const [post] = await this.world.inState([inFlight], 'published', 'needs_review');
		if (post.state !== 'published' || post.publishedAt === null) return null;
		return Date.parse(post.publishedAt) - killedAt;
	}

	/** A short round of n8n, whose heartbeat makes it the main carrier for the next 45 s. */
	private async beat(): Promise<void> {
		const { world } = this;
		const before = (await world.heartbeatAt())?.getTime() ?? 0;
		await world.n8n.call(this.heartbeat);
		await until(async () => ((await world.heartbeatAt())?.getTime() ?? 0) > before);
	}

	/** A post on an account of its own whose request n8n has sent and that gets no answer. */
	private async hanging(): Promise<PostView> {
		const { world } = this;
		const account = await world.account('x');
		const { faults } = world.sandbox;
		faults.remove();
		const fault = faults.add({
			kind: 'latency',
			account: account.caller,
			step: 'tweet.create',
			when: 'after',
			ms: 600_000,
		});
		const post = await world.create(account);
		await until(() => fault.hits > 0);
		return post;
	}

	private async duePosts(due: number): Promise<PostView[]> {
		return await Promise.all(
			this.accounts.map(
				async (account) =>
					await this.world.create(account, { scheduledAt: new Date(due).toISOString() }),
			),
		);
	}

	/** Platform's times of these posts, once all are live. */
	private async liveAt(posts: PostView[]): Promise<number[]> {
		const texts = new Set(posts.map(({ content }) => content.text));
		const live = () =>
			readLedger(this.world.sandbox.state, { platform: 'x' }).filter(({ text }) => texts.has(text));
		await until(() => live().length >= posts.length);
		if (live().length > posts.length) throw new Error('A post was published twice');
		return live().map(({ createdAt }) => Date.parse(createdAt));
	}

	private async probe(): Promise<string> {
		const health = await this.survivor.health();
		return health.n8n.probe;
	}
}

/**
 * A real n8n publishes with the shipped template, beside it a runner with its default settings. n8n
 * gets SIGKILL, again and again.
 */
export async function takeover(scale: Scale): Promise<Metric[]> {
	const { tiny } = scale;
	const total = tiny ? 1 : scale.runs;
	const world = await World.start();
	try {
		const kills = new Takeover(world, scale);
		await kills.prepare();
		const runs: Run[] = [];
		while (runs.length < total) {
			if (runs.length > 0) await world.n8n.start();
			runs.push(await kills.run());
			scale.say(`takeover: run ${runs.length} of ${total}: ${runs.at(-1)?.firstMs} ms`);
		}
		const first = runs.map(({ firstMs }) => firstMs);
		const known = runs.flatMap(({ knownMs }) => knownMs);
		const inFlight = await Promise.all(runs.map(async (run) => await kills.afterKill(run)));
		const settled = inFlight.filter((ms) => ms !== null);
		return [
			metric('takeover: kill to first overdue post, p50', percentile(first, 0.5), 'ms'),
			metric('takeover: kill to first overdue post, p95', percentile(first, 0.95), 'ms', {
				goal: { of: 'value', is: '<=', bound: GOAL_FIRST_MS },
				tiny,
			}),
			metric('takeover: lateness once the death is known, p95', percentile(known, 0.95), 'ms', {
				goal: { of: 'value', is: '<=', bound: GOAL_KNOWN_MS },
				tiny,
			}),
			metric('takeover: kill to the post in flight, p50', percentile(settled, 0.5), 'ms'),
			metric('takeover: kill to the post in flight, p95', percentile(settled, 0.95), 'ms'),
			metric(
				'takeover: posts in flight left to a person',
				inFlight.length - settled.length,
				'posts',
			),
		];
	} finally {
		await world.stop();
	}
}
