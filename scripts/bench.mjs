/**
 * `npm run bench [-- --only <name>[,<name>…]] [--runs N] [--tiny] [--json]`: brings what the chosen
 * benchmarks need and runs them on two processors.
 */
import { spawn, spawnSync } from 'node:child_process';
import { cpus } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import {
	buildPack,
	ensureChromium,
	ensureN8n,
	ensureRedis,
	nodeEnvironment,
	root,
	underNode24,
} from './setup.mjs';

/** The goals are set for two processors; a larger machine lends two of its own. */
const PROCESSORS = '0,1';

/** Names after `--only`; empty: all. */
function chosen(args) {
	return args.flatMap((arg, at) => {
		if (arg.startsWith('--only=')) return arg.slice('--only='.length).split(',');
		return arg === '--only' ? (args[at + 1] ?? '').split(',') : [];
	});
}

async function environmentFor(node, names) {
	const wants = (name) => names.length === 0 || names.includes(name);
	const environment = {};
	if (wants('throughput')) {
		const redis = await ensureRedis(node);
		if (redis.server) {
			environment.MUSEKIT_REDIS_SERVER = redis.server;
			environment.MUSEKIT_REDIS_LIBRARIES = redis.libraries;
		} else environment.MUSEKIT_NO_REDIS = redis.reason;
	}
	if (wants('takeover')) {
		environment.MUSEKIT_PACK = (await buildPack(node)).tarball;
		environment.MUSEKIT_N8N = await ensureN8n(node);
	}
	if (wants('panel')) {
		const chromium = await ensureChromium(node);
		if (chromium.path) environment.MUSEKIT_CHROMIUM = chromium.path;
		else environment.MUSEKIT_NO_CHROMIUM = chromium.reason;
	}
	return environment;
}

function commandFor(node, args) {
	const script = path.join(root, 'tests', 'bench', 'main.ts');
	const plain = [node, '--import', 'tsx', script, ...args];
	if (cpus().length <= 2) return plain;
	if (spawnSync('taskset', ['--version']).status === 0) {
		return ['taskset', '-c', PROCESSORS, ...plain];
	}
	process.stderr.write(`There is no taskset here: this runs on ${cpus().length} processors.\n`);
	return plain;
}

async function main(node) {
	const args = process.argv.slice(2);
	const environment = await environmentFor(node, chosen(args));
	const [program, ...rest] = commandFor(node, args);
	const child = spawn(program, rest, {
		cwd: root,
		env: nodeEnvironment(node, environment),
		stdio: ['ignore', 'inherit', 'inherit'],
	});
	for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
		process.on(signal, () => child.kill(signal));
	}
	return await new Promise((resolve) => {
		child.once('error', () => resolve(1));
		child.once('exit', (code) => resolve(code ?? 1));
	});
}

await underNode24(fileURLToPath(import.meta.url), main);
