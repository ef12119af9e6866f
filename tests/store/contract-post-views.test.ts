import { randomUUID } from 'node:crypto';
import type { PostFindFilter, PostView } from '../../core/store/contract';
import {
	callsOf,
	claimPost,
	createPost,
	entry,
	options,
	saveAccount,
	saveEvidence,
	saveIntent,
	type Call,
} from './fixtures';
import { supabase, targets, tellSkippedTargets, type Target } from './targets';

tellSkippedTargets();

const HOUR_MS = 3_600_000;
const inHours = (hours: number) => new Date(Date.now() + hours * HOUR_MS).toISOString();
const STRANGER = 'somebody-else';

describe.each(targets)('views of posts on the $name', ({ open }) => {
	let target: Target;
	let call: Call;
	beforeAll(async () => {
		target = await open();
		call = callsOf(supabase(target.url, target.serviceKey));
	}, 120_000);
	afterAll(() => target.close());

	/** An owner of its own, so that a list holds what the test has made. */
	const world = () => {
		const owner = `owner-${randomUUID()}`;
		const account = (change = {}) => saveAccount(call, { p_owner: owner, ...change });
		const make = (accountId: string, change = {}) => createPost(call, accountId, change, owner);
		const find = async (filter: PostFindFilter = {}, more = {}) =>
			await call('social_post_find', { p_owner: owner, p_filter: filter, ...more });
		const texts = async (filter: PostFindFilter = {}) =>
			(await find(filter)).items.map(({ content }) => content.text);
		const publish = async (post: PostView) => {
			const claim = await claimPost(call, post.id);
			await saveIntent(call, claim);
			await saveEvidence(call, claim);
			await call('social_result', {
				p_post_id: post.id,
				p_fence: claim.fence,
				p_result: { to: 'published' },
			});
		};
		const story = (id: string, as = owner) =>
			call('social_post_story', { p_post_id: id, p_owner: as });
		return { owner, account, make, find, texts, publish, story };
	};

	test('filters by state, platform, account and words, alone and together', async () => {
		const { account, make, texts, publish } = world();
		const x = await account();
		const linkedin = await account({
			p_platform: 'linkedin',
			p_base_url: 'http://127.0.0.1:4010/linkedin',
			p_auth_url: 'http://127.0.0.1:4010/linkedin',
		});
		await make(x, { content: { text: 'Launching the calm calendar' }, scheduledAt: inHours(2) });
		await make(linkedin, { content: { text: 'We launched a calendar' }, scheduledAt: inHours(1) });
		await make(x, { content: { text: 'A draft about LAUNCHES' }, as: 'draft' });
		await publish(await make(x, { content: { text: 'Hello Café, world' } }));
		const all = [
			'Hello Café, world',
			'A draft about LAUNCHES',
			'We launched a calendar',
			'Launching the calm calendar',
		];
		expect(await texts()).toEqual(all);
		expect(await texts({ states: ['published', 'draft'] })).toEqual(all.slice(0, 2));
		expect(await texts({ platforms: ['linkedin'] })).toEqual([all[2]]);
		expect(await texts({ accountIds: [x] })).toEqual([all[0], all[1], all[3]]);
		expect(await texts({ platforms: ['linkedin'], accountIds: [x] })).toEqual([]);
		expect(await texts({ search: 'launch' })).toEqual(all.slice(1));
		expect(await texts({ search: 'cal launch' })).toEqual(all.slice(2));
		expect(await texts({ search: 'café' })).toEqual([all[0]]);
		expect(await texts({ search: "o'clock & | !) :*" })).toEqual([]);
		expect(await texts({ search: '!!!' })).toEqual([]);
		expect(await texts({ search: 'launch', states: ['scheduled'], platforms: ['x'] })).toEqual([
			all[3],
		]);
		expect(await texts({ by: 'due', states: ['scheduled'] })).toEqual([all[3], all[2]]);
		expect(await texts({ by: 'next' })).toEqual([all[2], all[3]]);
		expect(await texts({ by: 'published' })).toEqual([all[0]]);
		expect(await texts({ by: 'due', from: inHours(0.5), to: inHours(1.5) })).toEqual([all[2]]);
		expect(await texts({ by: 'published', from: inHours(-1) })).toEqual([all[0]]);
		expect(await texts({ by: 'published', from: inHours(1) })).toEqual([]);
		expect(await texts({ from: inHours(-1), to: inHours(1) })).toEqual(all);
		expect(await texts({ to: inHours(-1) })).toEqual([]);
	});

	test('a word follows the text when it is edited, and goes with a purged post', async () => {
		const { owner, account, make, texts } = world();
		const post = await make(await account(), {
			content: { text: 'before' },
			scheduledAt: inHours(1),
		});
		await call('social_post_update', {
			p_post_id: post.id,
			p_owner: owner,
			p_changes: { content: { text: 'afterwards' } },
		});
		expect(await texts({ search: 'before' })).toEqual([]);
		expect(await texts({ search: 'after' })).toEqual(['afterwards']);
	});

	test.each(['created', 'due', 'published', 'next'] as const)(
		'by %s: pages in order, each post once, also while new ones come',
		async (by) => {
			const { account, make, find, publish } = world();
			const ids: string[] = [];
			for (let at = 0; at < 7; at++) {
				const due = by === 'next' ? inHours(1 + (at % 3)) : inHours(-0.001);
				const post = await make(await account(), { scheduledAt: due });
				ids.push(post.id);
				if (by === 'published') await publish(post);
			}
			const seen: string[] = [];
			let cursor: string | null = null;
			do {
				const page = await find({ by }, { p_limit: 2, p_cursor: cursor });
				expect(page.partial).toBe(false);
				seen.push(...page.items.map(({ id }) => id));
				cursor = page.nextCursor;
				// What is newer than the first page does not move the others.
				if (by === 'created') await make(await account(), { scheduledAt: inHours(-0.001) });
			} while (cursor !== null);
			expect([...seen].sort()).toEqual([...ids].sort());
			if (by === 'created') expect(seen).toEqual([...ids].reverse());
		},
	);

	test('a cursor or a time that cannot be read is refused', async () => {
		const { find } = world();
		for (const [filter, more] of [
			[{}, { p_cursor: 'x' }],
			[{}, { p_cursor: `2026-01-01T00:00:00Z_${randomUUID()}x` }],
			[{ from: 'soon' }, {}],
			[{ by: 'likes' }, {}],
		] as const) {
			await expect(find(filter as PostFindFilter, more)).rejects.toMatchObject({
				status: 400,
				code: 'filter_invalid',
			});
		}
	});

	test('counts stop at their limit and are of one owner', async () => {
		const { owner, account, make } = world();
		const id = await account();
		await call('social_create', {
			p_options: options({ owner }),
			p_entries: Array.from({ length: 120 }, (_, ordinal) =>
				entry(id, { ordinal, as: 'draft', scheduledAt: inHours(1) }),
			),
		});
		await make(id);
		await make(id, { scheduledAt: inHours(1) });
		const counts = await call('social_post_counts', { p_owner: owner });
		expect(counts).toMatchObject({
			most: 100,
			due: 1,
			counts: { draft: 100, scheduled: 2, published: 0 },
		});
		expect(await call('social_post_counts', { p_owner: STRANGER })).toMatchObject({ due: 0 });
	});

	test('the calendar cuts days in its zone, also when the clock changes', async () => {
		const { owner, account, make } = world();
		const id = await account();
		const year = new Date().getUTCFullYear() + 1;
		// The last Sunday of October: Berlin's day has 25 hours.
		const sunday = new Date(Date.UTC(year, 9, 31));
		sunday.setUTCDate(31 - sunday.getUTCDay());
		const day = sunday.toISOString().slice(0, 10);
		const next = new Date(sunday.getTime() + 86_400_000).toISOString().slice(0, 10);
		const zone = 'Europe/Berlin';
		for (const [text, wallTime] of [
			['first', `${day}T00:00`],
			['last', `${day}T23:59`],
			['next day', `${next}T00:00`],
		]) {
			await make(id, { content: { text }, wallTime, timeZone: zone });
		}
		const show = async (p_time_zone: string, more = {}) =>
			(
				await call('social_post_calendar', {
					p_owner: owner,
					p_from: day,
					p_days: 2,
					p_time_zone,
					...more,
				})
			).days.map((one) => ({ ...one, posts: one.posts.map(({ text }) => text) }));
		expect(await show(zone)).toEqual([
			{ day, posts: ['first', 'last'], more: 0 },
			{ day: next, posts: ['next day'], more: 0 },
		]);
		expect((await show('UTC'))[0].posts).toEqual(['last', 'next day']);
		expect(await show(zone, { p_per_day: 1 })).toMatchObject([{ more: 1 }, { more: 0 }]);
		expect((await show(zone, { p_filter: { platforms: ['linkedin'] } }))[0].posts).toEqual([]);
		for (const wrong of [{ p_time_zone: 'Mars/Olympus' }, { p_days: 400 }]) {
			await expect(show(zone, wrong)).rejects.toMatchObject({ status: 400 });
		}
	});

	test('a post may be moved in the calendar until it is due or anything of it was sent', async () => {
		const { owner, account, make, publish } = world();
		const day = inHours(0).slice(0, 10);
		await publish(await make(await account(), { content: { text: 'out' } }));
		await make(await account(), { content: { text: 'due' } });
		await make(await account(), { content: { text: 'later' }, scheduledAt: inHours(1) });
		await make(await account(), {
			content: { text: 'draft' },
			scheduledAt: inHours(2),
			as: 'draft',
		});
		const dropped = await make(await account(), { scheduledAt: inHours(1) });
		await call('social_post_cancel', { p_post_id: dropped.id, p_owner: owner });
		const { days } = await call('social_post_calendar', {
			p_owner: owner,
			p_from: day,
			p_days: 2,
			p_time_zone: 'UTC',
		});
		const movable = days.flatMap(({ posts }) => posts).map(({ text, movable }) => [text, movable]);
		expect(Object.fromEntries(movable)).toEqual({
			out: false,
			due: false,
			later: true,
			draft: true,
		});
	});

	test('the story of a post: what people did, what carriers did, in order and without secrets', async () => {
		const { owner, account, make, story } = world();
		const post = await make(await account(), { scheduledAt: inHours(5) });
		const ids = { p_post_id: post.id, p_owner: owner };
		await call('social_post_update', { ...ids, p_changes: { content: { text: 'other words' } } });
		await call('social_post_update', { ...ids, p_changes: { scheduledAt: inHours(6) } });
		await call('social_post_cancel', ids);
		await call('social_post_retry', ids);
		const claim = await claimPost(call, post.id);
		await saveIntent(call, claim, {
			p_request: { method: 'POST', path: '/2/tweets', headers: {}, body: 'frozen words' },
			p_limit_ms: 1,
			p_settle_ms: 0,
		});
		await call('social_result', {
			p_post_id: post.id,
			p_fence: claim.fence,
			p_result: { to: 'needs_review', error: { code: 'c', message: 'm', remedy: 'r' } },
		});
		await call('social_post_resolve', {
			...ids,
			p_resolve_id: randomUUID(),
			p_decision: { to: 'live', remoteId: randomUUID(), url: null },
		});
		const told = await story(post.id);
		expect(told.changes.map(({ kind }) => kind)).toEqual([
			'edited',
			'rescheduled',
			'cancelled',
			'retried',
		]);
		expect(told.changes[1].facts).toEqual({ from: post.scheduledAt, to: expect.any(String) });
		expect(told.attempts).toMatchObject([
			{ carrier: 'test-carrier', kind: 'runner', result: { to: 'needs_review' } },
		]);
		expect(told.intents).toMatchObject([{ step: 'create_post', closedBy: 'done' }]);
		expect(told.evidence).toMatchObject([{ carrier: 'person', confirmedBy: 'person' }]);
		expect(told.resolutions).toMatchObject([{ to: 'live' }]);
		expect(told.post).toMatchObject({ state: 'published', started: true });
		expect(JSON.stringify(told)).not.toMatch(/frozen words|sealed/);
	});

	test('a publish writes no note of a change', async () => {
		const { account, make, publish, story } = world();
		const post = await make(await account());
		await publish(post);
		const told = await story(post.id);
		expect(told.changes).toEqual([]);
		expect(told.post.state).toBe('published');
	});

	test('another owner sees nothing of it', async () => {
		const { account, make, story } = world();
		const id = await account();
		const post = await make(id, { content: { text: 'private' }, scheduledAt: inHours(1) });
		await createPost(call, await saveAccount(call, { p_owner: 'default' }));
		await expect(story(post.id, STRANGER)).rejects.toMatchObject({
			status: 404,
			code: 'post_unknown',
		});
		const filters: PostFindFilter[] = [{ search: 'private' }, { accountIds: [id] }, { by: 'next' }];
		for (const filter of filters) {
			const found = await call('social_post_find', { p_owner: STRANGER, p_filter: filter });
			expect(found.items).toEqual([]);
		}
		const { days } = await call('social_post_calendar', {
			p_owner: STRANGER,
			p_from: inHours(0).slice(0, 10),
			p_days: 3,
			p_time_zone: 'UTC',
			p_filter: { accountIds: [id] },
		});
		expect(days.flatMap(({ posts }) => posts)).toEqual([]);
	});
});
