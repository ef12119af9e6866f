import { AxeBuilder } from '@axe-core/playwright';
import { test as base, expect, type Page } from '@playwright/test';
import { startSandbox } from '../../sandbox/src/server';
import { callsOf, createPost, saveAccount } from '../store/fixtures';
import { type Panel, PASSWORD, startPanel, withPeople } from './world';

type Sandbox = Awaited<ReturnType<typeof startSandbox>>;

interface Worlds {
	/** A new panel, nobody registered. */
	fresh: Panel;
	/** A panel with `ada` (admin), `vera` (viewer), a sandbox, accounts and posts. */
	lived: Panel;
	sandbox: Sandbox;
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
			p_profile_url: 'http://127.0.0.1:54402/x/museandco',
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

/** Panels are shared by the tests of a file: a store of its own takes seconds to start. */
export const test = base.extend<object, Worlds>({
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
			const sandbox = await startSandbox({ port: 0 });
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
});

test.beforeEach(async ({ page }) => {
	const reason = process.env.MUSEKIT_NO_CHROMIUM;
	test.skip(reason !== undefined, reason);
	// What the policy refuses shows only here: a page that needs something it may not have is broken.
	page.on('console', (message) => {
		if (/Content Security Policy/i.test(message.text())) {
			throw new Error(message.text());
		}
	});
});

export { expect };

/** Signs in by the page itself. */
export async function signIn(page: Page, panel: Panel, name: string): Promise<void> {
	await page.goto(`${panel.url}/sign-in`);
	await page.getByLabel('Name').fill(name);
	await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
	await page.getByRole('button', { name: 'Sign in' }).click();
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
