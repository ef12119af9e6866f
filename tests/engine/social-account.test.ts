import type { IDataObject } from 'n8n-workflow';

import { linkHash } from '../../core/accounts/connect-link';
import { createCryptoPort } from '../../nodes/SocialPost/transport/crypto-port';
import type { AccountInput } from '../../sandbox/src/accounts';
import type { RunOptions } from './support/engine';
import { World } from './support/world';

let world: World;
let handles = 0;

beforeAll(async () => {
	world = await World.open();
});

afterAll(async () => await world.close());

const byId = (value: string) => ({ __rl: true, mode: 'id', value });

const run = async (parameters: IDataObject, more: Partial<RunOptions> = {}) =>
	await world.engine.run({
		type: 'socialAccount',
		credential: world.credential,
		parameters,
		...more,
	});

/** The node's refusal: what happened and what to do. */
async function refusal(parameters: IDataObject, more: Partial<RunOptions> = {}) {
	const { error } = await run(parameters, more);
	if (!error) throw new Error('The node refused nothing');
	return `${error.message} ${error.description ?? ''}`;
}

const DOORS = {
	x: 'museKitSocialXOAuth2Api',
	linkedin: 'museKitSocialLinkedInOAuth2Api',
	instagram: 'museKitSocialInstagramOAuth2Api',
};

/** A credential as n8n has it after the sign-in of a new person at the sandbox. */
async function signedIn(platform: keyof typeof DOORS, input: Partial<AccountInput> = {}) {
	const person = await world.sandbox.addAccount({
		platform,
		handle: `door${(handles += 1)}`,
		clientSecret: 'the-secret-of-the-app',
		clientId: `app-${platform}`,
		...input,
	});
	const door = {
		clientId: person.clientId,
		clientSecret: person.clientSecret,
		baseUrl: `${world.sandbox.url}/${platform}/`,
		oauthTokenData: {
			access_token: person.accessToken,
			refresh_token: person.refreshToken,
			token_type: 'bearer',
			scope: person.scopes.join(' '),
			expires_in: '7200',
			n8n_expires_at: String(person.expiresAt),
		},
	};
	return { person, door, doors: { [DOORS[platform]]: door } };
}

const connect = { operation: 'connect', platform: 'x' };

describe('connect', () => {
	it('takes token data that n8n keeps as text, and a base URL with a slash at its end', async () => {
		const { person, door } = await signedIn('x');
		const doors = { [DOORS.x]: { ...door, oauthTokenData: JSON.stringify(door.oauthTokenData) } };
		const { output } = await run(connect, { doors });
		expect(output).toHaveLength(1);
		expect(output?.[0].json).toMatchObject({
			platform: 'x',
			mode: 'sandbox',
			remoteId: person.accountId,
			handle: person.handle,
			status: 'connected',
			tokenExpiresAt: new Date(person.expiresAt ?? 0).toISOString(),
		});
		expect(output?.[0].pairedItem).toEqual({ item: 0 });
	});

	it.each([
		['nothing', {}],
		['an empty object', { oauthTokenData: {} }],
		['text that is no JSON', { oauthTokenData: 'not signed in' }],
	])('with %s for a token says that nobody has signed in', async (_, data) => {
		const { door } = await signedIn('x');
		const { oauthTokenData, ...rest } = door;
		const said = await refusal(connect, { doors: { [DOORS.x]: { ...rest, ...data } } });
		expect(said).toContain('Nobody has signed in with the X credential yet.');
		expect(said).toContain('press "Connect" there and sign in');
		expect(said).toContain('No account was changed');
		expect(said).not.toContain(oauthTokenData.access_token);
	});

	it('with a token that X no longer takes says how to sign in again', async () => {
		const { person, doors } = await signedIn('x', { accessTokenMs: -1000 });
		const said = await refusal(connect, { doors });
		expect(said).toContain('X no longer takes this access');
		expect(said).toContain('A sign-in is good for one Connect.');
		expect(said).not.toContain(person.accessToken);
	});

	it('without a scope that posting needs refuses and names it', async () => {
		const { doors } = await signedIn('x', { scopes: ['tweet.read', 'users.read'] });
		expect(await refusal(connect, { doors })).toMatch(/did not grant tweet\.write.*ticked/);
	});

	it('without a scope that only some work needs connects and warns', async () => {
		const { doors } = await signedIn('x', { scopes: ['tweet.read', 'tweet.write', 'users.read'] });
		const { output } = await run(connect, { doors });
		expect(output?.[0].json).toMatchObject({
			status: 'connected',
			missingScopes: ['offline.access', 'media.write'],
			warnings: [{ code: 'scope_not_granted' }],
		});
	});

	it('sends a token to no host that an account of this kind may not have', async () => {
		const { door } = await signedIn('x');
		for (const baseUrl of ['https://api.x.com', 'ftp://127.0.0.1/x', 'nowhere']) {
			const said = await refusal(connect, { doors: { [DOORS.x]: { ...door, baseUrl } } });
			expect(said).toMatch(/cannot use/);
			expect(said).not.toContain(door.oauthTokenData.access_token);
		}
	});

	it('refuses ids that are none, accounts that are not there and those of others', async () => {
		const { doors } = await signedIn('x');
		const mine = await run(connect, { doors });
		const id = String(mine.output?.[0].json.id);
		const as = async (accountId: string, owner = 'default') =>
			await refusal({ ...connect, options: { accountId, owner } }, { doors });
		expect(await as('abc')).toContain('The "Reconnect Account ID" is not the id of an account.');
		expect(await as('01935f7a-7c3e-7d2a-9b1f-2f6f0c6b3d11')).toMatch(/account.*list/s);
		expect(await as(id, 'somebody-else')).toContain('for this owner');
		const kept = await world.store.call('social_account_open', { p_account_id: id });
		expect(kept).toMatchObject({ owner: 'default', status: 'connected' });
	});

	it('asks for a choice that exists, by bare id or by URN', async () => {
		const { person, doors } = await signedIn('linkedin');
		const by = (remoteId: string) => ({
			operation: 'connect',
			platform: 'linkedin',
			which: 'byId',
			remoteId,
		});
		const said = await refusal(by('777'), { doors });
		expect(said).toContain('The sign-in is not good for the account 777.');
		expect(said).toContain(person.accountId);
		expect(await refusal(by("={{ '' }}"), { doors })).toContain('with an empty ID');
		for (const remoteId of [person.accountId, `urn:li:person:${person.accountId}`]) {
			const { output } = await run(by(remoteId), { doors });
			expect(output?.[0].json).toMatchObject({ remoteId: person.accountId });
		}
	});

	it('needs the credential of its platform and no other', async () => {
		const { doors } = await signedIn('x');
		const said = await refusal({ operation: 'connect', platform: 'linkedin' }, { doors });
		expect(said).toContain('museKitSocialLinkedInOAuth2Api');
	});
});

describe('an account that is there', () => {
	it.each(['get', 'validate', 'refresh', 'disconnect'])(
		'%s checks its id and owner',
		async (operation) => {
			const account = await world.account('x', 'client-a');
			const ask = async (id: string, owner = 'default') =>
				await refusal({ operation, account: byId(id), options: { owner } });
			expect(await ask("={{ '' }}")).toContain('No account was chosen.');
			expect(await ask('12')).toContain('The "Account" is not the id of an account.');
			for (const said of [
				await ask('01935f7a-7c3e-7d2a-9b1f-2f6f0c6b3d11'),
				await ask(account.id),
			]) {
				expect(said).toMatch(/account/i);
				expect(said).toContain('No account was changed');
			}
			const kept = await world.store.call('social_account_open', { p_account_id: account.id });
			expect(kept.status).toBe('connected');
		},
	);

	it('is given with the warnings about its posts, as is the post', async () => {
		const account = await world.account('x', 'warned');
		const calm = await world.account('x', 'warned');
		const options = { owner: 'warned' };
		const onPost = async (parameters: IDataObject) => await run(parameters, { type: 'socialPost' });
		const made = await onPost({
			operation: 'schedule',
			account: byId(account.id),
			text: 'Soon',
			publishAt: '2031-01-01T00:00:00Z',
			options,
		});
		const postId = made.output?.[0].json.id as string;
		const get = { operation: 'get', account: byId(account.id), options };
		expect((await run(get)).output?.[0].json).not.toHaveProperty('warnings');
		const warning = { code: 'x_no_credits', message: 'No credits.', remedy: 'Buy some.', at: null };
		const aboutPost = { ...warning, code: 'post_scope_missing', at: '2031-01-01T00:00:00.000Z' };
		await world.store.call('social_risks_save', {
			p_account_id: account.id,
			p_risks: [
				{ ...warning, postId: null },
				{ ...aboutPost, postId },
			],
		});
		const warnings = [warning, { ...aboutPost, postId }];
		expect((await run(get)).output?.[0].json).toMatchObject({ id: account.id, warnings });
		const { output } = await run({ operation: 'getAll', returnAll: true, options });
		const byAccount = new Map(output?.map(({ json }) => [json.id, json.warnings]));
		expect(byAccount.get(account.id)).toEqual(warnings);
		expect(byAccount.get(calm.id)).toBeUndefined();
		for (const simplify of [true, false]) {
			const post = await onPost({ operation: 'get', postId, simplify, options });
			expect(post.output?.[0].json).toMatchObject({ id: postId, warnings });
		}
		const cancelled = await onPost({ operation: 'cancel', postId, options });
		expect(cancelled.output?.[0].json.state).toBe('cancelled');
		const after = await onPost({ operation: 'get', postId, options });
		expect(after.output?.[0].json).not.toHaveProperty('warnings');
		expect((await run(get)).output?.[0].json).not.toHaveProperty('warnings');
	});

	it('cannot be renewed before a day is over at Instagram, and says until when it works', async () => {
		const account = await world.account('instagram');
		const said = await refusal({ operation: 'refresh', account: byId(account.id) });
		expect(said).toMatch(/cannot be renewed by itself now; it works until/);
	});

	it('whose access was taken away is an answer and no error', async () => {
		const account = await world.account('x');
		await fetch(`${world.sandbox.url}/_accounts/x/${account.handle}`, {
			method: 'PATCH',
			headers: { 'content-type': 'application/json' },
			body: JSON.stringify({ revoke: true }),
		});
		const { output } = await run({ operation: 'validate', account: byId(account.id) });
		expect(output?.[0].json).toMatchObject({ access: 'ended', status: 'reconnect' });
		expect(output?.[0].json).not.toHaveProperty('error');
		expect(String(output?.[0].json.reason)).not.toBe('');
		expect(String(output?.[0].json.remedy)).not.toBe('');
	});

	it('one bad item does not stop the others', async () => {
		const account = await world.account('x');
		const items = [{ json: { id: 'bad' } }, { json: { id: account.id } }];
		const parameters = { operation: 'validate', account: byId('={{ $json.id }}') };
		const { output } = await run(parameters, { items, node: { onError: 'continueRegularOutput' } });
		expect(output?.map(({ json }) => json.error ?? json.access)).toEqual([
			'The "Account" is not the id of an account.',
			'valid',
		]);
		const said = await refusal(parameters, { items, mode: 'manual' });
		expect(said).toContain('the other one was carried out. Running it again does no harm to them.');
	});
});

describe('get many', () => {
	it('goes through all pages, keeps to its limit, and filters', async () => {
		const owner = 'many';
		for (let number = 1; number <= 102; number++) await world.account('x', owner);
		await world.account('linkedin', owner);
		const all = await run({ operation: 'getAll', returnAll: true, options: { owner } });
		expect(new Set(all.output?.map(({ json }) => json.id)).size).toBe(103);
		const some = await run({ operation: 'getAll', limit: 101, options: { owner } });
		expect(some.output).toHaveLength(101);
		const linkedin = await run({
			operation: 'getAll',
			returnAll: true,
			options: { owner, platform: 'linkedin' },
		});
		expect(linkedin.output?.map(({ json }) => json.platform)).toEqual(['linkedin']);
		const [{ json: sought }] = linkedin.output ?? [];
		const search = await run({
			operation: 'getAll',
			returnAll: true,
			options: { owner, search: String(sought.handle) },
		});
		expect(search.output?.map(({ json }) => json.id)).toContain(sought.id);
		const nothing = await run({
			operation: 'getAll',
			returnAll: true,
			options: { owner: 'no-one' },
		});
		expect(nothing.output).toEqual([]);
	});
});

describe('get connect link', () => {
	const link = { operation: 'getConnectLink', connector: 'instagram-facebook', owner: 'client-17' };
	const withPanel = (companionUrl: string) => ({
		credential: { ...world.credential, companionUrl },
	});

	it('leads to the panel, belongs to the owner and works once', async () => {
		const before = Date.now();
		const { output } = await run(
			{ ...link, options: { expiresInHours: 2, sandbox: true } },
			withPanel('https://social.example.com/'),
		);
		const made = output?.[0].json ?? {};
		expect(made).toMatchObject({
			connector: 'instagram-facebook',
			platform: 'instagram',
			owner: 'client-17',
			mode: 'sandbox',
		});
		const token = /^https:\/\/social\.example\.com\/l\/([\w-]{43})$/.exec(String(made.url))?.[1];
		const life = Date.parse(String(made.expiresAt)) - before;
		expect(life).toBeGreaterThan(1.9 * 3_600_000);
		expect(life).toBeLessThan(2.1 * 3_600_000);
		const hash = await linkHash({ crypto: createCryptoPort() }, token ?? '');
		const open = async () => await world.store.call('social_link_open', { p_token_hash: hash });
		const opened = await open();
		expect(opened).toMatchObject({ owner: 'client-17', connector: 'instagram-facebook' });
		const flow = '01935f7a-7c3e-7d2a-9b1f-2f6f0c6b3d12';
		await world.store.call('social_link_use', { p_id: opened.id, p_flow_id: flow, p_done: true });
		await expect(open()).rejects.toThrow(/link_used/);
	});

	it.each([
		['no panel in the credential', {}, '', 'has no Companion URL'],
		['an address that is none', {}, 'social.example.com', 'has no Companion URL'],
		['no owner', { owner: ' ' }, 'https://p.example', 'The parameter "Owner" is empty.'],
		['no such way', { connector: 'myspace' }, 'https://p.example', 'called "myspace"'],
		[
			'too long a life',
			{ options: { expiresInHours: 721 } },
			'https://p.example',
			'1 to 720 hours',
		],
	])('with %s makes none and says why', async (_, change, companionUrl, words) => {
		const said = await refusal({ ...link, ...change }, withPanel(companionUrl));
		expect(said).toContain(words);
		expect(said).toContain('No link was made');
	});
});
