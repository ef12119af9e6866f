import { allHang, droppedPosts, hangingPosts } from './system/moments';
import { cases, hasBluesky, kinds, Outcomes, tellSkippedBluesky } from './system/outcomes';
import { World } from './system/world';

tellSkippedBluesky();

let world: World;
let outcomes: Outcomes;

/** The runner publishes all posts at once and gets SIGKILL; n8n, by its template, goes on. */
beforeAll(async () => {
	world = await World.start({ bluesky: hasBluesky });
	await world.n8n.start();
	const subjects = await hangingPosts(world, cases);
	const runner = await world.runner('casualty', { concurrency: subjects.length });
	await allHang(world, subjects);
	await runner.kill();
	const dropped = await droppedPosts(world, kinds);
	await world.n8n.publishDueEvery(5, 4);
	outcomes = await Outcomes.of(world, [...subjects, ...dropped]);
}, 480_000);

afterAll(async () => await world?.stop(), 60_000);

const by = /^n8n:/;

test.each(cases)('%s: runner killed at "%s", n8n ends the post', async (kind, moment) => {
	await outcomes.expectPublishedOnce(kind, moment, { by, carriers: 2 });
});

test.each(kinds)('%s: an answer dropped after the commit is found by n8n', async (kind) => {
	await outcomes.expectPublishedOnce(kind, 'dropped', { by, carriers: 1 });
});

test('a runner that returns publishes nothing again', async () => {
	const runner = await world.runner('casualty');
	const rounds = async () => (await runner.health()).drain.lastRoundAt;
	const first = await rounds();
	while ((await rounds()) === first) await new Promise((resolve) => setTimeout(resolve, 250));
	await outcomes.expectNothingAgain();
});
