import { sealToken } from '../../../../core/accounts/vault';
import { claimPosts } from '../../../../core/publishing/carrier';
import { drain } from '../../../../core/publishing/drain';
import type { CarriedAccount } from '../../../../core/store/contract';
import { answers, duePost, scene, type Scene } from './doubles';
import { newPost, postId } from './store-model';

const options = (stage: Scene, watchMs = 0) => ({
	...stage.options,
	watchMs,
	concurrency: 3,
	intervalMs: 30_000,
});

async function anotherAccount(stage: Scene, name = 'other'): Promise<CarriedAccount> {
	const other = { ...stage.account, id: postId(name), remoteId: name };
	const row = { accountId: other.id, owner: other.owner };
	other.token = await sealToken(stage.ports.crypto, stage.key, row, { accessToken: 'b' });
	stage.store.accounts.set(other.id, other);
	return other;
}

describe('a round', () => {
	it('carries all that is due, then writes its heartbeat', async () => {
		const stage = await scene();
		for (let index = 0; index < 7; index++) {
			duePost(stage, { id: postId(`p${index}`) });
			stage.http.on('/post', answers.done(`r${index}`));
		}
		const outcome = await drain(stage.ports, options(stage));
		expect(outcome).toMatchObject({ claimed: 7, counts: { published: 7 }, backedOff: false });
		expect(outcome.posts).toHaveLength(7);
		expect(stage.store.heartbeats).toEqual([
			expect.objectContaining({ p_interval_ms: 30_000, p_carrier: 'runner:test' }),
		]);
	});

	it('tells with its next claim which claims the store left without an answer', async () => {
		const stage = await scene();
		duePost(stage, { id: postId('p') });
		const fences = { highest: 0 };
		stage.store.faults.push({ name: 'social_claim', fault: 'lost_before', times: 40 });
		await drain(stage.ports, { ...options(stage), fences });
		stage.store.faults.length = 0;
		await drain(stage.ports, { ...options(stage), fences });
		await drain(stage.ports, { ...options(stage), fences });
		const claims = stage.store.calls
			.filter(({ name }) => name === 'social_claim')
			.map(({ args }) => args.p_claim as { claimId: string; walkedAway?: string[] });
		const telling = claims.find(({ walkedAway }) => walkedAway !== undefined);
		expect(telling?.walkedAway).toContain(claims[0].claimId);
		expect(claims.at(-1)?.walkedAway).toBeUndefined();
	});

	it('claims several by one call while there is room, each under an id of its own', async () => {
		const stage = await scene();
		for (let n = 0; n < 40; n++) {
			duePost(stage, { id: postId(`p${n}`), accountId: (await anotherAccount(stage, `a${n}`)).id });
			stage.http.on('/post', answers.done(`${n}`));
		}
		const outcome = await drain(stage.ports, { ...options(stage), concurrency: 12 });
		expect(outcome.counts).toEqual({ published: 40 });
		const asked = stage.store.calls
			.filter(({ name }) => name === 'social_claim')
			.map(({ args }) => ({
				id: (args.p_claim as { claimId: string }).claimId,
				more: args.p_more as string[] | undefined,
			}));
		expect(asked[0].more).toBeUndefined();
		expect(asked[1].more).toHaveLength(1);
		expect(asked[2].more).toHaveLength(3);
		expect(asked.length).toBeLessThan(30);
		const ids = asked.flatMap(({ id, more }) => [id, ...(more ?? [])]);
		expect(new Set(ids).size).toBe(ids.length);
	});

	it('a lost answer to several claims is asked for again under the same ids; else all are told', async () => {
		const stage = await scene();
		for (let n = 0; n < 3; n++) {
			duePost(stage, { id: postId(`p${n}`), accountId: (await anotherAccount(stage, `a${n}`)).id });
		}
		const fences = { highest: 0 };
		const carrier = { ...options(stage), fences };
		stage.store.fault('social_claim', 'lost_after', 1);
		const first = await claimPosts(stage.ports, carrier, { graceMs: 0 }, 2);
		expect(first).toMatchObject({ held: [{}, {}], end: null });
		const [lost, repeated] = stage.store.calls.map(({ args }) => args);
		expect(repeated).toEqual(lost);
		stage.store.fault('social_claim', 'lost_after', 1_000);
		expect(await claimPosts(stage.ports, carrier, { graceMs: 0 }, 3)).toMatchObject({
			held: [],
			end: { kind: 'unreachable' },
		});
		const last = stage.store.calls.at(-1)?.args as {
			p_claim: { claimId: string };
			p_more: string[];
		};
		expect([...(carrier.fences as { walkedAway?: Set<string> }).walkedAway!]).toEqual([
			last.p_claim.claimId,
			...last.p_more,
		]);
	});

	it('claims a post when it falls due within the watch, not a later one', async () => {
		const stage = await scene();
		const at = (ms: number) => new Date(stage.clock.now() + ms).toISOString();
		const soon = duePost(stage, { id: postId('soon'), scheduledAt: at(10_300) });
		duePost(stage, { id: postId('late'), scheduledAt: at(40_000) });
		stage.http.on('/post', answers.done('1'));
		const due = Date.parse(soon.scheduledAt ?? '');
		const outcome = await drain(stage.ports, options(stage, 25_000));
		expect(outcome.counts).toEqual({ published: 1 });
		expect(Date.parse(soon.publishedAt ?? '') - due).toBeLessThan(1_000);
	});

	it('stays for a post that is due before the next round, and not for nothing', async () => {
		const stage = await scene();
		const began = stage.clock.now();
		const at = (ms: number) => new Date(began + ms).toISOString();
		const between = duePost(stage, { id: postId('between'), scheduledAt: at(28_000) });
		duePost(stage, { id: postId('next'), scheduledAt: at(31_000) });
		stage.http.on('/post', answers.done('1'));
		const outcome = await drain(stage.ports, { ...options(stage, 25_000), lingerMs: 5_000 });
		expect(outcome.counts).toEqual({ published: 1 });
		expect(Date.parse(between.publishedAt ?? '') - began - 28_000).toBeLessThan(1_000);

		const idle = stage.clock.now();
		await drain(stage.ports, { ...options(stage, 0), lingerMs: 500 });
		expect(stage.clock.now() - idle).toBeLessThan(2_000);
	});

	it('goes on at once with the next post when one under way ends', async () => {
		const stage = await scene();
		const [first, second] = ['one', 'two'].map((name) => duePost(stage, { id: postId(name) }));
		stage.http.on(
			'/post',
			async () => {
				await stage.clock.sleep(700);
				return await answers.done('1')(stage.http.wire[0]);
			},
			answers.done('2'),
		);
		await drain(stage.ports, options(stage, 20_000));
		const gap = Date.parse(second.publishedAt ?? '') - Date.parse(first.publishedAt ?? '');
		expect(gap).toBeLessThan(250);
	});

	it('ends while a slow carry goes on, and the next round claims what is due beside it', async () => {
		const stage = await scene();
		const other = await anotherAccount(stage);
		const slow = duePost(stage, { id: postId('slow') });
		stage.http.on(
			'/post',
			async () => {
				await stage.clock.sleep(15_000);
				return await answers.done('1')(stage.http.wire[0]);
			},
			answers.done('2'),
		);
		const underWay = new Set<Promise<void>>();
		const ended: string[] = [];
		const round = async () =>
			await drain(stage.ports, {
				...options(stage, 2_000),
				underWay,
				onCarried: ({ post }) => ended.push(post.id),
			});
		expect(await round()).toMatchObject({ claimed: 1, counts: {} });
		expect(underWay.size).toBe(1);
		const quick = newPost(other, { id: postId('quick'), scheduledAt: slow.scheduledAt });
		stage.store.addPost(quick);
		expect((await round()).counts).toEqual({ published: 1 });
		await Promise.all(underWay);
		expect(ended).toEqual([quick.id, slow.id]);
		expect(underWay.size).toBe(0);
	});

	it('goes on with other posts when the store refuses what one post wants to save', async () => {
		const stage = await scene();
		const first = duePost(stage);
		const second = newPost(await anotherAccount(stage), { id: postId('two') });
		stage.store.addPost(second);
		stage.store.fault('social_result', { refuse: '22P02', status: 400 });
		stage.http.on('/post', answers.rejected('retry'), answers.done('2'));
		const outcome = await drain(stage.ports, options(stage));
		expect(outcome).toMatchObject({ backedOff: false, trouble: null });
		expect(second.state).toBe('published');
		expect(first.state).toBe('publishing');
	});

	it('pauses after a request that could not leave, and says so without a heartbeat', async () => {
		const stage = await scene();
		duePost(stage);
		stage.http.on('/post', answers.notSent, answers.notSent, answers.notSent);
		const outcome = await drain(stage.ports, options(stage, 12_000));
		// At 0 s and 5 s; the next pause of 10 s is longer than the watch.
		expect(stage.http.wireOf('/post')).toHaveLength(2);
		expect(outcome).toMatchObject({ backedOff: true });
		expect(stage.store.heartbeats).toEqual([]);
	});

	it('claims nothing after a stop', async () => {
		const stage = await scene();
		duePost(stage);
		const outcome = await drain(stage.ports, { ...options(stage), stopping: () => true });
		expect(outcome.claimed).toBe(0);
		expect(stage.store.calls).toEqual([]);
	});

	it('says what is wrong when the store cannot be reached', async () => {
		const stage = await scene();
		stage.store.fault('social_claim', 'lost_before', 1_000);
		const outcome = await drain(stage.ports, options(stage));
		expect(outcome).toMatchObject({ trouble: 'lost', backedOff: true });
	});

	it('leaves no post claimed by an answer that nobody read', async () => {
		const stage = await scene();
		duePost(stage);
		stage.store.fault('social_claim', 'lost_after');
		stage.http.on('/post', answers.done('1'));
		expect((await drain(stage.ports, options(stage))).counts).toEqual({ published: 1 });
	});
});
