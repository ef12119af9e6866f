/**
 * `npm run simulate`: deterministic simulation of the publishing protocol; docs/simulation.md
 * explains it and its options. Bundles `tests/simulation` once, so that every worker starts at once.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { nodeEnvironment, root, underNode24 } from './setup.mjs';
import { spawn } from 'node:child_process';

async function bundle(folder) {
	const requireHere = createRequire(path.join(root, 'package.json'));
	const { build } = requireHere('esbuild');
	const file = path.join(folder, 'simulate.cjs');
	await build({
		entryPoints: [path.join(root, 'tests', 'simulation', 'main.ts')],
		outfile: file,
		bundle: true,
		platform: 'node',
		target: 'node24',
		format: 'cjs',
		sourcemap: 'inline',
		logLevel: 'error',
	});
	return file;
}

await underNode24(fileURLToPath(import.meta.url), async (node) => {
	const folder = mkdtempSync(path.join(tmpdir(), 'musekit-simulate-'));
	try {
		const program = await bundle(folder);
		const child = spawn(node, ['--enable-source-maps', program, ...process.argv.slice(2)], {
			cwd: root,
			env: nodeEnvironment(node, {}),
			stdio: ['ignore', 'inherit', 'inherit'],
		});
		for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
			process.once(signal, () => child.kill('SIGTERM'));
		}
		return await new Promise((resolve) => {
			child.on('error', () => resolve(1));
			child.on('exit', (code) => resolve(code ?? 1));
		});
	} finally {
		rmSync(folder, { recursive: true, force: true });
	}
});
