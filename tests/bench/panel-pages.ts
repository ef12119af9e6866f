import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { chromium } from '@playwright/test';
import { PASSWORD, startPanel, withPeople } from '../panel/world';
import { metric, percentile, type Metric, type Scale } from './metric';
import { REPO } from './part';

const FULL = { loads: 20 };
const TINY = { loads: 1 };
const GOAL_KB = 200;

interface Chunk {
	file: string;
	imports?: string[];
}

/** Builds the pages as a release does, with the list of what each file needs. */
export async function buildPages(): Promise<{ folder: string; remove(): Promise<void> }> {
	const folder = mkdtempSync(path.join(tmpdir(), 'musekit-bench-pages-'));
	const vite = path.join(REPO, 'node_modules/vite/bin/vite.js');
	const args = [vite, 'build', 'panel/web', '--outDir', folder, '--emptyOutDir', '--manifest'];
	await promisify(execFile)(process.execPath, args, { cwd: REPO });
	return { folder, remove: async () => await rm(folder, { recursive: true, force: true }) };
}

/** JavaScript, gzipped, that a browser needs before the overview shows, kB of 1,000 bytes. */
function firstLoad(folder: string): number {
	const manifest = JSON.parse(
		readFileSync(path.join(folder, '.vite/manifest.json'), 'utf8'),
	) as Record<string, Chunk>;
	const needed = new Set<string>();
	const need = (name: string) => {
		const chunk = manifest[name];
		if (chunk === undefined) throw new Error(`The build has no ${name}`);
		if (needed.has(chunk.file)) return;
		needed.add(chunk.file);
		for (const other of chunk.imports ?? []) need(other);
	};
	need('index.html');
	need('src/pages/overview/overview.tsx');
	let bytes = 0;
	for (const file of needed) bytes += gzipSync(readFileSync(path.join(folder, file))).length;
	return bytes / 1_000;
}

/** When something was first seen in a browser that has nothing of the panel yet, ms. */
async function paints(folder: string, loads: number): Promise<number[]> {
	const panel = await startPanel({ webFolder: folder });
	const browser = await chromium.launch({
		args: process.getuid?.() === 0 ? ['--no-sandbox', '--disable-gpu'] : ['--disable-gpu'],
		...(process.env.MUSEKIT_CHROMIUM ? { executablePath: process.env.MUSEKIT_CHROMIUM } : {}),
	});
	try {
		await withPeople(panel);
		const first = await browser.newContext();
		const door = await first.newPage();
		await door.goto(`${panel.url}/sign-in?to=/posts`);
		await door.getByLabel('Name').fill('ada');
		await door.getByLabel('Password', { exact: true }).fill(PASSWORD);
		await door.getByRole('button', { name: 'Sign in' }).click();
		await door.getByRole('heading', { level: 1 }).filter({ hasText: 'Posts' }).waitFor();
		const storageState = await first.storageState();
		await first.close();
		const times: number[] = [];
		for (let at = 0; at < loads; at++) {
			const context = await browser.newContext({ storageState });
			const page = await context.newPage();
			// With an owner the page is shown although nothing is connected here.
			await page.goto(`${panel.url}/?owner=default`);
			await page.getByRole('main').waitFor();
			const paint = await page.evaluate<number>(
				`performance.getEntriesByName('first-contentful-paint')[0].startTime`,
			);
			times.push(paint);
			await context.close();
		}
		return times;
	} finally {
		await browser.close();
		await panel.stop();
	}
}

/** What the overview asks of a browser that comes for the first time. */
export async function pages(scale: Scale): Promise<Metric[]> {
	const { tiny } = scale;
	scale.say('panel: building the pages');
	const built = await buildPages();
	try {
		const metrics = [
			metric('panel: JavaScript before the overview, gzipped', firstLoad(built.folder), 'kB', {
				goal: { of: 'value', is: '<=', bound: GOAL_KB },
				tiny,
			}),
		];
		if (process.env.MUSEKIT_NO_CHROMIUM !== undefined) {
			scale.say(`panel: no first paint: ${process.env.MUSEKIT_NO_CHROMIUM}`);
			return metrics;
		}
		const { loads } = tiny ? TINY : FULL;
		scale.say(`panel: ${loads} first visits`);
		const times = await paints(built.folder, loads);
		return [
			...metrics,
			metric('panel: first contentful paint, cold cache, median', percentile(times, 0.5), 'ms'),
		];
	} finally {
		await built.remove();
	}
}
