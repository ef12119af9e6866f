import type { Locator, Page } from '@playwright/test';
import type { SandboxUnderTest } from '../sandbox/fixtures';
import { expect, expectAccessible, signIn } from './browser';
import type { Panel } from './world';

/** Ways to connect by a consent page, as their buttons name them. */
export const CONSENTS = [
	['x', 'X', 'tweet.write'],
	['linkedin', 'LinkedIn profile', 'w_member_social'],
	['instagram', 'Instagram', 'instagram_business_content_publish'],
	['instagram-facebook', 'Instagram by Facebook page', 'instagram_content_publish'],
] as const;

/** Clicks Connect in the panel; ends on the platform's consent page. */
export async function begin(page: Page, panel: Panel, label: string): Promise<void> {
	await page.goto(`${panel.url}/accounts/connect`);
	await page
		.getByRole('region', { name: 'Sandbox' })
		.getByRole('button', { name: `Connect ${label}`, exact: true })
		.click();
	await expect(page.getByRole('button', { name: 'Authorize app' })).toBeVisible();
}

/** Says on the consent page who signs in. */
export async function nameAccount(page: Page, handle: string): Promise<void> {
	await page.getByLabel('Another account', { exact: true }).check();
	await page.getByLabel('Handle of the other account').fill(handle);
}

export async function authorize(page: Page, handle: string): Promise<void> {
	await nameAccount(page, handle);
	await page.getByRole('button', { name: 'Authorize app' }).click();
}

export const card = (page: Page, handle: string): Locator =>
	page
		.getByRole('main')
		.getByRole('listitem')
		.filter({ has: page.getByText(new RegExp(` · @${handle.replaceAll('.', '\\.')}$`)) });

/** The list of accounts shows this one, connected and of the sandbox. */
export async function expectConnected(page: Page, handle: string): Promise<void> {
	await expect(page.getByRole('heading', { level: 1, name: 'Accounts' })).toBeVisible();
	await expect(card(page, handle).getByText('Connected', { exact: true })).toBeVisible();
	await expect(card(page, handle).getByText('sandbox', { exact: true })).toBeVisible();
}

/** The consent ended on a page that says why; its link leads back to the accounts. */
export async function expectRefused(page: Page, words: string | RegExp): Promise<void> {
	await expect(page.getByRole('heading', { level: 1, name: 'Not connected' })).toBeVisible();
	await expect(page.getByRole('main')).toContainText(words);
	await expectAccessible(page);
}

export async function backToAccounts(page: Page): Promise<void> {
	await page.getByRole('link', { name: 'Back to the accounts' }).click();
	await expect(page.getByRole('heading', { level: 1, name: 'Accounts' })).toBeVisible();
}

export async function choose(page: Page, handle: string, action: string): Promise<void> {
	await page.getByRole('button', { name: `Actions for @${handle}`, exact: true }).click();
	await page.getByRole('menuitem', { name: action }).click();
}

/** Two pages of LinkedIn with one admin; answers the admin's handle. */
export async function twoPages(
	sandbox: SandboxUnderTest,
	first: string,
	second: string,
): Promise<string> {
	await sandbox.seed({ platform: 'linkedin', handle: first, kind: 'organization' });
	const other = await sandbox.seed({ platform: 'linkedin', handle: second, kind: 'organization' });
	const { state } = sandbox;
	const admin = state.findAccount('linkedin', `${first}-admin`)?.id ?? '';
	state.saveAccount({ ...state.account('linkedin', other.accountId), admins: [admin] });
	return `${first}-admin`;
}

/** Signed in as the admin, and the sandbox as it is by itself. */
export async function openPanel(
	page: Page,
	panel: Panel,
	sandbox: SandboxUnderTest,
): Promise<void> {
	await sandbox.set({
		tokens: {
			x: { codeMs: 30_000 },
			linkedin: { codeMs: 1_800_000 },
			instagram: { codeMs: 3_600_000 },
			withheldScopes: [],
		},
	});
	await signIn(page, panel, 'ada');
}
