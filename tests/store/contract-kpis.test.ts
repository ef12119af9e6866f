import { randomUUID } from 'node:crypto';
import type { Client } from 'pg';
import type { KpiAnswer, KpiCounts } from '../../core/store/contract';
import {
	callsOf,
	claimPost,
	createPost,
	giveUp,
	saveAccount,
	saveEvidence,
	type Call,
} from './fixtures';
import { loadPast } from './kpi-load';
import { openStore, type OpenStore } from './open-store';

const DAY_MS = 86_400_000;
const error = { code: 'refused', message: 'm', remedy: 'r' };

let store: OpenStore;
let call: Call;
let database: Client;

beforeAll(async () => {
	store = await openStore();
	({ call, database } = store);
}, 120_000);

afterAll(() => store?.remove());

/** Midnight in UTC so many days ago. */
const day = (ago: number) => new Date(Math.floor(Date.now() / DAY_MS) * DAY_MS - ago * DAY_MS);
const at = (ago: number, hours: number) => new Date(day(ago).getTime() + hours * 3_600_000);

async function rollUp() {
	for (;;) {
		const { upToDate } = await call('social_rollup', { p_budget_ms: 20_000 });
		if (upToDate) return;
	}
}

type Wish = Omit<Parameters<typeof call<'social_kpis'>>[1], 'p_from' | 'p_to'>;

const kpis = (wish: Wish, from = day(90), to = at(-1, 0)) =>
	call('social_kpis', { p_from: from.toISOString(), p_to: to.toISOString(), ...wish });

/** The counts that are not 0. */
const some = (counts: KpiCounts | undefined) =>
	Object.fromEntries(
		Object.entries(counts ?? {}).filter(([name, value]) => name !== 'key' && value !== 0),
	);

const ownerOf = (name: string) => `${name}-${randomUUID()}`;

async function post(owner: string, change = {}) {
	return await createPost(call, await saveAccount(call, { p_owner: owner }), change, owner);
}

async function end(owner: string, to: 'failed' | 'needs_review' | 'published', change = {}) {
	const made = await post(owner, change);
	if (to === 'published') await saveEvidence(call, await claimPost(call, made.id));
	else await giveUp(call, made.id, to, error);
	return made;
}

test('events are counted the moment they happen, and each once', async () => {
	const owner = ownerOf('live');
	await end(owner, 'published');
	const failed = await end(owner, 'failed');
	const cancelled = await post(owner, {
		scheduledAt: new Date(Date.now() + DAY_MS).toISOString(),
	});
	await call('social_post_cancel', { p_post_id: cancelled.id, p_owner: owner });
	expect(some((await kpis({ p_owner: owner })).totals)).toMatchObject({
		created: 3,
		published: 1,
		failed: 1,
		cancelled: 1,
	});
	// What failed goes out later: it is a failure and a publication.
	await call('social_post_retry', { p_post_id: failed.id, p_owner: owner });
	await saveEvidence(call, await claimPost(call, failed.id));
	for (const moment of ['before', 'after'] as const) {
		if (moment === 'after') await rollUp();
		const answer = await kpis({ p_owner: owner });
		expect(some(answer.totals)).toEqual({
			created: 3,
			published: 2,
			failed: 1,
			cancelled: 1,
			lateness: { p50: expect.any(Number) as number, p95: expect.any(Number) as number },
		});
		expect(answer.carriers.map(({ key }) => key)).toEqual(['none', 'runner']);
		expect(answer.series).toHaveLength(1);
		expect(some((await kpis({ p_owner: owner, p_filters: { carriers: ['n8n'] } })).totals)).toEqual(
			{ lateness: null },
		);
	}
	expect((await kpis({ p_owner: ownerOf('nobody') })).totals).toEqual({
		created: 0,
		published: 0,
		failed: 0,
		missed: 0,
		cancelled: 0,
		needsReview: 0,
		lateness: null,
	});
});

test("a person's word on what went out long ago counts in its own hour, once", async () => {
	const owner = ownerOf('review');
	const made = await end(owner, 'needs_review');
	await database.query(`update musekit_social.intents set saved_at = $2 where post_id = $1`, [
		made.id,
		at(3, 5),
	]);
	await rollUp();
	await call('social_post_resolve', {
		p_post_id: made.id,
		p_owner: owner,
		p_resolve_id: randomUUID(),
		p_decision: { to: 'live', remoteId: randomUUID(), url: null },
	});
	for (const moment of ['before', 'after'] as const) {
		if (moment === 'after') await rollUp();
		const answer = await kpis({ p_owner: owner, p_bucket: 'hour' }, day(5));
		expect(some(answer.totals)).toMatchObject({ created: 1, published: 1, needsReview: 1 });
		expect(some(answer.series.find(({ key }) => key === at(3, 5).toISOString()))).toMatchObject({
			published: 1,
		});
	}
});

test('late evidence of a post that had failed is counted once', async () => {
	const owner = ownerOf('late');
	const made = await post(owner);
	const claim = await giveUp(call, made.id, 'failed', error);
	await saveEvidence(call, claim);
	const wanted = { created: 1, failed: 1, published: 1 };
	expect(some((await kpis({ p_owner: owner })).totals)).toMatchObject(wanted);
	await rollUp();
	expect(some((await kpis({ p_owner: owner })).totals)).toMatchObject(wanted);
});

test('the past is rolled up once, whoever calls at the same time, in every step', async () => {
	const owner = ownerOf('past');
	await database.query(`update musekit_social.kpi_state set until = '-infinity'`);
	await database.query('truncate musekit_social.kpi_counts');
	await loadPast(database, { owner, posts: 1_000, from: at(80, 0), to: at(0, 0), lateMs: [1_000] });
	await loadPast(database, {
		owner,
		platform: 'linkedin',
		kind: 'runner',
		posts: 500,
		from: at(80, 0),
		to: at(0, 0),
		lateMs: [60_000],
	});
	await Promise.all(
		Array.from({ length: 6 }, () => call('social_rollup', { p_budget_ms: 20_000 })),
	);
	await rollUp();
	const { rows } = await database.query<{ day: Date; count: number }>(
		`select date_trunc('day', published_at, 'UTC') as day, count(*)::int as count
		from musekit_social.posts where owner_id = $1 group by 1 order by 1`,
		[owner],
	);
	const byDay = await kpis({ p_owner: owner });
	expect(
		byDay.series
			.filter(({ published }) => published > 0)
			.map(({ key, published }) => [key, published]),
	).toEqual(rows.map((row) => [row.day.toISOString(), row.count]));
	expect(byDay.totals).toMatchObject({ created: 1_500, published: 1_500 });
	for (const p_bucket of ['week', 'month'] as const) {
		const answer = await kpis({ p_owner: owner, p_bucket });
		expect(answer.series.reduce((sum, { published }) => sum + published, 0)).toBe(1_500);
	}
	const near = (wanted: number, value = 0) =>
		expect(Math.abs(value / wanted - 1)).toBeLessThanOrEqual(0.1);
	const platforms = new Map(byDay.platforms.map((group) => [group.key, group]));
	near(1_000, platforms.get('x')?.lateness?.p50);
	near(60_000, platforms.get('linkedin')?.lateness?.p95);
	near(1_000, byDay.totals.lateness?.p50);
	near(60_000, byDay.totals.lateness?.p95);
	const runner = await kpis({ p_owner: owner, p_filters: { carriers: ['runner'] } });
	expect(runner.totals).toMatchObject({ created: 0, published: 500 });
	expect(runner.platforms.map(({ key }) => key)).toEqual(['linkedin']);
});

test('percentiles lie within 10 % of the exact ones, from 0.1 s to 30 days', async () => {
	const owner = ownerOf('spread');
	// Evenly on a logarithmic scale.
	const lateMs = Array.from({ length: 400 }, (_, n) => Math.round(150 * 1.04 ** n));
	const past = { owner, posts: 400, from: at(50, 1), to: at(50, 20), lateMs };
	await database.query('delete from musekit_social.kpi_counts');
	await database.query(`update musekit_social.kpi_state set until = '-infinity'`);
	await loadPast(database, past);
	await rollUp();
	const { totals } = await kpis({ p_owner: owner });
	expect(Math.abs((totals.lateness?.p50 ?? 0) / lateMs[199] - 1)).toBeLessThanOrEqual(0.1);
	expect(Math.abs((totals.lateness?.p95 ?? 0) / lateMs[379] - 1)).toBeLessThanOrEqual(0.1);
});

test('a purge counts first and takes no figure away', async () => {
	const owner = ownerOf('purge');
	await loadPast(database, { owner, posts: 30, from: at(40, 0), to: at(30, 0), lateMs: [500] });
	await database.query(`update musekit_social.kpi_state set until = '-infinity'`);
	await database.query('delete from musekit_social.kpi_counts');
	await database.query('alter table musekit_social.posts disable trigger guard_post');
	await database.query(
		`update musekit_social.posts set updated_at = published_at where owner_id = $1`,
		[owner],
	);
	await database.query('alter table musekit_social.posts enable trigger guard_post');
	const { purged } = await call('social_purge', { p_older_than_ms: 8 * DAY_MS });
	expect(purged).toBe(30);
	await rollUp();
	expect((await kpis({ p_owner: owner })).totals).toMatchObject({ created: 30, published: 30 });
});

describe('all owners together', () => {
	const wish = (filters: Wish['p_filters'] = {}) =>
		kpis({ p_owner: null, p_filters: filters }, day(20), at(0, 23));
	const published = (answer: KpiAnswer) => answer.totals.published;

	/** So many owners with so many posts each on a day. */
	async function owners(count: number, posts: number, ago: number, more = {}) {
		for (let n = 0; n < count; n++) {
			await loadPast(database, {
				owner: ownerOf('one'),
				posts,
				from: at(ago, 6),
				to: at(ago, 18),
				lateMs: [2_000],
				...more,
			});
		}
	}

	beforeEach(async () => {
		await database.query(
			`truncate musekit_social.posts, musekit_social.attempts, musekit_social.kpi_counts,
				musekit_social.kpi_all, musekit_social.kpi_days, musekit_social.post_events cascade`,
		);
		await database.query(`update musekit_social.kpi_state set until = '-infinity'`);
	});

	test('four owners are withheld, five are told, today is left out', async () => {
		await owners(4, 3, 10);
		await owners(5, 2, 9);
		await owners(8, 1, 0, { from: at(0, 0), to: at(0, 0), lateMs: [0] });
		await rollUp();
		const answer = await wish();
		expect(answer.withheld).toBe(true);
		expect(answer.enoughOwners).toBe(true);
		expect(answer.totals).toMatchObject({ created: 10, published: 10 });
		expect(answer.series.map(({ key }) => key)).toEqual([day(9).toISOString()]);
		expect(JSON.stringify(answer)).not.toContain('one-');
		expect(answer.totals.lateness?.p50).toBeGreaterThan(1_800);
	});

	test('no difference of two answers is about fewer than five owners', async () => {
		await owners(6, 4, 8);
		// One owner alone on another platform, one alone with another tier, one alone by a runner.
		await owners(1, 7, 8, { platform: 'linkedin' });
		await owners(1, 11, 8, { tier: 'power' });
		await owners(1, 13, 8, { kind: 'runner' });
		await rollUp();
		const whole = await wish();
		expect(published(whole)).toBe(24);
		expect(published(await wish({ platforms: ['x'] }))).toBe(24);
		expect(published(await wish({ platforms: ['linkedin'] }))).toBe(0);
		expect(published(await wish({ platforms: ['x', 'linkedin'] }))).toBe(24);
		expect(published(await wish({ tiers: ['universal'] }))).toBe(24);
		expect(published(await wish({ tiers: ['power'] }))).toBe(0);
		expect(published(await wish({ carriers: ['n8n'] }))).toBe(24);
		expect(published(await wish({ carriers: ['runner'] }))).toBe(0);
		expect(whole.withheld).toBe(true);
		for (const list of [whole.platforms, whole.tiers]) expect(list).toHaveLength(1);
		// Nor of two ranges: a day is told as a whole or not at all.
		const morning = await kpis({ p_owner: null }, at(8, 7), at(8, 12));
		expect(published(morning)).toBe(0);
	});

	test('small groups that are five together are folded into "other"', async () => {
		await owners(6, 2, 7);
		await owners(2, 3, 7, { platform: 'linkedin' });
		await owners(2, 3, 7, { platform: 'instagram' });
		await owners(1, 3, 7, { platform: 'bluesky' });
		await rollUp();
		const whole = await wish();
		expect(whole.withheld).toBe(false);
		expect(whole.platforms.map(({ key, published: count }) => [key, count])).toEqual([
			['other', 15],
			['x', 12],
		]);
		expect(published(await wish({ platforms: ['linkedin'] }))).toBe(0);
	});

	test('an event that comes later changes its day as a whole', async () => {
		await owners(5, 2, 6);
		await rollUp();
		expect(published(await wish())).toBe(10);
		const { rows } = await database.query<{ id: string }>(
			`select id from musekit_social.posts order by id limit 1`,
		);
		await database.query(
			`insert into musekit_social.post_events (post_id, owner_id, platform, kind, carrier, at, late)
			select id, owner_id, platform, 'published', 'n8n', published_at, interval '1 s'
			from musekit_social.posts where id = $1`,
			[rows[0].id],
		);
		await rollUp();
		expect(published(await wish())).toBe(11);
	});
});

test('a range that cannot be given is refused in words', async () => {
	const refused = { status: 400, code: 'kpi_range_invalid' };
	await expect(kpis({ p_owner: 'default', p_bucket: 'hour' }, day(30))).rejects.toMatchObject(
		refused,
	);
	await expect(kpis({ p_owner: null, p_bucket: 'hour' }, day(3))).rejects.toMatchObject(refused);
	await expect(kpis({ p_owner: 'default' }, day(1), day(2))).rejects.toMatchObject(refused);
});

test('nobody but the server may ask, and upkeep counts, too', async () => {
	const anon = callsOf(store.client('anon'));
	const range = { p_from: day(2).toISOString(), p_to: day(1).toISOString() };
	await expect(anon('social_kpis', { ...range })).rejects.toMatchObject({ status: 401 });
	await expect(anon('social_rollup', {})).rejects.toMatchObject({ status: 401 });
	const owner = ownerOf('upkeep');
	await loadPast(database, { owner, posts: 3, from: at(2, 0), to: at(2, 5), lateMs: [500] });
	await database.query(`update musekit_social.kpi_state set until = '-infinity'`);
	await call('social_maintain', {});
	const { rows } = await database.query(
		`select sum(published)::int as published from musekit_social.kpi_counts where owner_id = $1 and grain = 'day'`,
		[owner],
	);
	expect(rows).toEqual([{ published: 3 }]);
});
