import { existsSync } from 'node:fs';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { chromium } from '@playwright/test';
import type { Browser } from '@playwright/test';
import { sandboxUnderTest } from './fixtures';
import type { SandboxUnderTest } from './fixtures';

/** Named by `npm test`, else the system's. */
const CHROMIUM =
	process.env.MUSEKIT_CHROMIUM ??
	['/usr/bin/chromium', '/usr/bin/chromium-browser'].find((file) => existsSync(file));

const PAGES = [
	['x', '/i/oauth2/authorize', 'tweet.read users.read', 'access_denied'],
	['linkedin', '/oauth/v2/authorization', 'openid w_member_social', 'user_cancelled_authorize'],
	['instagram', '/oauth/authorize', 'instagram_business_basic', 'access_denied'],
	['instagram', '/v26.0/dialog/oauth', 'instagram_basic', 'access_denied'],
] as const;

// Without any Chromium on the machine `npm test` says so and sets the reason.
const missing = process.env.MUSEKIT_NO_CHROMIUM?.replace(/[()[\]]/g, ' ');
const suite = missing ? describe.skip : describe;

suite(`consent pages in Chromium${missing ? ` (skipped: ${missing})` : ''}`, () => {
	let sandbox: SandboxUnderTest;
	let app: Server;
	let appUrl: string;
	let browser: Browser;

	beforeAll(async () => {
		sandbox = await sandboxUnderTest();
		app = createServer((req, res) => {
			const target = new URL(req.url ?? '/', 'http://app').searchParams.get('connect') ?? '';
			const link = `<a href="${target.replace(/&/g, '&amp;')}">Connect</a>`;
			res.writeHead(200, { 'content-type': 'text/html' }).end(`<title>App</title>${link}`);
		});
		await new Promise<void>((resolve) => app.listen(0, '127.0.0.1', resolve));
		appUrl = `http://127.0.0.1:${(app.address() as AddressInfo).port}`;
		browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
	});
	afterAll(async () => {
		await browser?.close();
		app.closeAllConnections();
		await new Promise((resolve) => app.close(resolve));
		await sandbox.stop();
	});

	test.each(PAGES)('a person says yes and no on %s%s', async (platform, path, scope, refusal) => {
		const query = new URLSearchParams({
			response_type: 'code',
			client_id: `sandbox-${platform}-app`,
			redirect_uri: `${appUrl}/callback`,
			scope,
			state: 'bound to the session',
			code_challenge: 'c'.repeat(43),
			code_challenge_method: 'S256',
		});
		for (const answer of ['Authorize app', 'Cancel'] as const) {
			const page = await browser.newPage();
			// Arriving from another site, as from the panel.
			const connect = `${sandbox.url}/${platform}${path}?${query}`;
			await page.goto(`${appUrl}/panel?${new URLSearchParams({ connect })}`);
			await page.getByRole('link', { name: 'Connect' }).click();
			await page.getByRole('radio', { name: 'Another account' }).check();
			await page.getByLabel('Handle of the other account').fill('carol');
			await page.getByRole('button', { name: answer }).click();
			await page.waitForURL((url) => url.pathname === '/callback');
			const landed = new URL(page.url()).searchParams;
			expect(landed.get('state')).toBe('bound to the session');
			if (answer === 'Authorize app') expect(landed.get('code')).toMatch(/^[\w-]{40,}$/);
			else expect(landed.get('error')).toBe(refusal);
			await page.close();
		}
		expect(sandbox.state.findAccount(platform, 'carol')?.handle).toBe('carol');
	});
});
