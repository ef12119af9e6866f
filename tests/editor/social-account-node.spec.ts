import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { expect, test, type Page } from '@playwright/test';
import { openSystem, type System } from '../e2e/system/system';
import { chain, node, socialAccount } from '../e2e/system/workflows';

const SCREENSHOTS = path.resolve(__dirname, '../../test-results/screenshots');
const X_DOOR = 'museKitSocialXOAuth2Api';
/** The other file shows the accounts of the default owner. */
const OWNER = 'editor';

test.skip(Boolean(process.env.MUSEKIT_NO_CHROMIUM), process.env.MUSEKIT_NO_CHROMIUM);
test.describe.configure({ mode: 'serial' });

let system: System;
let page: Page;
let workflowId: string;
let doorId: string;

test.beforeAll(async ({ browser }) => {
	system = await openSystem();
	const { n8n, sandboxUrl, credentialId } = system.access;
	const app = { clientId: `editor-${randomUUID()}`, clientSecret: randomUUID() };
	await system.sandbox.addClient({
		platform: 'x',
		...app,
		redirectUris: [`${n8n.url}/rest/oauth2-credential/callback`],
	});
	const entries = { ...app, baseUrl: `${sandboxUrl}/x` };
	doorId = await system.n8n.createCredential('My X account', entries, X_DOOR);
	const door = { type: X_DOOR, id: doorId };
	const parameters = { operation: 'connect', platform: 'x', options: { owner: OWNER } };
	const connect = socialAccount(parameters, credentialId, door);
	const trigger = node('Start', 'n8n-nodes-base.manualTrigger', 1, {});
	workflowId = (await system.n8n.createWorkflow(chain('Connect X', [trigger, connect]))).id;
	page = await browser.newPage();
	await page.goto(`${n8n.url}/signin`);
	await page
		.locator('input[type="email"], input[name="emailOrLdapLoginId"]')
		.first()
		.fill(n8n.email);
	await page.locator('input[type="password"]').fill(n8n.password);
	await page.getByTestId('form-submit-button').click();
	await page.waitForURL(/\/home\//);
});

test.afterAll(async () => {
	await page?.close();
});

const screenshot = async (name: string) =>
	await page.screenshot({ path: path.join(SCREENSHOTS, `account-${name}.png`) });

async function openNode() {
	await page.goto(`${system.access.n8n.url}/workflow/${workflowId}`);
	await page.locator('[data-test-id="canvas-node"][data-node-name="Social Account"]').dblclick();
	return page.getByTestId('ndv');
}

test('with platform X the node asks for the store and for the credential of X', async () => {
	const details = await openNode();
	// n8n hides what it takes for the choice of an authentication.
	for (const [field, value] of [
		['parameter-input-operation', 'Connect'],
		['parameter-input-platform', 'X'],
	]) {
		const input = details.getByTestId(field).getByRole('combobox').first();
		await expect(input).toHaveValue(value);
	}
	const slots = details.getByTestId('node-credentials-slot');
	await expect(slots).toHaveCount(2);
	await expect(slots.nth(1).getByRole('combobox').first()).toHaveValue('My X account');
	await screenshot('node');
});

test('the credential shows only what a person has to know, and signs in at the platform', async () => {
	const details = page.getByTestId('ndv');
	await details.getByTestId('credential-edit-button').last().click();
	const dialog = page.getByTestId('credential-edit-dialog');
	await expect(dialog.getByText('/rest/oauth2-credential/callback').first()).toBeVisible();
	await expect(dialog.getByText('Sandbox Base URL')).toBeVisible();
	for (const hidden of ['Authorization URL', 'Access Token URL', 'Auth URI Query Parameters']) {
		await expect(dialog.getByText(hidden, { exact: true })).toHaveCount(0);
	}
	await screenshot('credential');
	const opened = page.waitForEvent('popup');
	await dialog.getByRole('button', { name: 'Connect', exact: true }).click();
	const consent = await opened;
	await consent.getByLabel('Another account').check();
	await consent.getByLabel('Handle of the other account').fill('from-the-editor');
	await consent.screenshot({ path: path.join(SCREENSHOTS, 'account-consent.png') });
	await consent.getByRole('button', { name: 'Authorize app' }).click();
	await expect(dialog.getByTestId('oauth-connect-success-banner')).toBeVisible();
	await screenshot('signed-in');
});

test('Connect shows the account that is in the vault now', async () => {
	const details = await openNode();
	await details.getByTestId('node-execute-button').click();
	const output = page.getByTestId('output-panel');
	await expect(output.getByText('from-the-editor').first()).toBeVisible({ timeout: 60_000 });
	await screenshot('connected');
	const { items } = await system.store.call('social_account_list', {
		p_owner: OWNER,
		p_search: 'from-the-editor',
		p_limit: 10,
	});
	expect(items).toMatchObject([{ platform: 'x', status: 'connected' }]);
});
