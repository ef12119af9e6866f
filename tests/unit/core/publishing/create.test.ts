import { createHash } from 'node:crypto';
import { createPosts, type PostDraft } from '../../../../core/publishing/create';
import { publishNow } from '../../../../core/publishing/publish-now';
import { removePost } from '../../../../core/publishing/remove';
import { answers, duePost, scene, type Scene } from './doubles';

/** 1×1 PNG. */
const PNG = new Uint8Array(
	Buffer.from(
		'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
		'base64',
	),
);
const HASH = createHash('sha256').update(PNG).digest('hex');

const call = (entries: PostDraft[], more: Record<string, unknown> = {}) => ({
	key: 'k1',
	owner: 'default',
	source: 'test',
	dedupe: false,
	entries,
	...more,
});

const draft = (stage: Scene, more: Partial<PostDraft> = {}): PostDraft => ({
	accountId: stage.account.id,
	text: 'Hello',
	...more,
});

describe('create', () => {
	it('makes the valid entries and reports the invalid ones with everything that is wrong', async () => {
		const stage = await scene();
		const created = await createPosts(
			stage.ports,
			stage.options.platforms,
			call([
				draft(stage, { media: [{ bytes: PNG, altText: 'a dot' }] }),
				draft(stage, { text: 'x'.repeat(300), media: [{ bytes: new Uint8Array([1, 2]) }] }),
				{ accountId: null, text: 'Hello' },
			]),
		);
		if (created.kind !== 'ok') throw new Error(created.kind);
		expect(created.entries.map(({ result }) => result)).toEqual(['created', 'invalid', 'invalid']);
		expect(created.entries[1].errors?.map(({ code }) => code)).toEqual(['media_not_an_image']);
		expect(stage.store.rows.size).toBe(1);
		expect([...stage.store.objects.keys()]).toEqual([`default/${HASH}`]);
		expect(created.entries[0].post?.content.media).toEqual([{ hash: HASH, altText: 'a dot' }]);
	});

	it('stores the bytes once and leaves those of a faulty entry out', async () => {
		const stage = await scene();
		const media = [{ bytes: PNG }];
		await createPosts(
			stage.ports,
			stage.options.platforms,
			call([draft(stage, { media, text: 'x'.repeat(300) })]),
		);
		expect(stage.store.objects.size).toBe(0);
		await createPosts(stage.ports, stage.options.platforms, call([draft(stage, { media })]));
		await createPosts(stage.ports, stage.options.platforms, {
			...call([draft(stage, { media: [{ hash: HASH }] })]),
			key: 'k2',
		});
		expect(stage.store.callsOf('social_media_register')).toHaveLength(1);
		expect(stage.store.rows.size).toBe(2);
	});

	it('fingerprints what was sent, not what is meant by leaving it out', async () => {
		const stage = await scene();
		const of = async (more: Partial<PostDraft>) => {
			await createPosts(
				stage.ports,
				stage.options.platforms,
				call([draft(stage, more)], { dryRun: true }),
			);
			return stage.store.callsOf('social_create').at(-1)?.p_entries[0].fingerprint;
		};
		expect(await of({})).toBe(await of({}));
		expect(await of({})).not.toBe(await of({ as: 'scheduled' }));
		expect(await of({})).not.toBe(await of({ text: 'Other' }));
	});

	it('only checks when asked to: nothing is stored, no picture is missed', async () => {
		const stage = await scene();
		const created = await createPosts(
			stage.ports,
			stage.options.platforms,
			call([draft(stage, { media: [{ bytes: PNG }] })], { dryRun: true }),
		);
		expect(created).toMatchObject({ kind: 'ok', entries: [{ result: 'created' }] });
		expect([stage.store.objects.size, stage.store.rows.size]).toEqual([0, 0]);
	});

	it('asks again when the answer was lost: one post', async () => {
		const stage = await scene();
		stage.store.fault('social_create', 'lost_after', 2);
		const created = await createPosts(stage.ports, stage.options.platforms, call([draft(stage)]));
		expect(created).toMatchObject({ kind: 'ok', entries: [{ result: 'existing' }] });
		expect(stage.store.rows.size).toBe(1);
	});
});

describe('publish now', () => {
	const options = (stage: Scene, waitForMs = 60_000) => ({ ...stage.options, waitForMs });

	it('carries the first by its claim and the others after it', async () => {
		const stage = await scene();
		stage.http.on('/post', answers.done('1'), answers.done('2'), answers.done('3'));
		const entries = [draft(stage), draft(stage, { text: 'B' }), draft(stage, { text: 'C' })];
		const outcome = await publishNow(stage.ports, options(stage), call(entries));
		if (outcome.kind !== 'ok') throw new Error(outcome.kind);
		expect(outcome.entries.map(({ post }) => post?.state)).toEqual([
			'published',
			'published',
			'published',
		]);
		expect(stage.http.wireOf('/post')).toHaveLength(3);
	});

	it('takes a post again that was handed back for a short wait', async () => {
		const stage = await scene();
		stage.http.on('/post', answers.rejected('rate_limit', { waitMs: 9_000 }), answers.done('1'));
		const outcome = await publishNow(stage.ports, options(stage), call([draft(stage)]));
		expect(outcome).toMatchObject({ entries: [{ post: { state: 'published' } }] });
	});

	it('does not wait for what comes after its time', async () => {
		const stage = await scene();
		stage.http.on('/post', answers.rejected('rate_limit', { waitMs: 90_000 }));
		const began = stage.clock.now();
		const outcome = await publishNow(stage.ports, options(stage), call([draft(stage)]));
		expect(outcome).toMatchObject({
			entries: [{ post: { state: 'scheduled', waitReason: 'rate_limit' } }],
		});
		expect(stage.clock.now()).toBe(began);
	});

	it('only creates when it shall not wait at all', async () => {
		const stage = await scene();
		const outcome = await publishNow(stage.ports, options(stage, 0), call([draft(stage)]));
		expect(outcome).toMatchObject({ entries: [{ post: { state: 'scheduled' } }] });
		expect(stage.http.wire).toEqual([]);
	});

	it('repeated with its key publishes nothing more', async () => {
		const stage = await scene();
		stage.http.on('/post', answers.done('1'));
		await publishNow(stage.ports, options(stage), call([draft(stage)]));
		const again = await publishNow(stage.ports, options(stage), call([draft(stage)]));
		expect(again).toMatchObject({ entries: [{ result: 'existing', post: { remoteId: '1' } }] });
		expect(stage.http.wireOf('/post')).toHaveLength(1);
	});
});

describe('delete', () => {
	const wanted = (id: string) => ({ postId: id, owner: 'default' });

	it('removes a published post once and marks it', async () => {
		const stage = await scene();
		const post = duePost(stage, { state: 'published', remoteId: '7' });
		stage.http.on('/post/7', answers.rejected('refresh'), answers.json(200, { outcome: 'done' }));
		stage.http.on('/token', answers.json(200, { accessToken: 'second' }));
		expect(await removePost(stage.ports, stage.options, wanted(post.id))).toMatchObject({
			kind: 'removed',
			post: { deletedAt: expect.any(String) },
		});
		await removePost(stage.ports, stage.options, wanted(post.id));
		expect(stage.http.wireOf('/post/7')).toHaveLength(2);
	});

	it('refuses what is not published, and says that an unclear end may be repeated', async () => {
		const stage = await scene();
		const post = duePost(stage);
		expect(await removePost(stage.ports, stage.options, wanted(post.id))).toMatchObject({
			error: { code: 'post_not_published' },
		});
		Object.assign(post, { state: 'published', remoteId: '7' });
		stage.http.on('/post/7', answers.lost);
		expect(await removePost(stage.ports, stage.options, wanted(post.id))).toMatchObject({
			error: { code: 'delete_unclear' },
		});
	});
});
