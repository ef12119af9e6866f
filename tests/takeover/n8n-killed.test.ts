import type { PostView } from '../../core/store/contract';
import type { RunnerProcess } from '../runner/runner-process';
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
let runner: RunnerProcess;
let subjects: Subject[];
let dropped: Subject[];
const ended = new Map<string, { subject: Subject; post: PostView }>();

/**
 * n8n publishes all posts at once, each hangs at its moment, n8n gets SIGKILL, and a runner that
 * stood beside it the whole time goes on. The platforms' settle times are waited out once for all.
 */
beforeAll(async () => {
	world = await World.start({ bluesky: missing === null });
	await world.n8n.start();
	const due = await world.n8n.installWebhook('due', {
		operation: 'publishDue',
		options: { watchForSeconds: '={{ $json.body.watch }}' },
	});
	await world.n8n.call(due, { watch: 0 });
	await world.firstRound();
	runner = await world.runner('survivor');
	subjects = await hangingPosts(world, cases);
	// One run carries eight posts at a time.
	const runs = Math.ceil(subjects.length / 8);
	await Promise.all(
		Array.from({ length: runs }, async () => await world.n8n.call(due, { watch: 25 })),
	);
	await allHang(world, subjects);
	await world.n8n.kill();
	dropped = await droppedPosts(world, kinds);
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
	expect(post.carrier).toBe('survivor');
	if (kind === 'bluesky') await expectAddressAnswers(post);
	expect(await world.carriersOf(post)).toHaveLength(carriers);
}

test.each(cases)('%s: n8n killed at "%s", the runner ends the post', async (kind, moment) => {
	await expectPublishedOnce(kind, moment as Moment, 2);
});

test.each(kinds)('%s: an answer dropped after the commit is found by the runner', async (kind) => {
	await expectPublishedOnce(kind, 'dropped', 1);
});

test('n8n that returns publishes nothing again and carries on with what is new', async () => {
	expect(runner.said('n8n_down')).toHaveLength(1);
	await world.n8n.start();
	await world.n8n.publishDueEvery(5, 4);
	await world.wholeRound();
	const fresh = await world.create(await world.account('x'));
	const [post] = await world.inState([fresh], 'published');
	expect(post.carrier).toMatch(/^n8n:/);
	for (const { subject, post: before } of ended.values()) {
		expectLiveOnce(await world.post(before.id), await world.live(subject.account, before));
	}
}, 240_000);
