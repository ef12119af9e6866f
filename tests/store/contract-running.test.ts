import { randomUUID } from 'node:crypto';
import type { Client } from 'pg';
import type { SeriesRule } from '../../core/store/contract';
import {
	claimPost,
	claimRequest,
	createPost,
	giveUp,
	saveAccount,
	saveEvidence,
	saveIntent,
	type Call,
} from './fixtures';
import { openStore, type OpenStore } from './open-store';

const error = { code: 'unclear', message: 'm', remedy: 'r' };

describe('review, series, outages, carriers', () => {
	let store: OpenStore;
	let call: Call;
	let database: Client;
	beforeAll(async () => {
		store = await openStore();
		({ call, database } = store);
	}, 120_000);
	afterAll(() => store?.remove());
	const newPost = async (change = {}) => await createPost(call, await saveAccount(call), change);
	const inReview = async () => {
		const post = await newPost();
		return { post, claim: await giveUp(call, post.id, 'needs_review', error) };
	};
	const resolve = (
		postId: string,
		p_decision: Parameters<typeof call<'social_post_resolve'>>[1]['p_decision'],
		p_resolve_id = randomUUID(),
	) =>
		call('social_post_resolve', {
			p_post_id: postId,
			p_owner: 'default',
			p_resolve_id,
			p_decision,
		});

	test('it is live: published by a person, repeated it stays, an id in use is refused', async () => {
		const { post } = await inReview();
		const id = randomUUID();
		const decision = { to: 'live', remoteId: `p-${post.id}`, url: 'https://x.invalid/1' } as const;
		expect(await resolve(post.id, decision, id)).toMatchObject({
			state: 'published',
			remoteId: `p-${post.id}`,
			confirmedBy: 'person',
		});
		expect(await resolve(post.id, decision, id)).toMatchObject({ state: 'published' });
		await expect(resolve(post.id, { to: 'drop' })).rejects.toMatchObject({
			code: 'post_not_in_review',
		});
		const second = await createPost(call, post.accountId);
		const claim = await claimPost(call, second.id);
		await call('social_result', {
			p_post_id: second.id,
			p_fence: claim.fence,
			p_result: { to: 'needs_review', error },
		});
		await expect(resolve(second.id, decision)).rejects.toMatchObject({ code: 'id_in_use' });
	});

	test('publish it: due again, looked up first; drop it: cancelled; an old carrier changes nothing', async () => {
		const again = await inReview();
		expect(await resolve(again.post.id, { to: 'publish' })).toMatchObject({ state: 'scheduled' });
		expect(
			await call('social_result', {
				p_post_id: again.post.id,
				p_fence: again.claim.fence,
				p_result: { to: 'failed', error },
			}),
		).toMatchObject({ post: { state: 'scheduled' } });
		expect(await claimPost(call, again.post.id)).toMatchObject({ sendAnyway: true });
		const dropped = await inReview();
		expect(await resolve(dropped.post.id, { to: 'drop' })).toMatchObject({ state: 'cancelled' });
		// The world is never refused: the entry was there after all.
		expect(await saveEvidence(call, dropped.claim)).toMatchObject({ post: { state: 'published' } });
	});

	test('publish it says nothing about an attempt that comes after it', async () => {
		const { post } = await inReview();
		await resolve(post.id, { to: 'publish' });
		const claim = await claimPost(call, post.id);
		const [first] = claim.intents;
		const repeat = { repeatOf: first.id, text: post.content.text };
		expect(await saveIntent(call, claim, { p_recognise: repeat })).toMatchObject({ ok: true });
		await call('social_result', {
			p_post_id: post.id,
			p_fence: claim.fence,
			p_result: { to: 'scheduled', reason: 'lookup', waitMs: 0 },
		});
		expect(await claimPost(call, post.id)).toMatchObject({ sendAnyway: false });
	});

	test('a weekly series keeps its wall time over a clock change and makes each occurrence once', async () => {
		const accountId = await saveAccount(call);
		const rule: SeriesRule = {
			accountId,
			content: { text: 'every monday' },
			frequency: 'weekly',
			weekdays: [1],
			localTime: '09:00',
			timeZone: 'Europe/Berlin',
		};
		const id = randomUUID();
		const saved = await call('social_series_save', {
			p_id: id,
			p_owner: 'default',
			p_series: rule,
		});
		expect(saved.next.length).toBeGreaterThan(0);
		const fill = () =>
			database.query(`select musekit_social.fill_series('2027-11-30', 50) as made`);
		await Promise.all([fill(), fill()]);
		const { rows } = await database.query<{ wall: string; utc: string; n: number }>(
			`select to_char(wall_time, 'ID HH24:MI') as wall, to_char(scheduled_at at time zone 'UTC', 'HH24:MI') as utc, count(*)::int as n
			from musekit_social.posts where series_id = $1 group by 1, 2 order by 2`,
			[id],
		);
		expect(rows.map((row) => [row.wall, row.utc])).toEqual([
			['1 09:00', '07:00'],
			['1 09:00', '08:00'],
		]);
		const twice = await database.query(
			'select 1 from musekit_social.posts where series_id = $1 group by scheduled_at having count(*) > 1',
			[id],
		);
		expect(twice.rows).toEqual([]);
		expect(await call('social_series_stop', { p_id: id, p_owner: 'default' })).toMatchObject({
			active: false,
			next: [],
		});
		await expect(
			call('social_series_save', {
				p_id: randomUUID(),
				p_owner: 'default',
				p_series: { ...rule, weekdays: [] },
			}),
		).rejects.toMatchObject({ code: 'series_invalid' });
	});

	test('a paused platform keeps its posts until the pause ends', async () => {
		const pause = (p_pause_ms: number) =>
			call('social_platform_pause', {
				p_platform: 'linkedin',
				p_mode: 'sandbox',
				p_reason: 'status page',
				p_pause_ms,
			});
		const accountId = await saveAccount(call, {
			p_platform: 'linkedin',
			p_base_url: 'http://127.0.0.1:4010/linkedin',
		});
		const post = await createPost(call, accountId);
		expect(await pause(60_000)).toMatchObject({ pausedUntil: expect.any(String) });
		await pause(60_000);
		expect(
			await call('social_claim', { p_claim: claimRequest(), p_post_id: post.id }),
		).toMatchObject({ claim: null, reason: 'paused' });
		const told = await database.query(
			`select count(*)::int as n from musekit_social.incidents where kind = 'platform_down'`,
		);
		expect(told.rows).toEqual([{ n: 1 }]);
		await pause(0);
		expect((await claimPost(call, post.id)).post.id).toBe(post.id);
	});

	test('a runner leaves due posts to a healthy n8n and takes them when it is silent', async () => {
		await database.query('update musekit_social.accounts set next_due_at = null');
		const post = await newPost();
		await call('social_heartbeat', { p_carrier: 'n8n:a', p_kind: 'n8n', p_interval_ms: 30_000 });
		const runner = () => call('social_claim', { p_claim: claimRequest('runner:a', 'runner') });
		expect((await runner()).claim).toBeNull();
		await database.query(
			`update musekit_social.heartbeats set last_at = clock_timestamp() - interval '46 seconds' where carrier = 'n8n:a'`,
		);
		expect((await runner()).claim?.post.id).toBe(post.id);
	});

	test('a carrier that saw larger fences: the store says that it went back and holds what was due', async () => {
		const post = await newPost();
		const answer = await call('social_claim', {
			p_claim: { ...claimRequest(), lastFence: 900_000_000 },
		});
		expect(answer).toMatchObject({ claim: null, reason: 'store_went_back' });
		expect(
			await call('social_claim', { p_claim: claimRequest(), p_post_id: post.id }),
		).toMatchObject({ claim: null });
		expect(await resolve(post.id, { to: 'publish' })).toMatchObject({ state: 'scheduled' });
		const claim = await claimPost(call, post.id);
		expect(claim.fence).toBeGreaterThan(900_000_000);
	});
});
