import { connectAccount } from '../../core/accounts/connect';
import { refreshAhead } from '../../core/accounts/tokens';
import { PLATFORMS } from '../../core/platforms';
import { Browser } from './browser';
import { World } from './world';

let world: World;
beforeAll(async () => {
	world = await World.start();
}, 120_000);
afterAll(async () => await world?.stop());
beforeEach(async () => {
	await world.sandbox.set({ clockOffsetMs: 0, tokens: { withheldScopes: [] } });
});

/** Callback by the admin's browser. */
const arrive = async (back: URL) => await world.admin.get(`${back.pathname}${back.search}`);

describe.each(['x', 'linkedin', 'linkedin-pages', 'instagram', 'instagram-facebook'])(
	'%s',
	(connector) => {
		test('denied consent ends on a page that says so, and nothing is connected', async () => {
			const before = await world.accounts();
			const answer = await world.connect(connector, { handle: 'denied', deny: true });
			expect(answer.status).toBe(400);
			expect(answer.text).toMatch(
				/You did not allow the access at \w+, so nothing was connected\./,
			);
			expect(answer.text).toContain('href="/accounts"');
			expect(await world.accounts()).toEqual(before);
		});

		test('an expired code', async () => {
			const back = await world.decide(await world.begin(connector), { handle: 'late' });
			await world.sandbox.set({ clockOffsetMs: 2 * 3_600_000 });
			const answer = await arrive(back);
			expect(answer.status).toBe(400);
			expect(answer.text).toMatch(/no longer takes the code of this sign-in/);
		});

		test('a changed state, and a callback that nobody began', async () => {
			const back = await world.decide(await world.begin(connector), { handle: 'changed' });
			back.searchParams.set('state', `${back.searchParams.get('state')}x`);
			const answer = await arrive(back);
			expect(answer.status).toBe(404);
			expect(answer.text).toContain('its state was changed on the way');
			expect((await world.admin.get(`/connect/callback/${connector}?code=abc`)).status).toBe(404);
		});

		test('a replayed callback changes nothing', async () => {
			const page = await world.begin(connector);
			const back = await world.decide(page, { handle: 'denied-first', deny: true });
			expect((await arrive(back)).status).toBe(400);
			const again = await arrive(back);
			expect(again.status).toBe(409);
			expect(again.text).toContain('came a second time');
		});

		test('another browser cannot finish it, nor use it up', async () => {
			const back = await world.decide(await world.begin(connector), {
				handle: 'stolen',
				deny: true,
			});
			const stranger = await new Browser(world.origin).get(`${back.pathname}${back.search}`);
			expect(stranger.status).toBe(403);
			expect(stranger.text).toContain('begun in another browser');
			// The right browser still can; what it gets here is its own denial.
			expect((await arrive(back)).text).toContain('You did not allow the access');
		});

		test('the callback of another connector', async () => {
			const back = await world.decide(await world.begin(connector), { handle: 'crossed' });
			const other = connector === 'x' ? 'linkedin' : 'x';
			const answer = await world.admin.get(`/connect/callback/${other}${back.search}`);
			expect(answer.status).toBe(404);
		});
	},
);

test('a replayed successful callback leaves the account as it is', async () => {
	const back = await world.decide(await world.begin('x'), { handle: 'replayed' });
	const account = await world.connected(await arrive(back));
	const before = await world.secret(account.id);
	expect((await arrive(back)).status).toBe(409);
	expect(await world.secret(account.id)).toEqual(before);
	const valid = await world.admin.post(`/api/accounts/${account.id}/validate`);
	expect(valid.json()).toMatchObject({ account: { status: 'connected' } });
});

test.each([
	['x', 'tweet.write'],
	['linkedin', 'w_member_social'],
	['instagram', 'instagram_business_content_publish'],
	['instagram-facebook', 'instagram_content_publish'],
])('%s without %s is refused with the scope’s name', async (connector, scope) => {
	await world.sandbox.set({ tokens: { withheldScopes: [scope] } });
	const before = await world.accounts();
	const answer = await world.connect(connector, { handle: 'unscoped' });
	expect(answer.status).toBe(422);
	expect(answer.text).toContain(scope);
	expect(await world.accounts()).toEqual(before);
});

test('a scope that only some work needs is a warning, kept with the account', async () => {
	await world.sandbox.set({ tokens: { withheldScopes: ['media.write'] } });
	const account = await world.connected(await world.connect('x', { handle: 'no-pictures' }));
	expect(account.missingScopes).toEqual(['media.write']);
	const valid = await world.admin.post(`/api/accounts/${account.id}/validate`);
	expect(valid.json()).toMatchObject({ warnings: [{ code: 'scope_not_granted' }] });
});

describe('reconnect', () => {
	test('as somebody else is refused and keeps the old connection', async () => {
		const account = await world.connected(await world.connect('x', { handle: 'right' }));
		const before = await world.secret(account.id);
		const answer = await world.connect('x', { handle: 'wrong' }, { accountId: account.id });
		expect(answer.status).toBe(422);
		expect(answer.text).toContain('not for @right');
		expect(await world.secret(account.id)).toEqual(before);
		expect((await world.accounts()).filter(({ handle }) => handle === 'wrong')).toEqual([]);
	});

	test('denied, without a scope or with the platform down: the old token stays', async () => {
		const account = await world.connected(await world.connect('x', { handle: 'steady' }));
		const before = await world.secret(account.id);
		const again = { accountId: account.id };
		await world.connect('x', { handle: 'steady', deny: true }, again);
		await world.sandbox.set({ tokens: { withheldScopes: ['tweet.write'] } });
		await world.connect('x', { handle: 'steady' }, again);
		await world.sandbox.set({ tokens: { withheldScopes: [] } });
		await world.sandbox.fault({ platform: 'x', step: 'me', kind: 'status', status: 503, count: 1 });
		const down = await world.connect('x', { handle: 'steady' }, again);
		expect(down.status).toBe(503);
		expect(down.text).toContain('Try again in a few minutes');
		expect(await world.secret(account.id)).toEqual(before);
		const valid = await world.admin.post(`/api/accounts/${account.id}/validate`);
		expect(valid.json()).toMatchObject({ account: { status: 'connected' } });
	});

	test('a token call that fails, fails the connect alone', async () => {
		await world.sandbox.fault({
			platform: 'linkedin',
			step: 'oauth.token',
			kind: 'status',
			status: 502,
			count: 1,
		});
		const answer = await world.connect('linkedin', { handle: 'unlucky' });
		expect(answer.status).toBe(503);
		expect(answer.text).toContain('could not be asked for the access (HTTP 502)');
	});

	test('while a refresh runs: whoever comes last, the pair that is kept works', async () => {
		const first = await world.connected(await world.connect('x', { handle: 'racing' }));
		const options = { vaultKey: world.vaultKey, definition: PLATFORMS.x };
		for (let round = 0; round < 3; round++) {
			const row = await world.account(first.id);
			const back = await world.decide(await world.begin('x', { accountId: first.id }), {
				handle: 'racing',
			});
			await Promise.all([refreshAhead(world.ports, row, options), arrive(back)]);
			const secret = await world.secret(first.id);
			const { state } = world.sandbox;
			expect(state.tokens.get(secret.refreshToken ?? '')).toMatchObject({ status: 'live' });
			const refreshed = await world.admin.post(`/api/accounts/${first.id}/refresh`);
			expect(refreshed.status).toBe(200);
		}
	});

	test('the same consent a second time (an n8n credential) does not undo a rotation', async () => {
		const seeded = await world.sandbox.seed({ platform: 'x', handle: 'door' });
		const request = {
			owner: 'default',
			mode: 'sandbox' as const,
			baseUrl: seeded.baseUrl,
			authUrl: seeded.authUrl,
			grantedScopes: seeded.scopes,
			secret: {
				accessToken: seeded.accessToken,
				refreshToken: seeded.refreshToken ?? '',
				clientId: seeded.clientId,
				clientSecret: seeded.clientSecret ?? '',
			},
		};
		const options = { vaultKey: world.vaultKey, definition: PLATFORMS.x };
		const first = await connectAccount(world.ports, options, request);
		if (first.outcome !== 'connected') throw new Error(JSON.stringify(first));
		expect((await world.admin.post(`/api/accounts/${first.account.id}/refresh`)).status).toBe(200);
		const rotated = await world.secret(first.account.id);
		const second = await connectAccount(world.ports, options, request);
		expect(second).toMatchObject({ outcome: 'connected', account: { id: first.account.id } });
		expect(await world.secret(first.account.id)).toEqual(rotated);
		expect((await world.admin.post(`/api/accounts/${first.account.id}/refresh`)).status).toBe(200);
	});
});

test('a platform that is switched off cannot be connected', async () => {
	await world.store.call('social_settings_set', { p_key: 'platforms', p_value: { x: false } });
	const answer = await world.admin.post('/api/connect', {
		connector: 'x',
		mode: 'sandbox',
		owner: 'default',
	});
	await world.store.call('social_settings_set', { p_key: 'platforms', p_value: { x: true } });
	expect(answer.status).toBe(403);
	expect(answer.json()).toMatchObject({ code: 'off' });
});

describe('the developer app', () => {
	const save = async (connector: string, app: object) =>
		await world.admin.send(`/api/connectors/${connector}/app?mode=sandbox`, {
			method: 'PUT',
			body: app,
		});
	const check = async (connector: string) =>
		(await world.admin.post(`/api/connectors/${connector}/check?mode=sandbox`)).json<{
			ok: boolean;
			findings: { code: string; message: string }[];
		}>();
	afterEach(async () => {
		for (const connector of ['x', 'linkedin', 'instagram', 'instagram-facebook']) {
			await world.admin.send(`/api/connectors/${connector}/app?mode=sandbox`, { method: 'DELETE' });
		}
	});

	test.each(['x', 'linkedin', 'instagram', 'instagram-facebook'])(
		'%s: what fits is ok, a wrong secret is found',
		async (connector) => {
			expect(await check(connector)).toEqual({ ok: true, findings: [] });
			const platform = connector.split('-')[0];
			await save(connector, {
				clientId: `sandbox-${platform}-app`,
				clientSecret: 'not-the-secret-of-this-app',
			});
			const wrong = await check(connector);
			expect(wrong.findings.map(({ code }) => code)).toEqual(['app_refused']);
		},
	);

	test('a redirect URI that the platform does not know', async () => {
		const answer = await fetch(`${world.sandbox.url}/_clients`, {
			method: 'POST',
			headers: { 'content-type': 'application/json' },
			body: JSON.stringify({
				platform: 'linkedin',
				clientId: 'strict-app',
				clientSecret: 'strict-app-secret-value',
				redirectUris: ['https://elsewhere.example/callback'],
			}),
		});
		expect(answer.status).toBeLessThan(300);
		await save('linkedin', { clientId: 'strict-app', clientSecret: 'strict-app-secret-value' });
		const found = await check('linkedin');
		expect(found.findings.map(({ code }) => code)).toEqual(['app_redirect_refused']);
		expect(found.findings[0].message).toContain(`${world.origin}/connect/callback/linkedin`);
	});

	test('a scope that the last consent did not bring, and a secret that stays when left out', async () => {
		await save('x', { clientId: 'sandbox-x-app', clientSecret: 'sandbox-x-app-secret' });
		const kept = await save('x', { clientId: 'sandbox-x-app' });
		expect(kept.json()).toMatchObject({ app: { hasSecret: true, clientId: 'sandbox-x-app' } });
		await world.sandbox.set({ tokens: { withheldScopes: ['media.write'] } });
		await world.connected(await world.connect('x', { handle: 'partly' }));
		const found = await check('x');
		expect(found.findings).toMatchObject([
			{ code: 'app_scope_missing', message: expect.stringContaining('media.write') },
		]);
		const other = await save('x', { clientId: 'another-app' });
		expect(other.json()).toMatchObject({ app: { hasSecret: false, clientId: 'another-app' } });
	});
});

test('a viewer and a person without a session connect nothing', async () => {
	const stranger = new Browser(world.origin);
	const request = { connector: 'x', mode: 'sandbox', owner: 'default' };
	expect((await stranger.post('/api/connect', request)).status).toBe(401);
	expect((await stranger.get('/api/connectors')).status).toBe(401);
	expect((await stranger.post('/api/connect-links', request)).status).toBe(401);
});

test('no token, code or app secret is in any answer, in the store or in its logs', async () => {
	const all = [...world.admin.seen, await world.dump()].join('\n');
	const secrets = [
		...world.secrets(),
		world.keyText,
		'not-the-secret-of-this-app',
		'strict-app-secret-value',
	];
	expect(secrets.filter((secret) => all.includes(secret))).toEqual([]);
});
