import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { withLock } from './lock.mjs';
import { cacheFolder, root } from './places.mjs';
import { step } from './progress.mjs';
import { nodeEnvironment, run } from './run.mjs';
import { hashOfSources } from './sources.mjs';

/** All that the pages are made of; the lockfile stands for the packages. */
const SOURCES = [
	'panel/web',
	'panel/shared',
	'panel/package.json',
	'core/store/contract.ts',
	'core/content',
	'core/platforms',
];

/**
 * Builds the panel's pages (vite) and answers their folder. It is kept in the cache under the hash of
 * all that goes into it.
 */
export async function buildPanel(node) {
	const hash = hashOfSources([...SOURCES, 'package-lock.json']);
	const folder = path.join(cacheFolder(), 'panels', hash);
	if (existsSync(path.join(folder, 'index.html'))) return folder;
	await withLock(`panel-${hash}`, async () => {
		if (existsSync(path.join(folder, 'index.html'))) return;
		await step("Building the panel's pages", async () => {
			const draft = `${folder}.${process.pid}`;
			mkdirSync(path.dirname(folder), { recursive: true });
			const vite = path.join(root, 'node_modules', 'vite', 'bin', 'vite.js');
			const place = path.join(root, 'panel', 'web');
			await run(node, [vite, 'build', place, '--outDir', draft, '--emptyOutDir'], {
				cwd: place,
				env: nodeEnvironment(node, { NODE_ENV: 'production' }),
				log: 'panel-build',
				explain: "The panel's pages do not build",
			});
			rmSync(folder, { recursive: true, force: true });
			renameSync(draft, folder);
		});
	});
	return folder;
}
