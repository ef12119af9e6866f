import { randomUUID } from 'node:crypto';
import type { Client } from 'pg';
import type { Notice } from '../../core/store/contract';
import { callsOf, createPost, giveUp, saveAccount, type Call } from './fixtures';
import { openStore, type OpenStore } from './open-store';

const error = { code: 'refused', message: 'The platform said no.', remedy: 'r' };

let store: OpenStore;
let call: Call;
let database: Client;

beforeAll(async () => {
	store = await openStore();
	({ call, database } = store);
}, 120_000);

afterAll(() => store?.remove());

beforeEach(async () => {
	await database.query('truncate musekit_social.notices cascade');
	await database.query('truncate musekit_social.heartbeats');
	await database.query('update musekit_social.standing_in set since = null');
});

const bell = (
	p_user = 'local:ada',
	more: { p_owner?: string; p_limit?: number; p_cursor?: string } = {},
) => call('social_notices', { p_user, ...more });

async function end(accountId: string, to: 'failed' | 'needs_review') {
	const post = await createPost(call, accountId);
	await giveUp(call, post.id, to, error);
	return post;
}

test('a post for review is told with its text and why, and is settled by the decision', async () => {
	const account = await saveAccount(call, { p_handle: 'muse' });
	const post = await end(account, 'needs_review');
	const other = await end(account, 'needs_review');
	const { unread, items } = await bell();
	expect(unread).toBe(2);
	expect(items.map(({ postId }) => postId)).toEqual([other.id, post.id]);
	expect(items[1]).toMatchObject({
		kind: 'needs_review',
		owner: 'default',
		accountId: account,
		count: 1,
		unread: true,
		overAt: null,
		facts: { handle: 'muse', platform: 'x', text: post.content.text, reason: error.message },
	});
	await call('social_post_resolve', {
		p_post_id: post.id,
		p_owner: 'default',
		p_resolve_id: randomUUID(),
		p_decision: { to: 'drop' },
	});
	const after = await bell();
	expect(after.unread).toBe(1);
	expect(after.items[1]).toMatchObject({ unread: false, overAt: expect.any(String) as string });
});

test('failed and missed posts of one account are folded; a repeat is unread again; a day later it is a new one', async () => {
	const account = await saveAccount(call);
	await end(account, 'failed');
	const first = (await bell()).items;
	await call('social_notices_read', { p_user: 'local:ada', p_ids: [first[0].id] });
	expect((await bell()).unread).toBe(0);
	const again = await end(account, 'failed');
	await end(await saveAccount(call), 'failed');
	const { unread, items } = await bell();
	expect(unread).toBe(2);
	expect(items.find(({ accountId }) => accountId === account)).toMatchObject({
		id: first[0].id,
		count: 2,
		postId: again.id,
		unread: true,
	});
	await database.query(
		`update musekit_social.notices set last_at = last_at - interval '25 hours' where id = $1`,
		[first[0].id],
	);
	await end(account, 'failed');
	expect((await bell()).items.filter(({ accountId }) => accountId === account)).toHaveLength(2);

	const late = await Promise.all([1, 2, 3].map(() => createPost(call, account)));
	await database.query(
		`update musekit_social.posts set scheduled_at = now() - interval '3 days' where id = any ($1)`,
		[late.map(({ id }) => id)],
	);
	await call('social_maintain', {});
	expect((await bell()).items[0]).toMatchObject({ kind: 'missed', count: 3, accountId: account });
});

test('an account that is disconnected, and one that is at risk, until it is well again', async () => {
	const account = await saveAccount(call, { p_remote_id: 'r1', p_handle: 'lost' });
	await createPost(call, account, { scheduledAt: new Date(Date.now() + 3_600_000).toISOString() });
	const risk = {
		postId: null,
		code: 'token_expires',
		at: null,
		message: 'It expires.',
		remedy: 'r',
	};
	await call('social_risks_save', { p_account_id: account, p_risks: [risk] });
	await call('social_risks_save', { p_account_id: account, p_risks: [risk] });
	await call('social_account_disconnect', {
		p_account_id: account,
		p_owner: 'default',
		p_token: 'v1.k1.aXY.c2VhbGVk',
		p_token_key_id: 'k1',
	});
	const { items } = await bell();
	expect(items.map(({ kind, count, facts }) => [kind, count, facts.reason])).toEqual([
		['account_disconnected', 1, 'It was disconnected here.'],
		['account_at_risk', 1, 'It expires.'],
	]);
	await call('social_risks_save', { p_account_id: account, p_risks: [] });
	await saveAccount(call, { p_id: account, p_remote_id: 'r1', p_handle: 'lost' });
	expect((await bell()).unread).toBe(0);
});

test('a runner takes over when n8n is silent, once, and n8n comes back', async () => {
	const beat = (p_carrier: string, p_kind: 'n8n' | 'runner') =>
		call('social_heartbeat', { p_carrier, p_kind, p_interval_ms: 30_000 });
	await beat('runner-1', 'runner');
	await beat('n8n-1', 'n8n');
	await beat('runner-1', 'runner');
	expect((await bell()).items).toEqual([]);
	await database.query(
		`update musekit_social.heartbeats set last_at = now() - interval '2 minutes' where kind = 'n8n'`,
	);
	await Promise.all([1, 2, 3].map((n) => beat(`runner-${n}`, 'runner')));
	const kinds = (items: Notice[]) => items.map(({ kind, count }) => [kind, count]);
	expect(kinds((await bell()).items)).toEqual([['carrier_took_over', 1]]);
	expect((await bell()).items[0]).toMatchObject({ owner: null, facts: { silent: 'n8n-1' } });
	await beat('n8n-1', 'n8n');
	await beat('runner-1', 'runner');
	const { items, unread } = await bell();
	expect(kinds(items)).toEqual([
		['carrier_back', 1],
		['carrier_took_over', 1],
	]);
	expect(items[1].overAt).not.toBeNull();
	expect(unread).toBe(1);
});

test('what one person has read is unread for another; owners see their own and what concerns all', async () => {
	const mine = await saveAccount(call);
	const theirs = await saveAccount(call, { p_owner: 'acme' });
	await end(mine, 'failed');
	const post = await createPost(call, theirs, { content: { text: 'secret of acme' } }, 'acme');
	await giveUp(call, post.id, 'failed', error);
	await database.query(
		`select musekit_social.add_notice('carrier_back', null, 'carriers', null, null, '{}')`,
	);
	const own = await bell('local:vera', { p_owner: 'default' });
	expect(own.items.map(({ owner }) => owner)).toEqual([null, 'default']);
	expect(JSON.stringify(own)).not.toContain('acme');
	expect((await bell()).items).toHaveLength(3);

	// Reading with an owner reaches no other owner's, whatever is named.
	const all = (await bell()).items.map(({ id }) => id);
	await call('social_notices_read', { p_user: 'local:vera', p_owner: 'default', p_ids: all });
	expect((await bell('local:vera')).unread).toBe(1);
	expect((await bell('local:ada')).unread).toBe(3);
	await call('social_notices_read', { p_user: 'local:ada' });
	expect((await bell('local:ada')).unread).toBe(0);
});

test('the list is paged, and a page that does not exist is refused', async () => {
	for (let n = 0; n < 7; n++) {
		await database.query(
			`select musekit_social.add_notice('failed', 'default', $1, null, null, '{}')`,
			[String(n)],
		);
	}
	const seen: string[] = [];
	let cursor: string | null = null;
	do {
		const page = await bell('local:ada', {
			p_limit: 3,
			...(cursor === null ? {} : { p_cursor: cursor }),
		});
		seen.push(...page.items.map(({ id }) => id));
		cursor = page.nextCursor;
	} while (cursor !== null);
	expect(new Set(seen).size).toBe(7);
	await expect(bell('local:ada', { p_cursor: 'nonsense' })).rejects.toMatchObject({
		status: 400,
		code: 'cursor_invalid',
	});
});

test('a watcher gets everything that was written since it looked, also what commits late', async () => {
	const begin = await call('social_notices_since', {});
	expect(begin.items).toEqual([]);
	await database.query('begin');
	await database.query(
		`select musekit_social.add_notice('failed', 'default', 'slow', null, null, '{"reason": "slow"}')`,
	);
	const other = await saveAccount(call);
	await end(other, 'failed');
	const second = await call('social_notices_since', { p_after: begin.next });
	expect(second.items.map(({ accountId }) => accountId)).toEqual([other]);
	await database.query('commit');
	const third = await call('social_notices_since', { p_after: second.next });
	expect(third.items.map(({ facts }) => facts.reason)).toContain('slow');
	const fourth = await call('social_notices_since', { p_after: third.next });
	expect(fourth.items).toEqual([]);
	// A place of another database: it goes on from here.
	expect(await call('social_notices_since', { p_after: '99999999999' })).toMatchObject({
		items: [],
	});
});

test('old ones are forgotten, settled ones earlier', async () => {
	const add = async (subject: string, days: number, over: boolean) => {
		await database.query(
			`select musekit_social.add_notice('failed', 'default', $1, null, null, '{}')`,
			[subject],
		);
		await database.query(
			`update musekit_social.notices set last_at = now() - $2 * interval '1 day',
				over_at = case when $3 then now() end where subject = $1`,
			[subject, days, over],
		);
	};
	await add('a', 91, false);
	await add('b', 89, false);
	await add('c', 31, true);
	await add('d', 29, true);
	await call('social_maintain', {});
	const { rows } = await database.query('select subject from musekit_social.notices order by 1');
	expect(rows).toEqual([{ subject: 'b' }, { subject: 'd' }]);
});

test('the first look: what went out, what is next, what needs a person, and how everything is', async () => {
	const owner = `home-${randomUUID()}`;
	const account = await saveAccount(call, { p_owner: owner, p_handle: 'home' });
	await saveAccount(call, {
		p_owner: owner,
		p_handle: 'aaa',
		p_platform: 'linkedin',
		p_base_url: 'http://127.0.0.1:4010/linkedin',
		p_auth_url: 'http://127.0.0.1:4010/linkedin',
	});
	const make = async (change = {}) => (await createPost(call, account, change, owner)).id;
	const at = (hours: number) => ({
		scheduledAt: new Date(Date.now() + hours * 3_600_000).toISOString(),
	});
	const next = await make(at(2));
	const sooner = await make(at(1));
	const review = await make();
	await giveUp(call, review, 'needs_review', error);
	await call('social_platform_pause', {
		p_platform: 'linkedin',
		p_mode: 'sandbox',
		p_reason: 'answers with status 503',
		p_pause_ms: 60_000,
	});
	const home = await call('social_home', { p_owner: owner });
	expect(home.next.map(({ id }) => id)).toEqual([sooner, next]);
	expect(home.review.map(({ id }) => id)).toEqual([review]);
	expect(home).toMatchObject({
		lately: [],
		reviewCount: 1,
		accountsMore: false,
		outcomes: { x: { published: 0, failed: 0, missed: 0, needsReview: 1 } },
	});
	expect(home.accounts.map(({ handle }) => handle)).toEqual(['aaa', 'home']);
	expect(home.platforms).toMatchObject([
		{ platform: 'linkedin', reason: 'answers with status 503' },
		{ platform: 'x', pausedUntil: null },
	]);
	expect(await call('social_home', { p_owner: 'nobody' })).toMatchObject({
		next: [],
		accounts: [],
	});
});

test('nobody but the server may ask', async () => {
	const anon = callsOf(store.client('anon'));
	await expect(anon('social_notices', { p_user: 'x' })).rejects.toMatchObject({ status: 401 });
	await expect(anon('social_notices_read', { p_user: 'x' })).rejects.toMatchObject({ status: 401 });
	await expect(anon('social_notices_since', {})).rejects.toMatchObject({ status: 401 });
	await expect(anon('social_home', { p_owner: 'default' })).rejects.toMatchObject({ status: 401 });
});
