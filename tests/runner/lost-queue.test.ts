import { Client } from 'pg';
import { noRedis } from './redis';
import { TcpFront } from './tcp-front';
import { until, World } from './world';

jest.setTimeout(90_000);

const withRedis = noRedis === null ? '' : ` (skipped: ${noRedis})`;

(noRedis === null ? describe : describe.skip)(`Redis as the queue${withRedis}`, () => {
	let world: World;

	beforeAll(async () => {
		world = await World.start('redis');
	});
	afterEach(async () => await world.killRunners());
	afterAll(async () => await world.stop());

	test('Redis killed in the middle of a drain: posts go out, one warning, it heals', async () => {
		world.fault({ kind: 'latency', step: 'tweet.create', count: null, ms: 300 });
		const posts = await world.manyPosts(10);
		const runner = await world.runner('survivor', { concurrency: 2 });
		await until(() => posts.some((post) => world.live(post).length > 0));
		await world.redis?.kill();
		await world.published(...posts);
		for (const post of posts) expect(world.live(post)).toHaveLength(1);
		await until(async () => (await runner.health()).queue.mode === 'lost');
		expect((await runner.health()).alerts.join(' ')).toContain('The queue does not answer');
		// Posts made while Redis is away go out too.
		const away = await world.manyPosts(2);
		await world.published(...away);
		expect(runner.said('queue_lost')).toHaveLength(1);

		await world.redis?.run();
		await until(async () => (await runner.health()).queue.mode === 'queue');
		expect(runner.said('queue_lost')).toHaveLength(1);
		expect(runner.said('queue_back')).toHaveLength(1);
		const back = await world.manyPosts(1);
		await world.published(...back);
		for (const post of [...away, ...back]) expect(world.live(post)).toHaveLength(1);
		// It came back empty and is in use again.
		await until(
			async () => (await world.redis?.keys())?.some((key) => key.includes('repeat')) ?? false,
		);
	});

	test('a Redis that was flushed gets its schedulers back', async () => {
		const runner = await world.runner('flushed');
		await until(async () => (await runner.health()).queue.mode === 'queue');
		await world.redis?.flush();
		await until(() => runner.said('queue_schedulers_put_back').length > 0);
		const posts = await world.manyPosts(2);
		await world.published(...posts);
		for (const post of posts) expect(world.live(post)).toHaveLength(1);
		expect(runner.said('queue_lost')).toEqual([]);
	});

	test('a runner that starts without Redis works, and takes the queue when it comes', async () => {
		await world.redis?.kill();
		const runner = await world.runner('early');
		expect(runner.said('queue_lost')).toHaveLength(1);
		const posts = await world.manyPosts(2);
		await world.published(...posts);
		await world.redis?.run();
		await until(async () => (await runner.health()).queue.mode === 'queue');
		expect(runner.said('queue_lost')).toHaveLength(1);
	});
});

describe('Postgres as the queue', () => {
	let world: World;

	beforeAll(async () => {
		world = await World.start('postgres');
	});
	afterEach(async () => await world.killRunners());
	afterAll(async () => await world.stop());

	test('its connections cut in the middle of a drain, then its tables gone', async () => {
		world.fault({ kind: 'latency', step: 'tweet.create', count: null, ms: 300 });
		const posts = await world.manyPosts(8);
		const runner = await world.runner('cut', { concurrency: 2 });
		await until(() => posts.some((post) => world.live(post).length > 0));
		const owner = new Client({ connectionString: world.store.databaseUrl });
		await owner.connect();
		// Only the queue's: the gateway comes as another role.
		await owner.query(`select pg_terminate_backend(pid) from pg_stat_activity
			where usename = current_user and pid <> pg_backend_pid() and query like '%bullmq%'
				or application_name like 'musekit-social-%'`);
		await world.published(...posts);
		for (const post of posts) expect(world.live(post)).toHaveLength(1);
		await until(async () => (await runner.health()).queue.mode === 'queue');
		await owner.query('drop schema musekit_queue cascade');
		await owner.end();
		const later = await world.manyPosts(2);
		await world.published(...later);
		for (const post of later) expect(world.live(post)).toHaveLength(1);
		await until(() => runner.said('queue_back').length > 0);
		await until(async () => (await runner.health()).queue.mode === 'queue');
	});

	// 1: the migrations get through; 4: all but the workers' own.
	test.each([1, 4])(
		'only %i of its connections answered at the start: posts go out, it heals',
		async (lets) => {
			const { hostname, port } = new URL(world.store.databaseUrl);
			const front = await TcpFront.start({ host: hostname, port: Number(port) }, lets);
			try {
				const address = new URL(world.store.databaseUrl);
				address.port = String(front.port);
				const runner = await world.runner(`starved-${lets}`, {
					databaseUrl: address.href,
					// Longer than a connection may take, or the queue is given up before it has failed.
					batchEveryMs: 20_000,
				});
				await until(() => front.held > 0);
				const posts = await world.manyPosts(2);
				await world.published(...posts);
				for (const post of posts) expect(world.live(post)).toHaveLength(1);
				await until(async () => (await runner.health()).queue.mode === 'lost');
				front.open();
				await until(async () => (await runner.health()).queue.mode === 'queue');
				expect(runner.said('queue_lost')).toHaveLength(1);
				runner.signal('SIGTERM');
				expect(await runner.end()).toBe(0);
			} finally {
				await front.stop();
			}
		},
	);
});
