import { setTimeout as pause } from 'node:timers/promises';
import { readLedger } from '../../sandbox/src/ledger';
import { noRedis, Redis } from '../runner/redis';
import { World, type Account } from './system/world';

const POSTS = 200;
const ACCOUNTS = 100;

const describeWithRedis = noRedis === null ? describe : describe.skip;

describeWithRedis(`n8n in queue mode${noRedis === null ? '' : ` (skipped: ${noRedis})`}`, () => {
	let world: World;
	let redis: Redis;

	beforeAll(async () => {
		redis = await Redis.start();
		world = await World.start({
			n8n: {
				EXECUTIONS_MODE: 'queue',
				QUEUE_BULL_REDIS_HOST: '127.0.0.1',
				QUEUE_BULL_REDIS_PORT: String(redis.port),
			},
		});
		await world.n8n.start();
	}, 240_000);

	afterAll(async () => {
		await world?.stop();
		await redis?.stop();
	}, 60_000);

	test('200 posts, one of two workers killed in the middle: each is published once', async () => {
		// One execution at a time, so that neither worker can have both runs.
		const [first] = await Promise.all([world.n8n.startWorker(1), world.n8n.startWorker(1)]);
		const accounts: Account[] = [];
		for (let index = 0; index < ACCOUNTS; index++) {
			accounts.push(await world.account(index % 2 === 0 ? 'x' : 'linkedin page'));
		}
		const posts = await Promise.all(
			Array.from(
				{ length: POSTS },
				async (_, index) => await world.create(accounts[index % ACCOUNTS]),
			),
		);
		// Half of the requests in flight at the kill are done already, half are still to be done.
		for (const when of ['before', 'after'] as const) {
			world.sandbox.faults.add({
				kind: 'latency',
				step: 'tweet.create',
				count: null,
				ms: 500,
				when,
			});
			world.sandbox.faults.add({
				kind: 'latency',
				step: 'post.create',
				count: null,
				ms: 500,
				when,
			});
		}
		const due = await world.n8n.installWebhook('due', {
			operation: 'publishDue',
			options: { watchForSeconds: 20 },
		});
		await world.n8n.call(due);
		await world.n8n.call(due);
		const published = () => readLedger(world.sandbox.state, {}).length;
		while (published() < POSTS / 4) await pause(50);
		await world.n8n.killWorker(first);
		expect(published()).toBeLessThan(POSTS);
		await world.n8n.publishDueEvery(5, 4);
		const ended = await world.inState(posts, 'published', 'needs_review', 'failed', 'missed');
		expect(ended.filter(({ state }) => state !== 'published')).toEqual([]);
		// The killed worker had posts in its hands, and another one has ended them.
		expect(ended.filter(({ attempts }) => attempts > 1).length).toBeGreaterThan(0);
		const live = readLedger(world.sandbox.state, {});
		expect(live).toHaveLength(POSTS);
		for (const post of ended) {
			const entries = live.filter(({ text }) => text === post.content.text);
			expect(entries.map(({ id, url }) => ({ id, url }))).toEqual([
				{ id: post.remoteId, url: post.url },
			]);
		}
	}, 420_000);
});
