import { existsSync, readdirSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/**
 * `node_modules` of the n8n that the tests run against: `MUSEKIT_N8N_DIR`, else the newest folder
 * `n8n-*` of the cache that `npm start` and `npm test` fill.
 */
export function n8nModules(): string {
	const candidates = [process.env.MUSEKIT_N8N_DIR ?? '', ...cached()]
		.filter((folder) => folder !== '')
		.map((folder) => (folder.endsWith('node_modules') ? folder : join(folder, 'node_modules')));
	const found = candidates.find((folder) => existsSync(join(folder, 'n8n-core', 'package.json')));
	if (!found) {
		throw new Error(
			`No n8n found (looked in ${candidates.join(', ')}). Run "npm start" or "npm test" once, or set MUSEKIT_N8N_DIR.`,
		);
	}
	return found;
}

function cached(): string[] {
	const cache =
		process.env.MUSEKIT_CACHE ??
		join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'musekit-social');
	if (!existsSync(cache)) return [];
	return readdirSync(cache)
		.filter((name) => name.startsWith('n8n-'))
		.map((name) => join(cache, name))
		.sort((left, right) => statSync(right).mtimeMs - statSync(left).mtimeMs);
}
