import { existsSync, mkdirSync, statfsSync } from 'node:fs';
import path from 'node:path';
import { SetupError } from './places.mjs';
import { nodeEnvironment, run } from './run.mjs';

const gigabytes = (bytes) => (bytes / 1e9).toFixed(1);

/** Refuses when the file system of `folder` has less than `bytes` left. */
export function checkDisk(folder, bytes, what) {
	let place = path.resolve(folder);
	while (!existsSync(place)) place = path.dirname(place);
	const { bavail, bsize } = statfsSync(place);
	const free = bavail * bsize;
	if (free < bytes) {
		throw new SetupError(
			`Not enough disk space for ${what}: ${gigabytes(bytes)} GB are needed below ${place}, ${gigabytes(free)} GB are free. Free some space, or set MUSEKIT_CACHE to a folder on a larger disk.`,
		);
	}
	try {
		mkdirSync(folder, { recursive: true });
	} catch (error) {
		throw new SetupError(
			`The folder ${folder} cannot be written (${error.code}). Set MUSEKIT_CACHE to a folder that can.`,
		);
	}
}

let reached = false;

/** Asks npm's registry for one version number, as npm itself would, so that proxies and mirrors count. */
export async function checkNetwork() {
	if (reached) return;
	await run('npm', ['view', 'node@24', 'version', '--fetch-retries=1', '--fetch-timeout=20000'], {
		env: nodeEnvironment(),
		log: 'network',
		explain:
			'The npm registry cannot be reached, and something has to be installed. Check the network, the proxy settings and `npm config get registry`',
	});
	reached = true;
}
