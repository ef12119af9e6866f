/**
 * `npm test`: sets everything up and runs all tests; `node scripts/test.mjs [slice…] [-- jest args]`
 * runs some. Ends with one line `N passed, N failed, N skipped`.
 */
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import {
	buildPack,
	buildPanel,
	ensureChromium,
	ensureN8n,
	ensurePds,
	ensureRedis,
	nodeEnvironment,
	root,
} from './setup.mjs';
import { say, underNode24 } from './setup.mjs';
import { Tally } from './setup/tally.mjs';
import { endLeftovers, MARK } from './test/leftovers.mjs';
import { readJest, readPlaywright } from './test/reports.mjs';
import { SLICES } from './test/slices.mjs';

/** Time for what a slice started (n8n, Postgres, Chromium) to be gone after it ended. */
const GRACE_MS = 10_000;

const running = { child: null, mark: null };

/** Installs what the chosen slices need; answers the environment that tells them where it is. */
async function prepare(node, slices) {
	const needs = new Set(slices.flatMap((slice) => slice.needs));
	const environment = {};
	const problems = {};
	const attempt = async (name, work) => {
		if (!needs.has(name)) return;
		try {
			await work();
		} catch (error) {
			problems[name] = error.message;
			process.stdout.write(`\n${error.message}\n`);
		}
	};
	await attempt('pack', async () => {
		environment.MUSEKIT_PACK = (await buildPack(node)).tarball;
	});
	await attempt('panel', async () => {
		environment.MUSEKIT_PANEL_WEB = await buildPanel(node);
	});
	await attempt('n8n', async () => {
		environment.MUSEKIT_N8N = await ensureN8n(node);
		environment.MUSEKIT_N8N_DIR = environment.MUSEKIT_N8N;
	});
	await attempt('pds', async () => {
		const pds = await ensurePds(node);
		if (pds.folder) environment.MUSEKIT_PDS = pds.folder;
		else environment.MUSEKIT_NO_PDS = pds.reason;
	});
	await attempt('redis', async () => {
		const redis = await ensureRedis(node);
		if (redis.server) {
			environment.MUSEKIT_REDIS_SERVER = redis.server;
			environment.MUSEKIT_REDIS_LIBRARIES = redis.libraries;
		} else environment.MUSEKIT_NO_REDIS = redis.reason;
	});
	await attempt('chromium', async () => {
		const chromium = await ensureChromium(node);
		if (chromium.path) environment.MUSEKIT_CHROMIUM = chromium.path;
		else environment.MUSEKIT_NO_CHROMIUM = chromium.reason;
	});
	return { environment, problems };
}

const folderOf = (slice) => slice.folder ?? slice.name;

/** A slice that needs a running system starts it in its own config. */
function configOf(slice) {
	const own = path.join('tests', folderOf(slice), 'jest.config.js');
	return existsSync(path.join(root, own)) ? own : path.join('tests', 'jest.config.js');
}

function command(slice, folder, rest) {
	const report = path.join(folder, `${slice.name}.json`);
	if (slice.runner === 'jest') {
		const jest = path.join(root, 'node_modules', 'jest', 'bin', 'jest.js');
		const chosen = ['-c', configOf(slice), '--passWithNoTests', '--json', '--outputFile', report];
		const pattern = path.join(root, 'tests', folderOf(slice)) + path.sep;
		return { report, args: [jest, ...chosen, '--testPathPatterns', pattern, ...rest] };
	}
	const cli = path.join(root, 'node_modules', '@playwright', 'test', 'cli.js');
	const config = path.join('tests', folderOf(slice), 'playwright.config.ts');
	return { report, args: [cli, 'test', '-c', config, '--reporter=list,json', ...rest] };
}

/** Runs one slice to its end; answers its counts in the shape of `readJest`. */
async function runSlice(node, slice, { environment, folder, rest }) {
	const { report, args } = command(slice, folder, rest);
	const mark = randomUUID();
	const child = spawn(node, args, {
		cwd: root,
		env: nodeEnvironment(node, {
			...environment,
			[MARK]: mark,
			PLAYWRIGHT_JSON_OUTPUT_FILE: report,
			PLAYWRIGHT_JSON_OUTPUT_NAME: report,
		}),
		stdio: ['ignore', 'inherit', 'inherit'],
	});
	Object.assign(running, { child, mark });
	let late = false;
	const limit = setTimeout(() => {
		late = true;
		child.kill('SIGTERM');
		setTimeout(() => child.kill('SIGKILL'), GRACE_MS).unref();
	}, slice.limitMinutes * 60_000);
	await new Promise((resolve) => {
		child.on('error', resolve);
		child.on('exit', resolve);
	});
	clearTimeout(limit);
	const left = await endLeftovers(mark, GRACE_MS);
	running.child = null;
	const result = readReport(slice, report, rest);
	if (late) result.failures.push(`${slice.name} was ended after ${slice.limitMinutes} minutes`);
	for (const { pid, command: line } of left) {
		result.failures.push(`${slice.name} left process ${pid} behind (ended now): ${line}`);
	}
	if (result.passed === 0 && result.failures.length === 0 && result.skipped.length === 0) {
		result.failures.push(`${slice.name} ran no test`);
	}
	return result;
}

function readReport(slice, file, rest) {
	try {
		const report = JSON.parse(readFileSync(file, 'utf8'));
		if (slice.runner === 'playwright') return readPlaywright(report);
		return readJest(report, { filtered: rest.length > 0 });
	} catch (error) {
		const failures = [`${slice.name} ended without a readable report (${error.message})`];
		return { passed: 0, skipped: [], failures };
	}
}

/** Folders below `tests/` with test files that no slice would run. */
function forgottenFolders() {
	const tests = path.join(root, 'tests');
	return readdirSync(tests, { withFileTypes: true })
		.filter((entry) => entry.isDirectory() && entry.name !== 'node_modules')
		.filter(({ name }) => !SLICES.some((slice) => slice.name === name))
		.filter(({ name }) =>
			readdirSync(path.join(tests, name)).some((file) => /\.(test|spec)\.ts$/.test(file)),
		)
		.map(({ name }) => name);
}

function print(results) {
	process.stdout.write('\n── Summary\n');
	for (const [name, result, seconds] of results) {
		const counts = `${result.passed} passed, ${result.failures.length} failed, ${result.skipped.length} skipped`;
		process.stdout.write(`${name.padEnd(10)} ${counts} (${seconds} s)\n`);
	}
	for (const [name, result] of results) {
		for (const { title, reason } of result.skipped) {
			process.stdout.write(`skipped: ${name}: ${title}: ${reason}\n`);
		}
		for (const title of result.failures) process.stdout.write(`FAILED: ${name}: ${title}\n`);
	}
}

async function main(node) {
	const args = process.argv.slice(2);
	const split = args.includes('--') ? args.indexOf('--') : args.length;
	const names = args.slice(0, split);
	const rest = args.slice(split + 1);
	const unknown = names.filter((name) => !SLICES.some((slice) => slice.name === name));
	if (unknown.length > 0) {
		const known = SLICES.map((slice) => slice.name).join(', ');
		process.stdout.write(`There is no slice ${unknown.join(', ')}. Known: ${known}\n`);
		return new Tally().add({ failed: 1 }).finish();
	}
	const chosen = SLICES.filter((slice) => names.length === 0 || names.includes(slice.name));
	const { environment, problems } = await prepare(node, chosen);
	const folder = mkdtempSync(path.join(tmpdir(), 'musekit-test-'));
	const tally = new Tally();
	const results = [];
	for (const slice of chosen) {
		process.stdout.write('\n');
		say(`── tests/${slice.name}`);
		const began = Date.now();
		const blocked = slice.needs.find((need) => problems[need]);
		const result = blocked
			? { passed: 0, skipped: [], failures: [`not run: ${problems[blocked].split('\n')[0]}`] }
			: await runSlice(node, slice, { environment, folder, rest });
		results.push([slice.name, result, Math.round((Date.now() - began) / 1000)]);
		const { passed, failures, skipped } = result;
		tally.add({ passed, failed: failures.length, skipped: skipped.length });
	}
	rmSync(folder, { recursive: true, force: true });
	for (const name of names.length === 0 ? forgottenFolders() : []) {
		const failures = [`tests/${name} has tests, but is no slice in scripts/test/slices.mjs`];
		results.push([name, { passed: 0, skipped: [], failures }, 0]);
		tally.add({ failed: 1 });
	}
	print(results);
	return tally.finish();
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
	process.once(signal, async () => {
		running.child?.kill('SIGTERM');
		if (running.mark) await endLeftovers(running.mark, 3000);
		process.stdout.write(`${new Tally().add({ failed: 1 }).line()}\n`);
		process.exit(1);
	});
}

await underNode24(fileURLToPath(import.meta.url), main);
