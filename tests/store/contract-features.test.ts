import { randomUUID } from 'node:crypto';
import { Client } from 'pg';
import type { PostView, Toggle } from '../../core/store/contract';
import {
	callsOf,
	claimRequest,
	createPost,
	entry,
	options,
	registerPicture,
	saveAccount,
	type Call,
} from './fixtures';
import { targets, tellSkippedTargets, type Target } from './targets';
import { supabase } from './with-store';

tellSkippedTargets();

describe.each(targets)('$name', ({ open }) => {
	let target: Target;
	let call: Call;
	let owner: string;
	let account: string;

	beforeAll(async () => {
		target = await open();
		call = callsOf(supabase(target.url, target.serviceKey));
	});

	afterAll(async () => await target.close());

	beforeEach(async () => {
		owner = `features-${randomUUID()}`;
		account = await saveAccount(call, { p_owner: owner });
	});

	const turn = (toggle: Toggle, on: boolean, late?: boolean) =>
		call('social_feature_set', {
			p_toggle: toggle,
			p_on: on,
			...(late === undefined ? {} : { p_late: late }),
		});
	const newPost = async (change: Parameters<typeof entry>[1] = {}): Promise<PostView> => {
		const answer = await call('social_create', {
			p_options: options({ owner }),
			p_entries: [entry(account, change)],
		});
		const { post, errors } = answer.entries[0];
		if (!post) throw Object.assign(new Error('invalid'), { errors });
		return post;
	};
	const get = (id: string) => call('social_post_get', { p_post_id: id, p_owner: owner });
	const claim = (id: string) => call('social_claim', { p_claim: claimRequest(), p_post_id: id });
	const inAnHour = () => new Date(Date.now() + 3_600_000).toISOString();

	describe('switches', () => {
		const toggles: [Toggle, Parameters<typeof entry>[1], string][] = [
			['feature:universal:publish', {}, 'Publishing is switched off for the Universal tier.'],
			[
				'feature:universal:schedule',
				{ scheduledAt: inAnHour() },
				'Scheduling is switched off for the Universal tier.',
			],
			['platform:x', {}, 'X is switched off.'],
		];

		test.each(toggles)(
			'%s off refuses to create, at once, and back on it works',
			async (toggle, change, message) => {
				await turn(toggle, false);
				try {
					await expect(newPost(change)).rejects.toMatchObject({
						errors: [{ code: 'off', message, remedy: expect.stringContaining('switch it on') }],
					});
				} finally {
					await turn(toggle, true);
				}
				expect((await newPost(change)).state).toBe('scheduled');
			},
		);

		test('another tier is not touched', async () => {
			await call('social_owner_save', { p_owner: owner, p_tier: 'power' });
			await turn('feature:universal:publish', false);
			try {
				expect((await newPost()).state).toBe('scheduled');
			} finally {
				await turn('feature:universal:publish', true);
			}
		});

		test('images', async () => {
			const hash = 'ab'.repeat(32);
			await registerPicture(call, hash, owner);
			const content = { text: 'with an image', media: [{ hash }] };
			await turn('feature:universal:media', false);
			try {
				await expect(newPost({ content })).rejects.toMatchObject({
					errors: [{ code: 'off', message: expect.stringContaining('Posting images is') }],
				});
				expect((await newPost({ content: { text: 'without' } })).state).toBe('scheduled');
			} finally {
				await turn('feature:universal:media', true);
			}
			expect((await newPost({ content })).state).toBe('scheduled');
		});

		test('a platform that is off connects nothing', async () => {
			await turn('platform:x', false);
			try {
				await expect(saveAccount(call, { p_owner: owner })).rejects.toMatchObject({
					status: 403,
					code: 'off',
					details: { sentence: 'X is switched off. The account was not saved.' },
				});
			} finally {
				await turn('platform:x', true);
			}
		});

		test('recurring posts', async () => {
			const series = {
				accountId: account,
				content: { text: 'every day' },
				frequency: 'daily' as const,
				localTime: '09:00',
				timeZone: 'Europe/Berlin',
			};
			const save = () =>
				call('social_series_save', { p_id: randomUUID(), p_owner: owner, p_series: series });
			await turn('feature:universal:recurrence', false);
			try {
				await expect(save()).rejects.toMatchObject({ status: 403, code: 'off' });
			} finally {
				await turn('feature:universal:recurrence', true);
			}
			expect((await save()).active).toBe(true);
		});

		test('the list says what is off and since when', async () => {
			const before = Date.now();
			const { toggles: now } = await turn('platform:linkedin', false);
			const linkedin = now.find(({ toggle }) => toggle === 'platform:linkedin');
			expect(linkedin?.on).toBe(false);
			expect(Date.parse(linkedin?.since ?? '')).toBeGreaterThan(before - 60_000);
			const after = await turn('platform:linkedin', true);
			expect(after.toggles.find(({ toggle }) => toggle === 'platform:linkedin')).toEqual({
				toggle: 'platform:linkedin',
				on: true,
				since: null,
			});
			expect(after.toggles.map(({ toggle }) => toggle)).toEqual(
				expect.arrayContaining(['module', 'feature:power:recurrence', 'platform:bluesky']),
			);
		});

		test('an unknown switch is refused', async () => {
			await expect(turn('feature:universal:telepathy' as Toggle, true)).rejects.toMatchObject({
				status: 404,
				code: 'toggle_unknown',
			});
		});

		test('what a switch is about', async () => {
			await newPost({ scheduledAt: inAnHour() });
			await newPost();
			await newPost({ as: 'draft' });
			const reach = (toggle: Toggle) =>
				call('social_feature_reach', { p_toggle: toggle, p_owner: owner });
			expect(await reach('platform:x')).toMatchObject({
				accounts: 1,
				owners: 1,
				scheduled: 2,
				due: 1,
				late: 0,
			});
			expect(await reach('feature:universal:schedule')).toMatchObject({ scheduled: 1, due: 0 });
			expect(await reach('platform:bluesky')).toMatchObject({ accounts: 0, scheduled: 0 });
			expect(await reach('feature:power:publish')).toMatchObject({ owners: 0, scheduled: 0 });
		});
	});

	describe('a post that waits for a switch', () => {
		let database: Client | null = null;

		beforeAll(async () => {
			if (target.databaseUrl === null) return;
			database = new Client({ connectionString: target.databaseUrl });
			await database.connect();
		});

		afterAll(async () => await database?.end());

		/** As if `minutes` had passed since then. */
		async function letPass(post: PostView, toggle: Toggle, minutes: number): Promise<void> {
			await database?.query(
				`update musekit_social.posts set scheduled_at = scheduled_at - $2 * interval '1 minute',
					next_at = next_at - $2 * interval '1 minute' where id = $1`,
				[post.id, minutes],
			);
			await database?.query(
				`update musekit_social.off_times set off_at = off_at - $2 * interval '1 minute',
					on_at = on_at - $2 * interval '1 minute' where toggle = $1`,
				[toggle, minutes],
			);
			await database?.query(`select musekit_social.refresh_due($1)`, [post.accountId]);
		}

		const withDatabase = (name: string, run: () => Promise<void>) =>
			test(name, async () => {
				if (database !== null) await run();
			});

		withDatabase(
			'is not missed while it is off, however long, and goes on with its full lateness',
			async () => {
				const post = await newPost({ maxLatenessMs: 600_000 });
				await turn('platform:x', false);
				expect((await claim(post.id)).reason).toBe('off');
				await letPass(post, 'platform:x', 60);
				expect(await claim(post.id)).toMatchObject({ claim: null });
				expect(await get(post.id)).toMatchObject({
					state: 'scheduled',
					waitReason: 'off',
					error: null,
				});
				await call('social_maintain', {});
				expect((await get(post.id)).state).toBe('scheduled');
				await turn('platform:x', true);
				expect(await get(post.id)).toMatchObject({ state: 'scheduled', waitReason: null });
				// The first look adds the time that it was off; the next one takes the post.
				await claim(post.id);
				const taken = await claim(post.id);
				expect(taken.claim?.post.id).toBe(post.id);
				expect(taken.claim?.tooLate).toBe(false);
				expect((await get(post.id)).maxLatenessMs).toBeGreaterThanOrEqual(600_000 + 3_600_000);
			},
		);

		withDatabase(
			'is missed when its lateness is over without the time that it was off',
			async () => {
				const post = await newPost({ maxLatenessMs: 600_000 });
				await turn('platform:x', false);
				await letPass(post, 'platform:x', 60);
				await turn('platform:x', true);
				await letPass(post, 'platform:x', 30);
				await claim(post.id);
				expect(await get(post.id)).toMatchObject({ state: 'missed', error: { code: 'missed' } });
			},
		);

		withDatabase('is missed when whoever switches on wants no late posts', async () => {
			const post = await newPost({ maxLatenessMs: 600_000 });
			await turn('platform:x', false);
			await letPass(post, 'platform:x', 60);
			await claim(post.id);
			await turn('platform:x', true, false);
			await claim(post.id);
			expect((await get(post.id)).state).toBe('missed');
		});

		withDatabase('waits for every switch that it uses, and only for those', async () => {
			const hash = 'cd'.repeat(32);
			await registerPicture(call, hash, owner);
			const ahead = await newPost({ scheduledAt: inAnHour() });
			const image = await newPost({ content: { text: 'image', media: [{ hash }] } });
			const plain = await newPost();
			await database?.query(
				`update musekit_social.posts set scheduled_at = now(), created_at = now() - interval '1 hour' where id = $1`,
				[ahead.id],
			);
			await turn('feature:universal:media', false);
			await turn('feature:universal:schedule', false);
			try {
				expect((await claim(image.id)).reason).toBe('off');
				expect((await claim(ahead.id)).reason).toBe('off');
				expect((await claim(plain.id)).claim?.post.id).toBe(plain.id);
			} finally {
				await turn('feature:universal:media', true);
				await turn('feature:universal:schedule', true);
			}
		});

		withDatabase('times that overlap count once', async () => {
			const post = await newPost({ maxLatenessMs: 60_000 });
			await turn('platform:x', false);
			await turn('feature:universal:publish', false);
			await letPass(post, 'platform:x', 60);
			await database?.query(
				`update musekit_social.off_times set off_at = off_at - interval '1 hour' where toggle = 'feature:universal:publish' and on_at is null`,
			);
			await turn('platform:x', true);
			await turn('feature:universal:publish', true);
			await claim(post.id);
			const { maxLatenessMs } = await get(post.id);
			expect(maxLatenessMs).toBeGreaterThanOrEqual(3_600_000);
			expect(maxLatenessMs).toBeLessThan(2 * 3_600_000);
		});
	});

	describe('settings', () => {
		const refused: [string, unknown, RegExp][] = [
			['module', { enabled: 'yes' }, /module\.enabled is not a yes or no/],
			['module', { on: true }, /no "on"/],
			['features', { universal: { fly: true } }, /no "fly"/],
			['features', { gold: { publish: true } }, /no tier "gold"/],
			['features', { universal: true }, /JSON object/],
			['platforms', { myspace: true }, /no "myspace"/],
			['caps', { universal: { accounts: 0 } }, /caps\.accounts is 0/],
			['caps', { power: { scheduled: 1.5 } }, /caps\.scheduled is 1\.5/],
			['caps', { power: { postsPerDay: '9' } }, /caps\.postsPerDay is "9"/],
			['timing', { leaseMs: 5 }, /timing\.leaseMs is 5/],
			['timing', { graceMs: -1 }, /timing\.graceMs/],
			['timing', { maxLatenessMs: 31536000001 }, /timing\.maxLatenessMs/],
			['media', { publicUrl: 'ftp://x' }, /not a web address/],
			['panel', { timeZone: 'Mars/Olympus' }, /not a time zone/],
		];

		test.each(refused)('%s %j is refused', async (key, value, message) => {
			const before = await call('social_settings_get', {});
			await expect(
				call('social_settings_set', { p_key: key, p_value: value }),
			).rejects.toMatchObject({
				status: 400,
				code: 'setting_invalid',
				details: { sentence: expect.stringMatching(message) },
			});
			expect(await call('social_settings_get', {})).toEqual(before);
		});

		test('an unknown one is refused', async () => {
			await expect(
				call('social_settings_set', { p_key: 'rules', p_value: {} }),
			).rejects.toMatchObject({ status: 404, code: 'setting_unknown' });
		});

		test('of a tier only what is named changes', async () => {
			await call('social_settings_set', {
				p_key: 'features',
				p_value: { power: { recurrence: true } },
			});
			expect(await call('social_settings_get', {})).toMatchObject({
				features: {
					universal: { publish: true },
					power: { publish: true, schedule: true, recurrence: true },
				},
			});
		});

		test('the grace of a runner is the setting while n8n reports', async () => {
			await call('social_heartbeat', {
				p_carrier: 'n8n:grace',
				p_kind: 'n8n',
				p_interval_ms: 30_000,
			});
			const post = await newPost({ scheduledAt: new Date(Date.now() - 20_000).toISOString() });
			/** Posts that a runner gets now. */
			const taken = async () => {
				const ids: string[] = [];
				for (;;) {
					const p_claim = claimRequest('runner:grace', 'runner');
					const { claim: given } = await call('social_claim', { p_claim });
					if (given === null) return ids;
					ids.push(given.post.id);
				}
			};
			const grace = (graceMs: number | null) =>
				call('social_settings_set', { p_key: 'timing', p_value: { graceMs } });
			try {
				await grace(3_600_000);
				expect(await taken()).not.toContain(post.id);
				await grace(1_000);
				expect(await taken()).toContain(post.id);
			} finally {
				await grace(null);
			}
		});
	});

	describe('caps', () => {
		const cap = (p_value: Record<string, number | null>) =>
			call('social_settings_set', { p_key: 'caps', p_value: { universal: p_value } });

		afterEach(async () => {
			await cap({ accounts: null, scheduled: null, postsPerDay: null });
		});

		test('accounts: no new one, but a reconnect; a disconnected one makes room', async () => {
			await cap({ accounts: 1 });
			await expect(saveAccount(call, { p_owner: owner })).rejects.toMatchObject({
				status: 403,
				code: 'cap_accounts',
				details: { sentence: expect.stringContaining('allows 1 connected account') },
			});
			const known = await call('social_account_get', { p_account_id: account });
			await saveAccount(call, { p_id: account, p_owner: owner, p_remote_id: known.remoteId });
			await call('social_account_disconnect', {
				p_account_id: account,
				p_owner: owner,
				p_token: 'v1.a.b.c',
				p_token_key_id: 'a',
			});
			await saveAccount(call, { p_owner: owner });
		});

		test('scheduled posts', async () => {
			await cap({ scheduled: 1 });
			await newPost({ scheduledAt: inAnHour() });
			await expect(newPost({ scheduledAt: inAnHour() })).rejects.toMatchObject({
				errors: [{ code: 'cap_scheduled', field: 'scheduledAt' }],
			});
			const draft = await newPost({ as: 'draft', scheduledAt: inAnHour() });
			await expect(
				call('social_post_update', {
					p_post_id: draft.id,
					p_owner: owner,
					p_changes: { as: 'scheduled' },
				}),
			).rejects.toMatchObject({ status: 403, code: 'cap_scheduled' });
			expect((await get(draft.id)).state).toBe('draft');
		});

		test('posts a day, by the day of the owner; two at once do not pass together', async () => {
			await cap({ postsPerDay: 1 });
			await call('social_owner_save', {
				p_owner: owner,
				p_tier: 'universal',
				p_time_zone: 'Pacific/Auckland',
			});
			const at = '2026-12-20T10:30:00Z';
			const results = await Promise.allSettled([
				newPost({ scheduledAt: at }),
				newPost({ scheduledAt: at }),
			]);
			expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
			expect(results.find(({ status }) => status === 'rejected')).toMatchObject({
				reason: { errors: [{ code: 'cap_posts_per_day' }] },
			});
			// In Auckland that is the next day already.
			expect((await newPost({ scheduledAt: '2026-12-20T11:30:00Z' })).state).toBe('scheduled');
		});

		test('without a cap there is none, and the other tier has its own', async () => {
			await cap({ scheduled: 1 });
			await call('social_owner_save', { p_owner: owner, p_tier: 'power' });
			await newPost({ scheduledAt: inAnHour() });
			await newPost({ scheduledAt: inAnHour() });
			expect(await call('social_owner_get', { p_owner: owner })).toMatchObject({
				tier: 'power',
				caps: { scheduled: { cap: null, used: 2 }, accounts: { cap: null, used: 1 } },
			});
		});
	});

	describe('owners', () => {
		test('are listed in pages, found and changed', async () => {
			const mark = randomUUID().slice(0, 8);
			for (const n of [1, 2, 3]) {
				await call('social_owner_save', { p_owner: `${mark}-${n}`, p_tier: 'universal' });
			}
			const first = await call('social_owner_list', { p_search: mark, p_limit: 2 });
			expect(first.items.map(({ id }) => id)).toEqual([`${mark}-1`, `${mark}-2`]);
			const rest = await call('social_owner_list', {
				p_search: mark,
				p_limit: 2,
				p_cursor: first.nextCursor,
			});
			expect(rest).toMatchObject({ items: [{ id: `${mark}-3` }], nextCursor: null });
			expect(
				await call('social_owner_save', {
					p_owner: `${mark}-3`,
					p_tier: 'power',
					p_time_zone: 'Asia/Tokyo',
				}),
			).toMatchObject({ tier: 'power', timeZone: 'Asia/Tokyo' });
			expect(await call('social_owner_get', { p_owner: `${mark}-3` })).toMatchObject({
				zone: 'Asia/Tokyo',
				zoneChosen: true,
				off: { publish: null },
				platformsOff: { x: null },
			});
		});

		test.each([
			['no tier', { p_tier: 'gold' as 'power' }, 'tier_unknown'],
			['no zone', { p_tier: 'power' as const, p_time_zone: 'Nowhere' }, 'time_zone_unknown'],
			['no name', { p_owner: 'a b', p_tier: 'power' as const }, 'owner_invalid'],
		])('%s is refused', async (_name, change, code) => {
			await expect(call('social_owner_save', { p_owner: owner, ...change })).rejects.toMatchObject({
				status: 400,
				code,
			});
		});
	});

	test('the list of platforms counts accounts of one owner only', async () => {
		const { items } = await call('social_platform_states', { p_owner: owner });
		expect(items.find(({ platform }) => platform === 'x')).toMatchObject({
			label: 'X',
			connected: 1,
			reconnect: 0,
			pausedUntil: null,
		});
	});

	test('a scheduled post of another owner is not counted', async () => {
		const other = await saveAccount(call, { p_owner: `${owner}-2` });
		await createPost(callAs(call, `${owner}-2`), other);
		expect(
			await call('social_feature_reach', { p_toggle: 'platform:x', p_owner: owner }),
		).toMatchObject({ scheduled: 0 });
	});
});

/** The same calls, with posts created for this owner. */
function callAs(call: Call, owner: string): Call {
	return async (name, args) =>
		await call(
			name,
			name === 'social_create'
				? { ...args, p_options: { ...(args as { p_options: object }).p_options, owner } }
				: args,
		);
}
