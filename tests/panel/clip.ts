import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Page } from '@playwright/test';
import sharp from 'sharp';

const SIZE = { width: 960, height: 600 };
const repo = path.resolve(__dirname, '../..');
/** The wizard shows it from here; the documentation has a copy. */
const PLACES = [
	path.join(repo, 'panel/web/src/pages/wizard/first-steps.webp'),
	path.join(repo, 'docs/images/first-steps.webp'),
];
const STILL = path.join(repo, 'panel/web/src/pages/wizard/first-steps.png');

/**
 * A short clip of what a test does: one picture for each step, joined to an animated WebP. Written only
 * with MUSEKIT_DOCS_IMAGES=1, for each run draws it a little differently.
 */
export class Clip {
	private readonly frames: { picture: Buffer; ms: number }[] = [];
	private readonly wanted = process.env.MUSEKIT_DOCS_IMAGES === '1';

	/** The page as it is now, shown for `ms`. */
	async take(page: Page, ms: number): Promise<void> {
		if (!this.wanted) return;
		const before = page.viewportSize();
		await page.setViewportSize(SIZE);
		await page.evaluate('scrollTo(0, 0)');
		await page.evaluate('Promise.all(document.getAnimations().map((one) => one.finished))');
		this.frames.push({ picture: await page.screenshot(), ms });
		if (before) await page.setViewportSize(before);
	}

	async write(): Promise<void> {
		if (!this.wanted) return;
		const clip = await sharp(
			this.frames.map(({ picture }) => picture),
			{ join: { animated: true } },
		)
			.webp({ quality: 70, effort: 6, loop: 0, delay: this.frames.map(({ ms }) => ms) })
			.toBuffer();
		mkdirSync(path.join(repo, 'docs/images'), { recursive: true });
		for (const place of PLACES) writeFileSync(place, clip);
		const last = this.frames.at(-1);
		if (last) writeFileSync(STILL, await sharp(last.picture).png({ palette: true }).toBuffer());
	}
}
