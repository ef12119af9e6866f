import type { PostView } from '../../core/store/contract';
import {
	allHang,
	CASES,
	confirmation,
	droppedPosts,
	expectAddressAnswers,
	expectLiveOnce,
	hangingPosts,
	nameOf,
	type Moment,
	type Subject,
} from './system/moments';
import { KINDS, noBluesky, World, type Kind } from './system/world';

const missing = noBluesky();
const withoutBluesky = (kind: Kind) => kind !== 'bluesky' || missing === null;
const cases = CASES.filter(([kind]) => withoutBluesky(kind));
const kinds = KINDS.filter(withoutBluesky);
if (missing !== null) {
	test.skip(`bluesky (skipped: ${missing.replace(/[()[\]]/g, ' ')})`, () => undefined);
}

let world: World;
const ended = new Map<string, { subject: Subject; post: PostView }>();

/** The runner publishes all posts at once and gets SIGKILL; n8n, by its template, goes on. */
beforeAll(async () => {
	world = await World.start({ bluesky: missing === null });
	await world.n8n.start();
	const subjects = await hangingPosts(world, cases);
	const runner = await world.runner('casualty', { concurrency: subjects.length });
	await allHang(world, subjects);
	await runner.kill();
	const dropped = await droppedPosts(world, kinds);
	await world.n8n.publishDueEvery(5, 4);
	const all = [...subjects, ...dropped];
	const posts = await world.inState(
		all.map(({ post }) => post),
		'published',
		'needs_review',
		'failed',
		'missed',
	);
	for (const [index, post] of posts.entries()) {
		const subject = all[index];
		ended.set(nameOf(subject.account.kind, subject.moment), { subject, post });
	}
}, 480_000);

afterAll(async () => await world?.stop(), 60_000);

async function expectPublishedOnce(kind: Kind, moment: Subject['moment'], carriers: number) {
	const found = ended.get(nameOf(kind, moment));
	if (found === undefined) throw new Error(`No post of ${kind}, ${moment}`);
	const { subject, post } = found;
	expectLiveOnce(post, await world.live(subject.account, post));
	expect(post.confirmedBy).toBe(confirmation(kind, moment));
	expect(post.carrier).toMatch(/^n8n:/);
	if (kind === 'bluesky') await expectAddressAnswers(post);
	expect(await world.carriersOf(post)).toHaveLength(carriers);
}

test.each(cases)('%s: runner killed at "%s", n8n ends the post', async (kind, moment) => {
	await expectPublishedOnce(kind, moment as Moment, 2);
});

test.each(kinds)('%s: an answer dropped after the commit is found by n8n', async (kind) => {
	await expectPublishedOnce(kind, 'dropped', 1);
});

test('a runner that returns publishes nothing again', async () => {
	const runner = await world.runner('casualty');
	const rounds = async () => (await runner.health()).drain.lastRoundAt;
	const first = await rounds();
	while ((await rounds()) === first) await new Promise((resolve) => setTimeout(resolve, 250));
	for (const { subject, post: before } of ended.values()) {
		expectLiveOnce(await world.post(before.id), await world.live(subject.account, before));
	}
});
