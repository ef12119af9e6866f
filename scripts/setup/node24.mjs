import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { withLock } from './lock.mjs';
import { checkDisk, checkNetwork } from './machine.mjs';
import { cacheFolder } from './places.mjs';
import { step } from './progress.mjs';
import { nodeEnvironment, run } from './run.mjs';

const MAJOR = 24;

function works(node) {
	if (!existsSync(node)) return false;
	const { stdout } = spawnSync(node, ['--version'], { encoding: 'utf8' });
	return (stdout ?? '').startsWith(`v${MAJOR}.`);
}

/** Path of a Node 24: the running one if it is, else the one in the cache, brought there by npm. */
export async function ensureNode24() {
	if (process.versions.node.startsWith(`${MAJOR}.`)) return process.execPath;
	const folder = path.join(cacheFolder(), 'node24');
	const program = process.platform === 'win32' ? 'node.exe' : 'node';
	const node = path.join(folder, 'node_modules', 'node', 'bin', program);
	if (works(node)) return node;
	return await withLock('node24', async () => {
		if (works(node)) return node;
		checkDisk(cacheFolder(), 0.5e9, 'Node 24');
		await checkNetwork();
		await step(`Bringing Node ${MAJOR} into ${folder} (about 130 MB)`, async () => {
			clearUnfinished('node24');
			const unfinished = `${folder}.unfinished-${process.pid}`;
			await run(
				'npm',
				[
					'install',
					'--ignore-scripts=false',
					'--no-audit',
					'--no-fund',
					'--prefix',
					unfinished,
					`node@${MAJOR}`,
				],
				{ cwd: cacheFolder(), env: nodeEnvironment(), log: 'node24' },
			);
			rmSync(folder, { recursive: true, force: true });
			renameSync(unfinished, folder);
		});
		return node;
	});
}

/** Removes what an interrupted set-up left of `name` in the cache. Only under its lock. */
export function clearUnfinished(name) {
	for (const entry of readdirSync(cacheFolder())) {
		if (entry.startsWith(`${name}.unfinished-`)) {
			rmSync(path.join(cacheFolder(), entry), { recursive: true, force: true });
		}
	}
}
