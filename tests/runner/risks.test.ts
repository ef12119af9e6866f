import { randomBytes } from 'node:crypto';
import { disconnectAccount } from '../../core/accounts/disconnect';
import { loadVaultKey, openToken, type VaultKey } from '../../core/accounts/vault';
import { PLATFORMS } from '../../core/platforms';
import { createPosts } from '../../core/publishing/create';
import { maintain, mediaRemover } from '../../fallback-runner/src/jobs/maintenance';
import type { MaintenanceTask } from '../../fallback-runner/src/jobs/catalog';
import { revokeAccount } from '../../sandbox/src/tokens';
import { carrierRound } from '../store/publishing';
import { picture, until, World, type TestAccount } from './world';

jest.setTimeout(120_000);

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const inHours = (hours: number) => new Date(Date.now() + hours * HOUR_MS).toISOString();

let world: World;

/** One round of the runner's upkeep. */
async function upkeep(task: MaintenanceTask, vaultKey: VaultKey = world.key): Promise<void> {
	const options = {
		purgeAfterMs: null,
		orphanMediaMs: DAY_MS,
		statusPages: {},
		removeObjects: mediaRemover({ url: world.store.url, key: world.store.serviceKey }),
		entries: { vaultKey, platforms: PLATFORMS },
	};
	await maintain(world.ports, options, [task]);
}

/** Warnings as people read them, after a round of looking ahead. */
async function warnings(account: TestAccount, vaultKey?: VaultKey) {
	await upkeep('risks', vaultKey);
	const { items } = await world.call('social_risks', { p_account_id: account.id });
	for (const { message, remedy } of items) {
		expect(message).toContain(account.handle);
		expect(remedy).toMatch(/\.$/);
	}
	return items.map(({ code, postId }) => [code, postId]);
}

async function postIn(hours: number, account: TestAccount, more = {}) {
	return await world.create(account, { scheduledAt: inHours(hours), ...more });
}

/** Publishes what is due. */
async function publishDue(): Promise<void> {
	await carrierRound(world.ports, world.key, { maxClaims: 10 });
}

async function remoteId(account: TestAccount): Promise<string> {
	return (await world.call('social_account_get', { p_account_id: account.id })).remoteId;
}

describe('warnings ahead', () => {
	beforeAll(async () => {
		world = await World.start('postgres');
	});
	afterAll(async () => await world.stop());

	test('the access ends before the post: gone when it is connected again', async () => {
		const seed = { accessTokenMs: 2 * HOUR_MS, refreshTokenMs: null };
		const account = await world.account('linkedin', { seed });
		await postIn(1, account);
		const late = await postIn(3, account);
		expect(await warnings(account)).toEqual([['token_ends_before_post', late.id]]);
		expect(
			(await world.call('social_risks', { p_post_id: late.id })).items.map(({ code }) => code),
		).toEqual(['token_ends_before_post']);
		await world.connect(account);
		expect(await warnings(account)).toEqual([]);
	});

	test('an access that renews itself is no risk', async () => {
		const account = await world.account('x', { seed: { accessTokenMs: HOUR_MS } });
		await postIn(20, account);
		expect(await warnings(account)).toEqual([]);
	});

	test('an account that was revoked: gone when it is connected again, or without posts', async () => {
		const account = await world.account('x');
		await world.create(account);
		const later = await postIn(3, account);
		revokeAccount(world.sandbox.state, 'x', await remoteId(account));
		await publishDue();
		expect(await warnings(account)).toEqual([['account_not_connected', null]]);
		const [risk] = (await world.call('social_risks', { p_post_id: later.id })).items;
		expect(risk.message).toMatch(/no longer takes the refresh token/);
		await world.connect(account);
		expect(await warnings(account)).toEqual([]);
	});

	test('an account that was disconnected here, with posts that wait for it', async () => {
		const seed = { accessTokenMs: 2 * HOUR_MS, refreshTokenMs: null };
		const account = await world.account('linkedin', { seed });
		const post = await postIn(3, account);
		expect(await warnings(account)).toEqual([['token_ends_before_post', post.id]]);
		const ended = await disconnectAccount(
			world.ports,
			{ vaultKey: world.key, definition: PLATFORMS.linkedin },
			{ accountId: account.id },
		);
		expect(ended.outcome).toBe('disconnected');
		expect(await warnings(account)).toEqual([['account_not_connected', null]]);
		await world.call('social_post_cancel', { p_post_id: post.id, p_owner: 'default' });
		// Not even before the next round is anybody told of an account that no post waits for.
		expect((await world.call('social_risks', { p_account_id: account.id })).items).toEqual([]);
		expect(await warnings(account)).toEqual([]);
	});

	test('a permission that this post needs is missing: gone with the post, or once granted', async () => {
		const scopes = ['tweet.read', 'tweet.write', 'users.read', 'offline.access'];
		const account = await world.account('x', { seed: { scopes } });
		await postIn(1, account);
		const withPicture = await postIn(2, account, { media: [{ bytes: await picture() }] });
		expect(await warnings(account)).toEqual([['post_scope_missing', withPicture.id]]);
		await world.connect(account);
		expect(await warnings(account)).toEqual([]);

		await world.connect(account, { seed: { scopes } });
		expect(await warnings(account)).toHaveLength(1);
		await world.call('social_post_cancel', { p_post_id: withPicture.id, p_owner: 'default' });
		// Nobody is told of a post that does not go out, even before the next round.
		expect((await world.call('social_risks', { p_account_id: account.id })).items).toEqual([]);
		expect(await warnings(account)).toEqual([]);
	});

	test('more posts in a day than Instagram takes: those beyond are named', async () => {
		const account = await world.account('instagram');
		const bytes = await picture();
		const outcome = await createPosts(world.ports, PLATFORMS, {
			key: 'a-busy-day',
			owner: 'default',
			source: 'api',
			dedupe: false,
			entries: Array.from({ length: 102 }, (_none, at) => ({
				accountId: account.id,
				text: `Picture ${at}`,
				media: [{ bytes }],
				scheduledAt: inHours(1 + at / 10),
			})),
		});
		if (outcome.kind !== 'ok') throw new Error(JSON.stringify(outcome));
		const ids = outcome.entries.map(({ post }) => post?.id ?? null);
		expect(await warnings(account)).toEqual([
			['quota_reached', ids[100]],
			['quota_reached', ids[101]],
		]);
		for (const id of ids.slice(0, 2)) {
			await world.call('social_post_cancel', { p_post_id: id ?? '', p_owner: 'default' });
		}
		expect(await warnings(account)).toEqual([]);
	});

	test('X had no credits: gone when a post has worked since', async () => {
		const account = await world.account('x');
		const { state } = world.sandbox;
		const known = state.account('x', await remoteId(account));
		state.saveAccount({ ...known, credits: 'depleted' });
		const refused = await world.create(account);
		await postIn(3, account);
		await publishDue();
		expect((await world.post(refused.id)).error).toMatchObject({ code: 'x_no_credits' });
		expect(await warnings(account)).toEqual([['x_no_credits', null]]);
		state.saveAccount({ ...known, credits: 'ok' });
		await world.published(...(await publishAgain(account)));
		expect(await warnings(account)).toEqual([]);
	});

	test('LinkedIn’s version and an app in development: gone with the settings', async () => {
		const year = new Date().getUTCFullYear() - 1;
		const month = String(new Date().getUTCMonth() + 1).padStart(2, '0');
		const settings = { linkedinVersion: `${year}${month}`, appMode: 'development' };
		const account = await world.account('linkedin', { settings });
		await postIn(3, account);
		expect((await warnings(account)).sort()).toEqual([
			['app_in_development', null],
			['linkedin_version_ends', null],
		]);
		await world.connect(account, {
			settings: { linkedinVersion: `${year + 1}${month}`, appMode: 'live' },
		});
		expect(await warnings(account)).toEqual([]);
	});

	test('a runner with another vault key: gone with the right one', async () => {
		const account = await world.account('x');
		await postIn(3, account);
		const other = await loadVaultKey(randomBytes(32).toString('hex'), world.ports.crypto);
		if (other.outcome !== 'ok') throw new Error(other.error.message);
		expect(await warnings(account, other.key)).toEqual([['token_not_readable', null]]);
		expect(await warnings(account)).toEqual([]);
	});

	test('a post further away than the store looks ahead is looked at when it comes nearer', async () => {
		const seed = { accessTokenMs: 2 * HOUR_MS, refreshTokenMs: null };
		const account = await world.account('linkedin', { seed });
		const far = await postIn(30, account);
		expect(await warnings(account)).toEqual([]);
		await world.call('social_settings_set', { p_key: 'risks', p_value: { aheadMs: 2 * DAY_MS } });
		expect(await warnings(account)).toEqual([['token_ends_before_post', far.id]]);
	});

	test('a runner does all of this by itself', async () => {
		const seed = { accessTokenMs: 2 * HOUR_MS, refreshTokenMs: null };
		const account = await world.account('linkedin', { seed });
		await postIn(3, account);
		const found = async () =>
			(await world.call('social_risks', { p_account_id: account.id })).items.length;
		await world.runner('runner:ahead', { maintenanceEveryMs: 2_000 });
		await until(async () => (await found()) === 1);
		await world.connect(account);
		await until(async () => (await found()) === 0);
	});
});

/** A new post, due now, after whatever held the account back was mended. */
async function publishAgain(account: TestAccount) {
	const post = await world.create(account);
	await world.endWaits();
	await publishDue();
	return [post];
}

describe('accounts without a post', () => {
	beforeEach(async () => {
		world = await World.start('postgres');
	});
	afterEach(async () => await world.stop());

	/** Makes an account look as if its pair had come so long ago. */
	async function idle(account: TestAccount, ageMs: number): Promise<TestAccount> {
		await world.database.query(
			`update musekit_social.accounts
				set token_refreshed_at = clock_timestamp() - make_interval(secs => $2) where id = $1`,
			[account.id, ageMs / 1000],
		);
		return account;
	}

	async function due(): Promise<string[]> {
		const { items } = await world.call('social_tokens_due', { p_limit: 50 });
		return items.map(({ id }) => id).sort();
	}

	test('come up for renewal in time, each once an hour, and no others', async () => {
		const endsIn = (days: number) => ({ seed: { accessTokenMs: days * DAY_MS } });
		const wanted = [
			await idle(await world.account('x'), 32 * DAY_MS),
			await world.account('linkedin', endsIn(9)),
			await world.account('instagram', endsIn(9)),
		];
		await idle(await world.account('x'), 20 * DAY_MS);
		await world.account('linkedin', endsIn(16));
		await world.account('instagram', endsIn(16));
		// One that only a person can bring back.
		const dead = await idle(await world.account('x'), 40 * DAY_MS);
		await world.database.query(
			"update musekit_social.accounts set status = 'reconnect' where id = $1",
			[dead.id],
		);
		const ids = wanted.map(({ id }) => id).sort();
		expect(await due()).toEqual(ids);
		expect(await due()).toEqual([]);
		const asked = async (minutes: number) =>
			await world.database.query(
				'update musekit_social.accounts set token_asked_at = token_asked_at - make_interval(mins => $1)',
				[minutes],
			);
		await asked(59);
		expect(await due()).toEqual([]);
		await asked(2);
		expect(await due()).toEqual(ids);
	});

	test('keep their access: upkeep renews, and what it renewed does not come up again', async () => {
		const DAYS = { x: 200, linkedin: 60, instagram: 60 };
		const accounts = [
			await idle(await world.account('x', { seed: { issuedAgoMs: 32 * DAY_MS } }), 32 * DAY_MS),
			await world.account('linkedin', { seed: { issuedAgoMs: 51 * DAY_MS } }),
			await world.account('instagram', { seed: { issuedAgoMs: 51 * DAY_MS } }),
		];
		const before = await Promise.all(accounts.map(secretOf));
		await upkeep('tokens');
		for (const [at, account] of accounts.entries()) {
			const view = await world.call('social_account_get', { p_account_id: account.id });
			expect(view.status).toBe('connected');
			const secret = await secretOf(account);
			expect(secret.accessToken).not.toBe(before[at].accessToken);
			const ends = Date.parse(view.tokenExpiresAt ?? '');
			expect(ends).toBe(secret.expiresAt);
			expect(ends).toBeGreaterThan(Date.now());
			expect(ends).toBeLessThanOrEqual(Date.now() + DAYS[account.platform] * DAY_MS + HOUR_MS);
			if (account.platform === 'instagram') expect(ends).toBeGreaterThan(Date.now() + 59 * DAY_MS);
			// The platform knows the new token and takes it.
			expect(world.sandbox.state.tokens.get(secret.accessToken)).toMatchObject({ status: 'live' });
		}
		await world.database.query('update musekit_social.accounts set token_asked_at = null');
		expect(await due()).toEqual([]);
	});

	test('an Instagram access of less than a day cannot be renewed yet and is left alone', async () => {
		const seed = { accessTokenMs: 2 * DAY_MS, issuedAgoMs: 2 * HOUR_MS };
		const account = await world.account('instagram', { seed });
		const before = await secretOf(account);
		await upkeep('tokens');
		expect(await secretOf(account)).toEqual(before);
		const { status } = await world.call('social_account_get', { p_account_id: account.id });
		expect(status).toBe('connected');
	});

	async function secretOf(account: TestAccount) {
		const { token } = await world.call('social_account_open', { p_account_id: account.id });
		const row = { accountId: account.id, owner: 'default' };
		const opened = await openToken(world.ports.crypto, world.key, row, token);
		if (opened.outcome !== 'ok') throw new Error(opened.error.message);
		return opened.secret;
	}
});
