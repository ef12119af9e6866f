import { once } from 'node:events';
import sharp from 'sharp';
import { PLATFORMS } from '../../core/platforms';
import { recordKey } from '../../core/platforms/bluesky/record-key';
import { removePost } from '../../core/publishing/remove';
import { describeWithPds } from './pds-folder';
import type { Fate } from './proxy';
import { World } from './world';

const PUT = 'com.atproto.repo.putRecord';
/** Longer than lease, request, margin and settle time together, shorter than the maximum lateness. */
const LONG = 600_000;

const picture = (width: number, height: number, colour: string) =>
	sharp({ create: { width, height, channels: 3, background: colour } })
		.jpeg()
		.toBuffer();

describeWithPds('publishing to the real server', (folder) => {
	let world: World;
	beforeAll(async () => {
		world = await World.start(folder);
	}, 120_000);
	afterAll(() => world?.stop());
	beforeEach(() => {
		world.proxy.seen.splice(0);
		world.proxy.fate = () => 'pass';
	});

	/** The first request of this kind meets its fate, all others pass. */
	const once1 = (fate: Fate, call = PUT) => {
		world.proxy.fate = (name, nth) => (name === call && nth === 0 ? fate : 'pass');
	};

	async function start(name: string, text = `Hello from ${name}`) {
		const person = await world.pds.person(name);
		const accountId = await world.connect(person);
		const post = await world.create(accountId, { text });
		return { person, accountId, post };
	}

	test('text with facets and pictures with alternative texts', async () => {
		const friend = await world.pds.person('friend');
		const person = await world.pds.person('writer');
		const accountId = await world.connect(person);
		const pictures = [await picture(60, 40, 'red'), await picture(30, 90, 'blue')];
		const text = `Grüße 🙂 @${friend.handle} and @nobody-there.test: example.com #größe`;
		const post = await world.create(accountId, {
			text,
			media: [{ bytes: pictures[0], altText: 'A red field' }, { bytes: pictures[1] }],
		});
		const outcome = await world.carry(post.id);
		const rkey = recordKey(post.id);
		const uri = `at://${person.did}/app.bsky.feed.post/${rkey}`;
		expect(outcome).toMatchObject({ end: 'published', post: { remoteId: uri, error: null } });

		const [entry, ...others] = await world.pds.posts(person.did);
		expect(others).toEqual([]);
		const shown = Buffer.from(text);
		const at = (part: string) => {
			const byteStart = shown.indexOf(part);
			return { byteStart, byteEnd: byteStart + Buffer.byteLength(part) };
		};
		const facet = 'app.bsky.richtext.facet';
		expect(entry).toMatchObject({ uri, value: { text } });
		expect(entry.value.facets).toEqual([
			{
				index: at(`@${friend.handle}`),
				features: [{ $type: `${facet}#mention`, did: friend.did }],
			},
			{
				index: at('example.com'),
				features: [{ $type: `${facet}#link`, uri: 'https://example.com' }],
			},
			{ index: at('#größe'), features: [{ $type: `${facet}#tag`, tag: 'größe' }] },
		]);
		const { images } = entry.value.embed as {
			images: { alt: string; aspectRatio: unknown; image: { ref: { $link: string } } }[];
		};
		expect(images.map(({ alt, aspectRatio }) => [alt, aspectRatio])).toEqual([
			['A red field', { width: 60, height: 40 }],
			['', { width: 30, height: 90 }],
		]);
		for (const [index, { image }] of images.entries()) {
			const query = new URLSearchParams({ did: person.did, cid: image.ref.$link });
			const blob = await fetch(
				`${world.pds.url}/xrpc/com.atproto.sync.getBlob?${query.toString()}`,
			);
			expect(Buffer.from(await blob.arrayBuffer()).equals(pictures[index])).toBe(true);
		}
		const page = await fetch((await world.post(post.id)).url ?? '');
		expect([page.status, await page.json()]).toMatchObject([200, { cid: entry.cid }]);
	}, 60_000);

	test('an answer dropped after the commit is found, not sent again', async () => {
		const { person, post } = await start('dropped');
		once1('drop_answer');
		const first = await world.carry(post.id);
		expect(first).toMatchObject({ end: 'scheduled', reason: 'lookup' });
		expect(await world.carry(post.id)).toBeNull();
		await world.elapse(first?.waitMs ?? 0);
		const second = await world.carry(post.id, 'runner:second');
		const [entry, ...others] = await world.pds.posts(person.did);
		expect(second).toMatchObject({
			end: 'published',
			post: { remoteId: entry.uri, confirmedBy: 'lookup' },
		});
		expect(others).toEqual([]);
		expect(world.proxy.of(PUT)).toHaveLength(1);
		expect(await (await fetch(second?.post.url ?? '')).json()).toEqual(entry);
	}, 60_000);

	test('a request that never arrived is looked up, then sent again byte for byte', async () => {
		const { person, post } = await start('lost');
		once1('drop_request');
		const first = await world.carry(post.id);
		expect(first).toMatchObject({ end: 'scheduled', reason: 'lookup' });
		expect(await world.pds.posts(person.did)).toEqual([]);
		await world.elapse(first?.waitMs ?? 0);
		expect(await world.carry(post.id)).toMatchObject({ end: 'published' });
		const [lost, sent] = world.proxy.of(PUT);
		expect(sent.body).toBe(lost.body);
		expect(await world.pds.posts(person.did)).toHaveLength(1);
		expect((await world.intents(post.id)).map(({ closedBy }) => closedBy)).toEqual([
			'absent',
			'done',
		]);
	}, 60_000);

	test.each([
		['after the server did it', 'hold_answer', 1, ['done'], 'lookup'],
		['before the server had it', 'hold_request', 2, ['absent', 'done'], 'answer'],
	] as const)(
		'a carrier killed between intent and evidence, %s: the second one ends it',
		async (_title, fate, puts, closed, confirmedBy) => {
			const person = await world.pds.person('killed');
			const accountId = await world.connect(person);
			const bytes = await picture(20, 20, 'green');
			const post = await world.create(accountId, { text: 'Still one', media: [{ bytes }] });
			once1(fate);
			const held = world.proxy.held();
			const child = world.carryInProcess(post.id, 'runner:doomed');
			await held;
			const gone = once(child, 'exit');
			child.kill('SIGKILL');
			expect((await gone)[1]).toBe('SIGKILL');
			expect(await world.post(post.id)).toMatchObject({ state: 'publishing' });
			expect(await world.carry(post.id, 'runner:second')).toBeNull();
			await world.elapse(LONG);
			expect(await world.carry(post.id, 'runner:second')).toMatchObject({
				end: 'published',
				post: { confirmedBy },
			});
			const [entry, ...others] = await world.pds.posts(person.did);
			expect(others).toEqual([]);
			expect((await world.post(post.id)).remoteId).toBe(entry.uri);
			expect(world.proxy.of(PUT)).toHaveLength(puts);
			expect((await world.intents(post.id)).map((intent) => intent.closedBy)).toEqual(closed);
		},
		60_000,
	);

	test('the frozen request sent again changes nothing at the server', async () => {
		const { person, accountId, post } = await start('again');
		await world.carry(post.id);
		const before = [await world.pds.revision(person.did), await world.pds.posts(person.did)];
		const [{ request }] = await world.intents(post.id);
		const { accessToken } = await world.secret(accountId);
		const again = await world.pds.call(
			request.path.replace('/xrpc/', ''),
			JSON.parse(request.body) as Record<string, unknown>,
			{ token: accessToken },
		);
		expect([again.status, again.body.uri]).toEqual([200, (await world.post(post.id)).remoteId]);
		expect([await world.pds.revision(person.did), await world.pds.posts(person.did)]).toEqual(
			before,
		);
	}, 60_000);

	test('another entry under the post’s key is left alone and goes to a person', async () => {
		const { person, post } = await start('taken');
		const record = {
			$type: 'app.bsky.feed.post',
			text: 'Not ours',
			createdAt: '2026-01-01T00:00:00.000Z',
		};
		const collection = 'app.bsky.feed.post';
		const rkey = recordKey(post.id);
		const input = { repo: person.did, collection, rkey, record };
		expect(await world.pds.call(PUT, input, { token: person.accessJwt })).toMatchObject({
			status: 200,
		});
		const first = await world.carry(post.id);
		expect(first).toMatchObject({ end: 'scheduled', reason: 'lookup' });
		await world.elapse(LONG);
		expect(await world.carry(post.id)).toMatchObject({
			end: 'needs_review',
			post: { error: { message: expect.stringContaining('another entry') } },
		});
		expect((await world.pds.posts(person.did)).map(({ value }) => value)).toEqual([record]);
	}, 60_000);

	test('an expired access token is renewed, saved, and the post goes out', async () => {
		const person = await world.pds.person('expired');
		const accountId = await world.connect(person, (secret) => ({
			...secret,
			accessToken: world.pds.expired(secret.accessToken),
		}));
		const before = await world.secret(accountId);
		const bytes = await picture(10, 10, 'black');
		const post = await world.create(accountId, { text: 'Renewed', media: [{ bytes }] });
		expect(await world.carry(post.id)).toMatchObject({ end: 'published' });
		expect(world.proxy.of('com.atproto.server.refreshSession')).toHaveLength(1);
		expect(await world.pds.posts(person.did)).toHaveLength(1);
		const after = await world.secret(accountId);
		expect(after.accessToken).not.toBe(before.accessToken);
		expect(after.refreshToken).not.toBe(before.refreshToken);
		expect(after.expiresAt).toBeGreaterThan(Date.now() + 7_000_000);
		expect(await world.account(accountId)).toMatchObject({
			status: 'connected',
			tokenVersion: 2,
		});
	}, 60_000);

	test('a lost answer to the renewal costs nothing: the old refresh token still works', async () => {
		const person = await world.pds.person('grace');
		const accountId = await world.connect(person, (secret) => ({
			...secret,
			accessToken: world.pds.expired(secret.accessToken),
		}));
		const post = await world.create(accountId, { text: 'Renewed in the end' });
		once1('drop_answer', 'com.atproto.server.refreshSession');
		expect(await world.carry(post.id)).toMatchObject({ end: 'scheduled', reason: 'retry' });
		await world.elapse(LONG);
		expect(await world.carry(post.id)).toMatchObject({ end: 'published' });
		expect(await world.pds.posts(person.did)).toHaveLength(1);
	}, 60_000);

	test('a revoked session: the account needs its person, the post waits and then goes out', async () => {
		const person = await world.pds.person('revoked');
		const accountId = await world.connect(person, (secret) => ({
			...secret,
			accessToken: world.pds.expired(secret.accessToken),
		}));
		const { refreshToken } = await world.secret(accountId);
		const post = await world.create(accountId, { text: 'After all' });
		await world.pds.call('com.atproto.server.deleteSession', undefined, { token: refreshToken });
		expect(await world.carry(post.id)).toMatchObject({
			end: 'scheduled',
			reason: 'account_dead',
		});
		expect(await world.account(accountId)).toMatchObject({
			status: 'reconnect',
			statusReason: expect.stringContaining('revoked'),
		});
		await world.elapse(LONG);
		// Even a carrier that is told to take it sends nothing.
		expect(await world.carry(post.id)).toMatchObject({ end: 'scheduled', reason: 'account_dead' });
		expect(await world.pds.posts(person.did)).toEqual([]);
		await world.connect(person, (secret) => secret, accountId);
		expect(await world.carry(post.id)).toMatchObject({ end: 'published' });
		expect(await world.pds.posts(person.did)).toHaveLength(1);
	}, 60_000);

	test('a deactivated account stays connected, its post waits until it is back', async () => {
		const { person, accountId, post } = await start('asleep');
		const token = { token: person.accessJwt };
		await world.pds.call('com.atproto.server.deactivateAccount', {}, token);
		expect(await world.carry(post.id)).toMatchObject({
			end: 'scheduled',
			reason: 'account_dead',
			post: { error: { code: 'bluesky_account_deactivated' } },
		});
		expect(await world.account(accountId)).toMatchObject({ status: 'connected' });
		await world.pds.call('com.atproto.server.activateAccount', undefined, token);
		await world.elapse(2 * 3_600_000);
		expect(await world.carry(post.id)).toMatchObject({ end: 'published' });
		expect(await world.pds.posts(person.did)).toHaveLength(1);
	}, 60_000);

	test('deleting takes the entry away, and doing it twice is no error', async () => {
		const { person, post } = await start('deleted');
		await world.carry(post.id);
		expect(await world.pds.posts(person.did)).toHaveLength(1);
		const remove = async () =>
			await removePost(
				world.ports,
				{ vaultKey: world.options('runner:first').vaultKey, platforms: PLATFORMS },
				{ postId: post.id, owner: 'default' },
			);
		once1('drop_answer', 'com.atproto.repo.deleteRecord');
		expect(await remove()).toMatchObject({ kind: 'failed' });
		expect(await world.pds.posts(person.did)).toEqual([]);
		expect(await remove()).toMatchObject({ kind: 'removed' });
	}, 60_000);
});
