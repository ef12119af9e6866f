import { homedir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** Folder of the repository. */
export const root = fileURLToPath(new URL('../..', import.meta.url)).replace(/[\\/]$/, '');

/** What belongs to this copy of the repository: keys, logs, data. Git-ignored. */
export const instanceFolder = path.join(root, '.musekit');

/**
 * Folder for what every copy of the repository can share: Node 24, n8n, built packs.
 * `MUSEKIT_CACHE`, else `musekit-social` in `XDG_CACHE_HOME`, else in `~/.cache`.
 */
export function cacheFolder() {
	if (process.env.MUSEKIT_CACHE) return path.resolve(process.env.MUSEKIT_CACHE);
	return path.join(process.env.XDG_CACHE_HOME || path.join(homedir(), '.cache'), 'musekit-social');
}

/** A reason why set-up cannot go on, in words for the person at the keyboard. */
export class SetupError extends Error {}
