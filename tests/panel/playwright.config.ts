import { readdirSync } from 'node:fs';
import path from 'node:path';
import { defineConfig } from '@playwright/test';

const root = path.resolve(__dirname, '../..');

/** Chromium as the machine has it; as root it needs `--no-sandbox`. The others keep it off the network. */
const args = [
	...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
	'--disable-gpu',
	'--disable-quic',
	'--no-first-run',
	'--disable-background-networking',
	'--disable-component-update',
	'--disable-sync',
];

export default defineConfig({
	testDir: __dirname,
	// A project each, and so panels of its own: what one file leaves behind meets no other.
	projects: readdirSync(__dirname)
		.filter((name) => name.endsWith('.spec.ts'))
		.sort()
		.map((name) => ({ name: path.basename(name, '.spec.ts'), testMatch: name })),
	outputDir: path.join(root, 'test-results', 'panel'),
	workers: 2,
	// Only a hang reaches these, also where other programs take most of the machine.
	timeout: 240_000,
	expect: { timeout: 30_000 },
	use: {
		viewport: { width: 1280, height: 860 },
		actionTimeout: 30_000,
		locale: 'en-GB',
		// Its film would cost more than the tests themselves where there is no graphics card.
		trace: { mode: 'retain-on-failure', screenshots: false },
		launchOptions: {
			args,
			...(process.env.MUSEKIT_CHROMIUM ? { executablePath: process.env.MUSEKIT_CHROMIUM } : {}),
		},
	},
});
