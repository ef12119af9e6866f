import { mkdirSync } from 'node:fs';
import path from 'node:path';
import type { Page } from '@playwright/test';
import { SIZES } from './browser';

const FOLDER = path.resolve(__dirname, '../../docs/images');

/** A picture for the documentation, written only when it is asked for: MUSEKIT_DOCS_IMAGES=1. */
export async function docsPicture(page: Page, name: string): Promise<void> {
	if (process.env.MUSEKIT_DOCS_IMAGES !== '1') return;
	mkdirSync(FOLDER, { recursive: true });
	const before = page.viewportSize();
	await page.setViewportSize(SIZES.desk);
	await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' });
	// Colours of the other scheme fade for a moment.
	await page.screenshot({ path: path.join(FOLDER, `${name}.png`), animations: 'disabled' });
	await page.emulateMedia({ colorScheme: null, reducedMotion: null });
	if (before) await page.setViewportSize(before);
}
