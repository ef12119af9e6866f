import { randomUUID } from 'node:crypto';
import type { IDataObject } from 'n8n-workflow';
import sharp from 'sharp';

import type { ConnectedAccount } from '../e2e/system/accounts';
import { GatewayProxy } from '../e2e/system/gateway-proxy';
import type { RunOptions } from './support/engine';
import { World } from './support/world';

let world: World;

beforeAll(async () => {
	world = await World.open();
});

afterAll(async () => await world.close());

const byId = (value: string) => ({ __rl: true, mode: 'id', value });

const run = async (parameters: IDataObject, more: Partial<RunOptions> = {}) =>
	await world.engine.run({ credential: world.credential, parameters, ...more });

const resolve = async (postId: string, decision: string, more: IDataObject = {}) =>
	await run({ operation: 'resolve', postId, decision, ...more });

const ENTRY = 2_041_111_222_333_444_555n;
let entries = 0n;

/** Address of an entry on X that no post has. */
function anEntry(account: { handle: string }) {
	const id = String((entries += 1n) + ENTRY);
	return { id, url: `${world.sandbox.url}/x/${account.handle}/status/${id}` };
}

/** A due post under a claim, as a carrier has it that is at work. */
async function claimed(account: ConnectedAccount, text: string) {
	const { output } = await run({
		operation: 'publish',
		account: byId(account.id),
		text,
		options: { waitForSeconds: 0 },
	});
	const id = output?.[0].json.id as string;
	const { claim } = await world.store.call('social_claim', {
		p_claim: { claimId: randomUUID(), carrier: 'test:1', kind: 'runner', protocol: 1 },
		p_post_id: id,
	});
	if (claim === null) throw new Error('The post could not be claimed');
	return { id, fence: claim.fence };
}

/** A post whose send had no clear end: its intent is open and nobody could tell. */
async function inReview(account: ConnectedAccount, text = randomUUID()): Promise<string> {
	const { id, fence } = await claimed(account, text);
	const intent = await world.store.call('social_intent', {
		p_post_id: id,
		p_fence: fence,
		p_intent_id: randomUUID(),
		p_part: 0,
		p_step: 'post',
		p_request: { method: 'POST', path: '/2/tweets', headers: {}, body: JSON.stringify({ text }) },
		p_recognise: { text },
		p_limit_ms: 1,
		p_settle_ms: 0,
	});
	expect(intent.ok).toBe(true);
	const { ok } = await world.store.call('social_result', {
		p_post_id: id,
		p_fence: fence,
		p_result: {
			to: 'needs_review',
			error: { code: 'unclear', message: 'Nobody knows.', remedy: 'Look.' },
		},
	});
	expect(ok).toBe(true);
	return id;
}

describe('it is live at this URL', () => {
	it('makes the post published with id and address; a repeat changes nothing', async () => {
		const account = await world.account();
		const id = await inReview(account);
		const entry = anEntry(account);
		const failing = await run(
			{
				operation: 'resolve',
				postId: '={{ $json.id }}',
				decision: 'live',
				url: '={{ $json.url }}',
			},
			{
				items: [{ json: { id, url: entry.url } }, { json: { id: 'no id', url: '' } }],
				// The second item is refused in each of three tries: the first is decided three times.
				node: { retryOnFail: true, maxTries: 3, waitBetweenTries: 10 },
			},
		);
		expect(failing.error?.message).toMatch(/Post ID/);
		expect(await world.store.post(id)).toMatchObject({
			state: 'published',
			remoteId: entry.id,
			url: entry.url,
			confirmedBy: 'person',
		});
		const again = await resolve(id, 'drop');
		expect(again.error?.message).toBe(
			'The post is published and needs no decision. It stays as it is.',
		);
		expect(again.error?.description).toMatch(/as it was/);
	});

	it('refuses what is no entry, an entry of another account, and one that a post has', async () => {
		const account = await world.account();
		const id = await inReview(account);
		const taken = anEntry(account);
		const first = await resolve(await inReview(account), 'live', { url: taken.url });
		expect(first.output?.[0].json.state).toBe('published');
		for (const [url, message] of [
			['={{ "" }}', /No address/],
			['https://example.com/status/1', /not the address of an entry on X/],
			[anEntry({ handle: 'somebody' }).url, /one of @somebody, but the post belongs to @engine/],
			[taken.url, /another post of ours/],
		] as const) {
			const { error } = await resolve(id, 'live', { url });
			expect(error?.message).toMatch(message);
			expect(error?.description).toMatch(/as it was/);
			expect((await world.store.post(id)).state).toBe('needs_review');
		}
	});

	it('Instagram: finds the media behind an address among the account’s own', async () => {
		const [account, other] = [await world.account('instagram'), await world.account('instagram')];
		const picture = (
			await sharp({ create: { width: 320, height: 320, channels: 3, background: '#0a7' } })
				.jpeg()
				.toBuffer()
		).toString('base64');
		const publish = async (to: ConnectedAccount, seconds: number) =>
			(
				await run(
					{
						operation: 'publish',
						account: byId(to.id),
						text: randomUUID(),
						images: { binary: [{ field: 'photo' }] },
						options: { waitForSeconds: seconds, allowRepeat: true },
					},
					{ items: [{ json: {}, binary: { photo: { data: picture, mimeType: 'image/jpeg' } } }] },
				)
			).output?.[0].json as { id: string; url: string; state: string };
		const mine = await publish(account, 60);
		const strange = await publish(other, 60);
		expect([mine.state, strange.state]).toEqual(['published', 'published']);

		const { id } = await publish(account, 0);
		const { claim } = await world.store.call('social_claim', {
			p_claim: { claimId: randomUUID(), carrier: 'test:1', kind: 'runner', protocol: 1 },
			p_post_id: id,
		});
		await world.store.call('social_result', {
			p_post_id: id,
			p_fence: claim?.fence ?? 0,
			p_result: { to: 'needs_review', error: { code: 'c', message: 'm', remedy: 'r' } },
		});
		const foreign = await resolve(id, 'live', { url: strange.url });
		expect(foreign.error?.message).toMatch(/not among those of @engine/);
		// It is found and its id is known, for the store says that another post has it.
		const remoteId = (await world.store.post(mine.id)).remoteId as string;
		const known = await resolve(id, 'live', { url: mine.url });
		expect(known.error?.message).toContain(`${remoteId} is another post of ours`);
	});
});

describe('it is not live', () => {
	it('Drop It cancels; nothing is sent', async () => {
		const account = await world.account();
		const id = await inReview(account);
		expect((await resolve(id, 'drop')).output?.[0].json).toMatchObject({ id, state: 'cancelled' });
		expect(await world.texts(account)).toEqual([]);
	});

	it('Publish It takes a new time, in the zone given', async () => {
		const account = await world.account();
		const id = await inReview(account);
		const { output } = await resolve(id, 'publish', {
			publishAt: '2030-12-31 11:30',
			timeZone: 'Europe/Berlin',
		});
		expect(output?.[0].json.state).toBe('scheduled');
		expect(Date.parse(String(output?.[0].json.scheduledAt))).toBe(1924943400000);
		const past = await resolve(await inReview(account), 'publish', {
			publishAt: '2020-01-01T00:00:00Z',
		});
		expect(past.error?.message).toMatch(/maximum lateness/);
	});
});

it('a post on its way is not decided', async () => {
	const account = await world.account();
	const { id } = await claimed(account, 'On its way');
	const { error } = await resolve(id, 'drop');
	expect(error?.message).toMatch(/working on this post right now/);
	expect((await world.store.post(id)).state).toBe('publishing');
});

it('a refusal after an answer that was lost does not say that no post was made', async () => {
	const account = await world.account();
	const gateway = await GatewayProxy.start(world.credential.url);
	gateway.set(
		{ rpc: ['social_create'], action: 'lose_answer', times: 1 },
		{
			rpc: ['social_create'],
			action: 'answer',
			status: 403,
			body: {
				code: 'PT403',
				message: 'off',
				details: JSON.stringify({ sentence: 'MuseKit Social is switched off.' }),
			},
		},
	);
	try {
		const { error } = await run(
			{ operation: 'createDraft', account: byId(account.id), text: 'Made in silence' },
			{ credential: { ...world.credential, url: gateway.url } },
		);
		expect(error?.message).toMatch(
			/no answer .* refused the repeat: MuseKit Social is switched off/,
		);
		expect(error?.description).toMatch(/not known whether the post was made/);
		expect(error?.description).not.toMatch(/No post was made/);
		expect(gateway.calls.filter((name) => name === 'social_create')).toHaveLength(2);
	} finally {
		await gateway.stop();
	}
	expect(await world.posts(account)).toHaveLength(1);
});
