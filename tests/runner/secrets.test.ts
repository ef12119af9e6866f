import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { computeRisks, refreshDue } from '../../core/accounts/upkeep';
import { PLATFORMS } from '../../core/platforms';
import { maintain, mediaRemover } from '../../fallback-runner/src/jobs/maintenance';
import { serverlessTick } from '../../fallback-runner/src/serverless';
import type { FaultInput } from '../../sandbox/src/faults';
import { databaseText, findLeaks, type Searched } from '../secrets/search';
import { picture, until, World, type TestAccount } from './world';

jest.setTimeout(240_000);

const TICK_SECRET = 'marked-tick-secret-0123456789';
const BOARD_SECRET = 'marked-board-secret-0123456789';

/** Every way in which a platform can answer that touches tokens or errors. */
const FAULTS: FaultInput[] = [
	{ kind: 'unauthorized' },
	{ kind: 'status', status: 400 },
	{ kind: 'status', status: 403 },
	{ kind: 'status', status: 429 },
	{ kind: 'status', status: 500 },
	{ kind: 'reset' },
	{ kind: 'drop_before_commit' },
	{ kind: 'drop_after_commit' },
	{ kind: 'content_type' },
	{ kind: 'truncate' },
	{ kind: 'redirect' },
];

let world: World;

beforeAll(async () => {
	world = await World.start('postgres');
});
afterAll(async () => await world.stop());

function secrets(): Record<string, string> {
	const found: Record<string, string> = {
		'vault key': world.vaultKeyText,
		'service key': world.store.serviceKey,
		'tick secret': TICK_SECRET,
		'board secret': BOARD_SECRET,
	};
	world.sandbox.state.tokens.values().forEach(({ value, use }, at) => {
		found[`${use} token ${at}`] = value;
	});
	world.sandbox.state.clients.values().forEach(({ secret, id }) => {
		if (secret !== null) found[`client secret of ${id}`] = secret;
	});
	return found;
}

function logs(): Searched[] {
	const folder = path.join(world.store.folder, 'logs');
	return readdirSync(folder).map((file) => ({
		name: `log ${file}`,
		text: readFileSync(path.join(folder, file), 'utf8'),
	}));
}

async function answersOf(url: string): Promise<Searched[]> {
	const bearer = { authorization: `Bearer ${TICK_SECRET}` };
	const asked: [string, RequestInit][] = [
		['/', {}],
		['/health', {}],
		['/healthz', {}],
		['/metrics', {}],
		['/queues', {}],
		['/tick', { method: 'POST', headers: bearer }],
		['/tick', { method: 'POST' }],
		['/nowhere', {}],
	];
	return await Promise.all(
		asked.map(async ([route, init]) => {
			const answer = await fetch(url + route, { redirect: 'manual', ...init });
			const headers = JSON.stringify([...answer.headers]);
			return { name: `${init.method ?? 'GET'} ${route}`, text: headers + (await answer.text()) };
		}),
	);
}

async function someAccounts(): Promise<TestAccount[]> {
	return await Promise.all(
		(['x', 'linkedin', 'instagram'] as const).map((one) => world.account(one)),
	);
}

test('a secret is found in every spelling, and nothing else is', () => {
	const secret = 'a+b/c=secret&value"';
	const texts = [
		secret,
		encodeURIComponent(secret),
		JSON.stringify({ secret }),
		Buffer.from(secret).toString('base64'),
		Buffer.from(secret).toString('hex'),
	];
	for (const text of texts) {
		expect(findLeaks({ secret }, [{ name: 'here', text: `before ${text} after` }])).not.toEqual([]);
	}
	expect(findLeaks({ secret }, [{ name: 'here', text: 'something else' }])).toEqual([]);
});

test('no log, answer, error or row of the store holds a token, key or secret', async () => {
	const runner = await world.runner('runner:marked', {
		tickSecret: TICK_SECRET,
		boardSecret: BOARD_SECRET,
		logLevel: 'debug',
		maintenanceEveryMs: 2_000,
	});
	const errors: string[] = [];
	for (const fault of FAULTS) {
		const accounts = await someAccounts();
		for (const step of [undefined, 'oauth.token', 'oauth.refresh']) {
			world.fault({ ...fault, count: 3, ...(step === undefined ? {} : { step }) });
		}
		const posts = await Promise.all(
			accounts.map(async (account) =>
				account.platform === 'instagram'
					? await world.create(account, { media: [{ bytes: await picture() }] })
					: await world.create(account),
			),
		);
		await until(async () => {
			const seen = await Promise.all(posts.map(async ({ id }) => await world.post(id)));
			return seen.every(({ attempts }) => attempts > 0);
		});
		const seen = await Promise.all(posts.map(async ({ id }) => await world.post(id)));
		errors.push(...seen.map((post) => JSON.stringify(post)));
		world.sandbox.faults.remove();
	}
	// Renewals, warnings, a wrong vault key, a store that refuses.
	const options = { vaultKey: world.key, platforms: PLATFORMS };
	await world.database.query(
		"update musekit_social.accounts set token_refreshed_at = token_refreshed_at - interval '300 days'",
	);
	world.fault({ kind: 'status', status: 400, step: 'oauth.token', count: 2 });
	errors.push(JSON.stringify(await refreshDue(world.ports, { ...options, limit: 100 })));
	errors.push(JSON.stringify(await computeRisks(world.ports, options)));
	await maintain(world.ports, {
		purgeAfterMs: null,
		orphanMediaMs: 24 * 3_600_000,
		statusPages: {},
		removeObjects: mediaRemover({ url: world.store.url, key: world.store.serviceKey }),
		entries: options,
	});
	for (const change of [
		{ MUSEKIT_VAULT_KEY: 'ab'.repeat(32) },
		{ MUSEKIT_VAULT_KEY: 'short' },
		{},
	]) {
		errors.push(
			JSON.stringify(
				await serverlessTick({
					authorization: `Bearer ${TICK_SECRET}`,
					limitMs: 5_000,
					environment: {
						SUPABASE_URL: world.store.url,
						SUPABASE_SECRET_KEY: world.store.serviceKey,
						MUSEKIT_VAULT_KEY: world.vaultKeyText,
						MUSEKIT_LOG_LEVEL: 'silent',
						CRON_SECRET: TICK_SECRET,
						...change,
					},
				}),
			),
		);
	}
	errors.push(JSON.stringify(await world.call('social_overview', {})));
	errors.push(JSON.stringify(await world.call('social_settings_get', {})));
	errors.push(JSON.stringify(await world.call('social_risks', {})));
	const places = [
		...(await answersOf(runner.url)),
		{ name: 'errors and outputs', text: errors.join('\n') },
		{ name: 'log of the runner', text: runner.raw.join('\n') },
		...logs(),
		...(await databaseText(world.database)),
	];
	// The search itself works: what is no secret is there.
	const [someHandle] = await someAccounts();
	const control = await databaseText(world.database);
	expect(findLeaks({ control: `${someHandle.id}` }, control)).not.toEqual([]);
	const marked = secrets();
	expect(Object.keys(marked).length).toBeGreaterThan(50);
	expect(places.find(({ name }) => name === 'log of the runner')?.text).toMatch(/\S/);
	expect(findLeaks(marked, places)).toEqual([]);
});
