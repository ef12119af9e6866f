import type { ConnectFlowAnswer, ConnectedAnswer, ConnectorsAnswer } from '../../panel/shared/api';
import { World } from './world';

let world: World;
beforeAll(async () => {
	world = await World.start();
}, 120_000);
afterAll(async () => await world?.stop());

test('the connectors name exact redirect URIs and never a secret', async () => {
	const { connectors } = (await world.admin.get('/api/connectors')).json<ConnectorsAnswer>();
	const x = connectors.find(({ id, mode }) => id === 'x' && mode === 'sandbox');
	expect(x).toMatchObject({
		kind: 'oauth',
		unavailable: null,
		app: { redirectUri: `${world.origin}/connect/callback/x`, hasSecret: true },
	});
	const live = connectors.find(({ id, mode }) => id === 'x' && mode === 'live');
	expect(live?.unavailable).toMatchObject({ code: 'app_missing' });
	expect(connectors.find(({ id }) => id === 'bluesky')).toMatchObject({
		kind: 'app_password',
		app: null,
	});
});

test('X: consent with PKCE, the pair in the vault, validated', async () => {
	const answer = await world.connect('x', { handle: 'ada' });
	expect(answer.status).toBe(303);
	const account = await world.connected(answer);
	expect(account).toMatchObject({
		platform: 'x',
		mode: 'sandbox',
		handle: 'ada',
		status: 'connected',
		missingScopes: [],
		profileUrl: `${world.sandbox.url}/x/ada`,
	});
	expect(account.scopes).toContain('offline.access');
	expect(account.lastValidatedAt).not.toBeNull();
	const secret = await world.secret(account.id);
	expect(world.sandbox.state.tokens.get(secret.accessToken)).toMatchObject({ status: 'live' });
	expect(world.sandbox.state.tokens.get(secret.refreshToken ?? '')).toMatchObject({
		status: 'live',
	});
	expect(secret).toMatchObject({
		clientId: 'sandbox-x-app',
		clientSecret: 'sandbox-x-app-secret',
	});
});

test('the same account again keeps its id and takes the new pair', async () => {
	const first = await world.connected(await world.connect('x', { handle: 'twice' }));
	const before = await world.secret(first.id);
	const second = await world.connected(await world.connect('x', { handle: 'twice' }));
	expect(second.id).toBe(first.id);
	expect((await world.secret(first.id)).accessToken).not.toBe(before.accessToken);
});

test('LinkedIn: a member with author URN and a token of 60 days', async () => {
	const account = await world.connected(await world.connect('linkedin', { handle: 'grace' }));
	expect(account).toMatchObject({ platform: 'linkedin', displayName: 'grace', missingScopes: [] });
	const { settings, tokenExpiresAt } = await world.account(account.id);
	expect(settings).toMatchObject({ authorUrn: `urn:li:person:${account.remoteId}` });
	const days = (Date.parse(tokenExpiresAt ?? '') - Date.now()) / 86_400_000;
	expect(days).toBeGreaterThan(59);
	const page = await fetch(account.profileUrl ?? '');
	expect(page.status).toBe(200);
});

test('LinkedIn pages are chosen after consent, and two of one consent share it', async () => {
	const first = await world.sandbox.seed({
		platform: 'linkedin',
		handle: 'acme',
		kind: 'organization',
	});
	const second = await world.sandbox.seed({
		platform: 'linkedin',
		handle: 'beta',
		kind: 'organization',
	});
	const { state } = world.sandbox;
	const admin = state.findAccount('linkedin', 'acme-admin')?.id ?? '';
	state.saveAccount({ ...state.account('linkedin', second.accountId), admins: [admin] });

	const answer = await world.connect('linkedin-pages', { account: admin });
	expect(answer.status).toBe(303);
	const flow = /^\/accounts\/connect\/([0-9a-f-]{36})$/.exec(answer.location ?? '')?.[1] ?? '';
	const shown = await world.admin.get(`/api/connect/${flow}`);
	const { candidates } = shown.json<ConnectFlowAnswer>();
	expect(candidates.map(({ handle, kind, unavailable }) => [handle, kind, unavailable])).toEqual([
		['acme', 'organisation', null],
		['beta', 'organisation', null],
	]);
	const chosen = await world.admin.post(`/api/connect/${flow}`, {
		remoteIds: [first.accountId, second.accountId],
	});
	expect(chosen.status).toBe(200);
	const { accounts } = chosen.json<ConnectedAnswer>();
	expect(accounts.map(({ handle }) => handle)).toEqual(['acme', 'beta']);
	expect((await world.account(accounts[0].id)).settings).toMatchObject({
		authorUrn: `urn:li:organization:${first.accountId}`,
	});
	expect((await world.admin.get(`/api/connect/${flow}`)).status).toBe(409);

	// One of them goes: the other one's access must live on.
	const gone = await world.admin.post(`/api/accounts/${accounts[0].id}/disconnect`);
	expect(gone.json()).toMatchObject({
		account: { status: 'disconnected' },
		warnings: [{ code: 'revoke_shared' }],
	});
	const kept = await world.admin.post(`/api/accounts/${accounts[1].id}/validate`);
	expect(kept.json()).toMatchObject({ account: { status: 'connected' } });
});

test('Instagram Login: the hour becomes 60 days before anything is saved', async () => {
	const account = await world.connected(await world.connect('instagram', { handle: 'frida' }));
	expect(account).toMatchObject({ platform: 'instagram', handle: 'frida', missingScopes: [] });
	const secret = await world.secret(account.id);
	expect(world.sandbox.state.tokens.get(secret.accessToken)).toMatchObject({ kind: 'long' });
	expect(secret.refreshToken).toBeUndefined();
});

test('Instagram by Facebook Login: the page’s token, without an end', async () => {
	const account = await world.connected(
		await world.connect('instagram-facebook', { handle: 'georgia' }),
	);
	expect(account).toMatchObject({ handle: 'georgia', tokenExpiresAt: null, missingScopes: [] });
	const secret = await world.secret(account.id);
	const { state } = world.sandbox;
	expect(state.tokens.get(secret.accessToken)).toMatchObject({ kind: 'page', expiresAt: null });
	const valid = await world.admin.post(`/api/accounts/${account.id}/validate`);
	expect(valid.json()).toMatchObject({ account: { status: 'connected' }, warnings: [] });

	const gone = await world.admin.post(`/api/accounts/${account.id}/disconnect`);
	expect(gone.json()).toMatchObject({ account: { status: 'disconnected' }, warnings: [] });
	expect(state.tokens.get(secret.accessToken)).toMatchObject({ status: 'revoked' });
});

test('what people can do with an account', async () => {
	const account = await world.connected(await world.connect('x', { handle: 'hedy' }));
	const before = await world.secret(account.id);
	const refreshed = await world.admin.post(`/api/accounts/${account.id}/refresh`);
	expect(refreshed.status).toBe(200);
	const after = await world.secret(account.id);
	expect(after.refreshToken).not.toBe(before.refreshToken);

	const list = await world.admin.get('/api/accounts?owner=default&search=hedy');
	expect(list.json()).toMatchObject({
		accounts: [{ id: account.id, handle: 'hedy', status: 'connected' }],
	});

	const gone = await world.admin.post(`/api/accounts/${account.id}/disconnect`);
	expect(gone.json()).toMatchObject({ account: { status: 'disconnected' }, warnings: [] });
	for (const token of [after.accessToken, after.refreshToken ?? '']) {
		expect(world.sandbox.state.tokens.get(token)).toMatchObject({ status: 'revoked' });
	}
	expect((await world.secret(account.id)).accessToken).toBe('');
	const dead = await world.admin.post(`/api/accounts/${account.id}/validate`);
	expect(dead.json()).toMatchObject({ code: 'account_disconnected' });
	// Again is harmless, and a new consent brings it back under the same id.
	expect((await world.admin.post(`/api/accounts/${account.id}/disconnect`)).status).toBe(200);
	const back = await world.connected(await world.connect('x', { handle: 'hedy' }));
	expect(back).toMatchObject({ id: account.id, status: 'connected' });
});

test('no token, code or app secret is in any answer, in the store or in its logs', async () => {
	const all = [...world.admin.seen, await world.dump()].join('\n');
	const secrets = [...world.secrets(), world.keyText];
	expect(secrets.length).toBeGreaterThan(20);
	expect(secrets.filter((secret) => all.includes(secret))).toEqual([]);
});
