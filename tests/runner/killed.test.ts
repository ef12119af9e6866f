import { picture, until, World, type TestAccount } from './world';

// Each wait has a limit of its own, which tells more.
jest.setTimeout(300_000);

let world: World;

beforeAll(async () => {
	world = await World.start('postgres');
});
afterEach(async () => await world.killRunners());
afterAll(async () => await world.stop());

/** The step that the world sees, as the sandbox names it. */
const VISIBLE = {
	x: 'tweet.create',
	linkedin: 'post.create',
	instagram: 'publish',
} as const;

async function imagePost(platform: TestAccount['platform']) {
	const account = await world.account(platform);
	return await world.create(account, { media: [{ bytes: await picture(), altText: 'A colour' }] });
}

describe.each(['x', 'instagram'] as const)('%s', (platform) => {
	test('a runner killed while its post is on its way: another one finds it', async () => {
		world.fault({ kind: 'latency', step: VISIBLE[platform], ms: 60_000, when: 'after' });
		const post = await imagePost(platform);
		const first = await world.runner(`killed-${platform}`);
		await world.faultHits(1);
		await until(() => world.live(post).length === 1);
		await first.kill();
		expect((await world.post(post.id)).state).toBe('publishing');
		await world.endWaits();
		await world.runner(`finder-${platform}`);
		const [published] = await world.published(post);
		expect(published).toMatchObject({ carrier: `finder-${platform}`, confirmedBy: 'lookup' });
		const [entry, ...more] = world.live(post);
		expect(more).toEqual([]);
		expect(published.remoteId).toBe(entry.id);
	});

	test('an answer dropped after the platform committed: published by look-up', async () => {
		world.fault({ kind: 'drop_after_commit', step: VISIBLE[platform] });
		const post = await imagePost(platform);
		await world.runner(`dropped-${platform}`);
		await world.faultHits(1);
		await until(async () => (await world.post(post.id)).waitReason === 'lookup');
		expect(world.live(post)).toHaveLength(1);
		await world.endWaits();
		const [published] = await world.published(post);
		const [entry, ...more] = world.live(post);
		expect(more).toEqual([]);
		expect(published).toMatchObject({ confirmedBy: 'lookup', remoteId: entry.id });
	});
});

test('a runner killed before anything was sent: another one publishes', async () => {
	world.fault({ kind: 'latency', step: 'media.initialize', ms: 60_000 });
	const post = await imagePost('x');
	const first = await world.runner('early-death');
	await world.faultHits(1);
	await first.kill();
	await world.endWaits();
	await world.runner('heir');
	const [published] = await world.published(post);
	expect(published).toMatchObject({ carrier: 'heir', confirmedBy: 'answer' });
	expect(world.live(post)).toHaveLength(1);
});

test('a runner frozen for three lease times wakes up and does not post', async () => {
	const lease = { leaseMs: 2_000, marginMs: 500 };
	await world.call('social_settings_set', { p_key: 'timing', p_value: lease });
	world.fault({ kind: 'latency', step: 'media.initialize', ms: 1_000 });
	const post = await imagePost('x');
	const zombie = await world.runner('zombie');
	await world.faultHits(1);
	zombie.signal('SIGSTOP');
	// Three leases by the store's clock, whoever holds the post.
	const { rows } = await world.database.query<{ at: Date }>('select clock_timestamp() as at');
	const wakeAt = rows[0].at.getTime() + 3 * lease.leaseMs;
	await world.runner('living');
	const [published] = await world.published(post);
	expect(published.carrier).toBe('living');
	await until(() => Date.now() >= wakeAt);
	zombie.signal('SIGCONT');
	// It works again, and has given the post up.
	await until(async () => (await zombie.health()).drain.lastRoundAt !== null);
	const next = await world.manyPosts(3);
	await world.published(...next);
	zombie.signal('SIGTERM');
	await zombie.end();
	expect(world.live(post)).toHaveLength(1);
	const { rows: intents } = await world.database.query<{ count: number }>(
		'select count(*)::int as count from musekit_social.intents where post_id = $1',
		[post.id],
	);
	expect(intents[0].count).toBe(1);
	expect(await world.post(post.id)).toMatchObject({ state: 'published', carrier: 'living' });
});
