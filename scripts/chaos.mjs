/**
 * `npm run chaos`: kills, freezes and cuts off carriers, the store and the queue, and counts what
 * became of the posts. Sets up what the chosen scenario needs and runs `tests/chaos/main.ts`.
 */
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import {
	buildPack,
	ensureN8n,
	ensurePds,
	ensureRedis,
	nodeEnvironment,
	root,
	underNode24,
} from './setup.mjs';
import { endLeftovers, MARK } from './test/leftovers.mjs';

/** Time for what a run started to be gone after it ended. */
const GRACE_MS = 8_000;
/** Scenarios with a real n8n. */
const WITH_N8N = new Set(['n8n', 'http-request']);

const mark = randomUUID();
const running = { child: null };

function scenarioOf(args) {
	if (args.includes('--n8n')) return 'n8n';
	const at = args.findIndex((arg) => arg === '--scenario' || arg.startsWith('--scenario='));
	if (at < 0) return 'fast';
	return args[at].includes('=') ? args[at].split('=')[1] : args[at + 1];
}

async function environmentFor(node, scenario) {
	const environment = {};
	const pds = await ensurePds(node);
	if (pds.folder) environment.MUSEKIT_PDS = pds.folder;
	else environment.MUSEKIT_NO_PDS = pds.reason;
	const redis = await ensureRedis(node);
	if (redis.server) {
		environment.MUSEKIT_REDIS_SERVER = redis.server;
		environment.MUSEKIT_REDIS_LIBRARIES = redis.libraries;
	} else environment.MUSEKIT_NO_REDIS = redis.reason;
	if (WITH_N8N.has(scenario)) {
		environment.MUSEKIT_PACK = (await buildPack(node)).tarball;
		environment.MUSEKIT_N8N = await ensureN8n(node);
		environment.MUSEKIT_N8N_DIR = environment.MUSEKIT_N8N;
	}
	return environment;
}

async function main(node) {
	const args = process.argv.slice(2);
	const environment = await environmentFor(node, scenarioOf(args));
	const program = path.join('tests', 'chaos', 'main.ts');
	const child = spawn(node, ['--import', 'tsx', program, ...args], {
		cwd: root,
		env: nodeEnvironment(node, { ...environment, [MARK]: mark }),
		stdio: ['ignore', 'inherit', 'inherit'],
	});
	running.child = child;
	const code = await new Promise((resolve) => {
		child.on('error', () => resolve(1));
		child.on('exit', (ended) => resolve(ended ?? 1));
	});
	const left = await endLeftovers(mark, GRACE_MS);
	for (const { pid, command } of left) {
		process.stderr.write(`Process ${pid} was left behind and is ended now: ${command}\n`);
	}
	return left.length > 0 ? 1 : code;
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
	process.on(signal, () => {
		if (running.child === null) process.exit(1);
		running.child.kill('SIGTERM');
	});
}

await underNode24(fileURLToPath(import.meta.url), main);
