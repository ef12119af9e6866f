import { mkdirSync } from 'node:fs';
import path from 'node:path';
import type { Page } from '@playwright/test';
import { test as base, expect } from './browser';
import { Publisher } from './posts-world';
import { type Panel, PASSWORD } from './world';

/** A panel with people and a sandbox, and what publishes its posts. */
export const test = base.extend<object, { publisher: Publisher }>({
	publisher: [
		async ({ bare, sandbox }, use) => {
			const publisher = await Publisher.open(bare, sandbox);
			await use(publisher);
			await publisher.close();
		},
		{ scope: 'worker' },
	],
});

/** Signs in and goes to a page. */
export async function enter(page: Page, panel: Panel, name: string, to: string): Promise<void> {
	// Tests sign in more often than the limits let people do.
	panel.skip(3_600_000);
	await page.goto(`${panel.url}/sign-in?${new URLSearchParams({ to })}`);
	await page.getByLabel('Name').fill(name);
	await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
	await page.getByRole('button', { name: 'Sign in' }).click();
	await expect(page).toHaveURL(panel.url + to);
}

/** A picture for the documentation; only where it is asked for. */
export async function docsPicture(page: Page, name: string): Promise<void> {
	if (process.env.MUSEKIT_DOCS_IMAGES !== '1') return;
	const folder = path.resolve(__dirname, '../../docs/images');
	mkdirSync(folder, { recursive: true });
	await page.screenshot({ path: path.join(folder, `${name}.png`) });
}
