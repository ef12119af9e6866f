import { spawn } from 'node:child_process';
import { nodeEnvironment } from './run.mjs';
import { root } from './places.mjs';

/** Runs a script under the given Node with its output shown; answers whether it ended with 0. */
export function passes(node, args, extraEnvironment = {}) {
	const child = spawn(node, args, {
		cwd: root,
		env: nodeEnvironment(node, extraEnvironment),
		stdio: ['ignore', 'inherit', 'inherit'],
	});
	return new Promise((resolve) => {
		child.on('error', () => resolve(false));
		child.on('close', (code) => resolve(code === 0));
	});
}

/** Runs named checks one after another, says how each ended, and counts them into `tally`. */
export async function runChecks(tally, checks) {
	for (const [title, check] of checks) {
		process.stdout.write(`\n── ${title}\n`);
		let problem = null;
		try {
			if ((await check()) === false) problem = 'see above';
		} catch (error) {
			problem = error.message;
		}
		process.stdout.write(problem === null ? `ok: ${title}\n` : `FAILED: ${title}: ${problem}\n`);
		tally.add(problem === null ? { passed: 1 } : { failed: 1 });
	}
}
