import { carryPost } from '../../../../core/publishing/carry';
import { claimPost } from '../../../../core/publishing/carrier';
import { answers, duePost, scene, type Scene } from './doubles';

const evidenceOf = (stage: Scene, id: string) =>
	stage.store.row(id).evidence.map(({ outcome, remoteId }) => ({ outcome, remoteId }));

describe('a visible step', () => {
	it('is published once, the intent before it and the evidence right after', async () => {
		const stage = await scene();
		const post = duePost(stage);
		stage.http.on('/post', answers.done('100'));
		const outcome = await stage.carry(post);
		expect(outcome.end).toBe('published');
		expect(outcome.post).toMatchObject({ state: 'published', remoteId: '100' });
		expect(stage.store.calls.map(({ name }) => name)).toEqual([
			'social_claim',
			'social_intent',
			'social_evidence',
			'social_result',
		]);
		expect(stage.http.wire).toHaveLength(1);
		expect(stage.store.row(post.id).intents[0].request.headers).not.toHaveProperty('authorization');
	});

	it.each(['lost_before', 'lost_after'] as const)(
		'is not sent when the answer to its intent is %s, and goes out later',
		async (fault) => {
			const stage = await scene();
			const post = duePost(stage);
			stage.store.fault('social_intent', fault);
			stage.http.on('/post', answers.done('100'));
			const outcome = await stage.carry(post);
			expect(stage.http.wire).toHaveLength(0);
			expect(outcome).toMatchObject({ end: 'scheduled', reason: 'handed_back', backOff: true });
			expect(stage.store.row(post.id).intents.map(({ closedBy }) => closedBy)).toEqual(
				fault === 'lost_after' ? ['not_sent'] : [],
			);
			expect((await stage.carry(post)).end).toBe('published');
			expect(stage.http.wire).toHaveLength(1);
		},
	);

	it('saves evidence again under the same id when the answer was lost', async () => {
		const stage = await scene();
		const post = duePost(stage);
		stage.http.on('/post', answers.done('100'));
		stage.store.fault('social_evidence', 'lost_after', 3);
		expect((await stage.carry(post)).end).toBe('published');
		const ids = stage.store.callsOf('social_evidence').map((args) => args.p_evidence_id);
		expect(ids).toHaveLength(4);
		expect(new Set(ids).size).toBe(1);
		expect(evidenceOf(stage, post.id)).toEqual([{ outcome: 'done', remoteId: '100' }]);
	});

	it('says which evidence could not be saved, and the look-up finds it later', async () => {
		const stage = await scene();
		const post = duePost(stage);
		stage.http.on('/post', answers.done('100'));
		stage.store.fault('social_evidence', { refuse: 'http_401', status: 401 }, 1_000);
		const outcome = await stage.carry(post);
		expect(outcome).toMatchObject({
			end: 'evidence_unsaved',
			unsaved: { outcome: 'done', remoteId: '100' },
		});
		expect(stage.store.row(post.id).post.state).toBe('publishing');
		stage.store.faults.length = 0;
		stage.clock.pass(120_000);
		stage.lookUps.verdicts.push({ verdict: 'found', remoteId: '100', url: 'u', by: 'lookup' });
		expect(await stage.carry(post)).toMatchObject({
			end: 'published',
			post: { confirmedBy: 'lookup', url: 'u' },
		});
		expect(stage.http.wire).toHaveLength(1);
	});

	it('still saves its evidence when another carrier took the post meanwhile', async () => {
		const stage = await scene();
		const post = duePost(stage);
		stage.http.on('/post', () => {
			stage.store.takeOver(post.id);
			return answers.done('100')(stage.http.wire[0]);
		});
		await stage.carry(post);
		expect(stage.store.row(post.id).post).toMatchObject({ state: 'published', remoteId: '100' });
	});

	it('does not send after a stale fence', async () => {
		const stage = await scene();
		const post = duePost(stage);
		stage.store.before = (name) => {
			if (name === 'social_intent') stage.store.takeOver(post.id);
		};
		expect((await stage.carry(post)).end).toBe('lost_claim');
		expect(stage.http.wire).toHaveLength(0);
		expect(stage.store.row(post.id).evidence).toEqual([]);
	});

	it('does not send when the deadline passed while the process was frozen', async () => {
		const stage = await scene();
		const post = duePost(stage);
		stage.http.on('/post', answers.done('100'));
		const { send } = stage.http;
		stage.ports.http = {
			send: async (request) => {
				stage.clock.pass(180_000);
				return await send.call(stage.http, request);
			},
		};
		const outcome = await stage.carry(post);
		expect(stage.http.wire).toHaveLength(0);
		expect(evidenceOf(stage, post.id)).toEqual([{ outcome: 'not_sent', remoteId: null }]);
		expect(outcome.end).toBe('scheduled');
	});

	it('is free at once when nothing was written, and this carrier backs off', async () => {
		const stage = await scene();
		const post = duePost(stage);
		stage.http.on('/post', answers.notSent);
		expect(await stage.carry(post)).toMatchObject({
			end: 'scheduled',
			reason: 'not_sent',
			waitMs: 0,
			backOff: true,
		});
		expect(stage.store.row(post.id).intents[0].closedBy).toBe('not_sent');
	});
});

describe('an unclear answer', () => {
	it.each([
		['lost', answers.lost],
		['unreadable', answers.garbage],
	])('%s: looked up after the settle time, never before, and adopted', async (_name, answer) => {
		const stage = await scene();
		const post = duePost(stage);
		stage.http.on('/post', answer);
		const first = await stage.carry(post);
		expect(first).toMatchObject({ end: 'scheduled', reason: 'lookup' });
		const [intent] = stage.store.row(post.id).intents;
		stage.lookUps.verdicts.push({ verdict: 'found', remoteId: '7', url: null, by: 'lookup' });
		stage.clock.pass(first.waitMs ?? 0);
		expect((await stage.carry(post)).end).toBe('published');
		expect(stage.lookUps.askedAt[0]).toBeGreaterThanOrEqual(Date.parse(intent.settledAt));
		expect(stage.http.wire).toHaveLength(1);
	});

	it('left by a dead carrier is not looked up before its settle time', async () => {
		const stage = await scene();
		const post = duePost(stage);
		stage.http.on('/post', answers.done('1'));
		stage.store.fault('social_evidence', 'lost_before', 1_000);
		await stage.carry(post);
		stage.store.faults.length = 0;
		const [intent] = stage.store.row(post.id).intents;
		intent.settledAt = new Date(stage.clock.now() + 90_000).toISOString();
		stage.store.row(post.id).leaseUntil = 0;
		expect(await stage.carry(post)).toMatchObject({ end: 'scheduled', reason: 'lookup' });
		expect(stage.lookUps.asked).toHaveLength(0);
	});

	it('absent: sent once more, byte for byte; absent again: a person decides', async () => {
		const stage = await scene();
		const post = duePost(stage);
		stage.http.on('/post', answers.lost, answers.lost);
		stage.clock.pass((await stage.carry(post)).waitMs ?? 0);
		stage.lookUps.verdicts.push({ verdict: 'absent', proof: { reads: 2 } });
		stage.clock.pass((await stage.carry(post)).waitMs ?? 0);
		expect(stage.http.wire).toHaveLength(2);
		expect(stage.http.wire[1].body).toBe(stage.http.wire[0].body);
		stage.lookUps.verdicts.push({ verdict: 'absent', proof: { reads: 2 } });
		expect((await stage.carry(post)).end).toBe('needs_review');
		expect(stage.http.wire).toHaveLength(2);
	});

	it('unknown: asked again with growing waits, then a person decides with what was tried', async () => {
		const stage = await scene();
		const post = duePost(stage, { maxLatenessMs: 1e12 });
		stage.http.on('/post', answers.lost);
		let outcome = await stage.carry(post);
		const waits: number[] = [];
		for (let round = 0; outcome.end === 'scheduled' && round < 30; round++) {
			stage.clock.pass(outcome.waitMs ?? 0);
			stage.lookUps.verdicts.push({
				verdict: 'unknown',
				waitMs: 1_000,
				tried: 'read the timeline',
				note: { round },
			});
			outcome = await stage.carry(post);
			waits.push(outcome.waitMs ?? 0);
		}
		expect(outcome.end).toBe('needs_review');
		expect(outcome.post.error?.message).toContain('read the timeline');
		expect(waits.slice(0, 4)).toEqual([15_000, 30_000, 60_000, 120_000]);
		expect(stage.lookUps.asked.at(-1)?.notes).toContainEqual(expect.objectContaining({ round: 3 }));
		expect(stage.http.wire).toHaveLength(1);
	});

	it('too late: looked up, never sent again', async () => {
		const stage = await scene();
		const post = duePost(stage);
		stage.http.on('/post', answers.lost);
		await stage.carry(post);
		stage.clock.pass(2 * 86_400_000);
		stage.lookUps.verdicts.push({ verdict: 'absent', proof: {} });
		await stage.carry(post);
		const claim = await claimPost(stage.ports, stage.options, { postId: post.id });
		expect(claim.kind).toBe('none');
		expect(stage.store.row(post.id).post.state).toBe('missed');
		expect(stage.http.wire).toHaveLength(1);
	});

	it('a duplicate refusal after it is looked up; when nothing is found a person decides', async () => {
		const stage = await scene();
		const post = duePost(stage);
		stage.http.on('/post', answers.lost, answers.rejected('duplicate'));
		stage.clock.pass((await stage.carry(post)).waitMs ?? 0);
		stage.lookUps.verdicts.push({ verdict: 'absent', proof: {} });
		const second = await stage.carry(post);
		expect(second).toMatchObject({ end: 'scheduled', reason: 'lookup' });
		stage.clock.pass(second.waitMs ?? 0);
		stage.lookUps.verdicts.push({ verdict: 'absent', proof: {} });
		expect((await stage.carry(post)).end).toBe('needs_review');
		expect(stage.http.wire).toHaveLength(2);
	});

	it('that stays unknown counts as absent when a person said that it is not live', async () => {
		const stage = await scene();
		const post = duePost(stage);
		stage.http.on('/post', answers.lost, answers.done('2'));
		stage.clock.pass((await stage.carry(post)).waitMs ?? 0);
		stage.store.row(post.id).sendAnyway = true;
		stage.lookUps.verdicts.push({ verdict: 'unknown', waitMs: null, tried: 'read the timeline' });
		expect((await stage.carry(post)).end).toBe('published');
		expect(stage.store.row(post.id).intents.map(({ closedBy }) => closedBy)).toEqual([
			'absent',
			'done',
		]);
	});

	it('a store that lists only part of our posts ends the look-up without a verdict', async () => {
		const stage = await scene();
		const post = duePost(stage);
		stage.http.on('/post', answers.lost);
		stage.clock.pass((await stage.carry(post)).waitMs ?? 0);
		stage.store.fault('social_post_list', 'lost_before', 1_000);
		expect((await stage.carry(post)).end).toBe('store_unreachable');
		expect(stage.lookUps.asked).toHaveLength(0);
	});
});

describe('a refusal', () => {
	it.each([
		['permanent', 'failed', null, null],
		['duplicate', 'failed', null, null],
		['retry', 'scheduled', 'retry', 30_000],
		['rate_limit', 'scheduled', 'rate_limit', 900_000],
		['account', 'scheduled', 'account_dead', 3_600_000],
		['reconnect', 'scheduled', 'account_dead', 3_600_000],
	])('%s on a first attempt: %s', async (kind, end, reason, waitMs) => {
		const stage = await scene();
		const post = duePost(stage);
		stage.http.on('/post', answers.rejected(kind));
		expect(await stage.carry(post)).toMatchObject({ end, reason, waitMs });
		expect(stage.store.row(post.id).intents[0].closedBy).toBe('rejected');
		expect(stage.account.status).toBe(kind === 'reconnect' ? 'reconnect' : 'connected');
	});

	it('retries with growing waits, then fails', async () => {
		const stage = await scene();
		const post = duePost(stage);
		stage.http.on('/post', ...Array.from({ length: 12 }, () => answers.rejected('retry')));
		const waits: (number | null)[] = [];
		for (let round = 0; round < 12; round++) {
			const outcome = await stage.carry(post);
			waits.push(outcome.waitMs);
			stage.clock.pass(outcome.waitMs ?? 0);
		}
		expect(waits.slice(0, 8)).toEqual([
			30_000, 60_000, 120_000, 240_000, 480_000, 960_000, 1_800_000, 1_800_000,
		]);
		expect(stage.store.row(post.id).post.state).toBe('failed');
	});

	it('of the access token: refreshed once, sent again with the new one', async () => {
		const stage = await scene();
		const post = duePost(stage);
		stage.http.on('/post', answers.rejected('refresh'), answers.done('5'));
		stage.http.on('/token', answers.json(200, { accessToken: 'second', refreshToken: 'r2' }));
		expect((await stage.carry(post)).end).toBe('published');
		const sent = stage.http.wireOf('/post').map(({ headers }) => headers.authorization);
		expect(sent).toEqual(['Bearer first', 'Bearer second']);
		expect(stage.http.wireOf('/post')[1].body).toBe(stage.http.wireOf('/post')[0].body);
	});

	it('of the fresh token too: the account waits for its person', async () => {
		const stage = await scene();
		const post = duePost(stage);
		stage.http.on('/post', answers.rejected('refresh'), answers.rejected('refresh'));
		stage.http.on('/token', answers.json(200, { accessToken: 'second' }));
		expect(await stage.carry(post)).toMatchObject({ end: 'scheduled', reason: 'account_dead' });
		expect(stage.account.status).toBe('reconnect');
	});
});

describe('invisible steps', () => {
	const media = { content: { text: 'Hello', media: [{ hash: 'aa' }] } };

	it('run once: a later claim uses the stored result', async () => {
		const stage = await scene();
		const post = duePost(stage, media);
		stage.store.objects.set('default/aa', new Uint8Array([1]));
		stage.http.on('/media', answers.json(200, { outcome: 'done', result: { id: 'm1' } }));
		stage.http.on('/post', answers.rejected('retry'), answers.done('9'));
		stage.clock.pass((await stage.carry(post)).waitMs ?? 0);
		expect((await stage.carry(post)).end).toBe('published');
		expect(stage.http.wireOf('/media')).toHaveLength(1);
	});

	it('run again when their result has expired', async () => {
		const stage = await scene();
		const post = duePost(stage, media);
		stage.store.objects.set('default/aa', new Uint8Array([1]));
		const done = (id: string) =>
			answers.json(200, { outcome: 'done', result: { id }, validMs: 3_600_000 });
		stage.http.on('/media', done('m1'), done('m2'));
		stage.http.on('/post', answers.rejected('retry'), answers.done('9'));
		await stage.carry(post);
		stage.clock.pass(3_700_000);
		expect((await stage.carry(post)).end).toBe('published');
		expect(stage.http.wireOf('/post').map(({ body }) => body)).toEqual([
			expect.stringContaining('m1'),
			expect.stringContaining('m2'),
		]);
	});

	it('are made anew, at most twice in a claim, when the platform lost them', async () => {
		const stage = await scene();
		const post = duePost(stage, media);
		stage.store.objects.set('default/aa', new Uint8Array([1]));
		const done = answers.json(200, { outcome: 'done', result: { id: 'm' } });
		stage.http.on('/media', done, done, done);
		const redo = answers.rejected('redo', { redo: ['media_0'] });
		stage.http.on('/post', redo, redo, redo);
		expect(await stage.carry(post)).toMatchObject({ end: 'scheduled', reason: 'retry' });
		expect(stage.http.wireOf('/media')).toHaveLength(3);
	});

	it('that are not ready are handed back with their time, never slept on', async () => {
		const stage = await scene();
		const post = duePost(stage, media);
		stage.store.objects.set('default/aa', new Uint8Array([1]));
		stage.http.on(
			'/media',
			answers.json(200, { outcome: 'wait', waitMs: 7_000, reason: 'container' }),
		);
		const began = stage.clock.now();
		expect(await stage.carry(post)).toMatchObject({ reason: 'container', waitMs: 7_000 });
		expect(stage.clock.now()).toBe(began);
	});

	it('that end unclear are simply run again later', async () => {
		const stage = await scene();
		const post = duePost(stage, media);
		stage.store.objects.set('default/aa', new Uint8Array([1]));
		stage.http.on('/media', answers.lost);
		expect(await stage.carry(post)).toMatchObject({ end: 'scheduled', reason: 'retry' });
		expect(stage.store.row(post.id).intents).toEqual([]);
	});

	it('without their bytes fail the post with a clear word', async () => {
		const stage = await scene();
		const post = duePost(stage, media);
		expect(await stage.carry(post)).toMatchObject({
			end: 'failed',
			post: { error: { code: 'media_unavailable' } },
		});
	});
});

describe('stopping and cancelling', () => {
	it('hands the post back before a visible step', async () => {
		const stage = await scene();
		const post = duePost(stage);
		stage.options.stopping = () => true;
		expect(await stage.carry(post)).toMatchObject({ reason: 'handed_back', waitMs: 0 });
		expect(stage.http.wire).toHaveLength(0);
	});

	it('finishes a request under way and saves its evidence', async () => {
		const stage = await scene();
		const post = duePost(stage);
		let stop = false;
		stage.options.stopping = () => stop;
		stage.http.on('/post', (request) => {
			stop = true;
			return answers.done('3')(request);
		});
		expect((await stage.carry(post)).end).toBe('published');
	});

	it('a cancel that comes before the intent takes effect there', async () => {
		const stage = await scene();
		const post = duePost(stage);
		stage.store.before = (name) => {
			if (name === 'social_intent') stage.store.row(post.id).cancelRequested = true;
		};
		expect((await stage.carry(post)).end).toBe('cancelled');
		expect(stage.http.wire).toHaveLength(0);
	});

	it('another vault key hands the post to a carrier that has the right one', async () => {
		const stage = await scene();
		const post = duePost(stage);
		const options = { ...stage.options, vaultKey: { ...stage.key, keyId: 'ffffffff' } };
		const claim = await claimPost(stage.ports, options, { postId: post.id });
		if (claim.kind !== 'held') throw new Error('claimed');
		expect(await carryPost(stage.ports, options, claim.held)).toMatchObject({
			reason: 'not_sent',
			waitMs: 0,
			backOff: true,
			post: { error: { code: 'vault_key_mismatch' } },
		});
	});
});
