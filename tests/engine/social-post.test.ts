import { randomUUID } from 'node:crypto';
import type { IDataObject } from 'n8n-workflow';
import sharp from 'sharp';

import type { ConnectedAccount } from '../e2e/system/accounts';
import { sha256 } from '../e2e/system/sandbox-client';
import type { RunOptions } from './support/engine';
import { World } from './support/world';

let world: World;

beforeAll(async () => {
	world = await World.open();
});

afterAll(async () => await world.close());

const byId = (value: string) => ({ __rl: true, mode: 'id', value });

const run = async (options: RunOptions) =>
	await world.engine.run({ credential: world.credential, ...options });

const draft = async (account: ConnectedAccount, change: IDataObject = {}, more = {}) =>
	await run({
		parameters: {
			operation: 'createDraft',
			account: byId(account.id),
			text: '={{ $json.text }}',
			...change,
		},
		items: [{ json: { text: 'A draft' } }],
		...more,
	});

const FIELDS = [
	'id',
	'state',
	'platform',
	'account',
	'url',
	'scheduledAt',
	'publishedAt',
	'attempts',
];

describe('publish', () => {
	it('publishes once and answers with the eight fields, paired', async () => {
		const account = await world.account();
		const { output } = await run({
			parameters: { operation: 'publish', account: byId(account.id), text: '={{ $json.text }}' },
			items: [{ json: { text: 'First' } }, { json: { text: 'Second' } }],
		});
		expect(output?.map(({ json }) => [json.state, json.account])).toEqual([
			['published', `@${account.handle}`],
			['published', `@${account.handle}`],
		]);
		expect(Object.keys(output?.[0].json ?? {}).slice(0, 8)).toEqual(FIELDS);
		expect(output?.[0].json).toMatchObject({ platform: 'x', attempts: 1, sandbox: true });
		expect(output?.[0].json.url).toMatch(/^http/);
		expect(output?.map(({ pairedItem }) => pairedItem)).toEqual([{ item: 0 }, { item: 1 }]);
		expect((await world.texts(account)).sort()).toEqual(['First', 'Second']);
	});

	it('publishes a picture with its alternative text on every platform', async () => {
		const image = await sharp({
			create: { width: 320, height: 320, channels: 3, background: '#5b3df5' },
		})
			.jpeg()
			.toBuffer();
		const accounts = await Promise.all(
			(['x', 'linkedin', 'instagram'] as const).map((platform) => world.account(platform)),
		);
		const { output } = await run({
			parameters: {
				operation: 'publish',
				accountMode: 'many',
				accounts: accounts.map(({ id }) => id),
				text: 'With a picture',
				images: {
					binary: [
						{ field: 'photo', altText: 'One colour' },
						{ field: 'missing', optional: true },
					],
					url: [{ url: '', optional: true }],
				},
			},
			items: [
				{
					json: {},
					binary: { photo: { data: image.toString('base64'), mimeType: 'text/plain' } },
				},
			],
		});
		expect(output?.map(({ json }) => [json.state, json.reason])).toEqual(
			accounts.map(() => ['published', undefined]),
		);
		for (const account of accounts) {
			const [entry] = await world.sandbox.ledger(account);
			expect(entry.media).toEqual([
				expect.objectContaining({ sha256: sha256(image), altText: 'One colour' }),
			]);
		}
	});

	it('one bad account does not stop the other; its item says why', async () => {
		const [x, linkedin] = [await world.account(), await world.account('linkedin')];
		const { output } = await run({
			parameters: {
				operation: 'publish',
				accountMode: 'many',
				accounts: [x.id, linkedin.id],
				text: 'n'.repeat(300),
			},
		});
		expect(output?.map(({ json }) => json.state)).toEqual(['invalid', 'published']);
		expect(output?.[0].json).toMatchObject({
			id: null,
			platform: 'x',
			account: `@${x.handle}`,
			reason: expect.stringMatching(/280/),
		});
		expect(output?.[0].json).not.toHaveProperty('error');
		expect(await world.texts(x)).toEqual([]);
	});

	it('posts to every connected account when told "all"', async () => {
		const owner = 'all-of-them';
		const accounts = [await world.account('x', owner), await world.account('linkedin', owner)];
		const { output } = await run({
			parameters: {
				operation: 'publish',
				accountMode: 'many',
				accounts: 'all',
				text: 'To everyone',
				options: { owner },
			},
		});
		expect(output?.map(({ json }) => json.platform).sort()).toEqual(['linkedin', 'x']);
		for (const account of accounts) expect(await world.texts(account)).toEqual(['To everyone']);
	});

	it('says scheduled and no error when it may not wait; a carrier then finishes it', async () => {
		const account = await world.account();
		const { output } = await run({
			parameters: {
				operation: 'publish',
				account: byId(account.id),
				text: 'Without waiting',
				options: { waitForSeconds: 0 },
			},
		});
		expect(output?.[0].json).toMatchObject({ state: 'scheduled' });
		expect(output?.[0].json).not.toHaveProperty('error');
		const due = await run({
			parameters: { operation: 'publishDue', options: { watchForSeconds: 0 } },
		});
		expect(due.output?.map(({ json }) => [json.id, json.state])).toEqual([
			[output?.[0].json.id, 'published'],
		]);
		expect(await world.texts(account)).toEqual(['Without waiting']);
	});

	it('Stop during a publish: what is on the wire is finished and saved, the rest is not begun', async () => {
		const account = await world.account();
		await world.sandbox.fault({
			kind: 'latency',
			platform: 'x',
			account: account.handle,
			method: 'POST',
			ms: 1500,
			count: 1,
			probability: 1,
			skip: 0,
			headers: {},
		});
		let stop = () => {};
		const running = run({
			parameters: { operation: 'publish', account: byId(account.id), text: '={{ $json.text }}' },
			items: [{ json: { text: 'On the wire' } }, { json: { text: 'Not begun' } }],
			onStart: (press) => (stop = press),
		});
		while ((await world.faultHits()) === 0) await pause(50);
		stop();
		expect((await running).run.status).toBe('canceled');
		while ((await world.posts(account))[0].state === 'publishing') await pause(50);
		const posts = await world.posts(account);
		expect(posts.map(({ state, content }) => [state, content.text])).toEqual([
			['published', 'On the wire'],
		]);
		expect(posts[0].url).not.toBeNull();
		expect(await world.texts(account)).toEqual(['On the wire']);
	});
});

const pause = async (ms: number) => await new Promise((resolve) => setTimeout(resolve, ms));

describe('n8n’s ways of doing it twice', () => {
	it('Retry On Fail and Retry from the list find the post of the first try', async () => {
		const account = await world.account();
		const parameters = {
			operation: 'createDraft',
			account: byId(account.id),
			text: '={{ $json.text }}',
		};
		// The second item is refused in every try, so the node fails three times.
		const items = [{ json: { text: 'Kept' } }, { json: { text: 'x'.repeat(281) } }];
		const node = { retryOnFail: true, maxTries: 3, waitBetweenTries: 10 };
		const failed = await run({ parameters, items, node });
		expect(failed.error?.message).toMatch(/280/);
		expect(failed.error?.description).toMatch(/1 of 2 items/);
		const [made] = await world.posts(account);

		const resume = JSON.parse(JSON.stringify(failed.run.data)) as typeof failed.run.data;
		resume.resultData.runData['Social Post'].pop();
		delete resume.resultData.error;
		const retried = await run({ parameters, node: {}, mode: 'retry', resume });
		expect(retried.error?.message).toMatch(/280/);
		const posts = await world.posts(account);
		expect(posts.map(({ id }) => id)).toEqual([made.id]);
	});

	it('equal content from a second execution is the same post; by hand it is a new one', async () => {
		const account = await world.account();
		const later = { operation: 'schedule', publishAt: '2030-12-31T10:30:00Z' };
		const ids = [];
		for (const mode of ['trigger', 'webhook', 'manual'] as const) {
			const { output } = await draft(account, later, { mode });
			ids.push(output?.[0].json.id);
		}
		expect(ids[1]).toBe(ids[0]);
		expect(ids[2]).not.toBe(ids[0]);
		const { output } = await draft(account, { ...later, options: { allowRepeat: true } });
		expect(ids).not.toContain(output?.[0].json.id);
	});

	it('the caller’s key returns the same post and refuses another body', async () => {
		const account = await world.account();
		const key = { options: { idempotencyKey: randomUUID() } };
		const first = await draft(account, key);
		const again = await draft(account, key);
		expect(again.output?.[0].json).toMatchObject({
			id: first.output?.[0].json.id,
			repeated: true,
		});
		const other = await draft(account, { ...key, text: 'Another body' });
		expect(other.output).toBeUndefined();
		expect(other.error?.message).toMatch(/key/i);
		expect(await world.posts(account)).toHaveLength(1);
	});
});

describe('schedule', () => {
	const schedule = async (account: ConnectedAccount, publishAt: unknown, more: IDataObject = {}) =>
		await run({
			parameters: {
				operation: 'schedule',
				account: byId(account.id),
				text: `={{ "At " + $json.n }}`,
				publishAt: publishAt as string,
				...more,
			},
			items: [{ json: { n: randomUUID(), ms: 1924943400000 } }],
			settings: { timezone: 'Europe/Berlin' },
		});

	it.each([
		['local time of the workflow', '2030-12-31 11:30'],
		['as the editor writes it', '2030-12-31T11:30:00'],
		['an offset', '2030-12-31T12:30:00+02:00'],
		['a DateTime', "={{ DateTime.fromISO('2030-12-31T10:30:00Z') }}"],
		['a Date', '={{ new Date($json.ms) }}'],
		['Unix seconds', '={{ $json.ms / 1000 }}'],
		['Unix milliseconds', '={{ $json.ms }}'],
	])('%s', async (_name, publishAt) => {
		const account = await world.account();
		const { output, error } = await schedule(account, publishAt);
		expect(error).toBeUndefined();
		expect(output?.[0].json.state).toBe('scheduled');
		expect(Date.parse(String(output?.[0].json.scheduledAt))).toBe(1924943400000);
	});

	it('the item’s own zone goes before that of the workflow', async () => {
		const account = await world.account();
		const { output } = await schedule(account, '2030-12-31 05:30', {
			timeZone: 'America/New_York',
		});
		expect(Date.parse(String(output?.[0].json.scheduledAt))).toBe(1924943400000);
	});

	it.each([
		['a zone nobody knows', '2030-12-31 05:30', 'Mars/Olympus', /"Mars\/Olympus" is not known/],
		['no time', 'soon', '', /"soon"/],
		['an empty time', '={{ "" }}', '', /empty/],
		['a time long past', '2020-01-01T00:00:00Z', '', /maximum lateness/],
	])('%s is refused and nothing is made', async (_name, publishAt, timeZone, message) => {
		const account = await world.account();
		const { output, error } = await schedule(account, publishAt, { timeZone });
		expect(output).toBeUndefined();
		expect(error?.message).toMatch(message);
		expect(error?.description).toMatch(/running the node again is safe/);
		expect(error?.context?.itemIndex).toBe(0);
		expect(await world.posts(account)).toEqual([]);
	});
});

describe('bad items', () => {
	it('with Continue they become items with error, the others are made', async () => {
		const account = await world.account();
		const { output } = await draft(
			account,
			{},
			{
				items: ['One', 'x'.repeat(281), 'Three'].map((text) => ({ json: { text } })),
				node: { onError: 'continueRegularOutput' },
			},
		);
		expect(output?.map(({ json }) => json.state ?? json.error)).toEqual([
			'draft',
			expect.stringMatching(/280/),
			'draft',
		]);
		expect(output?.map(({ pairedItem }) => pairedItem)).toEqual([
			{ item: 0 },
			{ item: 1 },
			{ item: 2 },
		]);
	});

	it.each<[string, IDataObject, RegExp]>([
		['no account', { account: byId('={{ "" }}') }, /No account is chosen/],
		['a malformed account id', { account: byId('my account') }, /not known/],
		['an unknown account', { account: byId(randomUUID()) }, /account/i],
		['empty text', { text: '' }, /text|empty/i],
		[
			'a picture that is not there',
			{ images: { binary: [{ field: 'photo' }] } },
			/does not have the binary field/,
		],
		[
			'a picture inside the network',
			{ images: { url: [{ url: 'http://127.0.0.1/a.jpg' }] } },
			/private network/,
		],
	])('%s', async (_name, change, message) => {
		const account = await world.account();
		const { output, error } = await draft(account, change);
		expect(output).toBeUndefined();
		expect(error?.message).toMatch(message);
		expect(error?.description).toMatch(/No post was made/);
		expect(await world.posts(account)).toEqual([]);
	});

	it.each([
		['secret key', { secretKey: 'sb_secret_wrong' }, /secret key/],
		['vault key', { vaultKey: 'cd'.repeat(32) }, /vault key/],
		['form of the vault key', { vaultKey: 'short' }, /vault key/],
		['URL', { url: 'http://127.0.0.1:9' }, /cannot be reached: the connection was refused/],
		['form of the URL', { url: 'my project' }, /not an address/],
	])('wrong %s', async (_name, change, message) => {
		const account = await world.account();
		const { output, error } = await draft(
			account,
			{},
			{ credential: { ...world.credential, ...change } },
		);
		expect(output).toBeUndefined();
		expect(error?.message).toMatch(message);
		expect(JSON.stringify(error)).not.toContain(world.credential.vaultKey);
		expect(await world.posts(account)).toEqual([]);
	});
});

describe('after the post is made', () => {
	const on = async (operation: string, postId: unknown, more: IDataObject = {}) =>
		await run({ parameters: { operation, postId: postId as string, ...more } });

	it('Update, Get, Cancel, Retry', async () => {
		const account = await world.account();
		const made = await draft(account);
		const id = made.output?.[0].json.id;
		const updated = await on('update', id, {
			updateFields: { text: 'Changed', publishAt: '2030-12-31T10:30:00Z' },
		});
		expect(updated.output?.[0].json).toMatchObject({
			state: 'scheduled',
			scheduledAt: expect.stringContaining('2030-12-31'),
		});
		const full = await on('get', id, { simplify: false });
		expect(full.output?.[0].json).toMatchObject({ content: { text: 'Changed' } });
		expect((await on('cancel', id)).output?.[0].json.state).toBe('cancelled');
		const again = await on('retry', id, { options: { publishAt: '2031-01-01T00:00:00Z' } });
		expect(again.output?.[0].json.state).toBe('scheduled');
		const long = await on('update', id, { updateFields: { text: 'y'.repeat(281) } });
		expect(long.error?.message).toMatch(/280/);
		expect((await world.posts(account))[0].content.text).toBe('Changed');
	});

	it('Delete removes it at the platform', async () => {
		const account = await world.account();
		const { output } = await run({
			parameters: { operation: 'publish', account: byId(account.id), text: 'Away with it' },
		});
		const gone = await on('delete', output?.[0].json.id);
		expect(gone.output?.[0].json).toMatchObject({ deleted: true });
		expect(await world.texts(account)).toEqual([]);
	});

	it('Get Many pages, limits and filters', async () => {
		const owner = 'many';
		const account = await world.account('x', owner);
		await draft(
			account,
			{ options: { owner } },
			{ items: Array.from({ length: 105 }, (_, n) => ({ json: { text: `Post ${n}` } })) },
		);
		const list = async (more: IDataObject) =>
			(await run({ parameters: { operation: 'getAll', options: { owner }, ...more } })).output;
		expect(await list({ returnAll: true })).toHaveLength(105);
		expect(await list({ limit: 7 })).toHaveLength(7);
		expect(await list({ returnAll: true, filters: { states: ['published'] } })).toEqual([]);
		expect(await list({ returnAll: true, filters: { search: 'Post 104' } })).toHaveLength(1);
	}, 60_000);

	it('Validate says what is wrong and makes nothing', async () => {
		const account = await world.account();
		const check = async (text: string) =>
			(
				await run({
					parameters: { operation: 'validate', account: byId(account.id), text },
				})
			).output?.[0].json;
		expect(await check('Fine')).toMatchObject({ valid: true, state: 'valid' });
		expect(await check('z'.repeat(281))).toMatchObject({
			valid: false,
			state: 'invalid',
			reason: expect.stringMatching(/280/),
		});
		expect(await world.posts(account)).toEqual([]);
	});

	it.each(['={{ "" }}', 'abc'])('an id of the form %p is refused', async (id) => {
		expect((await on('get', id)).error?.message).toMatch(/Post ID/);
	});
});

describe('the list of accounts in the editor', () => {
	const owner = 'editor';
	const list = async (query: { filter?: string; token?: string }, credential = world.credential) =>
		await world.engine.editorList({ parameters: { options: { owner } }, credential }, query);

	beforeAll(async () => {
		for (let n = 0; n < 35; n++) await world.account('x', owner);
	});

	it('comes in pages and finds part of a name', async () => {
		const first = await list({});
		expect(first.results).toHaveLength(30);
		const second = await list({ token: first.paginationToken as string });
		expect(second.results).toHaveLength(5);
		expect(second.paginationToken).toBeUndefined();
		const [wanted] = second.results;
		const handle = /@(\S+)/.exec(wanted.name)?.[1];
		const found = await list({ filter: handle });
		expect(found.results.map(({ value }) => value)).toContain(wanted.value);
		expect(wanted.name).toMatch(/^X · @engine\d+ \(sandbox\)/);
	});

	it('says in one sentence when the store is down', async () => {
		await expect(list({}, { ...world.credential, url: 'http://127.0.0.1:9' })).rejects.toThrow(
			/^The store cannot be reached: the connection was refused\. Check that it is running/,
		);
	});
});
