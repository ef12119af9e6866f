import { refreshAfterRefusal } from '../../../../core/accounts/tokens';
import { answers, scene, type Scene } from '../publishing/doubles';

const after = async (stage: Scene) =>
	await refreshAfterRefusal(
		stage.ports,
		{ ...stage.account, tokenVersion: 1 },
		{
			vaultKey: stage.key,
			definition: stage.definition,
		},
	);

describe('refreshing a token', () => {
	it('is done once for 50 callers at the same time, and all get the new one', async () => {
		const stage = await scene();
		stage.account.token = await stage.seal({
			accessToken: 'first',
			refreshToken: 'r1',
			expiresAt: stage.clock.now() - 1,
		});
		stage.http.on('/token', async (request) => {
			await stage.clock.sleep(1_500);
			return await answers.json(200, { accessToken: 'second', refreshToken: 'r2' })(request);
		});
		const tokens = await Promise.all(Array.from({ length: 50 }, async () => await stage.token()));
		expect(stage.http.wireOf('/token')).toHaveLength(1);
		expect(new Set(tokens.map((token) => token.outcome === 'ok' && token.accessToken))).toEqual(
			new Set(['second']),
		);
		expect(stage.account.tokenVersion).toBe(2);
	});

	it('happens ahead of its end', async () => {
		const stage = await scene();
		stage.account.token = await stage.seal({
			accessToken: 'first',
			refreshToken: 'r1',
			expiresAt: stage.clock.now() + 240_000,
		});
		stage.http.on('/token', answers.json(200, { accessToken: 'second' }));
		expect(await stage.token()).toMatchObject({ outcome: 'ok', accessToken: 'second' });
	});

	it('never replaces a refresh token by an empty one', async () => {
		const stage = await scene();
		stage.http.on('/token', answers.json(200, { accessToken: 'second', refreshToken: '' }));
		stage.http.on('/token', answers.json(200, { accessToken: 'third' }));
		await after(stage);
		await refreshAfterRefusal(
			stage.ports,
			{ ...stage.account },
			{
				vaultKey: stage.key,
				definition: stage.definition,
			},
		);
		expect(stage.http.wireOf('/token').map(({ body }) => body)).toEqual(['r1', 'r1']);
	});

	it('saves the new pair before it is used, and again when the answer was lost', async () => {
		const stage = await scene();
		stage.http.on('/token', answers.json(200, { accessToken: 'second' }));
		stage.store.fault('social_token_save', 'lost_after', 2);
		expect(await after(stage)).toMatchObject({ outcome: 'ok', accessToken: 'second' });
		expect(stage.account.tokenVersion).toBe(2);
	});

	it('does not use a pair that could not be saved', async () => {
		const stage = await scene();
		stage.http.on('/token', answers.json(200, { accessToken: 'second' }));
		stage.store.fault('social_token_save', 'lost_before', 1_000);
		expect(await after(stage)).toMatchObject({ outcome: 'later' });
	});

	it.each([
		['a 5xx', answers.json(503, {}), 'later', 'connected'],
		['a lost answer', answers.lost, 'later', 'connected'],
		['no way out', answers.notSent, 'later', 'connected'],
		['proof', answers.json(400, {}), 'dead', 'reconnect'],
	])('%s leaves the account %s', async (_name, answer, outcome, status) => {
		const stage = await scene();
		stage.http.on('/token', answer);
		expect(await after(stage)).toMatchObject({ outcome });
		expect(stage.account.status).toBe(status);
	});

	it('that fails early keeps the token that still works', async () => {
		const stage = await scene();
		stage.account.token = await stage.seal({
			accessToken: 'first',
			refreshToken: 'r1',
			expiresAt: stage.clock.now() + 240_000,
		});
		stage.http.on('/token', answers.json(503, {}));
		expect(await stage.token()).toMatchObject({ outcome: 'ok', accessToken: 'first' });
	});

	it('takes what somebody else has made meanwhile', async () => {
		const stage = await scene();
		stage.account.token = await stage.seal({ accessToken: 'newer', refreshToken: 'r9' });
		const seen = { ...stage.account, tokenVersion: 1 };
		stage.account.tokenVersion = 2;
		const options = { vaultKey: stage.key, definition: stage.definition };
		expect(await refreshAfterRefusal(stage.ports, seen, options)).toMatchObject({
			outcome: 'ok',
			accessToken: 'newer',
		});
		expect(stage.http.wire).toHaveLength(0);
	});
});
