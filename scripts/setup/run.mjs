import { spawn } from 'node:child_process';
import { mkdirSync, createWriteStream } from 'node:fs';
import path from 'node:path';
import { instanceFolder, root, SetupError } from './places.mjs';
import { say } from './progress.mjs';

/** Environment in which `node`, `npm` and `npx` are those of the given Node. */
export function nodeEnvironment(node = process.execPath, extra = {}) {
	const environment = { ...process.env, ...extra };
	environment.PATH = [path.dirname(node), environment.PATH].filter(Boolean).join(path.delimiter);
	// npm hands its own settings to scripts; a nested npm must read its own instead.
	for (const name of Object.keys(environment)) {
		if (/^npm_(config|package|lifecycle|command|execpath|node_execpath)/i.test(name)) {
			if (!/^npm_config_(registry|cache|https?_proxy|proxy|noproxy|cafile)$/i.test(name)) {
				delete environment[name];
			}
		}
	}
	return environment;
}

const started = new Set();
process.once('exit', () => {
	for (const child of started) child.kill('SIGTERM');
});

/**
 * Runs a program to its end with its output in `.musekit/logs/<log>.log`. Answers its stdout.
 * A failure throws SetupError with the last lines and the place of the log.
 */
export async function run(command, args, { cwd, env, log, explain }) {
	const folder = path.join(instanceFolder, 'logs');
	mkdirSync(folder, { recursive: true });
	const file = path.join(folder, `${log}.log`);
	const sink = createWriteStream(file);
	let stdout = '';
	let tail = '';
	const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
	started.add(child);
	child.once('close', () => started.delete(child));
	child.stdout.on('data', (chunk) => {
		stdout += chunk;
		tail = (tail + chunk).slice(-4000);
		sink.write(chunk);
	});
	child.stderr.on('data', (chunk) => {
		tail = (tail + chunk).slice(-4000);
		sink.write(chunk);
	});
	const ending = await new Promise((resolve) => {
		child.on('error', (error) => resolve(error.message));
		child.on('close', (code, signal) => resolve(code === 0 ? null : (signal ?? `exit ${code}`)));
	});
	sink.end();
	if (ending !== null) {
		const lines = tail.trim().split('\n').slice(-12).join('\n    ');
		throw new SetupError(
			`${explain ?? `${command} ${args.join(' ')} did not succeed`} (${ending}). Run the same command again to go on from here.\n  Log: ${file}\n  Its last lines:\n    ${lines}`,
		);
	}
	return stdout;
}

/** Runs a script of ours under Node 24, its output in the log of its name, and says what it prints. */
export async function runScript(node, name, { env = {}, explain }) {
	const out = await run(node, ['--import', 'tsx', path.join(root, 'scripts', `${name}.ts`)], {
		cwd: root,
		env: nodeEnvironment(node, env),
		log: name,
		explain,
	});
	for (const line of out.trim().split('\n').filter(Boolean)) say(line);
}
