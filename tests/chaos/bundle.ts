import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { build, type Plugin } from 'esbuild';

/** Programs as one file each: tsx takes a second of processor time at every start, this a tenth. */
export interface Bundles {
	worker: string;
	/** The real runner on fast time. */
	runner: string;
	remove(): Promise<void>;
}

const RUNNER_PORTS = path.resolve(__dirname, '../../fallback-runner/src/ports');

/** Gives the runner's own start the fast ports in the place of its clock, http and store. */
const fastPorts: Plugin = {
	name: 'fast-ports',
	setup(all) {
		all.onResolve({ filter: /^\.\/ports\/(clock|http|store)$/ }, ({ path: wanted, importer }) =>
			importer.endsWith(path.join('fallback-runner', 'src', 'runner.ts'))
				? { path: path.join(__dirname, 'worker', `runner-${path.basename(wanted)}.ts`) }
				: { path: path.join(RUNNER_PORTS, `${path.basename(wanted)}.ts`) },
		);
	},
};

/** Workers take the names of steps from the sandbox and have no use for its server. */
const withoutServer: Plugin = {
	name: 'without-server',
	setup(all) {
		all.onResolve({ filter: /^\.\/body$/ }, ({ importer, resolveDir, path: wanted }) =>
			importer.endsWith(path.join('sandbox', 'src', 'calls.ts'))
				? { path: path.join(resolveDir, `${wanted}.ts`), sideEffects: false }
				: null,
		);
	},
};

export async function makeBundles(): Promise<Bundles> {
	const folder = mkdtempSync(path.join(tmpdir(), 'musekit-chaos-'));
	const shared = {
		bundle: true,
		platform: 'node',
		target: 'node24',
		format: 'cjs',
		logLevel: 'error',
	} as const;
	const worker = path.join(folder, 'worker.cjs');
	const runner = path.join(folder, 'runner.cjs');
	await build({
		...shared,
		entryPoints: [path.join(__dirname, 'worker', 'main.ts')],
		outfile: worker,
		// Half of what a carrier costs is reading its program.
		minify: true,
		plugins: [withoutServer],
	});
	await build({
		...shared,
		entryPoints: [path.resolve(__dirname, '../../fallback-runner/src/main.ts')],
		outfile: runner,
		plugins: [fastPorts],
		// Found where the runner finds it.
		packages: 'external',
		banner: {
			js: `require = require('node:module').createRequire(${JSON.stringify(path.resolve(__dirname, '../../fallback-runner/package.json'))});`,
		},
	});
	return {
		worker,
		runner,
		remove: async () => await rm(folder, { recursive: true, force: true, maxRetries: 5 }),
	};
}
