import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import { test as base, expect, type BrowserContext, type Page } from '@playwright/test';
import { sandboxUnderTest, type SandboxUnderTest } from '../sandbox/fixtures';
import { callsOf, createPost, saveAccount } from '../store/fixtures';
import { type Panel, PASSWORD, startPanel, withPeople } from './world';

interface Tools {
	/** What the policies of pages have refused in this test; it has to be empty at its end. */
	refusedByPolicy: string[];
	/** Another browser, with cookies of its own. */
	otherBrowser: () => Promise<Page>;
}

interface Worlds {
	/** A new panel, nobody registered. */
	fresh: Panel;
	/** A panel with `ada` (admin), `vera` (viewer), a sandbox, accounts and posts. */
	lived: Panel;
	/** A panel with `ada` (admin), `vera` (viewer) and a sandbox, nothing connected. */
	bare: Panel;
	sandbox: SandboxUnderTest;
}

async function live(panel: Panel): Promise<void> {
	const call = callsOf(panel.store.client());
	const soon = new Date(Date.now() + 6 * 3_600_000).toISOString();
	const month = new Date(Date.now() + 40 * 86_400_000).toISOString();
	const ids = [
		await saveAccount(call, {
			p_platform: 'x',
			p_handle: 'museandco',
			p_display_name: 'Muse & Co',
			p_profile_url: 'http://127.0.0.1:14402/x/museandco',
		}),
		await saveAccount(call, {
			p_platform: 'linkedin',
			p_handle: 'muse-and-co',
			p_display_name: 'Muse & Co GmbH',
			p_token_expires_at: month,
			p_base_url: 'http://127.0.0.1:4010/linkedin',
			p_auth_url: 'http://127.0.0.1:4010/linkedin',
		}),
		await saveAccount(call, {
			p_platform: 'instagram',
			p_handle: 'muse.and.co',
			p_display_name: 'Muse and Co',
			p_token_expires_at: soon,
			p_base_url: 'http://127.0.0.1:4010/instagram',
			p_auth_url: 'http://127.0.0.1:4010/instagram',
		}),
	];
	const at = (hours: number) => new Date(Date.now() + hours * 3_600_000).toISOString();
	await createPost(call, ids[0], {
		content: { text: 'New issue is out: five small habits that keep a launch calm.' },
		scheduledAt: at(3),
	});
	await createPost(call, ids[1], {
		content: { text: 'We are hiring a community manager in Vienna. Tell a friend!' },
		scheduledAt: at(27),
	});
	await createPost(call, ids[0], {
		content: { text: 'Draft: what we learned from 1,000 scheduled posts.' },
		as: 'draft',
	});
}

/** The built pages: the ones that set-up made, or `panel/dist` of a build by hand. */
const pages = process.env.MUSEKIT_PANEL_WEB ? { webFolder: process.env.MUSEKIT_PANEL_WEB } : {};

/** What a policy refuses shows only in the console: a page that needs it is broken. */
function collect(context: BrowserContext, refused: string[]): void {
	context.on('console', (message) => {
		if (/Content Security Policy/i.test(message.text())) refused.push(message.text());
	});
}

/** Panels are shared by the tests of a file: a store of its own takes seconds to start. */
export const test = base.extend<Tools, Worlds>({
	refusedByPolicy: [
		async ({ context }, use) => {
			const refused: string[] = [];
			collect(context, refused);
			await use(refused);
			expect(refused).toEqual([]);
		},
		{ auto: true },
	],
	otherBrowser: async ({ browser, refusedByPolicy }, use) => {
		const contexts: BrowserContext[] = [];
		await use(async () => {
			const context = await browser.newContext({ locale: 'en-GB' });
			contexts.push(context);
			collect(context, refusedByPolicy);
			return await context.newPage();
		});
		for (const context of contexts) await context.close();
	},
	fresh: [
		// Playwright wants the fixtures that one needs to be named here, also when there are none.
		// eslint-disable-next-line no-empty-pattern
		async ({}, use) => {
			const panel = await startPanel(pages);
			await use(panel);
			await panel.stop();
		},
		{ scope: 'worker', timeout: 120_000 },
	],
	sandbox: [
		// Playwright wants the fixtures that one needs to be named here, also when there are none.
		// eslint-disable-next-line no-empty-pattern
		async ({}, use) => {
			const sandbox = await sandboxUnderTest();
			await use(sandbox);
			await sandbox.stop();
		},
		{ scope: 'worker' },
	],
	lived: [
		async ({ sandbox }, use) => {
			const panel = await startPanel({ ...pages, sandboxUrl: sandbox.url });
			await withPeople(panel);
			await live(panel);
			await use(panel);
			await panel.stop();
		},
		{ scope: 'worker', timeout: 120_000 },
	],
	bare: [
		async ({ sandbox }, use) => {
			const panel = await startPanel({ ...pages, sandboxUrl: sandbox.url });
			await withPeople(panel);
			await use(panel);
			await panel.stop();
		},
		{ scope: 'worker', timeout: 120_000 },
	],
});

/** Why there is no Chromium on this machine; each spec skips its tests with it. */
export const NO_CHROMIUM = process.env.MUSEKIT_NO_CHROMIUM;

export { expect };

const SHOTS =
	process.env.MUSEKIT_SHOTS ?? path.resolve(__dirname, '../../test-results/screenshots');

/** A picture for people, in `test-results/screenshots`. */
export async function picture(page: Page, name: string): Promise<void> {
	mkdirSync(SHOTS, { recursive: true });
	await page.screenshot({ path: path.join(SHOTS, `${name}.png`), fullPage: true });
}

export const SIZES = {
	desk: { width: 1280, height: 860 },
	phone: { width: 390, height: 844 },
};

/** Both sizes and both themes, each once. */
const LOOKS = [
	{ size: 'desk', theme: 'light' },
	{ size: 'phone', theme: 'dark' },
] as const;

/**
 * On a desk in light and on a phone in dark: a picture, no violation for axe, nothing wider than the
 * page.
 */
export async function lookEverywhere(page: Page, name: string): Promise<void> {
	const before = page.viewportSize();
	for (const { size, theme } of LOOKS) {
		await page.setViewportSize(SIZES[size]);
		await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' });
		await lookAt(page, `${name}-${size}-${theme}`);
	}
	await page.emulateMedia({ colorScheme: null, reducedMotion: null });
	if (before) await page.setViewportSize(before);
}

/** A picture of the page as it is, no violation for axe, nothing wider than the page. */
export async function lookAt(page: Page, name: string): Promise<void> {
	await picture(page, name);
	await expectAccessible(page);
	const overflow = await page.evaluate(
		'document.documentElement.scrollWidth - document.documentElement.clientWidth',
	);
	expect(overflow).toBeLessThanOrEqual(0);
}

/** Signs in by the page itself; ends at this page, or where the panel leads. */
export async function enter(page: Page, panel: Panel, name: string, to?: string): Promise<void> {
	// Tests sign in more often than the limits let people do.
	panel.skip(3_600_000);
	const query = to === undefined ? '' : `?${new URLSearchParams({ to })}`;
	await page.goto(`${panel.url}/sign-in${query}`);
	await page.getByLabel('Name').fill(name);
	await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
	await page.getByRole('button', { name: 'Sign in' }).click();
	if (to === undefined) await page.waitForURL((url) => url.pathname !== '/sign-in');
	else await expect(page).toHaveURL(panel.url + to);
}

/** Signs in and ends at the posts. */
export async function signIn(page: Page, panel: Panel, name: string): Promise<void> {
	await enter(page, panel, name, '/posts');
	await expect(page.getByRole('heading', { level: 1, name: 'Posts' })).toBeVisible();
}

/** No violation of WCAG 2.2 A and AA and of axe's best practices on what shows now. */
export async function expectAccessible(page: Page): Promise<void> {
	// A fade leaves colours in between for a moment.
	await page.evaluate('Promise.all(document.getAnimations().map((one) => one.finished))');
	const { violations } = await new AxeBuilder({ page }).analyze();
	expect(
		violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' | ')}`),
	).toEqual([]);
}
