import { setTimeout as pause } from 'node:timers/promises';
import { Client } from 'pg';
import type { PostView } from '../../../core/store/contract';
import { mergeSettings } from '../../../sandbox/src/settings';
import type { Workflow } from '../../e2e/system/n8n-client';
import { makeImage } from '../../e2e/system/system';
import { noRedis, Redis } from '../../runner/redis';
import type { RunnerProcess } from '../../runner/runner-process';
import { freePort } from '../../store/free-port';
import { noBluesky, World, type Account } from '../../takeover/system/world';
import { armPlatform, armStore, hasMet } from './arm';
import type { PlannedTrial } from './plan';
import { StoreWay } from './store-way';

/** The shipped rhythm of the template: a run each 30 s, which watches for 25 s. */
const EVERY_SECONDS = 30;
const WATCH_SECONDS = 25;
/** Posts that one run of Publish Due carries at a time. */
const PER_RUN = 8;
/** Making an account and a post with a picture, on a machine that has other things to do. */
const MAKING_MS = 400;
/** The shipped rhythm of the runner's look at n8n. */
const PROBE_MS = 2_000;
const HEAD_START_MS = 2_000;

/** A trial with its own account and post. */
export interface Trial extends PlannedTrial {
	account: Account;
	post: PostView;
	/** The fault came while the post stood elsewhere: a machine too slow for so many at once. */
	elsewhere?: boolean;
}

/** A moment by which so many posts are made. */
export function dueAfterMaking(posts: number): number {
	return Date.now() + HEAD_START_MS + MAKING_MS * posts;
}

/** The run was ended from outside (Ctrl-C). */
export class Ended extends Error {}

/**
 * A world for trials: n8n with the packed node and the shipped template, reaching the store by a way
 * on which calls can stand still; a runner beside it; Redis and Bluesky's server where there are.
 */
export class Stage {
	private readonly runners: RunnerProcess[] = [];
	private template: Workflow | null = null;
	private extra: Workflow | null = null;

	private constructor(
		readonly world: World,
		readonly way: StoreWay,
		readonly redis: Redis | null,
		private readonly signal: AbortSignal,
		readonly say: (line: string) => void,
	) {}

	static async start(options: {
		duplicateRules: boolean;
		signal: AbortSignal;
		say(line: string): void;
	}): Promise<Stage> {
		const redis = noRedis === null ? await Redis.start() : null;
		const world = await World.start({ bluesky: noBluesky() === null });
		// A killed store takes this connection along; nobody asks on it here.
		world.database.on('error', () => undefined);
		if (!options.duplicateRules) {
			const off = { enabled: false };
			const { state } = world.sandbox;
			state.settings = mergeSettings(state.settings, { duplicates: { x: off, linkedin: off } });
		}
		const way = await StoreWay.start(world.store.url);
		const stage = new Stage(world, way, redis, options.signal, options.say);
		try {
			await world.n8n.start();
			await world.n8n.reachStoreAt(way.url);
			stage.template = await world.n8n.publishDueEvery(EVERY_SECONDS, WATCH_SECONDS);
			stage.extra = await world.n8n.installWebhook('more-room', {
				operation: 'publishDue',
				options: {
					watchForSeconds: '={{ $json.body.watch }}',
					intervalSeconds: EVERY_SECONDS,
					maxPosts: 200,
				},
			});
			await stage.runner('survivor');
			await stage.n8nIsMain();
			return stage;
		} catch (error) {
			await stage.stop();
			throw error;
		}
	}

	async stop(): Promise<void> {
		await this.world.stop();
		await this.way.stop();
		await this.redis?.stop();
	}

	/** SIGKILL for every runner that still lives. */
	async endRunners(): Promise<void> {
		await Promise.all(this.runners.map(async (runner) => await runner.kill()));
	}

	/** A runner beside n8n; `alone`: it takes n8n for dead, and so leaves no post to it. */
	async runner(name: string, alone = false): Promise<RunnerProcess> {
		const closed = `http://127.0.0.1:${await freePort()}/healthz`;
		const runner = await this.world.runner(name, {
			concurrency: 16,
			n8nProbeMs: PROBE_MS,
			...(this.redis === null ? {} : { redisUrl: this.redis.url, databaseUrl: undefined }),
			...(alone ? { n8nHealthUrl: closed } : {}),
		});
		this.runners.push(runner);
		return runner;
	}

	/** Asks again until the answer is true, at most for so long. False when it never was. */
	async until(ask: () => Promise<boolean> | boolean, limitMs = Infinity): Promise<boolean> {
		const began = Date.now();
		while (!(await ask())) {
			if (this.signal.aborted) throw new Ended('The run was ended.');
			if (Date.now() - began > limitMs) return false;
			await pause(150);
		}
		return true;
	}

	async wait(ms: number): Promise<void> {
		await this.until(() => false, ms);
	}

	/** A short round of n8n, whose heartbeat tells the runner to leave due posts to it. */
	async n8nIsMain(): Promise<void> {
		const before = await this.heartbeatAt();
		await this.run(0);
		await this.until(async () => (await this.heartbeatAt()) > before);
	}

	private async run(watch: number): Promise<void> {
		if (this.extra === null) throw new Error('The stage is not set');
		await this.world.n8n.call(this.extra, { watch });
	}

	/** Runs of Publish Due beside the template's, so that so many posts can hang at a time. */
	async makeRoom(posts: number, runs = 0): Promise<void> {
		const wanted = runs + Math.ceil(posts / PER_RUN);
		for (let run = 0; run < wanted; run++) await this.run(WATCH_SECONDS);
	}

	/**
	 * An account and a post with a picture for each trial, armed, all due at the moment `due` or so
	 * many ms after it.
	 */
	async prepare(
		planned: PlannedTrial[],
		due: number,
		afterMs: (trial: PlannedTrial) => number = () => 0,
	): Promise<Trial[]> {
		const trials: Trial[] = [];
		for (const trial of planned) {
			const account = await this.world.account(trial.kind);
			const bytes = new Uint8Array(await makeImage(trial.index));
			armPlatform(this.world, account, trial.fault);
			const post = await this.world.create(account, {
				scheduledAt: new Date(due + afterMs(trial)).toISOString(),
				media: [{ bytes, altText: 'A square of one colour' }],
			});
			armStore(this.way, post.id, trial.fault);
			trials.push({ ...trial, account, post });
		}
		return trials;
	}

	/** Waits until each has met its fault, at most so long; answers those that have. */
	async met(trials: Trial[], limitMs: number): Promise<Trial[]> {
		const now = () =>
			trials.filter(({ account, post }) => hasMet(this.world, this.way, account, post.id));
		await this.until(() => now().length === trials.length, limitMs);
		return now();
	}

	/** Those of them that are, or were, in the hands of a carrier of this name. */
	async heldBy(trials: Trial[], name: RegExp): Promise<Trial[]> {
		const held = await this.asked(
			`select post_id, array_agg(carrier) as carriers from musekit_social.attempts
			where post_id = any ($1) group by post_id`,
			[trials.map(({ post }) => post.id)],
			(rows: { post_id: string; carriers: string[] }[]) =>
				rows
					.filter(({ carriers }) => carriers.some((carrier) => name.test(carrier)))
					.map(({ post_id }) => post_id),
		);
		return trials.filter(({ post }) => held.includes(post.id));
	}

	/** The post as the store has it; null while the store cannot be asked. */
	async look({ post }: Trial): Promise<PostView | null> {
		return await this.world.post(post.id).catch(() => null);
	}

	/** Runs of n8n that are under way. */
	async runsUnderWay(): Promise<number> {
		const workflows = [this.template, this.extra].filter((one) => one !== null);
		const lists = await Promise.all(
			workflows.map(async ({ id }) => await this.world.n8n.client.executions(id)),
		);
		return lists.flat().filter(({ status }) => status === 'running' || status === 'new').length;
	}

	/** No new run begins. */
	async endSchedule(): Promise<void> {
		if (this.template !== null) await this.world.n8n.client.deactivate(this.template.id);
	}

	private async heartbeatAt(): Promise<number> {
		return await this.asked(
			`select max(last_at) as at from musekit_social.heartbeats where kind = 'n8n'`,
			[],
			(rows: { at: Date | null }[]) => rows[0]?.at?.getTime() ?? 0,
		);
	}

	/** One question on a connection of its own: the store may be killed at any time. */
	private async asked<Row extends object, T>(
		sql: string,
		values: unknown[],
		read: (rows: Row[]) => T,
	): Promise<T> {
		const client = new Client({ connectionString: this.world.store.databaseUrl });
		client.on('error', () => undefined);
		await client.connect();
		try {
			return read((await client.query<Row>(sql, values)).rows);
		} finally {
			await client.end();
		}
	}
}
