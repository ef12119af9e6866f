import type { Page } from '@playwright/test';
import { expect, expectAccessible, lookEverywhere, NO_CHROMIUM, signIn, test } from './browser';
import type { Panel } from './world';

test.skip(NO_CHROMIUM !== undefined, NO_CHROMIUM);

/** Makes a link in the dialog on Accounts; answers its address. */
async function makeLink(page: Page, panel: Panel, way: string, owner: string): Promise<string> {
	await page.goto(`${panel.url}/accounts`);
	await page.getByRole('button', { name: 'Connect link' }).click();
	const dialog = page.getByRole('dialog');
	await dialog.getByLabel('What is connected').selectOption({ label: `${way} (sandbox)` });
	await dialog.getByLabel('Owner').fill(owner);
	await dialog.getByLabel('Hours it can be used').fill('2');
	await dialog.getByRole('button', { name: 'Make link' }).click();
	const address = await dialog.getByLabel('Link', { exact: true }).inputValue();
	expect(address.startsWith(`${panel.url}/l/`)).toBe(true);
	return address;
}

async function authorize(page: Page, handle: string): Promise<void> {
	await page.getByLabel('Another account', { exact: true }).check();
	await page.getByLabel('Handle of the other account').fill(handle);
	await page.getByRole('button', { name: 'Authorize app' }).click();
}

async function accountsOf(panel: Panel, owner: string): Promise<string[]> {
	const list = await panel.calls.call('social_account_list', { p_owner: owner, p_limit: 50 });
	if (list.kind !== 'ok') throw new Error(JSON.stringify(list));
	return list.value.items.map(({ handle }) => handle);
}

test.beforeEach(async ({ page, bare }) => {
	await signIn(page, bare, 'ada');
});

test('an admin makes a link and copies it; what is wrong is said at its field', async ({
	page,
	context,
	bare,
}) => {
	await context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: bare.url });
	await page.goto(`${bare.url}/accounts`);
	await page.getByRole('button', { name: 'Connect link' }).click();
	const dialog = page.getByRole('dialog');
	await expect(dialog.getByLabel('What is connected')).toBeVisible();
	await lookEverywhere(page, 'link-dialog');
	await dialog.getByLabel('Owner').fill(' ');
	await dialog.getByLabel('Hours it can be used').fill('721');
	await dialog.getByRole('button', { name: 'Make link' }).click();
	await expect(dialog.getByText('Enter 1 to 720 hours.')).toBeVisible();
	await expect(dialog.getByText('Name an owner.')).toBeVisible();
	await expectAccessible(page);
	await page.keyboard.press('Escape');
	await expect(dialog).toBeHidden();

	const address = await makeLink(page, bare, 'X', 'client-copy');
	await lookEverywhere(page, 'link-made');
	await dialog.getByRole('button', { name: 'Copy' }).click();
	await expect(dialog.getByText('Copied')).toBeVisible();
	expect(await page.evaluate('navigator.clipboard.readText()')).toBe(address);
	// It is shown once: the next time the dialog begins anew.
	await dialog.getByRole('button', { name: 'Done' }).click();
	await page.getByRole('button', { name: 'Connect link' }).click();
	await expect(dialog.getByRole('button', { name: 'Make link' })).toBeVisible();
	await expect(dialog.getByLabel('Link', { exact: true })).toHaveCount(0);
});

test('a client without a sign-in connects one account by it, once', async ({
	page,
	bare,
	otherBrowser,
}) => {
	const address = await makeLink(page, bare, 'X', 'client-once');
	const client = await otherBrowser();
	await client.goto(address);
	await expect(
		client.getByRole('heading', { level: 1, name: 'Connect your X account' }),
	).toBeVisible();
	await expect(client.getByText('client-once')).toHaveCount(0);
	await lookEverywhere(client, 'link-page');

	// A consent that is denied does not use it up.
	await client.getByRole('button', { name: 'Continue to X' }).click();
	await client.getByRole('button', { name: 'Cancel' }).click();
	await expect(client.getByRole('heading', { level: 1, name: 'Not connected' })).toBeVisible();
	await expectAccessible(client);
	await client.goto(address);
	await client.getByRole('button', { name: 'Continue to X' }).click();
	await authorize(client, 'client-x');
	await expect(client.getByRole('heading', { level: 1, name: 'Connected' })).toBeVisible();
	await expect(client.getByRole('main')).toContainText('@client-x is connected');
	await lookEverywhere(client, 'link-connected');
	expect(await accountsOf(bare, 'client-once')).toEqual(['client-x']);
	expect(await accountsOf(bare, 'default')).not.toContain('client-x');

	await client.goto(address);
	await expect(
		client.getByRole('heading', { level: 1, name: 'This link cannot be used' }),
	).toBeVisible();
	await expect(client.getByRole('alert')).toContainText(/used/);
	await lookEverywhere(client, 'link-used');
	// A link opens nothing else of the panel.
	await client.goto(`${bare.url}/accounts`);
	await expect(client.getByRole('heading', { name: 'Sign in' })).toBeVisible();
});

test('a client chooses one of several pages', async ({ page, bare, sandbox, otherBrowser }) => {
	await sandbox.seed({ platform: 'linkedin', handle: 'shop', kind: 'organization' });
	const cafe = await sandbox.seed({ platform: 'linkedin', handle: 'cafe', kind: 'organization' });
	const { state } = sandbox;
	const admin = state.findAccount('linkedin', 'shop-admin')?.id ?? '';
	state.saveAccount({ ...state.account('linkedin', cafe.accountId), admins: [admin] });
	const address = await makeLink(page, bare, 'LinkedIn pages', 'client-pages');
	const client = await otherBrowser();
	await client.goto(address);
	await client.getByRole('button', { name: 'Continue to LinkedIn' }).click();
	await authorize(client, 'shop-admin');
	await expect(client.getByRole('heading', { level: 1, name: 'Choose the account' })).toBeVisible();
	await expect(client.getByRole('button', { name: 'Connect 1 account' })).toBeDisabled();
	await client.getByRole('radio', { name: /^cafe/ }).check();
	await lookEverywhere(client, 'link-choose');
	await client.getByRole('button', { name: 'Connect 1 account' }).click();
	await expect(
		client.getByRole('heading', { level: 1, name: 'Thank you, your account is connected' }),
	).toBeVisible();
	await expectAccessible(client);
	expect(await accountsOf(bare, 'client-pages')).toEqual(['cafe']);
});

test('a link that has run out, and one that never was', async ({ page, bare, otherBrowser }) => {
	const address = await makeLink(page, bare, 'Instagram', 'client-late');
	const database = await bare.store.connect();
	await database.query(
		`update musekit_social.connect_links set expires_at = now() - interval '1 second'`,
	);
	const client = await otherBrowser();
	for (const [place, words] of [
		[address, /run out|expired/],
		[`${bare.url}/l/${'a'.repeat(43)}`, 'There is no such link'],
	] as const) {
		await client.goto(place);
		await expect(
			client.getByRole('heading', { level: 1, name: 'This link cannot be used' }),
		).toBeVisible();
		await expect(client.getByRole('alert')).toContainText(words);
	}
	await lookEverywhere(client, 'link-unknown');
});

test('a viewer makes none', async ({ bare, otherBrowser }) => {
	const viewer = await otherBrowser();
	await signIn(viewer, bare, 'vera');
	await viewer.getByRole('link', { name: 'Accounts' }).click();
	await expect(viewer.getByRole('heading', { level: 1, name: 'Accounts' })).toBeVisible();
	await expect(viewer.getByRole('button', { name: 'Connect link' })).toHaveCount(0);
});
