import { randomUUID } from 'node:crypto';
import type { AccountView, PostView } from '../../core/store/contract';
import { revokeAccount } from '../../sandbox/src/tokens';
import { carrierRound } from '../store/publishing';
import { picture, until, World, type TestAccount } from './world';

jest.setTimeout(120_000);

const PLATFORM_NAMES = ['x', 'linkedin', 'instagram'] as const;

let world: World;

beforeEach(async () => {
	world = await World.start('postgres');
});
afterEach(async () => await world.stop());

/** One round of a carrier over everything that is due. */
async function round(): Promise<void> {
	await carrierRound(world.ports, world.key, { concurrency: 6, maxClaims: 60 });
}

/** Lets time pass for troubles and pauses, and ends the waits of posts. */
async function pass(ms: number): Promise<void> {
	await world.database.query(
		`update musekit_social.token_troubles set first_at = first_at - make_interval(secs => $1),
			last_at = last_at - make_interval(secs => $1), marked_at = marked_at - make_interval(secs => $1)`,
		[ms / 1000],
	);
	await world.database.query(`
		update musekit_social.outages set paused_until = least(paused_until, clock_timestamp());
		update musekit_social.accounts set hold_until = null;`);
	await world.endWaits();
}

async function view(account: TestAccount): Promise<AccountView> {
	return await world.call('social_account_get', { p_account_id: account.id });
}

async function statuses(accounts: TestAccount[]): Promise<string[]> {
	return await Promise.all(accounts.map(async (account) => (await view(account)).status));
}

async function postOn(account: TestAccount): Promise<PostView> {
	if (account.platform !== 'instagram') return await world.create(account);
	return await world.create(account, {
		text: `Post ${randomUUID()}`,
		media: [{ bytes: await picture() }],
	});
}

/** Goes on until all of them are live, and each is so once. */
async function allLive(posts: PostView[]): Promise<void> {
	await until(async () => {
		await pass(1_000);
		await round();
		const seen = await Promise.all(posts.map(async ({ id }) => await world.post(id)));
		return seen.every(({ state }) => state === 'published');
	});
	for (const post of posts) expect(world.live(post)).toHaveLength(1);
}

async function incidents(): Promise<string[]> {
	return (await world.call('social_overview', {})).incidents.map(({ kind }) => kind);
}

describe.each([
	['several accounts of every platform', 3],
	['one account of each platform', 1],
])('a platform-wide 401 for ten minutes, %s', (_name, each) => {
	test('disconnects nobody, and every post goes out once when it is over', async () => {
		const accounts: TestAccount[] = [];
		for (const platform of PLATFORM_NAMES) {
			for (let made = 0; made < each; made++) accounts.push(await world.account(platform));
		}
		const posts = await Promise.all(accounts.map(postOn));
		world.fault({ kind: 'unauthorized', count: null });
		for (let minute = 0; minute < 10; minute++) {
			await round();
			expect(new Set(await statuses(accounts))).toEqual(new Set(['connected']));
			await pass(60_000);
		}
		expect(world.sandbox.faults.list()[0].hits).toBeGreaterThan(accounts.length);
		if (each > 1) expect(await incidents()).toContain('platform_down');
		expect(posts.flatMap((post) => world.live(post))).toEqual([]);

		world.sandbox.faults.remove();
		await allLive(posts);
		expect(new Set(await statuses(accounts))).toEqual(new Set(['connected']));
	});
});

test('a revoked account is marked, alone, and says why; the others go on', async () => {
	const [gone, ...others] = await Promise.all(
		Array.from({ length: 4 }, async () => await world.account('x')),
	);
	const lost = await world.create(gone);
	const posts = await Promise.all(others.map(postOn));
	revokeAccount(world.sandbox.state, 'x', await remoteId(gone));
	await round();
	expect(await statuses([gone, ...others])).toEqual([
		'reconnect',
		...others.map(() => 'connected'),
	]);
	expect((await view(gone)).statusReason).toMatch(/X no longer takes the refresh token/);
	expect(await world.post(lost.id)).toMatchObject({
		state: 'scheduled',
		waitReason: 'account_dead',
	});
	for (const post of await world.published(...posts)) expect(world.live(post)).toHaveLength(1);
});

test('refusals alone mark an account only after a quarter of an hour of them', async () => {
	const account = await world.account('x');
	await world.create(account);
	world.fault({ kind: 'unauthorized', step: 'tweet.create', count: null });
	for (let minute = 0; minute < 14; minute++) {
		await round();
		expect(await statuses([account])).toEqual(['connected']);
		await pass(60_000);
	}
	await pass(120_000);
	await round();
	expect(await statuses([account])).toEqual(['reconnect']);
});

test('a platform that calls every refresh token invalid is not believed', async () => {
	const accounts = await Promise.all(
		Array.from({ length: 5 }, async () => await world.account('x')),
	);
	const posts = await Promise.all(accounts.map(postOn));
	world.fault({ kind: 'unauthorized', step: 'tweet.create', count: null });
	world.fault({
		kind: 'status',
		path: 'oauth2/token',
		count: null,
		status: 400,
		body: {
			error: 'invalid_request',
			error_description: 'Value passed for the token was invalid.',
		},
	});
	await round();
	await pass(60_000);
	await round();
	expect(new Set(await statuses(accounts))).toEqual(new Set(['connected']));
	world.sandbox.faults.remove();
	await allLive(posts);
});

async function remoteId(account: TestAccount): Promise<string> {
	return (await view(account)).remoteId;
}
