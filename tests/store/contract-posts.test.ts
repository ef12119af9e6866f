import { randomUUID } from 'node:crypto';
import type { PostState } from '../../core/store/contract';
import {
	callsOf,
	claimPost,
	entry,
	options,
	saveAccount,
	saveEvidence,
	saveIntent,
	sha256,
	type Call,
} from './fixtures';
import { supabase, targets, tellSkippedTargets, type Target } from './targets';

tellSkippedTargets();

describe.each(targets)('posts on the $name', ({ open }) => {
	let target: Target;
	let call: Call;
	const owner = `owner-${randomUUID()}`;
	const account = (change = {}) => saveAccount(call, { p_owner: owner, ...change });
	const create = (entries: ReturnType<typeof entry>[], change = {}) =>
		call('social_create', { p_options: options({ owner, ...change }), p_entries: entries });
	const post = async (change = {}) => {
		const { entries } = await create([entry(await account(), change)]);
		return entries[0].post!;
	};
	beforeAll(async () => {
		target = await open();
		call = callsOf(supabase(target.url, target.serviceKey));
	}, 120_000);
	afterAll(() => target.close());

	test('the same key and body give the same post, also a hundred at once', async () => {
		const id = await account();
		const key = randomUUID();
		const same = entry(id);
		const answers = await Promise.all(Array.from({ length: 100 }, () => create([same], { key })));
		const results = answers.map((answer) => answer.entries[0].result).sort();
		expect(results.filter((result) => result === 'created')).toHaveLength(1);
		expect(results.filter((result) => result === 'existing')).toHaveLength(99);
		expect(new Set(answers.map((answer) => answer.entries[0].post!.id)).size).toBe(1);
		const list = await call('social_post_list', { p_owner: owner, p_filter: { accountIds: [id] } });
		expect(list.items).toHaveLength(1);
	}, 60_000);

	test('the same key with another body is refused and changes nothing', async () => {
		const id = await account();
		const key = randomUUID();
		const first = await create([entry(id, { content: { text: 'one' } })], { key });
		await expect(
			create([entry(id, { content: { text: 'two' }, fingerprint: sha256('two') })], { key }),
		).rejects.toMatchObject({
			status: 409,
			code: 'idempotency_conflict',
			details: { sentence: expect.any(String) },
		});
		expect(
			(await call('social_post_get', { p_post_id: first.entries[0].post!.id, p_owner: owner }))
				.content.text,
		).toBe('one');
	});

	test('good entries are created, bad ones reported; corrected under the same key they are added', async () => {
		const id = await account();
		const key = randomUUID();
		const good = entry(id);
		const bad = entry(null, { ordinal: 1 });
		const first = await create([good, bad], { key });
		expect(first.entries.map((made) => made.result)).toEqual(['created', 'invalid']);
		expect(first.entries[1].errors?.[0]).toMatchObject({
			code: 'account_missing',
			message: expect.any(String),
			remedy: expect.any(String),
		});
		const second = await create([good, entry(id, { ordinal: 1 })], { key });
		expect(second.entries.map((made) => made.result)).toEqual(['existing', 'created']);
	});

	test.each([
		['account_unknown', { accountId: randomUUID() }],
		['account_unknown', { accountId: 'not-a-uuid' }],
		['content_empty', { content: { text: '  ' } }],
		['time_zone_unknown', { wallTime: '2030-01-01T09:00', timeZone: 'Europe/Nowhere' }],
		['time_zone_missing', { wallTime: '2030-01-01T09:00' }],
		['time_invalid', { scheduledAt: 'soon' }],
		['time_past', { scheduledAt: '2020-01-01T00:00:00Z' }],
		['media_not_stored', { content: { text: 'a', media: [{ hash: 'a'.repeat(64) }] } }],
	])('%s is reported and nothing is created', async (code, change) => {
		const id = await account();
		const { entries } = await create([entry(id, { content: { text: 'x' }, ...change })]);
		expect(entries[0]).toMatchObject({
			result: 'invalid',
			errors: [expect.objectContaining({ code })],
		});
		expect(
			(await call('social_post_list', { p_owner: owner, p_filter: { accountIds: [id] } })).items,
		).toEqual([]);
	});

	test('Instagram needs an image; an account of another owner is unknown', async () => {
		const instagram = await account({
			p_platform: 'instagram',
			p_base_url: 'http://127.0.0.1:4010/instagram',
		});
		expect(
			(await create([entry(instagram)])).entries[0].errors?.map((error) => error.code),
		).toContain('media_missing');
		const foreign = await saveAccount(call, { p_owner: `other-${randomUUID()}` });
		expect((await create([entry(foreign)])).entries[0].errors?.[0].code).toBe('account_unknown');
	});

	test('equal content within twelve hours is found when asked for, and only then', async () => {
		const id = await account();
		const one = entry(id, { content: { text: `equal ${id}` } });
		const first = (await create([one], { dedupe: true })).entries[0];
		const second = (await create([one], { dedupe: true })).entries[0];
		expect([first.result, second.result, second.post!.id]).toEqual([
			'created',
			'duplicate',
			first.post!.id,
		]);
		const third = (await create([one])).entries[0];
		expect([third.result, third.warnings?.[0]?.code]).toEqual(['created', 'equal_text']);
	});

	test('wall time and zone become one instant, on both sides of a clock change', async () => {
		const id = await account();
		for (const [wallTime, instant] of [
			['2030-07-01T09:00', '2030-07-01T07:00:00.000Z'],
			['2030-12-01T09:00', '2030-12-01T08:00:00.000Z'],
			['2030-03-31T02:30', '2030-03-31T01:30:00.000Z'],
			['2030-10-27T02:30', '2030-10-27T01:30:00.000Z'],
		]) {
			const { entries } = await create([entry(id, { wallTime, timeZone: 'Europe/Berlin' })]);
			expect([wallTime, entries[0].post!.scheduledAt]).toEqual([wallTime, instant]);
			expect(
				await call('social_instant', { p_wall_time: wallTime, p_time_zone: 'Europe/Berlin' }),
			).toEqual({ at: instant });
			expect(entries[0].post).toMatchObject({
				timeZone: 'Europe/Berlin',
				wallTime: `${wallTime}:00`,
			});
		}
	});

	test('a dry run says the same and stores nothing', async () => {
		const id = await account();
		expect((await create([entry(id)], { dryRun: true })).entries[0].result).toBe('created');
		expect(
			(await call('social_post_list', { p_owner: owner, p_filter: { accountIds: [id] } })).items,
		).toEqual([]);
	});

	test('update: until it started, with versions', async () => {
		const made = await post({ scheduledAt: '2035-01-01T00:00:00Z' });
		const changed = await call('social_post_update', {
			p_post_id: made.id,
			p_owner: owner,
			p_version: made.version,
			p_changes: { content: { text: 'changed' } },
		});
		expect(changed).toMatchObject({
			content: { text: 'changed' },
			version: made.version + 1,
			scheduledAt: '2035-01-01T00:00:00.000Z',
		});
		await expect(
			call('social_post_update', {
				p_post_id: made.id,
				p_owner: owner,
				p_version: made.version,
				p_changes: { content: { text: 'z' } },
			}),
		).rejects.toMatchObject({ code: 'version_conflict' });
		const due = await post();
		await saveIntent(call, await claimPost(call, due.id));
		await expect(
			call('social_post_update', {
				p_post_id: due.id,
				p_owner: owner,
				p_changes: { content: { text: 'z' } },
			}),
		).rejects.toMatchObject({ code: 'post_started' });
	});

	test('cancel: at once while it waits, a wish while it publishes, refused when it is out', async () => {
		const waiting = await post({ scheduledAt: '2035-01-01T00:00:00Z' });
		expect(
			await call('social_post_cancel', { p_post_id: waiting.id, p_owner: owner }),
		).toMatchObject({ done: true, post: { state: 'cancelled' } });
		expect(
			await call('social_post_cancel', { p_post_id: waiting.id, p_owner: owner }),
		).toMatchObject({ done: true });

		const publishing = await post();
		const claim = await claimPost(call, publishing.id);
		expect(
			await call('social_post_cancel', { p_post_id: publishing.id, p_owner: owner }),
		).toMatchObject({ done: false, post: { state: 'publishing' } });
		expect(await saveIntent(call, claim)).toMatchObject({
			ok: false,
			refusal: 'cancelled',
			post: { state: 'cancelled' },
		});

		const out = await post();
		await saveEvidence(call, await claimPost(call, out.id));
		await expect(
			call('social_post_cancel', { p_post_id: out.id, p_owner: owner }),
		).rejects.toMatchObject({ code: 'post_settled' });
		expect(await call('social_post_deleted', { p_post_id: out.id, p_owner: owner })).toMatchObject({
			state: 'published',
			deletedAt: expect.any(String),
		});
	});

	test('retry brings failed and cancelled posts back, and refuses others with the reason', async () => {
		const failing = await post();
		const claim = await claimPost(call, failing.id);
		const error = { code: 'x_refused', message: 'no', remedy: 'change it' };
		expect(
			await call('social_result', {
				p_post_id: failing.id,
				p_fence: claim.fence,
				p_result: { to: 'failed', error },
			}),
		).toMatchObject({ ok: true, post: { state: 'failed', error } });
		expect(
			await call('social_post_retry', { p_post_id: failing.id, p_owner: owner }),
		).toMatchObject({ state: 'scheduled', error: null });
		const out = await post();
		await saveEvidence(call, await claimPost(call, out.id));
		await expect(
			call('social_post_retry', { p_post_id: out.id, p_owner: owner }),
		).rejects.toMatchObject({ code: 'post_not_retryable', hint: expect.any(String) });
	});

	test('lists page through everything once, newest first, with filters', async () => {
		const id = await account();
		const { entries } = await create(
			Array.from({ length: 25 }, (_, ordinal) =>
				entry(id, {
					ordinal,
					content: { text: `page ${ordinal} 100%_` },
					scheduledAt: '2036-01-01T00:00:00Z',
				}),
			),
		);
		const ids: string[] = [];
		let cursor: string | null = null;
		do {
			const page: { items: { id: string }[]; nextCursor: string | null } = await call(
				'social_post_list',
				{
					p_owner: owner,
					p_filter: { accountIds: [id], states: ['scheduled'], search: '100%_' },
					p_limit: 7,
					p_cursor: cursor,
				},
			);
			ids.push(...page.items.map((item) => item.id));
			cursor = page.nextCursor;
		} while (cursor);
		expect(ids).toHaveLength(25);
		expect(new Set(ids)).toEqual(new Set(entries.map((made) => made.post!.id)));
		const none: PostState[] = ['published'];
		expect(
			(
				await call('social_post_list', {
					p_owner: owner,
					p_filter: { accountIds: [id], states: none },
				})
			).items,
		).toEqual([]);
		expect((await call('social_post_list', { p_owner: `nobody-${owner}` })).items).toEqual([]);
	});

	test('accounts: search and pages; the token only through open', async () => {
		const mine = `owner-${randomUUID()}`;
		for (let n = 0; n < 12; n += 1)
			await saveAccount(call, {
				p_owner: mine,
				p_handle: `Anna${n}_x`,
				p_display_name: `Ann Ä ${n}`,
			});
		const first = await call('social_account_list', {
			p_owner: mine,
			p_search: 'anna',
			p_limit: 10,
		});
		const second = await call('social_account_list', {
			p_owner: mine,
			p_search: 'anna',
			p_limit: 10,
			p_cursor: first.nextCursor,
		});
		expect([first.items.length, second.items.length, second.nextCursor]).toEqual([10, 2, null]);
		expect(
			(await call('social_account_list', { p_owner: mine, p_search: 'ANNA1_' })).items.map(
				(a) => a.handle,
			),
		).toEqual(['Anna1_x']);
		expect(
			(await call('social_account_list', { p_owner: mine, p_search: 'ä 3' })).items,
		).toHaveLength(1);
		expect(JSON.stringify(first)).not.toContain('c2VhbGVk');
		expect(await call('social_account_open', { p_account_id: first.items[0].id })).toMatchObject({
			token: 'v1.k1.aXY.c2VhbGVk',
		});
	});

	test("a live account names only the platform's hosts", async () => {
		for (const url of [
			'http://127.0.0.1:4010/x',
			'https://api.x.com.evil.example',
			'https://evil@api.x.com',
			'http://api.x.com',
			'https://api.x.com:8443/',
		]) {
			await expect(
				account({ p_mode: 'live', p_base_url: url, p_auth_url: 'https://api.x.com' }),
			).rejects.toMatchObject({ code: 'account_host_refused' });
		}
		await account({
			p_mode: 'live',
			p_base_url: 'https://api.x.com',
			p_auth_url: 'https://api.x.com',
		});
		await expect(account({ p_base_url: 'https://api.x.com' })).rejects.toMatchObject({
			code: 'account_host_refused',
		});
	});

	test('one of twenty may refresh a token; a stale pair never overwrites a newer one', async () => {
		const id = await account();
		const leases = await Promise.all(
			Array.from({ length: 20 }, async () => {
				const lease = randomUUID();
				const answer = await call('social_token_lease', {
					p_account_id: id,
					p_lease_id: lease,
					p_seen_version: 1,
					p_lease_ms: 30_000,
				});
				return { lease, ...answer };
			}),
		);
		const granted = leases.filter((lease) => lease.granted);
		expect(granted).toHaveLength(1);
		const save = (lease: string, token: string) =>
			call('social_token_save', {
				p_account_id: id,
				p_lease_id: lease,
				p_seen_version: 1,
				p_token: token,
				p_token_key_id: 'k1',
			});
		expect(await save(granted[0].lease, 'v1.k1.aXY.bmV3')).toMatchObject({
			saved: true,
			tokenVersion: 2,
		});
		expect(await save(randomUUID(), 'v1.k1.aXY.b2xk')).toMatchObject({
			saved: false,
			token: 'v1.k1.aXY.bmV3',
			tokenVersion: 2,
		});
	});
});
