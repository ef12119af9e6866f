import { randomUUID } from 'node:crypto';
import type { Client } from 'pg';
import type { Claim } from '../../core/store/contract';
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

const error = { code: 'test', message: 'm', remedy: 'r' };

describe('claims and evidence', () => {
	let store: OpenStore;
	let call: Call;
	let database: Client;
	beforeAll(async () => {
		store = await openStore();
		({ call, database } = store);
	}, 120_000);
	afterAll(() => store?.remove());
	/** As if the lease had ended: what a dead carrier leaves behind. */
	const endLease = (postId: string) =>
		database.query(
			`update musekit_social.posts set lease_until = clock_timestamp() - interval '1 ms' where id = $1`,
			[postId],
		);
	const newPost = async (change = {}) => await createPost(call, await saveAccount(call), change);
	const get = (postId: string) =>
		call('social_post_get', { p_post_id: postId, p_owner: 'default' });
	const send = (claim: Claim, p_result: import('../../core/store/contract').ResultRequest) =>
		call('social_result', { p_post_id: claim.post.id, p_fence: claim.fence, p_result });

	test('twenty claimers, 2,000 due posts, 50 accounts: each once, never two of one account', async () => {
		const accounts = await Promise.all(
			Array.from({ length: 50 }, () => saveAccount(call, { p_owner: 'many' })),
		);
		for (let block = 0; block < 4; block += 1) {
			const made = await call('social_create', {
				p_options: options({ owner: 'many' }),
				p_entries: Array.from({ length: 500 }, (_, n) => entry(accounts[n % 50], { ordinal: n })),
			});
			expect(made.entries.every((one) => one.result === 'created')).toBe(true);
		}
		const inFlight = new Set<string>();
		const claimed = new Map<string, number>();
		const fences = new Set<number>();
		let overlaps = 0;
		const claimer = async (n: number) => {
			for (let idle = 0; idle < 200; ) {
				const { claim } = await call('social_claim', { p_claim: claimRequest(`c${n}`) });
				if (!claim) {
					const { counts } = await call('social_overview', { p_owner: 'many' });
					if (counts.scheduled + counts.publishing === 0) return;
					idle += 1;
					await new Promise((resolve) => setTimeout(resolve, 20));
					continue;
				}
				idle = 0;
				if (inFlight.has(claim.account.id)) overlaps += 1;
				inFlight.add(claim.account.id);
				claimed.set(claim.post.id, (claimed.get(claim.post.id) ?? 0) + 1);
				fences.add(claim.fence);
				inFlight.delete(claim.account.id);
				const { post } = await saveEvidence(call, claim);
				if (post.state !== 'published') throw new Error(`state ${post.state}`);
			}
		};
		const from = performance.now();
		await Promise.all(Array.from({ length: 20 }, (_, n) => claimer(n)));
		const seconds = (performance.now() - from) / 1000;
		process.stdout.write(
			`2,000 posts claimed and published by 20 claimers in ${seconds.toFixed(1)} s\n`,
		);
		expect(overlaps).toBe(0);
		expect(claimed.size).toBe(2000);
		expect([...claimed.values()].every((times) => times === 1)).toBe(true);
		expect(fences.size).toBe(2000);
		// The store's own record: no two attempts of one account overlap in time.
		const { rows } = await database.query(
			`select count(*)::int as n from musekit_social.attempts a join musekit_social.posts p on p.id = a.post_id
			join musekit_social.attempts b on b.claim_id <> a.claim_id join musekit_social.posts q on q.id = b.post_id
			where q.remote_account = p.remote_account and p.owner_id = 'many'
				and b.started_at > a.started_at and b.started_at < p.published_at`,
		);
		expect(rows).toEqual([{ n: 0 }]);
	}, 180_000);

	test('twenty at once for one post: one has it; the winner asking again gets the same claim', async () => {
		const post = await newPost();
		const requests = Array.from({ length: 20 }, () => claimRequest());
		const answers = await Promise.all(
			requests.map((p_claim) => call('social_claim', { p_claim, p_post_id: post.id })),
		);
		const won = answers.flatMap((answer, n) =>
			answer.claim ? [{ claim: answer.claim, request: requests[n] }] : [],
		);
		expect(won).toHaveLength(1);
		const again = await call('social_claim', { p_claim: won[0].request, p_post_id: post.id });
		expect(again.claim).toMatchObject({ fence: won[0].claim.fence, post: { id: post.id } });
		expect((await get(post.id)).attempts).toBe(1);
		await send(won[0].claim, { to: 'failed', error });
		expect(
			await call('social_claim', { p_claim: won[0].request, p_post_id: post.id }),
		).toMatchObject({ claim: null, reason: 'claim_over' });
	});

	test('the same remote account under two owners is one account in flight', async () => {
		const remote = randomUUID();
		const one = await saveAccount(call, { p_remote_id: remote });
		const two = await saveAccount(call, { p_remote_id: remote, p_owner: 'second' });
		const first = await createPost(call, one);
		const second = await createPost(call, two, {}, 'second');
		await claimPost(call, first.id);
		expect(
			await call('social_claim', { p_claim: claimRequest(), p_post_id: second.id }),
		).toMatchObject({ claim: null, reason: 'busy' });
	});

	test('create and claim in one call; repeated it gives both again', async () => {
		const account = await saveAccount(call);
		const args = { p_options: options(), p_entries: [entry(account)], p_claim: claimRequest() };
		const first = await call('social_create', args);
		expect(first.claim).toMatchObject({
			post: { id: first.entries[0].post!.id, state: 'publishing' },
		});
		const second = await call('social_create', args);
		expect(second.entries[0].result).toBe('existing');
		expect(second.claim?.fence).toBe(first.claim?.fence);
	});

	test('a carrier too old for a post does not get it', async () => {
		const post = await newPost({ protocol: 9 });
		expect(
			await call('social_claim', { p_claim: claimRequest(), p_post_id: post.id }),
		).toMatchObject({ claim: null, reason: 'not_claimable' });
		expect((await get(post.id)).state).toBe('scheduled');
	});

	test('after the lease another carrier has it: the old fence may say nothing but evidence', async () => {
		const post = await newPost();
		const old = await claimPost(call, post.id, 'old');
		await endLease(post.id);
		const now = await claimPost(call, post.id, 'new');
		expect(now.fence).toBeGreaterThan(old.fence);
		expect(await saveIntent(call, old)).toMatchObject({ ok: false, refusal: 'stale_fence' });
		expect(
			await call('social_lease_extend', { p_post_id: post.id, p_fence: old.fence }),
		).toMatchObject({ ok: false });
		expect(
			await call('social_step_result', {
				p_post_id: post.id,
				p_fence: old.fence,
				p_part: 0,
				p_step: 'upload',
				p_result: {},
			}),
		).toMatchObject({ ok: false });
		expect(await send(old, { to: 'failed', error })).toMatchObject({
			ok: false,
			refusal: 'stale_fence',
			post: { state: 'publishing' },
		});
		expect(await saveEvidence(call, old, { p_remote_id: `late-${post.id}` })).toMatchObject({
			post: { state: 'published', remoteId: `late-${post.id}` },
			secondEntry: false,
		});
		expect(await saveIntent(call, now)).toMatchObject({ ok: false });
	});

	test('an intent is not saved after the lease ended, and not twice for one open step', async () => {
		const post = await newPost();
		const claim = await claimPost(call, post.id);
		const id = randomUUID();
		expect(await saveIntent(call, claim, { p_intent_id: id })).toMatchObject({
			ok: true,
			refusal: null,
		});
		expect(await saveIntent(call, claim, { p_intent_id: id })).toMatchObject({ ok: true });
		expect(await saveIntent(call, claim)).toMatchObject({ ok: false, refusal: 'open_intent' });
		await endLease(post.id);
		expect(await saveIntent(call, claim)).toMatchObject({ ok: false, refusal: 'lease_over' });
	});

	test('evidence may overtake its intent, which is then refused', async () => {
		const post = await newPost();
		const claim = await claimPost(call, post.id);
		const id = randomUUID();
		const notSent = { p_outcome: 'not_sent', p_remote_id: null, p_url: null };
		await saveEvidence(call, claim, { ...notSent, p_intent_id: id });
		expect(await saveIntent(call, claim, { p_intent_id: id })).toMatchObject({
			ok: false,
			refusal: 'newer_evidence',
		});
		expect(await saveIntent(call, claim)).toMatchObject({ ok: true });
	});

	test("evidence: repeated it is one, a second entry opens an incident, another post's id too", async () => {
		const post = await newPost();
		const claim = await claimPost(call, post.id);
		const same = { p_evidence_id: randomUUID(), p_remote_id: `r-${post.id}` };
		await saveEvidence(call, claim, same);
		await saveEvidence(call, claim, same);
		const { rows } = await database.query(
			'select count(*)::int as n from musekit_social.evidence where post_id = $1',
			[post.id],
		);
		expect(rows).toEqual([{ n: 1 }]);
		expect(await saveEvidence(call, claim, { p_remote_id: 'second' })).toMatchObject({
			secondEntry: true,
			post: { remoteId: `r-${post.id}` },
		});
		const other = await createPost(call, post.accountId);
		const otherClaim = await claimPost(call, other.id);
		expect(await saveEvidence(call, otherClaim, { p_remote_id: `r-${post.id}` })).toMatchObject({
			secondEntry: true,
			post: { state: 'needs_review' },
		});
		const { incidents } = await call('social_overview', {});
		expect(incidents.map((incident) => incident.kind)).toEqual(
			expect.arrayContaining(['second_live_entry', 'id_of_another_post']),
		);
		await expect(
			database.query('delete from musekit_social.evidence where post_id = $1', [post.id]),
		).rejects.toThrow('append_only');
	});

	test('a hundred pieces of evidence at once from many fences end in one published post', async () => {
		const post = await newPost();
		const claims = [await claimPost(call, post.id)];
		for (let n = 0; n < 2; n += 1) {
			await endLease(post.id);
			claims.push(await claimPost(call, post.id));
		}
		const answers = await Promise.all(
			Array.from({ length: 100 }, (_, n) =>
				saveEvidence(call, claims[n % 3], { p_remote_id: `many-${post.id}` }),
			),
		);
		expect(
			answers.every((answer) => !answer.secondEntry && answer.post.state === 'published'),
		).toBe(true);
	});

	test('an open intent ends only as published or needs_review', async () => {
		const post = await newPost();
		const claim = await claimPost(call, post.id);
		await saveIntent(call, claim, { p_limit_ms: 1, p_settle_ms: 0 });
		expect(await send(claim, { to: 'failed', error })).toMatchObject({
			ok: true,
			post: { state: 'needs_review' },
		});
		const second = await newPost();
		const other = await claimPost(call, second.id);
		await saveIntent(call, other);
		await expect(
			database.query(`update musekit_social.posts set state = 'cancelled' where id = $1`, [
				second.id,
			]),
		).rejects.toThrow();
		expect(
			await call('social_intents_absent', {
				p_post_id: second.id,
				p_fence: other.fence,
				p_part: 0,
				p_step: 'create_post',
				p_proof: {},
			}),
		).toMatchObject({ ok: false, refusal: 'too_early' });
	});

	test('three carriers that die on a post without a word: a person decides', async () => {
		const post = await newPost();
		for (let n = 0; n < 3; n += 1) {
			await claimPost(call, post.id);
			await endLease(post.id);
		}
		expect(
			await call('social_claim', { p_claim: claimRequest(), p_post_id: post.id }),
		).toMatchObject({ claim: null });
		expect(await get(post.id)).toMatchObject({
			state: 'needs_review',
			error: { code: 'carrier_died' },
		});
	});

	test('claims that a living carrier walked away from are no deaths, and free the post at once', async () => {
		const post = await newPost();
		const walkedAway: string[] = [];
		for (let n = 0; n < 5; n += 1) {
			const { claim } = await call('social_claim', {
				p_claim: { ...claimRequest('runner:alive'), walkedAway },
				p_post_id: post.id,
			});
			expect(claim).not.toBeNull();
			walkedAway.splice(0, 1, claim?.claimId ?? '');
		}
		// Nobody gives back what another carrier works on.
		expect(
			await call('social_claim', {
				p_claim: { ...claimRequest('runner:other'), walkedAway },
				p_post_id: post.id,
			}),
		).toMatchObject({ claim: null });
	});

	test('an old claim given back takes nothing from the one who has the post now', async () => {
		const post = await newPost();
		const old = await claimPost(call, post.id, 'runner:slow');
		await endLease(post.id);
		const now = await claimPost(call, post.id, 'runner:fast');
		await call('social_claim', {
			p_claim: { ...claimRequest('runner:slow'), walkedAway: [old.claimId] },
			p_post_id: post.id,
		});
		expect(await get(post.id)).toMatchObject({ state: 'publishing' });
		expect(await send(now, { to: 'scheduled', reason: 'retry', waitMs: 0, error })).toMatchObject({
			ok: true,
		});
	});

	test('handed back it waits without blocking its account; published needs evidence', async () => {
		const post = await newPost();
		const next = await createPost(call, post.accountId);
		const claim = await claimPost(call, post.id);
		expect(await send(claim, { to: 'published' })).toMatchObject({
			ok: false,
			refusal: 'no_evidence',
		});
		expect(
			await send(claim, { to: 'scheduled', reason: 'rate_limit', waitMs: 60_000, error }),
		).toMatchObject({ ok: true, post: { state: 'scheduled', waitReason: 'rate_limit' } });
		expect(
			await send(claim, { to: 'scheduled', reason: 'rate_limit', waitMs: 60_000, error }),
		).toMatchObject({ ok: true });
		expect((await claimPost(call, next.id)).post.id).toBe(next.id);
	});

	test('several claims by one call: each as if asked for alone, the same when it is repeated', async () => {
		// Older than what other tests have left.
		const scheduledAt = new Date(Date.now() - 200_000).toISOString();
		const posts = [];
		for (let n = 0; n < 3; n += 1) posts.push(await newPost({ scheduledAt }));
		const p_claim = claimRequest();
		const p_more = [randomUUID(), randomUUID()];
		const several = () => call('social_claim', { p_claim, p_more, p_grace_ms: 0 });
		const first = await several();
		const claims = [first.claim!, ...first.more!];
		expect(claims.map(({ post }) => post.id).sort()).toEqual(posts.map(({ id }) => id).sort());
		expect(claims.map(({ claimId }) => claimId)).toEqual([p_claim.claimId, ...p_more]);
		expect(new Set(claims.map(({ fence }) => fence)).size).toBe(3);
		expect(first).toMatchObject({ reason: null, nextDueMs: null });
		const repeated = await several();
		expect([repeated.claim!, ...repeated.more!].map(({ fence }) => fence)).toEqual(
			claims.map(({ fence }) => fence),
		);
		expect(
			await call('social_claim', {
				p_claim: claimRequest(),
				p_more: [randomUUID()],
				p_grace_ms: 80_000_000,
			}),
		).toMatchObject({ claim: null, more: [], reason: 'nothing_due' });
		// The first one is over; those after it stand and are given all the same.
		await saveEvidence(call, claims[0]);
		const over = await several();
		expect(over.claim).toBeNull();
		expect(over.more!.map(({ fence }) => fence)).toEqual(claims.slice(1).map(({ fence }) => fence));
		for (const claim of claims.slice(1)) await saveEvidence(call, claim);
		await expect(
			call('social_claim', { p_claim: claimRequest(), p_more, p_post_id: posts[0].id }),
		).rejects.toMatchObject({ code: 'claim_invalid' });
		await expect(
			call('social_claim', {
				p_claim: claimRequest(),
				p_more: Array.from({ length: 16 }, () => randomUUID()),
			}),
		).rejects.toMatchObject({ code: 'claim_invalid' });
		await expect(
			call('social_claim', { p_claim: claimRequest(), p_more: ['no id'] }),
		).rejects.toMatchObject({ code: 'claim_invalid' });
	});

	test('two owners with the same twenty accounts, several claims a call: nobody waits for the other', async () => {
		const owners = [`left-${randomUUID()}`, `right-${randomUUID()}`];
		const remotes = Array.from({ length: 20 }, () => randomUUID());
		const mine = new Set<string>();
		for (const owner of owners) {
			for (const p_remote_id of remotes) {
				const id = await saveAccount(call, { p_owner: owner, p_remote_id });
				for (let n = 0; n < 3; n += 1) mine.add((await createPost(call, id, {}, owner)).id);
			}
		}
		const deadlocks = async () =>
			Number(
				(
					await database.query(
						'select deadlocks as n from pg_stat_database where datname = current_database()',
					)
				).rows[0].n,
			);
		const before = await deadlocks();
		const published = new Set<string>();
		const inFlight = new Set<string>();
		const claimer = async (carrier: string) => {
			for (let idle = 0; idle < 100 && published.size < mine.size; ) {
				const answer = await call('social_claim', {
					p_claim: claimRequest(carrier),
					p_more: Array.from({ length: 7 }, () => randomUUID()),
					p_grace_ms: 0,
				});
				const claims = [answer.claim, ...(answer.more ?? [])].filter((one) => one !== null);
				idle = claims.length === 0 ? idle + 1 : 0;
				for (const { account } of claims) {
					expect(inFlight.has(account.remoteId)).toBe(false);
					inFlight.add(account.remoteId);
				}
				for (const claim of claims) {
					expect(published.has(claim.post.id)).toBe(false);
					if (mine.has(claim.post.id)) published.add(claim.post.id);
					inFlight.delete(claim.account.remoteId);
					await saveEvidence(call, claim);
				}
				// A busy account is looked at again in two seconds; the test does not wait for that.
				if (claims.length === 0) {
					await database.query('update musekit_social.accounts set hold_until = null');
					await database.query(
						'select musekit_social.refresh_due(id) from musekit_social.accounts order by id',
					);
				}
			}
		};
		await Promise.all(Array.from({ length: 6 }, (_, n) => claimer(`several-${n}`)));
		expect(published).toEqual(mine);
		expect(await deadlocks()).toBe(before);
	}, 120_000);

	test.each([
		['posts_call_key', `call_key = ''`],
		['posts_call_ordinal', 'call_ordinal = -1'],
		['posts_wait_reason', `wait_reason = 'tea'`],
		['posts_max_lateness_ms', 'max_lateness_ms = -1'],
		['posts_confirmed_by', `confirmed_by = 'hearsay'`],
		['posts_have_a_time', 'scheduled_at = null'],
		['posts_have_a_lease', `state = 'publishing', fence = null`],
		['posts_open_are_not_over', `state = 'cancelled', open_intents = 1`],
		['posts_open_wait', 'open_intents = 1'],
	])('a post may not break the rule %s of its table', async (rule, change) => {
		const post = await newPost();
		await expect(
			database.query(`update musekit_social.posts set ${change} where id = $1`, [post.id]),
		).rejects.toMatchObject({ code: '23514', constraint: rule });
		expect(await get(post.id)).toEqual(post);
	});

	test('a state that there is not, or a live post without id, is refused by the table', async () => {
		const post = await newPost();
		const insert = (state: string) =>
			database.query(
				`insert into musekit_social.posts (owner_id, account_id, platform, remote_account, call_key, call_ordinal,
					fingerprint, source, content, content_hash, text_hash, state, scheduled_at, max_lateness_ms, protocol)
				select owner_id, account_id, platform, remote_account, call_key, 7, fingerprint, source, content,
					content_hash, text_hash, $2, scheduled_at, max_lateness_ms, protocol
				from musekit_social.posts where id = $1`,
				[post.id, state],
			);
		await expect(insert('lost')).rejects.toMatchObject({ constraint: 'posts_state' });
		await expect(insert('published')).rejects.toMatchObject({
			constraint: 'posts_published_have_an_id',
		});
	});

	test('switched off: nothing new, nothing claimed, no intent, but evidence is kept', async () => {
		const post = await newPost();
		const claim = await claimPost(call, post.id);
		const waiting = await newPost();
		const off = (enabled: boolean) =>
			call('social_settings_set', { p_key: 'module', p_value: { enabled } });
		await off(false);
		try {
			await expect(newPost()).rejects.toMatchObject({ code: 'off' });
			expect(
				await call('social_claim', { p_claim: claimRequest(), p_post_id: waiting.id }),
			).toMatchObject({ claim: null, reason: 'off' });
			expect(await saveIntent(call, claim)).toMatchObject({
				ok: false,
				refusal: 'off',
				message: expect.stringContaining('switched off'),
			});
			expect(await saveEvidence(call, claim)).toMatchObject({ post: { state: 'published' } });
		} finally {
			await off(true);
		}
	});

	test('past its maximum lateness a post without intent is missed', async () => {
		const post = await newPost({ maxLatenessMs: 1 });
		await new Promise((resolve) => setTimeout(resolve, 20));
		expect(
			await call('social_claim', { p_claim: claimRequest(), p_post_id: post.id }),
		).toMatchObject({ claim: null });
		expect(await get(post.id)).toMatchObject({ state: 'missed' });
	});

	test('transitions that no row lists are refused by the table itself', async () => {
		const post = await newPost();
		await saveEvidence(call, await claimPost(call, post.id));
		for (const state of ['scheduled', 'failed', 'cancelled', 'draft', 'missed']) {
			await expect(
				database.query('update musekit_social.posts set state = $2 where id = $1', [
					post.id,
					state,
				]),
			).rejects.toThrow('transition_refused');
		}
	});

	test("writes are durable although the database's default is not", async () => {
		await database.query(`alter system set synchronous_commit = 'off'`);
		await database.query('select pg_reload_conf()');
		const probe = `create or replace function public.t_sync() returns text language plpgsql as
			'begin perform musekit_social.enter(1); return current_setting(''synchronous_commit''); end'`;
		await database.query(probe);
		expect((await database.query('select public.t_sync() as s')).rows).toEqual([{ s: 'on' }]);
	});
});
