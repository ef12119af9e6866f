import { randomUUID } from 'node:crypto';
import type { PostView } from '../../core/store/contract';
import type { CalendarAnswer, PostDetailAnswer, PostsAnswer } from '../../panel/shared/posts';
import { sandboxUnderTest, type SandboxUnderTest } from '../sandbox/fixtures';
import { type ConnectedAccount, Publisher } from './posts-world';
import { type Answer, type Browser, type Panel, startPanel, withPeople } from './world';

let panel: Panel;
let sandbox: SandboxUnderTest;
let publisher: Publisher;
let admin: Browser;
let viewer: Browser;

const SHOP = 'shop';
const HOUR_MS = 3_600_000;
const inHours = (hours: number) => new Date(Date.now() + hours * HOUR_MS).toISOString();

beforeAll(async () => {
	sandbox = await sandboxUnderTest();
	panel = await startPanel({ sandboxUrl: sandbox.url });
	({ admin, viewer } = await withPeople(panel));
	publisher = await Publisher.open(panel, sandbox);
}, 120_000);

afterAll(async () => {
	await publisher?.close();
	await panel?.stop();
	await sandbox?.stop();
});

const get = async <T>(path: string, browser = admin) => {
	const answer = await browser.send('GET', path);
	expect(answer).toMatchObject({ status: 200 });
	return answer.json as T;
};
const list = (query: Record<string, string> = {}, browser = admin) =>
	get<PostsAnswer>(`/api/posts?${new URLSearchParams(query)}`, browser);
const detail = (post: PostView, owner = post.owner) =>
	get<PostDetailAnswer>(`/api/posts/${post.id}?owner=${owner}`);
const act = (post: PostView, action: string, body: Record<string, unknown> = {}, by = admin) =>
	by.send('POST', `/api/posts/${post.id}/${action}`, { owner: post.owner, ...body });
const postOf = (answer: Answer) => {
	expect(answer).toMatchObject({ status: 200 });
	return (answer.json as { post: PostView }).post;
};
const textsOf = ({ posts }: PostsAnswer) => posts.map(({ content }) => content.text);
const wallOf = (iso: string) => ({ wallTime: iso.slice(0, 19), timeZone: 'UTC' });
/** An owner of its own for a test. */
const newOwner = () => `o${randomUUID().slice(0, 8)}`;

describe('the list', () => {
	let owner: string;
	let x: ConnectedAccount;
	let linkedin: ConnectedAccount;

	beforeAll(async () => {
		owner = newOwner();
		x = await publisher.account({ owner });
		linkedin = await publisher.account({ owner, platform: 'linkedin' });
		await publisher.create(x, { text: 'Coffee in the morning', scheduledAt: inHours(3) });
		await publisher.create(linkedin, { text: 'Coffee at noon', scheduledAt: inHours(2) });
		await publisher.create(x, { text: 'Tea', as: 'draft' });
		await publisher.published(x, { text: 'Already out' });
	}, 60_000);

	it('is filtered by state, platform, account, words and dates', async () => {
		expect(textsOf(await list({ owner }))).toEqual([
			'Already out',
			'Tea',
			'Coffee at noon',
			'Coffee in the morning',
		]);
		for (const [query, texts] of [
			[{ state: 'draft,published' }, ['Already out', 'Tea']],
			[{ platform: 'linkedin' }, ['Coffee at noon']],
			[{ account: linkedin.id }, ['Coffee at noon']],
			[{ search: 'coff' }, ['Coffee at noon', 'Coffee in the morning']],
			[{ by: 'next' }, ['Coffee at noon', 'Coffee in the morning']],
			[{ by: 'published' }, ['Already out']],
			[{ by: 'due', from: inHours(2.5) }, ['Coffee in the morning']],
			[{ search: 'coffee', platform: 'x', state: 'scheduled' }, ['Coffee in the morning']],
		] as const) {
			expect(textsOf(await list({ owner, ...query }))).toEqual(texts);
		}
	});

	it('counts by state, up to its limit', async () => {
		const { counts, most, due } = await list({ owner });
		expect(most).toBe(100);
		expect(due).toBe(0);
		expect(counts).toMatchObject({ scheduled: 2, draft: 1, published: 1, failed: 0 });
	});

	it('comes in pages that hold each post once', async () => {
		const many = newOwner();
		const account = await publisher.account({ owner: many });
		for (let at = 0; at < 60; at++) await publisher.create(account, { as: 'draft' });
		const first = await list({ owner: many });
		expect(first.posts).toHaveLength(50);
		const second = await list({ owner: many, cursor: first.nextCursor ?? '' });
		expect(second.nextCursor).toBeNull();
		const ids = [...first.posts, ...second.posts].map(({ id }) => id);
		expect(new Set(ids).size).toBe(60);
	}, 60_000);

	it('refuses filters that do not exist', async () => {
		for (const query of ['state=likes', 'by=likes', 'from=soon', 'account=x', 'cursor=x']) {
			expect((await admin.send('GET', `/api/posts?${query}`)).status).toBe(400);
		}
	});
});

describe('the calendar', () => {
	it('shows days in the zone that is asked for, the set one, or the device’s', async () => {
		const owner = newOwner();
		const account = await publisher.account({ owner });
		const day = inHours(48).slice(0, 10);
		await publisher.create(account, {
			text: 'late in Tokyo',
			wallTime: `${day}T23:30`,
			timeZone: 'Asia/Tokyo',
		});
		const show = (more: Record<string, string>) =>
			get<CalendarAnswer>(
				`/api/calendar?${new URLSearchParams({ owner, from: day, days: '1', ...more })}`,
			);
		const tokyo = await show({ zone: 'Asia/Tokyo' });
		expect(tokyo).toMatchObject({
			timeZone: 'Asia/Tokyo',
			days: [{ day, more: 0, posts: [{ text: 'late in Tokyo', movable: true }] }],
		});
		expect((await show({ device: 'Asia/Tokyo' })).timeZone).toBe('Asia/Tokyo');
		expect((await show({ device: 'Mars/Olympus' })).timeZone).toBe('UTC');
		const panel = await publisher.call('social_settings_get', {});
		await publisher.call('social_settings_set', {
			p_key: 'panel',
			p_value: { ...(panel.panel as object), timeZone: 'Europe/Vienna' },
		});
		expect((await show({ device: 'Asia/Tokyo' })).timeZone).toBe('Europe/Vienna');
		expect((await show({ zone: 'Asia/Tokyo' })).timeZone).toBe('Asia/Tokyo');
		await publisher.call('social_settings_set', { p_key: 'panel', p_value: panel.panel });
		// 23:30 in Tokyo is 04:30 on the next day on Kiritimati.
		expect((await show({ zone: 'Pacific/Kiritimati' })).days[0].posts).toEqual([]);
		for (const wrong of ['zone=Mars/Olympus', 'days=400', 'from=yesterday']) {
			const path = `/api/calendar?from=${day}&days=1&zone=UTC&${wrong}`;
			expect((await admin.send('GET', path)).status).toBe(400);
		}
	});
});

describe('one post', () => {
	it('is told from its making to its entry', async () => {
		const account = await publisher.account();
		const made = await publisher.create(account, { scheduledAt: inHours(2) });
		const moved = postOf(
			await act(made, 'reschedule', { version: made.version, ...wallOf(inHours(1)) }),
		);
		await act(moved, 'cancel');
		await act(moved, 'retry');
		const live = await publisher.until(moved, 'published');
		const { story, post, account: of } = await detail(live);
		expect(story.map(({ title }) => title)).toEqual([
			'Made by the API',
			'Moved to another time',
			'Cancelled',
			'A person asked for another try',
			'The runner (runner:test) took it',
			'Sent: post',
			'Live: the platform has confirmed it',
		]);
		expect(story[0].when).toBe(made.scheduledAt);
		expect(post).toMatchObject({ state: 'published', started: true });
		expect(of).toMatchObject({ handle: account.handle, status: 'connected' });
		expect(post.url).toMatch(/^http:/);
	}, 60_000);

	it('tells what was unclear, what was looked up and what a person decided', async () => {
		const account = await publisher.account();
		const post = await publisher.inReview(account, { live: false });
		await act(post, 'resolve', { key: randomUUID(), decision: { to: 'publish' } });
		await publisher.until(post, 'published');
		const { story } = await detail(post);
		const took = 'The runner (runner:test) took it again';
		expect(story.map(({ title }) => title)).toEqual([
			'Made by the API',
			'The runner (runner:test) took it',
			'Sent: post',
			'No clear answer came',
			'It waits',
			took,
			'Looked up: not clear yet',
			'It waits',
			'Looked up 12 times more: not clear yet',
			took,
			'Looked up: not clear yet',
			'A person has to decide',
			'A person decided: it is not live',
			took,
			'Looked up, without a clear answer',
			'Sent again: post',
			'Live: the platform has confirmed it',
		]);
		expect(JSON.stringify(story)).not.toMatch(/Bearer|accessToken|"body"/);
	}, 60_000);
});

describe('actions', () => {
	let account: ConnectedAccount;
	beforeAll(async () => {
		account = await publisher.account();
	});

	it('reschedule moves a post; a repeat is no conflict, another version is', async () => {
		const post = await publisher.create(account, { scheduledAt: inHours(4) });
		const wish = { version: post.version, wallTime: '2031-03-30T02:30', timeZone: 'Europe/Berlin' };
		const moved = postOf(await act(post, 'reschedule', wish));
		// The clock skips that hour: the time is read with the offset before.
		expect(moved).toMatchObject({
			scheduledAt: '2031-03-30T01:30:00.000Z',
			timeZone: 'Europe/Berlin',
			version: post.version + 1,
		});
		expect(postOf(await act(post, 'reschedule', wish)).version).toBe(moved.version);
		const late = await act(post, 'reschedule', { ...wish, wallTime: '2031-03-30T05:00' });
		expect(late).toMatchObject({ status: 409, json: { code: 'version_conflict' } });
		for (const wrong of [{ timeZone: 'Mars/Olympus' }, { wallTime: 'soon' }]) {
			const answer = await act(post, 'reschedule', { ...wish, version: moved.version, ...wrong });
			expect(answer.status).toBe(400);
		}
	});

	it('says that a post was published meanwhile, and changes nothing', async () => {
		const post = await publisher.published(account);
		const { version } = await publisher.post(post);
		for (const [action, body] of [
			['reschedule', { version, wallTime: '2031-03-30T02:30', timeZone: 'UTC' }],
			['cancel', {}],
			['retry', {}],
			['resolve', { key: randomUUID(), decision: { to: 'drop' } }],
		] as const) {
			expect(await act(post, action, body)).toMatchObject({
				status: 409,
				json: { code: 'published_meanwhile' },
			});
		}
		expect(await publisher.live(post)).toHaveLength(1);
	});

	it('cancel, retry: each twice is once', async () => {
		const post = await publisher.create(account, { scheduledAt: inHours(4) });
		for (let time = 0; time < 2; time++) {
			expect(postOf(await act(post, 'cancel')).state).toBe('cancelled');
		}
		const failed = await publisher.refused(account);
		expect(failed.state).toBe('failed');
		for (let time = 0; time < 2; time++) {
			expect(postOf(await act(failed, 'retry')).state).toBe('scheduled');
		}
		await publisher.until(failed, 'published');
		expect(await publisher.live(failed)).toHaveLength(1);
	}, 60_000);

	it('duplicate makes one draft for one key', async () => {
		const post = await publisher.published(account, { text: `Twice ${randomUUID()}` });
		const key = randomUUID();
		const copy = postOf(await act(post, 'duplicate', { key }));
		expect(copy).toMatchObject({ state: 'draft', content: { text: post.content.text } });
		expect(copy.id).not.toBe(post.id);
		expect(postOf(await act(post, 'duplicate', { key })).id).toBe(copy.id);
		expect(postOf(await act(post, 'duplicate', { key: randomUUID() })).id).not.toBe(copy.id);
	});

	it('needs review: it is live, by the address of its entry', async () => {
		const post = await publisher.inReview(account, { live: true });
		const [entry] = await publisher.live(post);
		const key = randomUUID();
		const say = (address: string) =>
			act(post, 'resolve', { key, decision: { to: 'live', address } });
		expect(await say('')).toMatchObject({
			status: 422,
			json: { code: 'address_unreadable', field: 'address' },
		});
		for (let time = 0; time < 2; time++) {
			expect(postOf(await say(entry.url))).toMatchObject({
				state: 'published',
				remoteId: entry.id,
				confirmedBy: 'person',
			});
		}
		expect(await publisher.live(post)).toHaveLength(1);
	}, 60_000);

	it('needs review: leave it', async () => {
		const post = await publisher.inReview(account, { live: false });
		const left = await act(post, 'resolve', { key: randomUUID(), decision: { to: 'drop' } });
		expect(postOf(left).state).toBe('cancelled');
		const { story } = await detail(post);
		expect(story.at(-1)?.title).toBe('A person decided: leave it');
		expect(story.map(({ title }) => title)).not.toContain('Cancelled');
	}, 60_000);
});

describe('who may', () => {
	let post: PostView;
	let theirs: PostView;
	const actions = () =>
		[
			['reschedule', { version: post.version, wallTime: '2031-01-01T10:00', timeZone: 'UTC' }],
			['retry', {}],
			['cancel', {}],
			['duplicate', { key: randomUUID() }],
			['resolve', { key: randomUUID(), decision: { to: 'drop' } }],
		] as const;

	beforeAll(async () => {
		post = await publisher.create(await publisher.account(), { scheduledAt: inHours(9) });
		theirs = await publisher.create(await publisher.account({ owner: SHOP }), {
			scheduledAt: inHours(9),
		});
	});

	it('a viewer looks and changes nothing', async () => {
		expect((await list({}, viewer)).posts.length).toBeGreaterThan(0);
		for (const [action, body] of actions()) {
			expect(await act(post, action, body, viewer)).toMatchObject({
				status: 403,
				json: { code: 'role_missing' },
			});
		}
		expect(await publisher.post(post)).toEqual(post);
	});

	it('a viewer sees nothing of another owner', async () => {
		for (const path of [
			`/api/posts?owner=${SHOP}`,
			`/api/posts/${theirs.id}?owner=${SHOP}`,
			`/api/calendar?owner=${SHOP}&from=2031-01-01&days=1`,
		]) {
			expect(await viewer.send('GET', path)).toMatchObject({
				status: 403,
				json: { code: 'owner_refused' },
			});
		}
		expect((await viewer.send('GET', `/api/posts/${theirs.id}`)).status).toBe(404);
	});

	it('nobody reaches a post under another owner’s name', async () => {
		expect((await admin.send('GET', `/api/posts/${theirs.id}`)).status).toBe(404);
		for (const [action, body] of actions()) {
			const answer = await act({ ...theirs, owner: 'default' }, action, body);
			expect(answer).toMatchObject({ status: 404, json: { code: 'post_unknown' } });
		}
		expect(await publisher.post(theirs)).toEqual(theirs);
		expect((await detail(theirs)).post.id).toBe(theirs.id);
	});
});
