import type { Client } from 'pg';
import type { NotificationsAnswer } from '../../panel/shared/notifications';
import { Browser, type Panel, startPanel, withPeople } from './world';

let panel: Panel;
let admin: Browser;
let viewer: Browser;
let database: Client;

beforeAll(async () => {
	panel = await startPanel();
	({ admin, viewer } = await withPeople(panel));
	database = await panel.store.connect();
	await database.query(`insert into musekit_social.owners (id) values ('acme')`);
}, 120_000);

afterAll(async () => {
	await panel?.stop();
});

beforeEach(async () => {
	await database.query('truncate musekit_social.notices cascade');
	for (const [owner, subject] of [
		['default', 'own'],
		['acme', 'theirs'],
		[null, 'everybody'],
	]) {
		await database.query(
			`select musekit_social.add_notice('failed', $1, $2, null, null, jsonb_build_object('text', $2::text))`,
			[owner, subject],
		);
	}
});

const bell = async (browser: Browser, query = '') => {
	const answer = await browser.send('GET', `/api/notifications${query}`);
	expect(answer.status).toBe(200);
	return answer.json as NotificationsAnswer;
};
const texts = ({ items }: NotificationsAnswer) => items.map(({ facts }) => facts.text);

test('an admin is told of everything, a viewer of their owner and of what concerns everybody', async () => {
	expect(texts(await bell(admin))).toEqual(['everybody', 'theirs', 'own']);
	expect(texts(await bell(viewer))).toEqual(['everybody', 'own']);
	expect((await bell(viewer)).unread).toBe(2);
	expect(texts(await bell(viewer, '?owner=acme'))).toEqual(['everybody', 'own']);
});

test('a viewer reads for themselves, and nothing of another owner', async () => {
	const { items } = await bell(admin);
	const theirs = items.find(({ facts }) => facts.text === 'theirs');
	const own = items.find(({ facts }) => facts.text === 'own');
	const read = (browser: Browser, ids?: (string | undefined)[]) =>
		browser.send('POST', '/api/notifications/read', ids ? { ids } : {});
	expect((await read(viewer, [theirs?.id])).json).toEqual({ read: 0 });
	expect((await read(viewer, [own?.id])).json).toEqual({ read: 1 });
	expect((await bell(viewer)).unread).toBe(1);
	expect((await bell(admin)).unread).toBe(3);
	expect((await read(viewer)).json).toEqual({ read: 2 });
	expect((await bell(viewer)).unread).toBe(0);
	expect((await read(admin)).json).toEqual({ read: 3 });
	const { rows } = await database.query<{ count: number }>(
		'select count(*)::int as count from musekit_social.notices where over_at is null',
	);
	expect(rows[0].count).toBe(3);
});

test('pages, and what is refused', async () => {
	for (let n = 0; n < 45; n++) {
		await database.query(
			`select musekit_social.add_notice('missed', 'default', $1, null, null, '{}')`,
			[String(n)],
		);
	}
	const seen = new Set<string>();
	let cursor: string | null = '';
	while (cursor !== null) {
		const page: NotificationsAnswer = await bell(
			viewer,
			cursor === '' ? '' : `?cursor=${encodeURIComponent(cursor)}`,
		);
		for (const { id } of page.items) seen.add(id);
		cursor = page.nextCursor;
	}
	expect(seen.size).toBe(47);
	expect(await viewer.send('GET', '/api/notifications?cursor=x')).toMatchObject({
		status: 400,
		json: { code: 'cursor_invalid' },
	});
	expect(await viewer.send('POST', '/api/notifications/read', { ids: ['x'] })).toMatchObject({
		status: 400,
		json: { code: 'input_invalid' },
	});
	const stranger = new Browser(panel.url);
	expect((await stranger.send('GET', '/api/notifications')).status).toBe(401);
	expect((await stranger.send('POST', '/api/notifications/read', {})).status).toBe(401);
	const forged = { 'x-csrf-token': 'forged' };
	expect(await viewer.send('POST', '/api/notifications/read', {}, forged)).toMatchObject({
		status: 403,
		json: { code: 'csrf_refused' },
	});
});
