import { randomUUID } from 'node:crypto';
import type { Client } from 'pg';
import type { KpisAnswer } from '../../panel/shared/kpis';
import { csvFile } from '../../panel/server/kpis/csv';
import { filled, rangeOf } from '../../panel/server/kpis/range';
import { loadPast } from '../store/kpi-load';
import { Browser, type Panel, startPanel, withPeople } from './world';

const DAY_MS = 86_400_000;

let panel: Panel;
let admin: Browser;
let viewer: Browser;
let database: Client;

beforeAll(async () => {
	panel = await startPanel();
	({ admin, viewer } = await withPeople(panel));
	database = await panel.store.connect();
	const ago = (days: number) => new Date(Date.now() - days * DAY_MS);
	await loadPast(database, {
		owner: 'default',
		posts: 40,
		from: ago(20),
		to: ago(1),
		lateMs: [1_000],
	});
	await loadPast(database, {
		owner: 'default',
		platform: 'bluesky',
		kind: 'runner',
		posts: 10,
		from: ago(20),
		to: ago(1),
		lateMs: [9_000],
	});
	// Somebody else, and five more of whom only the sum may be told.
	await loadPast(database, { owner: 'acme', posts: 3, from: ago(5), to: ago(5), lateMs: [1] });
	for (let n = 0; n < 5; n++) {
		const owner = `many-${randomUUID()}`;
		await loadPast(database, { owner, posts: 2, from: ago(9), to: ago(9), lateMs: [1] });
	}
}, 120_000);

afterAll(async () => {
	await panel?.stop();
});

const kpis = async (browser: Browser, query = '') => {
	const answer = await browser.send('GET', `/api/kpis${query}`);
	expect(answer.status).toBe(200);
	return answer.json as KpisAnswer;
};

test("one's own figures, by every step and filter, for admin and viewer", async () => {
	for (const browser of [admin, viewer]) {
		const month = await kpis(browser);
		expect(month).toMatchObject({ range: '30d', bucket: 'day', scope: 'own' });
		expect(month.series).toHaveLength(30);
		expect(month.totals.published).toBe(50);
		expect(month.carriers.map(({ key }) => key)).toEqual(['n8n', 'none', 'runner']);
	}
	expect((await kpis(admin, '?platform=bluesky')).totals.published).toBe(10);
	expect((await kpis(admin, '?platform=x,bluesky&carrier=n8n')).totals.published).toBe(40);
	expect((await kpis(admin, '?tier=power')).totals.published).toBe(0);
	expect((await kpis(admin, '?range=12m')).series).toHaveLength(12);
	expect((await kpis(admin, '?range=24h')).series).toHaveLength(24);
	expect((await kpis(admin, '?range=90d&bucket=week')).totals.published).toBe(50);
});

test('all owners are for admins, and no owner is named', async () => {
	const all = await kpis(admin, '?scope=all');
	// Nine days ago six owners had posts; on all other days fewer than five.
	const { rows } = await database.query<{ posts: number }>(
		`select count(*)::int as posts from musekit_social.posts
		where platform = 'x' and published_at::date = (now() - interval '9 days')::date`,
	);
	expect(all.totals.published).toBe(rows[0].posts);
	expect(all.withheld).toBe(true);
	expect(JSON.stringify(all)).not.toMatch(/many-|acme|default/);
	expect(await viewer.send('GET', '/api/kpis?scope=all')).toMatchObject({
		status: 403,
		json: { code: 'owner_refused' },
	});
	expect((await viewer.send('GET', '/api/kpis.csv?scope=all')).status).toBe(403);
	// There is no way to ask for one other owner.
	expect((await kpis(admin, '?owner=acme')).totals.published).toBe(50);
});

test('as a file: every figure of the page, and nothing a spreadsheet would run', async () => {
	const file = await viewer.send('GET', '/api/kpis.csv?range=30d');
	expect(file.headers.get('content-type')).toBe('text/csv; charset=utf-8');
	expect(file.headers.get('content-disposition')).toMatch(
		/^attachment; filename=key-figures-30d-\d{4}-\d\d-\d\d\.csv$/,
	);
	const lines = file.text.trimEnd().split('\r\n');
	expect(lines[0]).toMatch(/^Group,Key,Created,Published/);
	expect(lines[1]).toMatch(/^Total,[^,]+,50,50,0,0,0,0,1,\d+,\d+$/);
	expect(lines.filter((line) => line.startsWith('By day (UTC),'))).toHaveLength(30);
	expect(csvFile([['=1+1', '+2', '-3', '@x', '\tt', 'a,"b"', 'plain', null, -4]])).toBe(
		`'=1+1,'+2,'-3,'@x,'\tt,"a,""b""",plain,,-4\r\n`,
	);
});

test('what does not exist is refused', async () => {
	for (const query of ['?range=9y', '?range=12m&bucket=hour', '?platform=myspace', '?scope=acme']) {
		expect(await admin.send('GET', `/api/kpis${query}`)).toMatchObject({
			status: 400,
			json: { code: 'input_invalid' },
		});
	}
	expect((await new Browser(panel.url).send('GET', '/api/kpis')).status).toBe(401);
	expect((await new Browser(panel.url).send('GET', '/api/kpis.csv')).status).toBe(401);
});

test('ranges are whole steps in UTC and have no hole', () => {
	const now = new Date('2026-03-29T00:30:00Z');
	expect(rangeOf('24h', 'hour', now)).toEqual({
		from: new Date('2026-03-28T01:00:00Z'),
		to: new Date('2026-03-29T01:00:00Z'),
	});
	expect(rangeOf('7d', 'day', now)).toEqual({
		from: new Date('2026-03-23T00:00:00Z'),
		to: new Date('2026-03-30T00:00:00Z'),
	});
	// A Sunday belongs to the week that began on Monday.
	expect(rangeOf('90d', 'week', now).to).toEqual(new Date('2026-03-30T00:00:00Z'));
	const year = rangeOf('12m', 'month', now);
	expect(year).toEqual({
		from: new Date('2025-04-01T00:00:00Z'),
		to: new Date('2026-04-01T00:00:00Z'),
	});
	expect(filled([], 'month', year.from, year.to).map(({ key }) => key.slice(0, 7))).toEqual([
		'2025-04',
		'2025-05',
		'2025-06',
		'2025-07',
		'2025-08',
		'2025-09',
		'2025-10',
		'2025-11',
		'2025-12',
		'2026-01',
		'2026-02',
		'2026-03',
	]);
});
