import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { withLock } from './lock.mjs';
import { cacheFolder, root } from './places.mjs';
import { step } from './progress.mjs';
import { nodeEnvironment, run } from './run.mjs';
import { hashOfSources } from './sources.mjs';

const SOURCES = [
	'core',
	'credentials',
	'nodes',
	'workflows',
	'gulpfile.js',
	'package.json',
	'tsconfig.json',
	'LICENSE',
	'README.md',
];

/**
 * Builds the node pack (gulp build, npm pack) and answers `{ name, version, hash, tarball }`. The
 * tarball is kept in the cache under the hash of all that goes into it.
 */
export async function buildPack(node) {
	const { name, version } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
	const hash = hashOfSources(SOURCES);
	const folder = path.join(cacheFolder(), 'packs');
	const tarball = path.join(folder, `${name}-${version}-${hash}.tgz`);
	if (existsSync(tarball)) return { name, version, hash, tarball };
	const id = createHash('sha256').update(root).digest('hex').slice(0, 12);
	await withLock(`build-${id}`, async () => {
		if (existsSync(tarball)) return;
		await step('Building the node pack', async () => {
			const env = nodeEnvironment(node);
			const gulp = path.join(root, 'node_modules', 'gulp', 'bin', 'gulp.js');
			await run(node, [gulp, 'build'], {
				cwd: root,
				env,
				log: 'build',
				explain: 'The node pack does not build',
			});
			const target = path.join(folder, `unfinished-${process.pid}`);
			mkdirSync(target, { recursive: true });
			await run('npm', ['pack', '--ignore-scripts', '--pack-destination', target], {
				cwd: root,
				env,
				log: 'pack',
			});
			renameSync(path.join(target, `${name}-${version}.tgz`), tarball);
			rmSync(target, { recursive: true, force: true });
		});
	});
	return { name, version, hash, tarball };
}
