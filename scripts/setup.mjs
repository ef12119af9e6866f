/**
 * Set-up of everything that the commands need: no questions, nothing installed without saying so,
 * safe to run again after any failure. Runs on Node 20 without any dependency.
 */
import { spawn } from 'node:child_process';
import { ensureDependencies } from './setup/dependencies.mjs';
import { ensureNode24 } from './setup/node24.mjs';
import { SetupError } from './setup/places.mjs';
import { nodeEnvironment } from './setup/run.mjs';

export { ensureChromium } from './setup/chromium.mjs';
export { ensureDependencies } from './setup/dependencies.mjs';
export { withLock } from './setup/lock.mjs';
export { checkDisk, checkNetwork } from './setup/machine.mjs';
export { ensureN8n, n8nFolder } from './setup/n8n.mjs';
export { ensureNode24 } from './setup/node24.mjs';
export { buildPack } from './setup/pack.mjs';
export { buildPanel } from './setup/panel.mjs';
export { ensurePds, pdsFolder } from './setup/pds.mjs';
export { cacheFolder, instanceFolder, root, SetupError } from './setup/places.mjs';
export { ensureRedis } from './setup/redis.mjs';
export { say, step } from './setup/progress.mjs';
export { nodeEnvironment, run, runScript } from './setup/run.mjs';

/**
 * Makes sure that Node 24 and the project's packages are there, then runs `main(node)` under
 * Node 24: in this process if it is one, else in a child that takes over arguments, output and
 * signals. Ends the process with main's exit code.
 */
export async function underNode24(script, main) {
	try {
		const node = await ensureNode24();
		if (node !== process.execPath) {
			process.exitCode = await handOver(node, script);
			return;
		}
		await ensureDependencies(node);
		process.exitCode = (await main(node)) ?? 0;
		// The channel to the process that handed over would keep this one alive.
		if (process.connected) process.disconnect();
	} catch (error) {
		process.exitCode = 1;
		if (process.connected) process.disconnect();
		process.stderr.write(
			`\n${error instanceof SetupError ? error.message : (error.stack ?? error)}\n`,
		);
	}
}

/**
 * Calls back once when npm, which started this process, is gone without having been able to tell us.
 * A process that was started by hand may outlive its shell.
 */
export function whenOrphaned(callback) {
	if (!process.env.npm_lifecycle_event) return;
	const parent = process.ppid;
	const timer = setInterval(() => {
		if (process.ppid === parent) return;
		clearInterval(timer);
		callback();
	}, 1000);
	timer.unref();
}

function handOver(node, script) {
	const child = spawn(node, [script, ...process.argv.slice(2)], {
		stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
		env: nodeEnvironment(node),
	});
	// A terminal sends Ctrl-C to the child as well; a service manager only reaches this process.
	for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
		process.on(signal, () => child.kill(signal));
	}
	whenOrphaned(() => child.kill('SIGTERM'));
	return new Promise((resolve) => {
		child.on('error', (error) => {
			process.stderr.write(`Node 24 could not be started: ${error.message}\n`);
			resolve(1);
		});
		child.on('exit', (code) => resolve(code ?? 1));
	});
}
