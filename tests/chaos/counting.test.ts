import { randomUUID } from 'node:crypto';
import { judge, type Stand } from './count';
import { cellsOf, FAULTS, planRun, planTrial, replayOf, ROWS } from './plan';
import { readOptions } from './options';
import { Tally } from './report';
import { ChaosWorld } from './world';

const everything = { platform: null, fault: null, without: { rows: [], faults: [] } };

describe('the plan', () => {
	test('comes from seed and index alone', () => {
		const run = { seed: 5, index: 0, trials: 200 };
		expect(planRun(run, everything)).toEqual(planRun(run, everything));
		expect(planRun({ ...run, seed: 6 }, everything)).not.toEqual(planRun(run, everything));
		const all = planRun(run, everything);
		expect(planRun({ seed: 5, index: 137, trials: 1 }, everything)).toEqual([all[137]]);
	});

	test('the printed command makes the same trial', () => {
		const [plan] = planRun({ seed: 5, index: 31, trials: 1 }, everything);
		const command = replayOf(plan, { factor: 20, duplicateRules: true });
		const options = readOptions(command.split(' -- ')[1].split(' '));
		const again = planRun(options, { ...everything, ...options });
		expect(again).toEqual([plan]);
	});

	test('has every fault on every platform within its number of cells', () => {
		const cells = cellsOf(3, everything);
		expect(cells).toHaveLength(ROWS.length * FAULTS.length);
		const plans = planRun({ seed: 3, index: 0, trials: cells.length }, everything);
		const seen = new Set(plans.map(({ row, fault }) => `${row} ${fault}`));
		expect(seen.size).toBe(cells.length);
	});

	test('freezes outlast the lease', () => {
		const cells = cellsOf(3, everything);
		for (const cell of cells) {
			expect(planTrial(1, 1, cell).freezeMs).toBeGreaterThan(60_000);
		}
	});
});

describe('bad options', () => {
	test.each([
		[['--trials', 'many'], '--trials takes a whole number'],
		[['--times', 'fast'], '--times takes only "default"'],
		[['--factor', '0'], '--factor takes a number'],
		[['--n8n', '--scenario', 'fast'], 'exclude each other'],
		[['--colour'], "Unknown option '--colour'"],
	])('%j', (args, sentence) => {
		expect(() => readOptions(args)).toThrow(sentence);
	});

	test('names that do not exist', () => {
		expect(() => cellsOf(1, { ...everything, platform: 'myspace' })).toThrow(
			'There is no platform',
		);
		expect(() => cellsOf(1, { ...everything, fault: 'flood' })).toThrow(
			'There is no fault "flood"',
		);
	});
});

describe('the judgement', () => {
	const stand = (change: Partial<Stand>): Stand => ({
		state: 'published',
		remoteId: '1',
		confirmedBy: 'answer',
		live: ['1'],
		error: null,
		...change,
	});

	test.each<[string, Partial<Stand>]>([
		['published_once', {}],
		['published_once', { remoteId: null }],
		['published_once', { remoteId: 'container:1' }],
		['lost', { remoteId: 'container:1', live: [] }],
		['duplicated', { live: ['1', '2'] }],
		['duplicated', { live: ['1', '2'], state: 'needs_review' }],
		['lost', { live: [] }],
		['lost', { remoteId: '2' }],
		['lost', { state: 'failed' }],
		['lost', { state: 'missed' }],
		['lost', { state: 'cancelled' }],
		['lost', { state: 'scheduled', live: [] }],
		['lost', { state: 'failed', live: [] }],
		['needs_review', { state: 'needs_review' }],
	])('%s: %j', (end, change) => {
		expect(judge(stand(change)).end).toBe(end);
	});

	test('sums leave out what is outside the model', () => {
		const tally = new Tally();
		const trial = { platform: 'x', fault: 'kill', resolvedByLookup: false } as const;
		tally.add({ ...trial, end: 'duplicated' });
		tally.add({ ...trial, fault: 'tls-stop-n8n', end: 'duplicated', outside: true });
		const report = tally.report({ seed: 1, seconds: 1, notes: [] });
		expect(report).toMatchObject({ trials: 2, duplicated: 1 });
		expect(report.failures).toHaveLength(1);
	});
});

describe('the counter on a real store and sandbox', () => {
	let world: ChaosWorld;
	beforeAll(async () => {
		const spec = { epochMs: Date.now(), factor: 20 };
		world = await ChaosWorld.start({ spec, duplicateRules: true, pds: null, name: 'count' });
	}, 60_000);
	afterAll(async () => await world.stop());

	/** A published post that the sandbox has and the store knows. */
	async function published() {
		const account = await world.account('x', async (url) => await Promise.resolve(url));
		const post = await world.post(account, false);
		const claim = await world.call('social_claim', {
			p_claim: { claimId: randomUUID(), carrier: 'test', kind: 'runner', protocol: 1 },
			p_post_id: post.id,
		});
		const id = await tweet(account.caller ?? '', post.content.text);
		await world.call('social_evidence', {
			p_evidence_id: randomUUID(),
			p_post_id: post.id,
			p_fence: claim.claim?.fence ?? 0,
			p_carrier: 'test',
			p_intent_id: null,
			p_part: 0,
			p_step: 'post',
			p_outcome: 'done',
			p_final: true,
			p_remote_id: id,
			p_url: null,
			p_error: null,
			p_payload: {},
			p_confirmed_by: 'answer',
		});
		return { account, post };
	}

	/** Posts through the sandbox's own API, past everything that is ours. */
	async function tweet(handle: string, text: string): Promise<string> {
		const token = world.sandbox.state.tokens
			.values()
			.find(
				({ accountId, use }) =>
					use === 'access' && world.sandbox.state.account('x', accountId).handle === handle,
			);
		const answer = await fetch(`${world.sandbox.url}/x/2/tweets`, {
			method: 'POST',
			headers: {
				authorization: `Bearer ${token?.value ?? ''}`,
				'content-type': 'application/json',
			},
			body: JSON.stringify({ text }),
		});
		expect(answer.status).toBe(201);
		return ((await answer.json()) as { data: { id: string } }).data.id;
	}

	test('one entry is one', async () => {
		const { account, post } = await published();
		expect(judge(await world.stand(account, post)).end).toBe('published_once');
	});

	test('a second entry through the platform itself is a duplicate', async () => {
		const { account, post } = await published();
		await tweet(account.caller ?? '', `${post.content.text} again`);
		expect(judge(await world.stand(account, post))).toMatchObject({ end: 'duplicated' });
	});

	test('a post that is set aside is lost', async () => {
		const account = await world.account('x', async (url) => await Promise.resolve(url));
		const post = await world.post(account, false);
		await world.call('social_post_cancel', { p_post_id: post.id, p_owner: 'default' });
		expect(judge(await world.stand(account, post))).toMatchObject({ end: 'lost' });
	});
});
