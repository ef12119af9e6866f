import { randomBytes } from 'node:crypto';
import type { Client } from 'pg';
import { CONTRACT } from '../../core/store/contract';
import {
	claimPost,
	claimRequest,
	createPost,
	entry,
	options,
	saveAccount,
	saveEvidence,
	saveIntent,
	type Call,
} from './fixtures';
import { openStore, type OpenStore } from './open-store';

describe('calls at the same moment', () => {
	let store: OpenStore;
	let call: Call;
	let database: Client;
	/** Another connection: within a transaction pg_stat_activity stands still. */
	let watcher: Client;
	beforeAll(async () => {
		store = await openStore();
		({ call, database } = store);
		watcher = await store.connect();
	}, 120_000);
	afterAll(() => store?.remove());

	/** Waits until so many calls are held up by a lock. */
	async function held(count: number): Promise<void> {
		for (;;) {
			const { rows } = await watcher.query(
				`select 1 from pg_stat_activity where wait_event_type = 'Lock'`,
			);
			if (rows.length >= count) return;
			await new Promise((next) => setTimeout(next, 20));
		}
	}

	/** Answers of calls that are all held up by a row lock and let go at once. */
	async function together<T>(accountId: string, begin: () => Promise<T>[]): Promise<T[]> {
		await database.query('begin');
		await database.query('select 1 from musekit_social.accounts where id = $1 for update', [
			accountId,
		]);
		const answers = begin();
		await held(answers.length);
		await database.query('commit');
		return await Promise.all(answers);
	}

	test('a claim call whose repeat overtakes it is one claim, and both are given it', async () => {
		const accountId = await saveAccount(call);
		const post = await createPost(call, accountId);
		const p_claim = claimRequest();
		const claim = () => call('social_claim', { p_claim, p_post_id: post.id });
		const [first, second] = await together(accountId, () => [claim(), claim()]);
		expect(first.claim?.fence).toBeDefined();
		expect(second.claim?.fence).toBe(first.claim?.fence);
		expect(second.claim?.post.attempts).toBe(1);
	});

	test('evidence that names one entry for the posts of two owners is never refused', async () => {
		const remote = randomBytes(6).toString('hex');
		const entryId = randomBytes(6).toString('hex');
		const claims = [];
		for (const owner of ['one', 'two']) {
			const accountId = await saveAccount(call, { p_owner: owner, p_remote_id: remote });
			const post = await createPost(call, accountId, {}, owner);
			const claim = await claimPost(call, post.id);
			await saveIntent(call, claim);
			claims.push(claim);
			await call('social_result', {
				p_post_id: claim.post.id,
				p_fence: claim.fence,
				p_result: { to: 'scheduled', reason: 'lookup', waitMs: 60_000 },
			});
		}
		// The first one has the id and has not committed when the second one comes.
		await database.query('begin');
		await database.query(
			`update musekit_social.posts set state = 'published', remote_id = $2 where id = $1`,
			[claims[0].post.id, entryId],
		);
		const second = saveEvidence(call, claims[1], { p_remote_id: entryId });
		await held(1);
		await database.query('commit');
		const answer = await second;
		expect(answer.secondEntry).toBe(true);
		expect(answer.post).toMatchObject({
			state: 'needs_review',
			error: { code: 'id_of_another_post' },
		});
	});

	test('a held post that a person cancels and retries goes out', async () => {
		const accountId = await saveAccount(call);
		const post = await createPost(call, accountId);
		await call('social_claim', { p_claim: { ...claimRequest(), lastFence: 1_000_000_000 } });
		const named = { p_post_id: post.id, p_owner: 'default' };
		const refused = await call('social_claim', { p_claim: claimRequest(), p_post_id: post.id });
		expect(refused).toMatchObject({ claim: null, reason: 'not_claimable' });
		await call('social_post_cancel', named);
		await call('social_post_retry', named);
		expect((await claimPost(call, post.id)).post.id).toBe(post.id);
	});

	test('a repeated claim shows the post as it stood, not as it became meanwhile', async () => {
		const post = await createPost(call, await saveAccount(call));
		const p_claim = claimRequest();
		const { claim } = await call('social_claim', { p_claim, p_post_id: post.id });
		if (claim === null) throw new Error('Not claimed');
		// The view of a claim reads this table, nothing before it does.
		await database.query('begin');
		await database.query('lock table musekit_social.step_results in access exclusive mode');
		const repeated = call('social_claim', { p_claim, p_post_id: post.id });
		await held(1);
		const published = await saveEvidence(call, claim);
		await database.query('commit');
		expect(published.post.state).toBe('published');
		expect((await repeated).claim).toMatchObject({
			fence: claim.fence,
			post: { state: 'publishing' },
			evidence: [],
		});
		const after = await call('social_claim', { p_claim, p_post_id: post.id });
		expect(after).toMatchObject({ claim: null, reason: 'claim_over' });
	});

	test('a younger post does not overtake an older one when the account gets free meanwhile', async () => {
		const p_remote_id = randomBytes(6).toString('hex');
		const accountId = await saveAccount(call, { p_remote_id });
		const ago = (seconds: number) => new Date(Date.now() - seconds * 1_000).toISOString();
		const older = await createPost(call, accountId, { scheduledAt: ago(20) });
		const younger = await createPost(call, accountId, { scheduledAt: ago(10) });
		const other = await saveAccount(call, { p_remote_id, p_owner: 'other' });
		const flying = await claimPost(call, (await createPost(call, other, {}, 'other')).id);
		await database.query('begin');
		await database.query('select 1 from musekit_social.posts where id = $1 for update', [
			younger.id,
		]);
		const claim = call('social_claim', { p_claim: claimRequest() });
		await Promise.race([claim, held(1)]);
		await saveEvidence(call, flying);
		await database.query('commit');
		expect(await claim).toMatchObject({ claim: null, reason: 'nothing_due' });
		expect((await claimPost(call, older.id)).post.id).toBe(older.id);
	});

	test('a post whose carrier died is taken up again, however many older ones wait', async () => {
		const accountId = await saveAccount(call);
		const scheduledAt = new Date(Date.now() - 60_000).toISOString();
		const entries = Array.from({ length: 25 }, (_, ordinal) =>
			entry(accountId, { ordinal, scheduledAt }),
		);
		const made = await call('social_create', { p_options: options(), p_entries: entries });
		const left = await claimPost(call, made.entries[12].post?.id ?? '');
		// As when the lease has ended.
		await database.query(
			`update musekit_social.posts set lease_until = clock_timestamp() - interval '1 second' where id = $1`,
			[left.post.id],
		);
		await database.query(
			`update musekit_social.accounts set next_due_at = clock_timestamp() - interval '1 second' where id = $1`,
			[accountId],
		);
		const { claim } = await call('social_claim', { p_claim: claimRequest() });
		expect(claim?.post.id).toBe(left.post.id);
		expect(claim?.fence).toBeGreaterThan(left.fence);
	});

	test('a post that is created while the store notices that it went back keeps its turn', async () => {
		const accountId = await saveAccount(call);
		await createPost(call, accountId);
		const scheduledAt = new Date(Date.now() + 3_600_000).toISOString();
		await database.query('begin');
		await database.query('select public.social_create($1, $2, $3)', [
			CONTRACT,
			JSON.stringify(options()),
			JSON.stringify([entry(accountId, { scheduledAt })]),
		]);
		const claim = call('social_claim', {
			p_claim: { ...claimRequest(), lastFence: 2_000_000_000 },
		});
		await held(1);
		await database.query('commit');
		expect((await claim).reason).toBe('store_went_back');
		const { rows } = await database.query<{ next: Date | null }>(
			'select next_due_at as next from musekit_social.accounts where id = $1',
			[accountId],
		);
		expect(rows[0].next?.toISOString()).toBe(scheduledAt);
	});
});
