import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs';
import path from 'node:path';
import { withLock } from './lock.mjs';
import { checkDisk, checkNetwork } from './machine.mjs';
import { clearUnfinished } from './node24.mjs';
import { cacheFolder, root } from './places.mjs';
import { step } from './progress.mjs';
import { nodeEnvironment, run } from './run.mjs';

const MANIFEST = ['package.json', 'package-lock.json'];

/** Folder of the pinned n8n in the cache, named after its lockfile; it may not exist yet. */
export function n8nFolder() {
	const hash = createHash('sha256');
	for (const name of MANIFEST) hash.update(readFileSync(path.join(root, 'tests', 'n8n', name)));
	return path.join(cacheFolder(), `n8n-${hash.digest('hex').slice(0, 12)}`);
}

/**
 * Installs n8n from `tests/n8n` into the cache, once per lockfile, and answers its folder. It is
 * made in a folder of its own and renamed when whole. No install script runs: isolated-vm brings
 * its binary along, and SQLite is not needed because n8n runs on Postgres here.
 */
export async function ensureN8n(node) {
	const folder = n8nFolder();
	if (existsSync(folder)) return folder;
	const name = path.basename(folder);
	return await withLock(name, async () => {
		if (existsSync(folder)) return folder;
		checkDisk(cacheFolder(), 4e9, 'n8n');
		await checkNetwork();
		const title = `Installing n8n into ${folder} (about 2.3 GB on disk, 3 to 10 minutes, once)`;
		await step(title, async () => {
			clearUnfinished(name);
			const unfinished = `${folder}.unfinished-${process.pid}`;
			mkdirSync(unfinished, { recursive: true });
			for (const file of MANIFEST) {
				copyFileSync(path.join(root, 'tests', 'n8n', file), path.join(unfinished, file));
			}
			await run(
				'npm',
				['ci', '--legacy-peer-deps', '--ignore-scripts', '--no-audit', '--no-fund'],
				{ cwd: unfinished, env: nodeEnvironment(node), log: 'n8n-install' },
			);
			renameSync(unfinished, folder);
		});
		return folder;
	});
}
