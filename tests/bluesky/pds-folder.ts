import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';

/** Where the server is installed, or why it is not: `scripts/setup/pds.mjs` puts it there. */
export function pdsFolder(): { folder: string } | { reason: string } {
	if (process.env.MUSEKIT_PDS) return { folder: process.env.MUSEKIT_PDS };
	if (process.env.MUSEKIT_NO_PDS) {
		return { reason: `no Bluesky server here: ${process.env.MUSEKIT_NO_PDS.split('\n')[0]}` };
	}
	const hash = createHash('sha256');
	for (const name of ['package.json', 'package-lock.json']) {
		hash.update(readFileSync(path.join(__dirname, '..', 'pds', name)));
	}
	const base = process.env.XDG_CACHE_HOME || path.join(homedir(), '.cache');
	const cache = process.env.MUSEKIT_CACHE ?? path.join(base, 'musekit-social');
	const folder = path.join(cache, `pds-${hash.digest('hex').slice(0, 12)}`);
	return existsSync(folder)
		? { folder }
		: { reason: 'no Bluesky server here: run node scripts/test.mjs bluesky' };
}

/** Tests that need the server; skipped with the reason in their title where it is missing. */
export function describeWithPds(title: string, define: (folder: string) => void): void {
	const pds = pdsFolder();
	if ('folder' in pds) {
		describe(title, () => define(pds.folder));
		return;
	}
	describe.skip(`${title} (skipped: ${pds.reason.replace(/[()[\]]/g, ' ')})`, () => {
		test('needs the real server', () => expect(pds).toHaveProperty('folder'));
	});
}
