import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { withLock } from './lock.mjs';
import { checkDisk } from './machine.mjs';
import { root } from './places.mjs';
import { say, step } from './progress.mjs';
import { nodeEnvironment, run } from './run.mjs';

const USUAL_PLACES = [
	'/usr/bin/chromium',
	'/usr/bin/chromium-browser',
	'/usr/bin/google-chrome',
	'/usr/bin/google-chrome-stable',
	'/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
	'/Applications/Chromium.app/Contents/MacOS/Chromium',
];

/** A package of the tests workspace, which is installed only after this module is loaded. */
function requireFromTests(name) {
	return createRequire(path.join(root, 'tests', 'package.json'))(name);
}

function findChromium() {
	const own = requireFromTests('@playwright/test').chromium.executablePath();
	const candidates = [process.env.MUSEKIT_CHROMIUM, ...USUAL_PLACES, own];
	return candidates.find((place) => place && existsSync(place)) ?? null;
}

/**
 * A Chromium for the editor tests: `{ path, reason }`, one of them null. Root on Debian gets the
 * distribution's package, everybody else Playwright's own download. What cannot be had is a reason,
 * never a failure of set-up.
 */
export async function ensureChromium(node) {
	const found = findChromium();
	if (found) return { path: found, reason: null };
	return await withLock('chromium', async () => {
		const meanwhile = findChromium();
		if (meanwhile) return { path: meanwhile, reason: null };
		try {
			checkDisk(root, 1e9, 'Chromium');
			await (canUseApt() ? installFromDebian(node) : installFromPlaywright(node));
		} catch (error) {
			const reason = `no Chromium: ${error.message.split('\n')[0]}`;
			say(reason);
			return { path: null, reason };
		}
		const path = findChromium();
		return path ? { path, reason: null } : { path, reason: 'no Chromium after its installation' };
	});
}

function canUseApt() {
	const isRoot = process.getuid?.() === 0;
	return isRoot && spawnSync('apt-get', ['--version'], { stdio: 'ignore' }).status === 0;
}

async function installFromDebian(node) {
	const env = nodeEnvironment(node, { DEBIAN_FRONTEND: 'noninteractive' });
	await step('Installing the Debian package chromium (apt-get), for the editor tests', async () => {
		await run('apt-get', ['update'], { env, log: 'chromium', explain: 'apt-get update failed' });
		await run('apt-get', ['install', '-y', '--no-install-recommends', 'chromium'], {
			env,
			log: 'chromium',
			explain: 'apt-get could not install chromium',
		});
	});
}

async function installFromPlaywright(node) {
	const cli = path.join(root, 'node_modules', '@playwright', 'test', 'cli.js');
	await step("Downloading Playwright's Chromium (about 300 MB), for the editor tests", () =>
		run(node, [cli, 'install', 'chromium'], {
			env: nodeEnvironment(node),
			log: 'chromium',
			explain: 'Playwright could not download Chromium',
		}),
	);
}
