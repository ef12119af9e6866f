import { randomUUID } from 'node:crypto';
import type { Client } from 'pg';
import type { PostState } from '../../core/store/contract';
import {
	claimPost,
	claimRequest,
	createPost,
	saveAccount,
	saveEvidence,
	saveIntent,
	type Call,
} from './fixtures';
import { openStore, type OpenStore } from './open-store';

const error = { code: 'refused', message: 'm', remedy: 'r' };
const minutesAgo = (minutes: number) => new Date(Date.now() - minutes * 60_000).toISOString();

describe('after an outage', () => {
	let store: OpenStore;
	let call: Call;
	let database: Client;
	beforeAll(async () => {
		store = await openStore();
		({ call, database } = store);
	}, 120_000);
	afterAll(() => store?.remove());

	const publish = async (postId: string) => {
		const claim = await claimPost(call, postId);
		await saveEvidence(call, claim);
		return claim;
	};

	test('late posts of one account go out with a gap, punctual ones and other accounts at once', async () => {
		const accountId = await saveAccount(call);
		const late = await Promise.all(
			[90, 80].map((minutes) =>
				createPost(call, accountId, {
					scheduledAt: minutesAgo(minutes),
					maxLatenessMs: 86_400_000,
				}),
			),
		);
		await publish(late[0].id);
		const asked = await call('social_claim', { p_claim: claimRequest(), p_post_id: late[1].id });
		expect(asked).toMatchObject({ claim: null, reason: 'spread' });

		const punctual = await createPost(call, accountId);
		expect((await claimPost(call, punctual.id)).post.id).toBe(punctual.id);
		const elsewhere = await createPost(call, await saveAccount(call), {
			scheduledAt: minutesAgo(70),
			maxLatenessMs: 86_400_000,
		});
		expect((await claimPost(call, elsewhere.id)).post.id).toBe(elsewhere.id);

		await database.query(
			`update musekit_social.accounts set last_success_at = clock_timestamp() - interval '61 seconds' where id = $1`,
			[accountId],
		);
		await database.query(
			`update musekit_social.posts set lease_until = clock_timestamp() where id = $1`,
			[punctual.id],
		);
		await publish(punctual.id);
		await database.query(
			`update musekit_social.accounts set last_success_at = clock_timestamp() - interval '61 seconds' where id = $1`,
			[accountId],
		);
		expect((await claimPost(call, late[1].id)).post.id).toBe(late[1].id);
	});

	test('a daily series that was dead for two days posts once, not three times', async () => {
		const accountId = await saveAccount(call);
		const id = randomUUID();
		// A zone in which it is not near midnight, so that "a minute ago" is today there.
		const ahead = new Date().getUTCHours() < 12 ? 6 : -6;
		const timeZone = ahead > 0 ? 'Etc/GMT-6' : 'Etc/GMT+6';
		const now = new Date(Date.now() - 60_000);
		const local = new Date(now.getTime() + ahead * 3_600_000).toISOString();
		const localTime = local.slice(11, 16);
		const dueTime = now.toISOString().slice(11, 16);
		await call('social_series_save', {
			p_id: id,
			p_owner: 'default',
			p_series: {
				accountId,
				content: { text: 'every day' },
				frequency: 'daily',
				localTime,
				timeZone,
				startsOn: '2026-01-01',
				maxLatenessMs: 3_600_000,
			},
		});
		// The rule is older than today's occurrence, which nobody made yet.
		expect(
			(
				await database.query(
					'select 1 from musekit_social.posts where series_id = $1 and scheduled_at < now()',
					[id],
				)
			).rows,
		).toEqual([]);
		await database.query(
			`update musekit_social.series set updated_at = updated_at - interval '10 days', filled_through = filled_through - 20 where id = $1`,
			[id],
		);
		await call('social_heartbeat', { p_carrier: 'r', p_kind: 'runner', p_interval_ms: 1000 });
		// The occurrences of the two dead days, as they would stand in the store.
		await database.query(
			`insert into musekit_social.posts (owner_id, account_id, platform, remote_account, call_key, call_ordinal,
				fingerprint, source, content, content_hash, text_hash, state, scheduled_at, max_lateness_ms, protocol)
			select owner_id, account_id, platform, remote_account, call_key || ':' || d, 0, fingerprint, source, content,
				content_hash, text_hash, 'scheduled', scheduled_at - d * interval '1 day', max_lateness_ms, protocol
			from musekit_social.posts, generate_series(1, 2) d
			where series_id = $1 and scheduled_at = (select min(scheduled_at) from musekit_social.posts where series_id = $1)`,
			[id],
		);
		await database.query(
			`update musekit_social.accounts set next_due_at = clock_timestamp() where id = $1`,
			[accountId],
		);
		const claimed: string[] = [];
		for (;;) {
			const { claim } = await call('social_claim', { p_claim: claimRequest(), p_grace_ms: 0 });
			if (claim === null) break;
			claimed.push(claim.post.scheduledAt ?? '');
			await saveEvidence(call, claim);
		}
		expect(claimed.filter((at) => at.slice(11, 16) === dueTime)).toHaveLength(1);
		const { rows } = await database.query<{ state: PostState; n: number }>(
			`select state, count(*)::int as n from musekit_social.posts
			where account_id = $1 and scheduled_at < clock_timestamp() group by 1 order by 1`,
			[accountId],
		);
		expect(rows).toEqual([
			{ state: 'missed', n: 2 },
			{ state: 'published', n: 1 },
		]);
	});

	test.each<[PostState, (postId: string, fence: number) => Promise<unknown>]>([
		[
			'failed',
			(postId, fence) =>
				call('social_result', {
					p_post_id: postId,
					p_fence: fence,
					p_result: { to: 'failed', error },
				}),
		],
		[
			'needs_review',
			(postId, fence) =>
				call('social_result', {
					p_post_id: postId,
					p_fence: fence,
					p_result: { to: 'needs_review', error },
				}),
		],
		[
			'cancelled',
			async (postId, fence) => {
				await call('social_post_cancel', { p_post_id: postId, p_owner: 'default' });
				await call('social_result', {
					p_post_id: postId,
					p_fence: fence,
					p_result: { to: 'scheduled', reason: 'handed_back', waitMs: 0 },
				});
			},
		],
		[
			'scheduled',
			(postId, fence) =>
				call('social_result', {
					p_post_id: postId,
					p_fence: fence,
					p_result: { to: 'scheduled', reason: 'retry', waitMs: 60_000 },
				}),
		],
	])('evidence that comes when the post is %s makes it published', async (state, settle) => {
		const post = await createPost(call, await saveAccount(call));
		const claim = await claimPost(call, post.id);
		await settle(post.id, claim.fence);
		const before = await call('social_post_get', { p_post_id: post.id, p_owner: 'default' });
		expect(before.state).toBe(state);
		const { post: after } = await saveEvidence(call, claim, { p_remote_id: 'late-1' + post.id });
		expect(after).toMatchObject({ state: 'published', remoteId: 'late-1' + post.id, error: null });
	});

	test('a post that may be live is never called failed, missed or cancelled, whoever asks', async () => {
		const post = await createPost(call, await saveAccount(call), {
			scheduledAt: minutesAgo(10),
			maxLatenessMs: 1_200_000,
		});
		const claim = await claimPost(call, post.id);
		await saveIntent(call, claim, { p_limit_ms: 1, p_settle_ms: 0 });
		await call('social_post_cancel', { p_post_id: post.id, p_owner: 'default' });
		const handed = await call('social_result', {
			p_post_id: post.id,
			p_fence: claim.fence,
			p_result: { to: 'scheduled', reason: 'lookup', waitMs: 0 },
		});
		expect(handed.post.state).toBe('scheduled');
		await database.query(
			`update musekit_social.posts set scheduled_at = scheduled_at - interval '2 days' where id = $1`,
			[post.id],
		);
		await call('social_heartbeat', { p_carrier: 'r', p_kind: 'runner', p_interval_ms: 1000 });
		const again = await claimPost(call, post.id);
		expect(again).toMatchObject({ tooLate: true, cancelRequested: true });
		expect((await saveIntent(call, again)).ok).toBe(false);
	});
});
