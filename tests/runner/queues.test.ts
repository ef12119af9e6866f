import { BACKENDS, tellSkippedBackends, until, World } from './world';

jest.setTimeout(90_000);

tellSkippedBackends();

describe.each(BACKENDS)('on BullMQ with %s', (backend) => {
	let world: World;

	beforeAll(async () => {
		world = await World.start(backend);
	});
	afterEach(async () => await world.killRunners());
	afterAll(async () => await world.stop());

	test('due posts go out once each, woken by the queue', async () => {
		const posts = await world.manyPosts(5);
		const runner = await world.runner('one');
		for (const post of await world.published(...posts)) {
			expect(post.carrier).toBe('one');
			expect(world.live(post)).toHaveLength(1);
		}
		// What health says is at most a second old.
		await until(async () => (await runner.health()).due === 0);
		const health = await runner.health();
		expect(health).toMatchObject({
			status: 'ok',
			alerts: [],
			queue: { mode: 'queue', backend },
			store: { reachable: true },
			n8n: { probe: 'not_configured', heartbeat: 'none' },
			due: 0,
		});
		// A later one too: the wake-ups go on.
		const [later] = await world.manyPosts(1);
		await world.published(later);
		expect(world.live(later)).toHaveLength(1);
	});

	test('two runners that race publish each post once', async () => {
		world.fault({ kind: 'latency', step: 'tweet.create', count: null, ms: 50 });
		const posts = await world.manyPosts(16);
		const [left, right] = await Promise.all([world.runner('left'), world.runner('right')]);
		await world.published(...posts);
		for (const post of posts) expect(world.live(post)).toHaveLength(1);
		expect(left.said('queue_lost')).toEqual([]);
		expect(right.said('queue_lost')).toEqual([]);
	});

	test('a wake-up by post id does not wait for n8n, and a second one changes nothing', async () => {
		await world.call('social_heartbeat', {
			p_carrier: 'n8n:main',
			p_kind: 'n8n',
			p_interval_ms: 600_000,
		});
		const runner = await world.runner('woken', { tickSecret: 'a-secret-of-the-tests' });
		const post = await world.create(await world.account());
		const wake = async () =>
			await fetch(`${runner.url}/wake`, {
				method: 'POST',
				headers: {
					authorization: 'Bearer a-secret-of-the-tests',
					'content-type': 'application/json',
				},
				body: JSON.stringify({ postId: post.id }),
			});
		const answers = await Promise.all([wake(), wake(), wake()]);
		expect(answers.map(({ status }) => status)).toEqual([202, 202, 202]);
		await world.published(post);
		expect(world.live(post)).toHaveLength(1);
		await world.database.query('delete from musekit_social.heartbeats');
	});

	test('wake-ups above the bound are refused, and the posts go out all the same', async () => {
		const runner = await world.runner('bounded', {
			tickSecret: 'a-secret-of-the-tests',
			maxQueued: 1,
		});
		world.fault({ kind: 'latency', step: 'tweet.create', count: null, ms: 500 });
		const posts = await world.manyPosts(8);
		const answers = await Promise.all(
			posts.map(
				async ({ id }) =>
					await fetch(`${runner.url}/wake`, {
						method: 'POST',
						headers: {
							authorization: 'Bearer a-secret-of-the-tests',
							'content-type': 'application/json',
						},
						body: JSON.stringify({ postId: id }),
					}),
			),
		);
		for (const answer of answers) expect([202, 429]).toContain(answer.status);
		await world.published(...posts);
		for (const post of posts) expect(world.live(post)).toHaveLength(1);
	});

	test('metrics are Prometheus text with the queue, the lag and what was carried', async () => {
		const runner = await world.runner('metric');
		const [post] = await world.manyPosts(1);
		await world.published(post);
		let text = '';
		await until(async () => {
			const answer = await fetch(`${runner.url}/metrics`);
			expect(answer.headers.get('content-type')).toContain('text/plain');
			text = await answer.text();
			return (
				/musekit_posts_carried_total\{end="published"\} [1-9]/.test(text) &&
				text.includes('musekit_posts_due 0') &&
				text.includes('musekit_posts_carrying 0')
			);
		});
		for (const line of text.trim().split('\n')) {
			expect(line).toMatch(/^(|#.*|[a-z0-9_]+(\{[^}]*\})? (-?[0-9.e+-]+|NaN|\+Inf))$/);
		}
		const value = (name: string) =>
			Number(
				text
					.split('\n')
					.find((line) => line.startsWith(`${name} `))
					?.split(' ')[1],
			);
		expect(value('musekit_store_up')).toBe(1);
		expect(value('musekit_overloaded')).toBe(0);
		expect(value('musekit_posts_due')).toBe(0);
		expect(value('musekit_posts_carrying')).toBe(0);
		expect(value('musekit_lag_seconds')).toBe(0);
		expect(value('musekit_wake_mode{mode="queue"}')).toBe(1);
		for (const kind of ['immediate-post', 'scheduled-batch', 'maintenance']) {
			expect(text).toContain(`musekit_queue_depth{kind="${kind}",state="waiting"}`);
		}
		expect(text).toContain('musekit_token_refreshes_total{result="saved"} 0');
	});

	test('the board opens only with its secret', async () => {
		const runner = await world.runner('board', { boardSecret: 'a-secret-of-the-board' });
		const basic = (password: string) => ({
			authorization: `Basic ${Buffer.from(`me:${password}`).toString('base64')}`,
		});
		const page = `${runner.url}/queues/`;
		expect((await fetch(page)).status).toBe(401);
		expect((await fetch(page, { headers: basic('another-secret-here') })).status).toBe(401);
		const shown = await fetch(page, { headers: basic('a-secret-of-the-board') });
		expect(shown.status).toBe(200);
		expect(await shown.text()).toContain('Bull');
		const api = await fetch(`${runner.url}/queues/api/queues`, {
			headers: basic('a-secret-of-the-board'),
		});
		const { queues } = (await api.json()) as { queues: { name: string }[] };
		expect(queues.map(({ name }) => name).sort()).toEqual([
			'musekit-social-immediate-post',
			'musekit-social-maintenance',
			'musekit-social-scheduled-batch',
		]);
		const without = await world.runner('boardless');
		expect((await fetch(`${without.url}/queues/`, { headers: basic('') })).status).toBe(404);
	});
});
