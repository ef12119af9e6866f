import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, renameSync } from 'node:fs';
import path from 'node:path';
import { withLock } from './lock.mjs';
import { clearUnfinished } from './node24.mjs';
import { cacheFolder, SetupError } from './places.mjs';
import { step } from './progress.mjs';
import { nodeEnvironment, run } from './run.mjs';

const USUAL_PLACES = [
	'/usr/bin/redis-server',
	'/usr/local/bin/redis-server',
	'/opt/homebrew/bin/redis-server',
];
/** Debian's Redis with the libraries that a small system may lack; none of them is installed. */
const PACKAGES = ['redis-server', 'redis-tools', 'libjemalloc2', 'liblzf1'];
const FOLDER = 'redis-debian';

/** The unpacked program and where its libraries are; null while it is not there. */
function unpacked() {
	const folder = path.join(cacheFolder(), FOLDER);
	const server = ['redis-server', 'redis-check-rdb']
		.map((name) => path.join(folder, 'usr', 'bin', name))
		.find((file) => existsSync(file));
	if (server === undefined) return null;
	const lib = path.join(folder, 'usr', 'lib');
	const libraries = existsSync(lib)
		? [lib, ...readdirSync(lib).map((name) => path.join(lib, name))]
		: [];
	return { server, libraries: libraries.join(path.delimiter) };
}

/**
 * A real redis-server for the runner's tests: `MUSEKIT_REDIS_SERVER`, an installed one, or Debian's
 * packages unpacked into the cache (nothing is installed). Answers `{ server, libraries }`, where
 * `libraries` belongs into LD_LIBRARY_PATH, or `{ reason }` where none can be had.
 */
export async function ensureRedis(node) {
	const installed = [process.env.MUSEKIT_REDIS_SERVER, ...USUAL_PLACES];
	const found = installed.find((place) => place && existsSync(place));
	if (found) return { server: found, libraries: '' };
	const known = unpacked();
	if (known) return known;
	if (['apt-get', 'dpkg'].some((tool) => spawnSync(tool, ['--version']).status !== 0)) {
		return { reason: 'no redis-server here: install Redis, or set MUSEKIT_REDIS_SERVER to one' };
	}
	try {
		await withLock(FOLDER, () => unpack(node));
		return unpacked() ?? { reason: 'no redis-server in the Debian packages' };
	} catch (error) {
		if (error instanceof SetupError) return { reason: error.message.split('\n')[0] };
		throw error;
	}
}

async function unpack(node) {
	if (unpacked()) return;
	const title =
		"Unpacking Debian's Redis (apt-get download) into the cache, for the runner's tests";
	await step(title, async () => {
		clearUnfinished(FOLDER);
		const folder = path.join(cacheFolder(), FOLDER);
		const unfinished = `${folder}.unfinished-${process.pid}`;
		const downloads = path.join(unfinished, 'downloads');
		mkdirSync(downloads, { recursive: true });
		const options = { cwd: downloads, env: nodeEnvironment(node), log: 'redis' };
		// A new machine has no package lists yet; only root may fetch them.
		if (process.getuid?.() === 0) await run('apt-get', ['update'], options);
		await run('apt-get', ['download', ...PACKAGES], options);
		for (const file of readdirSync(downloads)) {
			await run('dpkg', ['-x', file, unfinished], options);
		}
		renameSync(unfinished, folder);
	});
}
