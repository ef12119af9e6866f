import { setTimeout as pause } from 'node:timers/promises';
import type { PostView } from '../../core/store/contract';
import { GatewayProxy } from '../e2e/system/gateway-proxy';
import { expectLiveOnce } from './system/moments';
import { until, World, type Account } from './system/world';

const LEASE_MS = 10_000;
/**
 * The decision to publish extends the lease to the request's limit with its margins (Instagram: 30 s
 * and 5 s and the store's margin), so this is three times the longest lease that a zombie holds.
 */
const FROZEN_MS = 120_000;

interface Held {
	account: Account;
	post: PostView;
}

let world: World;
const ways: GatewayProxy[] = [];

afterAll(async () => {
	await world?.stop();
	await Promise.all(ways.map(async (way) => await way.stop()));
}, 60_000);

/** A way to the store on which the answer to the first decision to publish waits. */
async function wayWithHeldIntent(): Promise<GatewayProxy> {
	const way = await GatewayProxy.start(world.store.url);
	way.set({ rpc: ['social_intent'], action: 'hold_answer', times: 1 });
	ways.push(way);
	return way;
}

/** One post that will hang in an upload, one that will hang just before its visible request. */
async function twoPosts(): Promise<{ uploading: Held; deciding: Held }> {
	const x = await world.account('x');
	const instagram = await world.account('instagram');
	world.sandbox.faults.add({
		kind: 'latency',
		platform: 'x',
		account: x.handle,
		step: 'media.append',
		ms: 25_000,
		when: 'after',
	});
	return {
		uploading: { account: x, post: await world.createWithPicture(x) },
		deciding: { account: instagram, post: await world.createWithPicture(instagram) },
	};
}

/** Until the upload is on the wire and the decision's answer is held back. */
async function bothHang(
	{ uploading, deciding }: { uploading: Held; deciding: Held },
	way: GatewayProxy,
): Promise<void> {
	const { handle } = uploading.account;
	await until(
		() =>
			way.holding === 1 &&
			world.sandbox.faults.list().some(({ account, hits }) => account === handle && hits > 0),
	);
	const { rows } = await world.database.query<{ decided: string[] }>(
		`select array_agg(post_id::text) as decided from musekit_social.intents
		where post_id = any ($1)`,
		[[uploading.post.id, deciding.post.id]],
	);
	expect(rows[0].decided).toEqual([deciding.post.id]);
}

/** Visible requests that reached the platform from this account. */
function sendings({ account }: Held): number {
	const step = account.platform === 'x' ? 'tweet.create' : 'publish';
	return world.sandbox.state.requests.filter(
		(request) => request.account === account.handle && request.step === step,
	).length;
}

test('a runner and an n8n that were frozen in the middle of a publish do not post when they wake', async () => {
	world = await World.start({ timing: { leaseMs: LEASE_MS, marginMs: 2_000 } });
	await world.n8n.start();
	const ofRunner = await wayWithHeldIntent();
	const ofN8n = await wayWithHeldIntent();

	const runnersPosts = await twoPosts();
	const zombie = await world.runner('zombie', { storeUrl: ofRunner.url, n8nProbeMs: 3_600_000 });
	await bothHang(runnersPosts, ofRunner);
	zombie.signal('SIGSTOP');

	await world.n8n.reachStoreAt(ofN8n.url);
	const due = await world.n8n.installWebhook('due', {
		operation: 'publishDue',
		options: { watchForSeconds: 25 },
	});
	const n8nsPosts = await twoPosts();
	await world.n8n.call(due);
	await bothHang(n8nsPosts, ofN8n);
	world.n8n.signal('SIGSTOP');
	const frozen = Date.now();
	for (const way of ways) way.release();

	await world.runner('survivor');
	const all = [runnersPosts, n8nsPosts].flatMap(({ uploading, deciding }) => [uploading, deciding]);
	const posts = all.map(({ post }) => post);
	for (const post of await world.inState(posts, 'published', 'needs_review', 'failed')) {
		expect(post).toMatchObject({ state: 'published', carrier: 'survivor' });
	}
	await pause(Math.max(0, FROZEN_MS - (Date.now() - frozen)));

	const heard = ways.map(({ calls }) => calls.length);
	world.n8n.signal('SIGCONT');
	zombie.signal('SIGCONT');
	// Each zombie reports on both posts: what became of the upload, and that it sent nothing.
	await until(() =>
		ways.every((way, index) => {
			const said = way.calls.slice(heard[index]);
			return (
				said.includes('social_evidence') &&
				said.some((name) => /^social_(step_result|result)$/.test(name))
			);
		}),
	);
	await until(async () => {
		const runs = await world.n8n.client.executions(due.id);
		return runs.every(({ status }) => status !== 'running' && status !== 'new');
	});
	for (const held of all) {
		expect(sendings(held)).toBe(1);
		expectLiveOnce(await world.post(held.post.id), await world.live(held.account, held.post));
	}
	const { incidents } = await world.call('social_overview', {});
	expect(incidents).toEqual([]);
}, 480_000);
