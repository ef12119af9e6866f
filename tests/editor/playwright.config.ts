import path from 'node:path';
import { defineConfig } from '@playwright/test';

const root = path.resolve(__dirname, '../..');

/**
 * Chromium as the machine has it. As root it needs `--no-sandbox`; the other flags keep it from
 * looking for Google's hosts on a machine without network.
 */
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
	globalSetup: path.join(__dirname, 'global-setup.ts'),
	outputDir: path.join(root, 'test-results', 'editor'),
	workers: 1,
	timeout: 180_000,
	expect: { timeout: 30_000 },
	use: {
		testIdAttribute: 'data-test-id',
		viewport: { width: 1500, height: 950 },
		actionTimeout: 30_000,
		trace: 'retain-on-failure',
		launchOptions: {
			args,
			...(process.env.MUSEKIT_CHROMIUM ? { executablePath: process.env.MUSEKIT_CHROMIUM } : {}),
		},
	},
});
