import type { ClaimAnswer } from '../../core/store/contract';
import { playHistory, type History, type HistoryCall } from './histories';
import { explain, historyStory } from './linearizable';
import { START } from './sequences';
import { SqlStore } from './sql-store';
import { postIdOf, StoreModel } from './store-model';

const { MODEL_HISTORY, MODEL_HISTORIES } = process.env;
const COUNT = Number(MODEL_HISTORIES ?? 200);
/** Share of the histories whose search may be given up: it says nothing about them. */
const MOST_GIVEN_UP = 0.01;
const seeds =
	MODEL_HISTORY === undefined
		? Array.from({ length: COUNT }, (_, place) => 1 + place)
		: [Number(MODEL_HISTORY)];

/** A copy in which one answer is another one. */
function planted(history: History, at: number, value: unknown): History {
	const calls = history.calls.map((call, place) =>
		place === at ? { ...call, answer: { kind: 'ok' as const, value } } : call,
	);
	return { ...history, calls };
}

describe('what concurrent clients saw of the SQL', () => {
	let sql: SqlStore;
	const kept: History[] = [];
	beforeAll(async () => {
		sql = await SqlStore.start(10);
	}, 120_000);
	afterAll(async () => {
		await sql.close();
	});

	test('an order of the calls explains every answer', async () => {
		let calls = 0;
		let skipped = 0;
		const givenUp: number[] = [];
		const open: string[] = [];
		for (const seed of seeds) {
			const history = await playHistory(sql, seed);
			const verdict = explain(history);
			if (verdict.explained === false) open.push(historyStory(history, verdict));
			if (verdict.explained === null) givenUp.push(seed);
			calls += history.calls.length;
			skipped += verdict.skipped;
			if (kept.length < 6) kept.push(history);
		}
		console.info(
			`${seeds.length} histories, ${calls} calls, ${skipped} claims passed an account by, given up: ${givenUp.join() || 'none'}`,
		);
		if (open.length > 0) throw new Error(open.join('\n\n'));
		expect(givenUp.length).toBeLessThanOrEqual(Math.ceil(seeds.length * MOST_GIVEN_UP));
	}, 900_000);

	test('a post that two carriers were given is not explained', () => {
		let tried = 0;
		for (const history of kept) {
			const place = history.calls.findIndex(
				({ name, answer }) =>
					name === 'social_claim' &&
					answer.kind === 'ok' &&
					(answer.value as ClaimAnswer).claim !== null,
			);
			const none = history.calls.findIndex(
				({ name, answer }, other) =>
					other !== place &&
					name === 'social_claim' &&
					answer.kind === 'ok' &&
					(answer.value as ClaimAnswer).claim === null,
			);
			if (place < 0 || none < 0) continue;
			tried += 1;
			const given = history.calls[place].answer;
			expect(
				explain(planted(history, none, given.kind === 'ok' ? given.value : null)).explained,
			).toBe(false);
		}
		expect(tried).toBeGreaterThan(0);
	}, 300_000);

	test('a state that nobody made is not explained', () => {
		let tried = 0;
		for (const history of kept) {
			const place = history.calls.findIndex(
				({ name, answer }) => name === 'social_post_get' && answer.kind === 'ok',
			);
			if (place < 0) continue;
			tried += 1;
			const { answer } = history.calls[place];
			const value = { ...(answer.kind === 'ok' ? (answer.value as object) : {}), attempts: 99 };
			expect(explain(planted(history, place, value)).explained).toBe(false);
		}
		expect(tried).toBeGreaterThan(0);
	}, 300_000);

	test('a call that ended before another began is not put behind it', async () => {
		const history = await playHistory(sql, 1);
		const account = history.before[0].args as { p_id: string };
		const lease = (client: number, id: string, granted: boolean, invoked: number) => ({
			client,
			name: 'social_token_lease' as const,
			args: { p_account_id: account.p_id, p_lease_id: id, p_seen_version: 1, p_lease_ms: 30_000 },
			invoked,
			returned: invoked + 1,
			answer: {
				kind: 'ok' as const,
				value: {
					granted,
					token: 'v1.k1.a.b',
					tokenVersion: 1,
					leaseMsLeft: 30_000,
					status: 'connected',
					interrupted: false,
					retryMs: 0,
					sealWith: null,
				},
			},
		});
		const one = '11111111-1111-4111-8111-111111111111';
		const other = '22222222-2222-4222-8222-222222222222';
		const wrong = [lease(0, one, false, 1), lease(1, other, true, 3)];
		expect(explain({ ...history, calls: wrong }).explained).toBe(false);
		const atOnce = [
			{ ...wrong[0], returned: 5 },
			{ ...wrong[1], invoked: 2, returned: 4 },
		];
		expect(explain({ ...history, calls: atOnce }).explained).toBe(true);
	});

	test("a claim finds another owner's post on its way only while a call ends that flight", () => {
		const model = new StoreModel({ now: () => START });
		const uuid = (digit: number) => `${digit}`.repeat(8) + '-1111-4111-8111-111111111111';
		const before: History['before'] = [];
		const posts = ['default', 'other'].map((owner, place) => {
			const p_id = uuid(1 + place);
			const account = {
				p_id,
				p_owner: owner,
				p_platform: 'x',
				p_mode: 'sandbox',
				p_remote_id: '42',
			};
			const said = { p_handle: 'demo', p_display_name: 'Demo', p_scopes: [], p_token_key_id: 'k1' };
			const urls = { p_base_url: 'http://127.0.0.1:1/x', p_auth_url: 'http://127.0.0.1:1/x' };
			const args = { ...account, ...said, ...urls, p_token: 'v1.k1.a.b' };
			before.push({ name: 'social_account_save', args });
			const of = { owner, key: 'first', ordinal: 0 };
			const entry = { ordinal: 0, accountId: p_id, content: { text: owner }, as: 'scheduled' };
			before.push({
				name: 'social_create',
				args: {
					p_options: { key: of.key, owner, source: 'api', dedupe: false },
					p_entries: [{ ...entry, fingerprint: owner, protocol: 1 }],
				},
			});
			return { id: postIdOf(of), owner };
		});
		for (const { name, args } of before) model.answer(name, args);
		const claim = (digit: number, place: number) => ({
			p_claim: { claimId: uuid(digit), carrier: 'runner', kind: 'runner', protocol: 1 },
			p_post_id: posts[place].id,
		});
		const made = (name: HistoryCall['name'], args: object, invoked: number, returned: number) => ({
			client: invoked,
			name,
			args,
			invoked,
			returned,
			answer: model.answer(name, args),
		});
		const done = {
			...{ p_post_id: posts[0].id, p_fence: 1, p_evidence_id: uuid(5), p_carrier: 'runner' },
			...{ p_part: 0, p_step: 'post', p_outcome: 'done', p_final: true, p_remote_id: '9001' },
		};
		const calls: HistoryCall[] = [
			made('social_claim', claim(3, 0), 1, 2),
			made('social_evidence', done, 3, 9),
			made('social_post_get', { p_post_id: posts[0].id, p_owner: 'default' }, 4, 5),
		];
		const busy: HistoryCall = {
			...calls[0],
			args: claim(4, 1),
			invoked: 7,
			returned: 8,
			answer: { kind: 'ok', value: { claim: null, reason: 'busy', nextDueMs: null } },
		};
		const explained = (ended: number) => {
			const all = [calls[0], { ...calls[1], returned: ended }, calls[2], busy];
			return explain({ seed: 0, before, calls: all }).explained;
		};
		expect(explained(9)).toBe(true);
		expect(explained(6)).toBe(false);
	});
});
