import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { picture, until, World } from './world';

jest.setTimeout(90_000);

let world: World;

beforeAll(async () => {
	world = await World.start('postgres');
});
afterEach(async () => {
	await world.killRunners();
	await world.database.query('delete from musekit_social.heartbeats');
});
afterAll(async () => await world.stop());

/** As a finished `Publish Due` round writes it; grace is the interval and 15 s. */
async function heartbeat(intervalMs = 60_000): Promise<void> {
	await world.call('social_heartbeat', {
		p_carrier: 'n8n:main',
		p_kind: 'n8n',
		p_interval_ms: intervalMs,
	});
}

test('with a fresh heartbeat the runner waits, with a stale one it takes over', async () => {
	await heartbeat();
	const runner = await world.runner('patient');
	const [post] = await world.manyPosts(1);
	await until(async () => (await runner.health()).due === 1);
	// Several rounds of a second each.
	const rounds = (await runner.health()).drain.lastRoundAt;
	await pause(3_000);
	const health = await runner.health();
	expect(health.drain.lastRoundAt).not.toBe(rounds);
	expect(health.n8n.heartbeat).toBe('fresh');
	expect(await world.post(post.id)).toMatchObject({ state: 'scheduled', attempts: 0 });

	await world.database.query(
		"update musekit_social.heartbeats set last_at = last_at - interval '5 minutes' where kind = 'n8n'",
	);
	const [published] = await world.published(post);
	expect(published.carrier).toBe('patient');
	expect(world.live(post)).toHaveLength(1);
	await until(async () => (await runner.health()).n8n.heartbeat === 'stale');
});

describe('with a health address of n8n', () => {
	let n8n: Server;
	let url: string;

	beforeEach(async () => {
		n8n = createServer((_request, response) => response.end('{"status":"ok"}'));
		await new Promise<void>((resolve) => n8n.listen(0, '127.0.0.1', resolve));
		url = `http://127.0.0.1:${(n8n.address() as AddressInfo).port}/healthz`;
	});
	afterEach(() => {
		n8n.closeAllConnections();
		n8n.close();
	});

	test('a probe that fails ends the grace although the heartbeat is fresh', async () => {
		await heartbeat(600_000);
		const runner = await world.runner('prober', { n8nHealthUrl: url });
		const [post] = await world.manyPosts(1);
		await until(async () => (await runner.health()).due === 1);
		expect((await runner.health()).n8n).toMatchObject({ probe: 'up', heartbeat: 'fresh' });
		expect((await world.post(post.id)).state).toBe('scheduled');
		n8n.closeAllConnections();
		n8n.close();
		await world.published(post);
		expect(world.live(post)).toHaveLength(1);
		expect((await runner.health()).n8n).toMatchObject({ probe: 'down', heartbeat: 'fresh' });
		expect(runner.said('n8n_down')).toHaveLength(1);
	});

	test('posts that fall due while n8n is down go out at their time', async () => {
		await heartbeat(600_000);
		n8n.closeAllConnections();
		n8n.close();
		// Rounds of half a minute: the post is noticed within a round, not after it.
		const runner = await world.runner('watcher', { n8nHealthUrl: url, watchMs: 30_000 });
		await until(async () => (await runner.health()).n8n.probe === 'down');
		const account = await world.account();
		const due = Date.now() + 4_000;
		const post = await world.create(account, { scheduledAt: new Date(due).toISOString() });
		const [published] = await world.published(post);
		expect(Date.parse(published.publishedAt ?? '')).toBeGreaterThanOrEqual(due);
		expect(world.live(post)).toHaveLength(1);
	});
});

test('a stop hands back what is under way, and another runner goes on', async () => {
	world.fault({ kind: 'latency', step: 'media.initialize', ms: 2_000 });
	const account = await world.account();
	const post = await world.create(account, { media: [{ bytes: await picture(), altText: 'A' }] });
	const first = await world.runner('first');
	await world.faultHits(1);
	first.signal('SIGTERM');
	expect(await first.end()).toBe(0);
	const handed = await world.post(post.id);
	expect(handed).toMatchObject({ state: 'scheduled', waitReason: 'handed_back' });
	await world.runner('second');
	const [published] = await world.published(post);
	expect(published.carrier).toBe('second');
	expect(world.live(post)).toHaveLength(1);
});

test('a stop while the post itself is on its way saves the answer first', async () => {
	world.fault({ kind: 'latency', step: 'tweet.create', ms: 2_000, when: 'after' });
	const [post] = await world.manyPosts(1);
	const runner = await world.runner('finisher');
	await world.faultHits(1);
	runner.signal('SIGTERM');
	expect(await runner.end()).toBe(0);
	expect(await world.post(post.id)).toMatchObject({ state: 'published', confirmedBy: 'answer' });
	expect(world.live(post)).toHaveLength(1);
});

test('a runner ends when whoever started it is gone', async () => {
	const runner = await world.runner('orphan');
	runner.child.stdin?.end();
	expect(await runner.end()).toBe(0);
});

test('no key, token or password is in the log', async () => {
	const runner = await world.runner('quiet', { logLevel: 'debug' });
	const posts = await world.manyPosts(2);
	await world.published(...posts);
	runner.signal('SIGTERM');
	await runner.end();
	const text = runner.raw.join('\n');
	const { passwords, keys } = world.store.config;
	for (const secret of [keys.service, passwords.postgres, passwords.gateway]) {
		expect(text).not.toContain(secret);
	}
	expect(text).not.toMatch(/v1\.[\w-]+\.[\w-]+\.[\w-]+/);
});
