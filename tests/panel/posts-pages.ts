import { mkdirSync } from 'node:fs';
import path from 'node:path';
import type { Page } from '@playwright/test';
import { test as base } from './browser';
import { Publisher } from './posts-world';

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

/** A picture for the documentation; only where it is asked for. */
export async function docsPicture(page: Page, name: string): Promise<void> {
	if (process.env.MUSEKIT_DOCS_IMAGES !== '1') return;
	const folder = path.resolve(__dirname, '../../docs/images');
	mkdirSync(folder, { recursive: true });
	await page.screenshot({ path: path.join(folder, `${name}.png`) });
}
