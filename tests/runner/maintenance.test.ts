import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PLATFORMS } from '../../core/platforms';
import { createStore } from '../../core/store/client';
import {
	maintain,
	mediaRemover,
	type MaintenanceOptions,
} from '../../fallback-runner/src/jobs/maintenance';
import { serverlessTick } from '../../fallback-runner/src/serverless';
import { mergeSettings } from '../../sandbox/src/settings';
import { picture, World } from './world';

jest.setTimeout(90_000);

const DAY_MS = 24 * 60 * 60_000;
const SECRET = 'a-secret-of-the-tests';

let world: World;

beforeAll(async () => {
	world = await World.start('postgres');
});
afterEach(async () => await world.killRunners());
afterAll(async () => await world.stop());

function options(change: Partial<MaintenanceOptions> = {}): MaintenanceOptions {
	return {
		purgeAfterMs: 30 * DAY_MS,
		orphanMediaMs: DAY_MS,
		statusPages: {},
		removeObjects: mediaRemover({ url: world.store.url, key: world.store.serviceKey }),
		entries: { vaultKey: world.key, platforms: PLATFORMS },
		...change,
	};
}

function environment(change: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
	return {
		SUPABASE_URL: world.store.url,
		SUPABASE_SECRET_KEY: world.store.serviceKey,
		MUSEKIT_VAULT_KEY: world.vaultKeyText,
		MUSEKIT_LOG_LEVEL: 'silent',
		CRON_SECRET: SECRET,
		...change,
	};
}

async function tick(limitMs = 60_000) {
	return await serverlessTick({
		authorization: `Bearer ${SECRET}`,
		limitMs,
		environment: environment(),
	});
}

test('a tick without any process publishes what is due, once, also when it comes twice', async () => {
	const posts = await world.manyPosts(4);
	const answers = await Promise.all([tick(), tick()]);
	expect(answers.map(({ status }) => status)).toEqual([200, 200]);
	const claimed = answers.reduce((sum, { body }) => sum + Number(body.claimed), 0);
	expect(claimed).toBe(4);
	for (const post of await world.published(...posts)) expect(world.live(post)).toHaveLength(1);
	expect(await tick()).toMatchObject({ status: 200, body: { claimed: 0, more: false, due: 0 } });
});

test('a tick whose time is over says that there is more and leaves nothing half done', async () => {
	world.fault({ kind: 'latency', step: 'tweet.create', count: null, ms: 400 });
	const posts = await world.manyPosts(12);
	const first = await tick(600);
	expect(first).toMatchObject({ status: 200, body: { more: true } });
	expect(Number(first.body.claimed)).toBeLessThan(12);
	const states = await Promise.all(posts.map(async ({ id }) => (await world.post(id)).state));
	expect(new Set(states)).toEqual(new Set(['published', 'scheduled']));
	world.sandbox.faults.remove();
	expect(await tick()).toMatchObject({ status: 200, body: { more: false, due: 0 } });
	for (const post of await world.published(...posts)) expect(world.live(post)).toHaveLength(1);
});

test('old posts go with everything of them and leave a tombstone', async () => {
	const account = await world.account();
	const old = await world.create(account, { media: [{ bytes: await picture() }] });
	const young = await world.create(await world.account());
	await tick();
	await world.published(old, young);
	const evidence = async () =>
		await world.database.query('select from musekit_social.evidence where post_id = $1', [old.id]);
	expect((await evidence()).rowCount).toBeGreaterThan(0);
	// Not even their owner takes evidence away from a post that is there.
	await expect(
		world.database.query('delete from musekit_social.evidence where post_id = $1', [old.id]),
	).rejects.toThrow('append_only');

	await world.age(old.id, 31 * DAY_MS);
	await maintain(world.ports, options(), ['purge']);
	await expect(world.post(old.id)).rejects.toThrow('post_unknown');
	expect((await evidence()).rowCount).toBe(0);
	expect((await world.post(young.id)).state).toBe('published');
	const { rows } = await world.database.query<{ call_key: string; fingerprint: string }>(
		'select call_key, fingerprint from musekit_social.tombstones where post_id = $1',
		[old.id],
	);
	expect(rows).toHaveLength(1);
	const again = await createStore(world.ports.store).call('social_create', {
		p_options: {
			key: rows[0].call_key,
			owner: 'default',
			source: 'api',
			dedupe: false,
		},
		p_entries: [
			{
				ordinal: 0,
				accountId: account.id,
				content: old.content,
				as: 'scheduled',
				fingerprint: rows[0].fingerprint,
				protocol: 1,
			},
		],
	});
	expect(again).toMatchObject({ kind: 'refused', refusal: { code: 'post_purged' } });

	// The picture goes too, once it is old and nothing names it; its bytes with it.
	const [{ hash }] = old.media;
	await maintain(world.ports, options(), ['media']);
	expect(await world.ports.store.getObject(`default/${hash}`)).toMatchObject({ kind: 'ok' });
	await world.database.query(
		"update musekit_social.media set created_at = created_at - interval '2 days'",
	);
	await maintain(world.ports, options(), ['media']);
	expect(await world.ports.store.getObject(`default/${hash}`)).toMatchObject({ kind: 'refused' });
	expect(await world.call('social_media_known', { p_owner: 'default', p_hashes: [hash] })).toEqual(
		[],
	);
});

test('pictures that a waiting post names stay, and so do posts that have not ended', async () => {
	const soon = new Date(Date.now() + DAY_MS).toISOString();
	const post = await world.create(await world.account(), {
		scheduledAt: soon,
		media: [{ bytes: await picture() }],
	});
	await world.age(post.id, 400 * DAY_MS);
	await world.database.query(
		"update musekit_social.media set created_at = created_at - interval '2 days'",
	);
	await maintain(world.ports, options(), ['purge', 'media']);
	expect((await world.post(post.id)).state).toBe('scheduled');
	expect(await world.ports.store.getObject(`default/${post.media[0].hash}`)).toMatchObject({
		kind: 'ok',
	});
});

test('a live picture that Instagram did not list yet gets its address when it does', async () => {
	const { state } = world.sandbox;
	const before = state.settings;
	state.settings = mergeSettings(before, { indexLagMs: { instagram: 3_600_000 } });
	world.fault({ kind: 'drop_after_commit', step: 'publish' });
	const post = await world.create(await world.account('instagram'), {
		media: [{ bytes: await picture(), altText: 'One colour' }],
	});
	for (let round = 0; (await world.post(post.id)).state !== 'published'; round++) {
		if (round > 30) throw new Error(JSON.stringify(await world.post(post.id)));
		await tick(10_000);
		await new Promise((resolve) => setTimeout(resolve, 300));
		await world.endWaits();
	}
	const unnamed = await world.post(post.id);
	expect(unnamed).toMatchObject({ url: null, remoteId: expect.stringMatching(/^container:/) });
	await maintain(world.ports, options(), ['entries']);
	expect((await world.post(post.id)).url).toBeNull();

	state.settings = mergeSettings(before, { indexLagMs: { instagram: 0 } });
	// The time that the look-up is bound to was moved by endWaits; the real one is the publish time.
	await world.database.query(
		"update musekit_social.intents set settled_at = clock_timestamp() + interval '1 minute' where post_id = $1",
		[post.id],
	);
	await maintain(world.ports, options(), ['entries']);
	const [entry, ...more] = world.live(post);
	expect(more).toEqual([]);
	expect(await world.post(post.id)).toMatchObject({ url: entry.url, remoteId: entry.id });
});

test('posts are never removed while look-ups may need them', async () => {
	await expect(
		maintain(world.ports, options({ purgeAfterMs: 7 * DAY_MS }), ['purge']),
	).rejects.toThrow('purge_too_young');
});

test('a status page that says down pauses the platform, and ends the pause', async () => {
	const page = { indicator: 'critical' };
	const server = createServer((_request, response) => {
		response.end(
			JSON.stringify({ status: { indicator: page.indicator, description: 'as it says' } }),
		);
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/v2/summary.json`;
	const pages = options({ statusPages: { linkedin: url } });
	const outages = async () => (await world.call('social_carrier_view', {})).outages;
	try {
		await maintain(world.ports, pages, ['status-pages']);
		expect(await outages()).toMatchObject([{ platform: 'linkedin', mode: 'live' }]);
		page.indicator = 'minor';
		await maintain(world.ports, pages, ['status-pages']);
		expect(await outages()).toEqual([]);
	} finally {
		server.closeAllConnections();
		server.close();
	}
	// A page that is not there says nothing.
	await maintain(world.ports, pages, ['status-pages']);
	expect(await outages()).toEqual([]);
});
