import { readFileSync } from 'node:fs';
import type { Page } from '@playwright/test';
import { expect, expectAccessible, lookEverywhere, NO_CHROMIUM, signIn } from './browser';
import { test } from './busy';
import { docsPicture } from './docs-picture';

test.skip(NO_CHROMIUM !== undefined, NO_CHROMIUM);

/** The choice follows the address, which changes a moment after the click. */
async function choose(page: Page, name: string): Promise<void> {
	await page.getByLabel(name).click();
	await expect(page.getByLabel(name)).toBeChecked();
}

test('charts with their tables, on a desk in light and on a phone in dark', async ({
	page,
	busy,
}) => {
	await signIn(page, busy, 'ada');
	await page.getByRole('link', { name: 'Key figures' }).click();
	await expect(page.getByRole('heading', { level: 1, name: 'Key figures' })).toBeVisible();
	await expect(page.locator('.recharts-surface').first()).toBeVisible();
	await docsPicture(page, 'kpis');
	await lookEverywhere(page, 'kpis');

	// What a chart draws is read as a table by whoever cannot see it.
	const time = page.getByRole('region', { name: 'Posts over time', exact: true });
	await expect(time.getByRole('table')).toHaveCount(1);
	await expect(time.getByRole('row')).toHaveCount(31);
	await time.getByRole('button', { name: 'Table: Posts over time' }).click();
	await expect(time.locator('.recharts-surface')).toHaveCount(0);
	await expect(time.getByRole('columnheader', { name: 'Published' })).toBeVisible();
	await lookEverywhere(page, 'kpis-table');
});

test('filters change the figures, stand in the address and come back with it', async ({
	page,
	busy,
}) => {
	await signIn(page, busy, 'vera');
	await page.goto(`${busy.url}/kpis`);
	const published = page.locator('dl > div').filter({ hasText: 'Published' }).locator('dd').first();
	await expect(published).toBeVisible();
	const all = Number((await published.textContent())?.replace(/\D/g, ''));
	await page.getByLabel('Platform', { exact: true }).selectOption('bluesky');
	await expect(page).toHaveURL(/\/kpis\?platform=bluesky$/);
	await expect(async () => {
		const some = Number((await published.textContent())?.replace(/\D/g, ''));
		expect(some).toBeGreaterThan(0);
		expect(some).toBeLessThan(all);
	}).toPass();
	await choose(page, '90 days');
	await page.getByLabel('By', { exact: true }).selectOption('month');
	await expect(page).toHaveURL(/platform=bluesky/);
	await expect(page).toHaveURL(/range=90d/);
	await expect(page).toHaveURL(/bucket=month/);
	await page.getByLabel('Tier', { exact: true }).selectOption('power');
	await expect(page.getByText('Nothing happened in this time')).toBeVisible();
	await lookEverywhere(page, 'kpis-empty');
	await page.reload();
	await expect(page.getByLabel('90 days')).toBeChecked();
	await expect(page.getByLabel('Tier', { exact: true })).toHaveValue('power');
	await page.getByRole('button', { name: 'Reset filters' }).click();
	await expect(page).toHaveURL(/\/kpis\?range=90d&bucket=month$/);
	await expect(page.locator('.recharts-surface').first()).toBeVisible();
	// Steps that do not fit a range go back to those that do.
	await choose(page, '24 hours');
	await expect(page.getByLabel('By', { exact: true })).toHaveValue('hour');
	// Whose figures they are is a question for admins.
	await expect(page.getByLabel('All owners')).toHaveCount(0);
});

test('the file holds what the page shows', async ({ page, busy }) => {
	await signIn(page, busy, 'vera');
	await page.goto(`${busy.url}/kpis?range=12m&platform=x`);
	await expect(page.locator('.recharts-surface').first()).toBeVisible();
	const downloading = page.waitForEvent('download');
	await page.getByRole('link', { name: 'Export CSV' }).click();
	const download = await downloading;
	expect(download.suggestedFilename()).toMatch(/^key-figures-12m-[\d-]+\.csv$/);
	const lines = readFileSync(await download.path(), 'utf8')
		.trimEnd()
		.split('\r\n');
	expect(lines.filter((line) => line.startsWith('By month (UTC),'))).toHaveLength(12);
	expect(lines.filter((line) => line.startsWith('Platform,'))).toHaveLength(1);
	expect(lines[1]).toContain(',310,');
});

test('an admin asks for all owners, and is told why there is nothing', async ({ page, busy }) => {
	await signIn(page, busy, 'ada');
	await page.goto(`${busy.url}/kpis`);
	await choose(page, 'All owners');
	await expect(page).toHaveURL(/scope=all/);
	await expect(page.getByText('There are fewer than five owners here')).toBeVisible();
	await expectAccessible(page);
});

test('figures that cannot be loaded say so and heal', async ({ page, busy }) => {
	await signIn(page, busy, 'ada');
	await page.route('**/api/kpis*', (route) => route.abort());
	await page.getByRole('link', { name: 'Key figures' }).click();
	await expect(page.getByText('The panel does not answer.').first()).toBeVisible();
	await expectAccessible(page);
	await page.unroute('**/api/kpis*');
	await expect(page.locator('.recharts-surface').first()).toBeVisible();
});
