import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Page } from '@playwright/test';
import { callsOf, saveAccount } from '../store/fixtures';
import { enter, expect, expectAccessible, lookEverywhere, NO_CHROMIUM, test } from './browser';
import { docsPicture } from './docs-picture';
import { gate } from './gate';
import { Publisher } from './posts-world';
import type { Panel } from './world';

test.skip(NO_CHROMIUM !== undefined, NO_CHROMIUM);

const HEADER = 'account,platform,text,scheduled_at,time_zone,images,alt_texts';

const choose = (page: Page, lines: string[] | Buffer, name = 'posts.csv') =>
	page.getByTestId('csv').setInputFiles({
		name,
		mimeType: 'text/csv',
		buffer: Buffer.isBuffer(lines) ? lines : Buffer.from(lines.join('\n')),
	});

const mark = () => randomBytes(6).toString('hex');
/** Rows for one account, `said` in each. */
const many = (said: string, count: number) => [
	HEADER,
	...Array.from(
		{ length: count },
		(_, place) => `brand,,${said} number ${place},2031-05-01 10:00,UTC,,`,
	),
];

async function postsWith(panel: Panel, words: string) {
	const call = callsOf(panel.store.client());
	const filter = { p_owner: 'default', p_filter: { search: words }, p_limit: 500 };
	return (await call('social_post_list', filter)).items;
}

const state = (page: Page, name: string) =>
	page.getByRole('group', { name: 'Show' }).getByRole('button', { name: new RegExp(`^${name}`) });

test.describe('a file', () => {
	test.beforeAll(async ({ bare }) => {
		await saveAccount(callsOf(bare.store.client()), { p_handle: 'brand' });
	});

	test.beforeEach(async ({ page, bare }) => {
		await enter(page, bare, 'ada', '/posts/import');
	});

	test('shows what becomes of every row, is imported, and goes out', async ({
		page,
		bare,
		sandbox,
	}) => {
		const publisher = await Publisher.open(bare, sandbox);
		await publisher.account({ platform: 'x', handle: 'musecsv', displayName: 'Muse & Co' });
		await lookEverywhere(page, 'import-empty');
		const said = mark();
		const soon = new Date(Date.now() + 90_000).toISOString();
		await choose(page, [
			`${HEADER},colour`,
			`@musecsv,x,"Good morning, ${said}",${soon},,,,blue`,
			`musecsv,,A draft ${said},,,,,`,
			`musecsv,,A draft ${said},,,,,`,
			`nobody,x,To whom ${said},2031-05-01 10:00,,,,`,
			`musecsv,,When ${said},1.5.2031 10:00,,,,`,
			`musecsv,,=cmd ${'long '.repeat(70)},2031-05-01 10:00,,,,`,
		]);
		await expect(page.getByText('Import 2 posts')).toBeVisible();
		await expect(
			page.getByText('These columns are not known and are left out: colour.'),
		).toBeVisible();
		await expect(state(page, 'All')).toContainText('6');
		await expect(state(page, 'Needs correction')).toContainText('3');
		await expect(state(page, 'Duplicate')).toContainText('1');
		await expect(page.getByText('There is no account "nobody" on x for this owner.')).toBeVisible();
		await expect(page.getByText(/is not a time that can be read without guessing/)).toBeVisible();
		await lookEverywhere(page, 'import-checked');
		await docsPicture(page, 'import-checked');

		const saved = page.waitForEvent('download');
		await page.getByRole('button', { name: 'Download rows to correct' }).click();
		const file = await saved;
		expect(file.suggestedFilename()).toBe('posts-to-correct.csv');
		const text = readFileSync(await file.path(), 'utf8');
		expect(text).toMatch(/^\uFEFFaccount,platform,text,.*,row,problem\r\n/);
		expect(text.split('\r\n')).toHaveLength(5);
		// No spreadsheet takes a text for a formula.
		expect(text).toMatch(/,"?'=cmd long/);

		await page.getByRole('button', { name: 'Import 2 posts' }).click();
		await expect(page.getByText('2 posts are made')).toBeVisible();
		await lookEverywhere(page, 'import-done');
		const made = await postsWith(bare, said);
		expect(made.map((post) => post.state).sort()).toEqual(['draft', 'scheduled']);
		const call = callsOf(bare.store.client());
		const [planned] = made.filter((post) => post.state === 'scheduled');
		await call('social_post_update', {
			p_post_id: planned.id,
			p_owner: 'default',
			p_changes: { scheduledAt: new Date().toISOString() },
		});
		await publisher.until(planned, 'published');
		const ledger = await sandbox.ledger();
		expect(ledger.filter((entry) => entry.text === `Good morning, ${said}`)).toHaveLength(1);
		await publisher.close();
	});

	test('imported again makes nothing again, also when corrected', async ({ page, bare }) => {
		const said = mark();
		const lines = many(said, 3);
		await choose(page, lines);
		await page.getByRole('button', { name: 'Import 3 posts' }).click();
		await expect(page.getByText('3 posts are made')).toBeVisible();
		await page.reload();
		await choose(page, lines);
		await expect(state(page, 'Imported before')).toContainText('3');
		await expect(page.getByRole('button', { name: 'Import 0 posts' })).toBeDisabled();
		await expectAccessible(page);
		await choose(page, [...lines, `brand,,${said} one more,,,,`]);
		await expect(state(page, 'Duplicate')).toContainText('3');
		await page.getByRole('button', { name: 'Import 1 post' }).click();
		await expect(page.getByText('1 post is made')).toBeVisible();
		expect(await postsWith(bare, said)).toHaveLength(4);
	});

	test('is paged, shows its progress, can be stopped, and goes on in another tab', async ({
		page,
		bare,
		context,
	}) => {
		const said = mark();
		const lines = many(said, 260);
		await choose(page, lines, 'large.csv');
		await expect(page.getByText('Import 260 posts')).toBeVisible();
		await expect(page.getByText('Page 1 of 6')).toBeVisible();
		await page.getByRole('button', { name: 'Further rows' }).click();
		await expect(page.getByText('Row 52')).toBeVisible();
		await expect(page.getByText('Row 51', { exact: true })).toHaveCount(0);
		// The second batch waits, so that there is something to stop.
		let batches = 0;
		const second = gate();
		await page.route('**/api/posts/import', async (route) => {
			batches += 1;
			if (batches === 2) await second.opened;
			await route.continue();
		});
		await page.getByRole('button', { name: 'Import 260 posts' }).click();
		await expect(page.getByText('Importing: 100 of 260 rows')).toBeVisible();
		await expect(page.getByRole('progressbar')).toBeVisible();
		await expectAccessible(page);
		await page.getByRole('button', { name: 'Stop' }).click();
		second.open();
		await expect(page.getByText('Stopped', { exact: true })).toBeVisible();
		await expectAccessible(page);

		const other = await context.newPage();
		await page.close();
		await other.goto(`${bare.url}/posts/import`);
		await expect(
			other.getByText(/^The import of large.csv stopped after \d00 of 260/),
		).toBeVisible();
		await choose(other, lines, 'large.csv');
		await expect(state(other, 'Imported before')).toContainText(/\d00/);
		await other.getByRole('button', { name: /^Import \d+ posts$/ }).click();
		await expect(other.getByText(/posts are made/)).toBeVisible();
		expect(await postsWith(bare, said)).toHaveLength(260);
		await other.reload();
		await expect(other.getByText(/^The import of/)).toHaveCount(0);
	});

	test('goes on by itself when the panel was away, and makes no row twice', async ({
		page,
		bare,
	}) => {
		const said = mark();
		await choose(page, many(said, 120));
		await expect(page.getByText('Import 120 posts')).toBeVisible();
		let lost = 0;
		await page.route('**/api/posts/import', async (route) => {
			lost += 1;
			if (lost > 2) return await route.continue();
			// The server has done it, and its answer never comes.
			if (lost === 1) await route.fetch();
			return await route.abort('connectionreset');
		});
		await page.getByRole('button', { name: 'Import 120 posts' }).click();
		await expect(page.getByText(/The import goes on by itself/)).toBeVisible();
		await expect(page.getByText('120 posts are made')).toBeVisible();
		expect(await postsWith(bare, said)).toHaveLength(120);
	});

	test('that cannot be read says why, and what to do', async ({ page }) => {
		const text = `${HEADER}\nbrand,,Grüße,,,,\n`;
		await choose(page, Buffer.from(`\uFEFF${text}`, 'utf16le'));
		await expect(page.getByRole('alert')).toContainText('The file is saved as UTF-16.');
		await expectAccessible(page);
		await choose(page, Buffer.from(text, 'latin1'));
		await expect(page.getByRole('alert')).toContainText('not saved as UTF-8');
		await choose(page, ['handle;words', 'brand;hi']);
		await expect(page.getByRole('alert')).toContainText('no column text');
		await choose(page, [`account;text`, `brand;${mark()}`]);
		await expect(page.getByRole('alert')).toHaveCount(0);
		await expect(page.getByText('Import 1 post')).toBeVisible();
		const saved = page.waitForEvent('download');
		await page.reload();
		await page.getByRole('button', { name: 'Download a template' }).click();
		const template = readFileSync(await (await saved).path(), 'utf8');
		expect(template).toContain(HEADER);
	});
});

test('a viewer is told who may import', async ({ page, bare }) => {
	await enter(page, bare, 'vera', '/posts/import');
	await expect(page.getByText('Only an admin can import posts.')).toBeVisible();
	await expectAccessible(page);
});
