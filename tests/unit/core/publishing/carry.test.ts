import { claimPost } from '../../../../core/publishing/carrier';
import { answers, duePost, scene, type Scene } from './doubles';
import { postId } from './store-model';

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

it('gives the store whole milliseconds, though the clock of a process counts in fractions', async () => {
	const stage = await scene();
	const hash = 'a'.repeat(64);
	const media = [{ hash, mime: 'image/png', bytes: 3, width: 1, height: 1 }];
	const post = duePost(stage, { content: { text: 'Hello', media: [{ hash }] }, media });
	stage.store.objects.set(`${post.owner}/${hash}`, new Uint8Array([1, 2, 3]));
	stage.clock.pass(0.4);
	const reset = Date.parse('2026-11-22T13:00:00.000Z') - stage.clock.now();
	stage.http.on(
		'/media',
		answers.json(200, { outcome: 'done', result: {}, validMs: 86_400_000.75 }),
	);
	stage.http.on('/post', answers.rejected('rate_limit', { waitMs: reset }));
	expect(await stage.carry(post)).toMatchObject({ end: 'scheduled', reason: 'rate_limit' });
	const [saved] = stage.store.callsOf('social_step_result');
	expect(saved.p_valid_ms).toBe(86_400_000);
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

	it('does not count as absent while the attempt may still be under way, whatever a person said', async () => {
		const stage = await scene();
		const post = duePost(stage);
		stage.http.on('/post', answers.lost, answers.done('2'));
		await stage.carry(post);
		const row = stage.store.row(post.id);
		row.sendAnyway = true;
		row.nextAt = 0;
		stage.lookUps.verdicts.push({ verdict: 'unknown', waitMs: 5_000, tried: 'not asked yet' });
		expect(await stage.carry(post)).toMatchObject({ end: 'scheduled', reason: 'lookup' });
		expect(row.intents.map(({ closedBy }) => closedBy)).toEqual([null]);
		expect(stage.http.wire).toHaveLength(1);
	});

	it('no verdict is asked for while the store cannot say which entries are ours', async () => {
		const stage = await scene();
		const post = duePost(stage);
		stage.http.on('/post', answers.lost);
		stage.clock.pass((await stage.carry(post)).waitMs ?? 0);
		stage.store.fault('social_post_siblings', 'lost_before', 1_000);
		expect((await stage.carry(post)).end).toBe('store_unreachable');
		expect(stage.lookUps.asked).toHaveLength(0);
	});
});

describe('an entry that only a repeat can ask for', () => {
	async function afterLostAnswer(...next: Parameters<Scene['http']['on']>[1][]) {
		const stage = await scene();
		const post = duePost(stage);
		stage.http.on('/post', answers.lost, ...next);
		stage.clock.pass((await stage.carry(post)).waitMs ?? 0);
		return { stage, post };
	}
	const now = { verdict: 'repeat', waitMs: 0, tried: 'nothing can be read' } as const;

	it('is repeated byte for byte under an intent of its own, and adopted from the refusal', async () => {
		const { stage, post } = await afterLostAnswer(answers.rejected('duplicate', { namedId: '77' }));
		stage.lookUps.verdicts.push(now);
		expect(await stage.carry(post)).toMatchObject({
			end: 'published',
			post: { remoteId: '77', url: 'at:77', confirmedBy: 'duplicate' },
		});
		const [first, repeat] = stage.http.wireOf('/post');
		expect(repeat.body).toBe(first.body);
		expect(repeat.headers).toEqual(first.headers);
		const [open, second] = stage.store.row(post.id).intents;
		expect(second.recognise.repeatOf).toBe(open.id);
		expect(second.request).toEqual(open.request);
	});

	it('is the entry itself when the repeat is accepted', async () => {
		const { stage, post } = await afterLostAnswer(answers.done('78'));
		stage.lookUps.verdicts.push(now);
		expect(await stage.carry(post)).toMatchObject({
			end: 'published',
			post: { remoteId: '78', confirmedBy: 'answer' },
		});
	});

	it('is left to a person when the post was cancelled, and not sent once more', async () => {
		const { stage, post } = await afterLostAnswer();
		stage.store.row(post.id).cancelRequested = true;
		stage.lookUps.verdicts.push(now);
		const outcome = await stage.carry(post);
		expect(outcome.post).toMatchObject({
			state: 'needs_review',
			error: { code: 'outcome_unknown', message: expect.stringContaining('cancelled') },
		});
		expect(stage.http.wireOf('/post')).toHaveLength(1);
	});

	it('is not repeated before its time', async () => {
		const { stage, post } = await afterLostAnswer();
		stage.lookUps.verdicts.push({ ...now, waitMs: 90_000 });
		expect(await stage.carry(post)).toMatchObject({
			end: 'scheduled',
			reason: 'lookup',
			waitMs: 90_000,
		});
		expect(stage.http.wireOf('/post')).toHaveLength(1);
	});

	it.each([
		['names no entry', {}],
		['names a stranger', { namedId: 'stranger:1' }],
	])('goes to a person when the refusal %s', async (_, more) => {
		const { stage, post } = await afterLostAnswer(answers.rejected('duplicate', more));
		stage.lookUps.verdicts.push(now);
		const outcome = await stage.carry(post);
		expect(outcome.end).toBe('needs_review');
		expect(stage.store.row(post.id).post.remoteId).toBeNull();
	});

	it('goes to a person when the refusal names another post of ours', async () => {
		const { stage, post } = await afterLostAnswer(answers.rejected('duplicate', { namedId: '5' }));
		duePost(stage, { id: postId('other'), state: 'published', remoteId: '5' });
		stage.lookUps.verdicts.push(now);
		expect((await stage.carry(post)).end).toBe('needs_review');
	});

	it('another refusal closes the repeat only; the first sending stays open', async () => {
		const { stage, post } = await afterLostAnswer(
			answers.rejected('rate_limit', { waitMs: 600_000 }),
		);
		stage.lookUps.verdicts.push(now);
		expect(await stage.carry(post)).toMatchObject({
			end: 'scheduled',
			reason: 'lookup',
			waitMs: 600_000,
		});
		expect(stage.store.row(post.id).intents.map(({ closedBy }) => closedBy)).toEqual([
			null,
			'rejected',
		]);
	});
});
