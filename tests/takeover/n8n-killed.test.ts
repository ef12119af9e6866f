import type { RunnerProcess } from '../runner/runner-process';
import { allHang, droppedPosts, hangingPosts } from './system/moments';
import { cases, hasBluesky, kinds, Outcomes, tellSkippedBluesky } from './system/outcomes';
import { World } from './system/world';

tellSkippedBluesky();

let world: World;
let runner: RunnerProcess;
let outcomes: Outcomes;

/**
 * n8n publishes all posts at once, each hangs at its moment, n8n gets SIGKILL, and a runner that
 * stood beside it the whole time goes on. The platforms' settle times are waited out once for all.
 */
beforeAll(async () => {
	world = await World.start({ bluesky: hasBluesky });
	await world.n8n.start();
	const due = await world.n8n.installWebhook('due', {
		operation: 'publishDue',
		options: { watchForSeconds: '={{ $json.body.watch }}' },
	});
	await world.n8n.call(due, { watch: 0 });
	await world.firstRound();
	runner = await world.runner('survivor');
	const subjects = await hangingPosts(world, cases);
	// One run carries eight posts at a time.
	const runs = Math.ceil(subjects.length / 8);
	await Promise.all(
		Array.from({ length: runs }, async () => await world.n8n.call(due, { watch: 25 })),
	);
	await allHang(world, subjects);
	await world.n8n.kill();
	const dropped = await droppedPosts(world, kinds);
	outcomes = await Outcomes.of(world, [...subjects, ...dropped]);
}, 480_000);

afterAll(async () => await world?.stop(), 60_000);

const by = /^survivor$/;

test.each(cases)('%s: n8n killed at "%s", the runner ends the post', async (kind, moment) => {
	await outcomes.expectPublishedOnce(kind, moment, { by, carriers: 2 });
});

test.each(kinds)('%s: an answer dropped after the commit is found by the runner', async (kind) => {
	await outcomes.expectPublishedOnce(kind, 'dropped', { by, carriers: 1 });
});

test('n8n that returns publishes nothing again and carries on with what is new', async () => {
	expect(runner.said('n8n_down')).toHaveLength(1);
	await world.n8n.start();
	await world.n8n.publishDueEvery(5, 4);
	await world.wholeRound();
	const fresh = await world.create(await world.account('x'));
	const [post] = await world.inState([fresh], 'published');
	expect(post.carrier).toMatch(/^n8n:/);
	await outcomes.expectNothingAgain();
}, 240_000);
