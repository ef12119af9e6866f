import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs';
import path from 'node:path';
import { withLock } from './lock.mjs';
import { checkDisk, checkNetwork } from './machine.mjs';
import { clearUnfinished } from './node24.mjs';
import { cacheFolder, root, SetupError } from './places.mjs';
import { step } from './progress.mjs';
import { nodeEnvironment, run } from './run.mjs';

const MANIFEST = ['package.json', 'package-lock.json'];

/** Folder of the pinned Bluesky server in the cache, named after its lockfile; it may not exist yet. */
export function pdsFolder() {
	const hash = createHash('sha256');
	for (const name of MANIFEST) hash.update(readFileSync(path.join(root, 'tests', 'pds', name)));
	return path.join(cacheFolder(), `pds-${hash.digest('hex').slice(0, 12)}`);
}

/**
 * Installs Bluesky's own server (PDS) from `tests/pds` into the cache, once per lockfile. Answers
 * `{ folder }`, or `{ reason }` where it cannot be had: only the Bluesky tests need it. It has a
 * manifest of its own because npm obeys `overrides` in a root manifest only, and better-sqlite3 must
 * be one that brings its binary along; so no install script runs.
 */
export async function ensurePds(node) {
	const folder = pdsFolder();
	if (existsSync(folder)) return { folder };
	try {
		await withLock(path.basename(folder), () => install(node, folder));
		return { folder };
	} catch (error) {
		if (error instanceof SetupError) return { reason: error.message };
		throw error;
	}
}

async function install(node, folder) {
	if (existsSync(folder)) return;
	checkDisk(cacheFolder(), 1e9, 'the Bluesky server');
	await checkNetwork();
	const title = `Installing the Bluesky server into ${folder} (about 400 MB on disk, 1 to 3 minutes, once)`;
	await step(title, async () => {
		clearUnfinished(path.basename(folder));
		const unfinished = `${folder}.unfinished-${process.pid}`;
		mkdirSync(unfinished, { recursive: true });
		for (const file of MANIFEST) {
			copyFileSync(path.join(root, 'tests', 'pds', file), path.join(unfinished, file));
		}
		await run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], {
			cwd: unfinished,
			env: nodeEnvironment(node),
			log: 'pds-install',
		});
		renameSync(unfinished, folder);
	});
}
