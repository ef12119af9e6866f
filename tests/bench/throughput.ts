import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { noRedis, Redis } from '../runner/redis';
import type { BareJobsConfig } from './bare-jobs';
import { CONCURRENCY } from './drain';
import { duplicates, perSecond } from './entries';
import { metric, type Metric, type Scale } from './metric';
import { Part } from './part';
import { System, type BenchAccount } from './system';

/** Sent four times; X gives an app 10,000 a day. */
const FULL = { posts: 2_400, accounts: 400 };
const TINY = { posts: 40, accounts: 10 };
const GOAL = 0.5;
/** First word of the runner's texts, and of each reference's. */
const LABEL = {
	runner: 'Post',
	redis: 'bare-redis',
	postgres: 'bare-postgres',
	commits: 'bare-commits',
};

type Backend = 'redis' | 'postgres';

/** Entries per second of BullMQ jobs that only send the request. */
async function bare(
	system: System,
	accounts: BenchAccount[],
	wish: { backend: Backend; url: string; jobs: number; commitsTo?: string },
): Promise<number> {
	const config: BareJobsConfig = {
		...wish,
		platformUrl: `${system.sandboxUrl}/x`,
		accessTokens: accounts.map(({ accessToken }) => accessToken),
		concurrency: CONCURRENCY,
		label: LABEL[wish.commitsTo === undefined ? wish.backend : 'commits'],
	};
	const file = path.join(system.folder, `${config.label}.json`);
	const part = await Part.start('tests/bench/bare-jobs.ts', file, config);
	await part.ended();
	return await rate(system, config.label, wish.jobs);
}

async function rate(system: System, label: string, posts: number): Promise<number> {
	const entries = (await system.ledger()).filter(({ text }) => text.startsWith(`${label} `));
	if (entries.length - duplicates(entries) !== posts) {
		throw new Error(`${label}: ${entries.length} entries of ${posts} posts`);
	}
	return perSecond(entries);
}

/** The runner on posts that are all due, with every guard. */
async function runner(system: System, posts: number, queueUrl: string | null): Promise<number> {
	await system.dueAt(new Date());
	const queue = queueUrl === null ? { databaseUrl: system.databaseUrl } : { redisUrl: queueUrl };
	const started = await system.runner({ concurrency: CONCURRENCY, ...queue });
	while ((await system.published()) < posts) await pause(250);
	await started.kill();
	return await rate(system, LABEL.runner, posts);
}

/**
 * How much of the speed of bare BullMQ jobs is left when every post has its lease, intent and
 * evidence. Each is a process of its own with the same request, sandbox and concurrency.
 */
export async function throughput(scale: Scale): Promise<Metric[]> {
	const { tiny } = scale;
	const size = tiny ? TINY : FULL;
	const redis = noRedis === null ? await Redis.start() : null;
	let system: System | null = null;
	try {
		system = await System.start();
		const accounts = await system.accounts(size.accounts);
		scale.say(`throughput: making ${size.posts} posts`);
		await system.posts(accounts, size.posts);
		const jobs = size.posts;
		scale.say('throughput: bare BullMQ jobs');
		const onPostgres = await bare(system, accounts, {
			...{ backend: 'postgres', url: system.databaseUrl, jobs },
		});
		const onRedis =
			redis === null
				? null
				: await bare(system, accounts, { backend: 'redis', url: redis.url, jobs });
		const committing =
			redis === null
				? null
				: await bare(system, accounts, {
						...{ backend: 'redis', url: redis.url, jobs, commitsTo: system.databaseUrl },
					});
		scale.say('throughput: the runner');
		const ours = await runner(system, size.posts, redis?.url ?? null);
		return [
			...(onRedis === null
				? []
				: [
						metric('throughput: runner against bare jobs on Redis', ours, 'posts/s', {
							reference: onRedis,
							goal: { of: 'ratio', is: '>=', bound: GOAL },
							tiny,
						}),
					]),
			...(onRedis === null || committing === null
				? []
				: [
						metric('throughput: bare jobs on Redis that commit three rows', committing, 'posts/s', {
							reference: onRedis,
						}),
						metric('throughput: runner against bare jobs that commit three rows', ours, 'posts/s', {
							reference: committing,
						}),
					]),
			metric('throughput: runner against bare jobs on Postgres', ours, 'posts/s', {
				reference: onPostgres,
			}),
		];
	} finally {
		await system?.stop();
		await redis?.stop();
	}
}
