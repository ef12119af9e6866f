import path from 'node:path';
import { expect, test, type Locator, type Page } from '@playwright/test';
import { GatewayProxy } from '../e2e/system/gateway-proxy';
import { makeImage, openSystem, type System } from '../e2e/system/system';

const SCREENSHOTS = path.resolve(__dirname, '../../test-results/screenshots');
const NODE = 'Publish Everywhere';

test.skip(Boolean(process.env.MUSEKIT_NO_CHROMIUM), process.env.MUSEKIT_NO_CHROMIUM);
test.describe.configure({ mode: 'serial' });

let system: System;
let proxy: GatewayProxy;
let page: Page;
let shots = 0;

test.beforeAll(async ({ browser }) => {
	system = await openSystem();
	// Playwright begins anew after a failure, on the same store.
	const { items: known } = await system.store.call('social_account_list', {
		p_owner: 'default',
		p_search: 'rc-',
		p_limit: 100,
	});
	for (let number = known.length + 1; number <= 60; number++) {
		const two = String(number).padStart(2, '0');
		await system.connect({
			platform: number % 2 === 0 ? 'linkedin' : 'x',
			handle: `rc-${two}`,
			displayName: `Reader Club ${two}`,
		});
	}
	proxy = await GatewayProxy.start(system.access.store.url);
	const { secretKey } = system.access.store;
	await system.n8n.updateCredential(system.access.credentialId, 'MuseKit Social', {
		url: proxy.url,
		secretKey,
		vaultKey: system.access.vaultKey,
		companionUrl: '',
	});
	page = await browser.newPage();
});

test.afterAll(async () => {
	await page?.close();
	await proxy?.stop();
});

async function screenshot(name: string): Promise<void> {
	shots += 1;
	await page.screenshot({ path: path.join(SCREENSHOTS, `${shots}-${name}.png`) });
}

async function openNode(): Promise<Locator> {
	await page.locator(`[data-test-id="canvas-node"][data-node-name="${NODE}"]`).dblclick();
	const details = page.getByTestId('ndv');
	await expect(details.getByTestId('parameter-input-operation')).toBeVisible();
	return details;
}

async function closeNode(): Promise<void> {
	await page.getByTestId('ndv-close-button').click();
	await expect(page.getByTestId('ndv')).toBeHidden();
}

const items = () => page.getByTestId('rlc-item');

test('signs in and opens the imported workflow', async () => {
	const { n8n, templates } = system.access;
	await page.goto(`${n8n.url}/signin`);
	await page
		.locator('input[type="email"], input[name="emailOrLdapLoginId"]')
		.first()
		.fill(n8n.email);
	await page.locator('input[type="password"]').fill(n8n.password);
	await page.getByTestId('form-submit-button').click();
	await page.waitForURL(/\/home\//);
	await page.goto(`${n8n.url}/workflow/${templates.publishToAll}`);
	await expect(page.getByTestId('canvas-node')).toHaveCount(4);
	await screenshot('workflow');
});

test('the node opens with its credential, operation and both image sources', async () => {
	const details = await openNode();
	for (const [field, value] of [
		['node-credentials-slot', 'MuseKit Social'],
		['parameter-input-operation', 'Publish'],
	]) {
		const input = details.getByTestId(field).getByRole('combobox').first();
		await expect(input).toHaveValue(value);
	}
	await expect(details.getByText('From Binary Data')).toBeVisible();
	await expect(details.getByText('From URL')).toBeVisible();
	await screenshot('node');
});

test('a store that is down is said in a clear sentence where accounts are picked', async () => {
	await page.getByTestId('parameter-input-accountMode').click();
	await page.getByRole('option', { name: 'One Account', exact: true }).click();
	await proxy.goDown();
	await page.getByTestId('rlc-input').click();
	await expect(page.getByText(/The store cannot be reached/).first()).toBeVisible();
	await expect(page.getByText(/Check that it is running/).first()).toBeVisible();
	await screenshot('store-down');
	await proxy.comeUp();
	await page.keyboard.press('Escape');
});

test('an account is found among 63, on the second page and by part of its name', async () => {
	await page.getByTestId('rlc-input').click();
	await expect(items().first()).toBeVisible();
	await screenshot('account-list');
	await expect(async () => {
		await items().last().scrollIntoViewIfNeeded();
		expect(await items().count()).toBeGreaterThanOrEqual(63);
	}).toPass({ timeout: 30_000 });
	const pages = proxy.calls.filter((name) => name === 'social_account_list').length;
	expect(pages).toBeGreaterThanOrEqual(2);
	await page.getByTestId('rlc-search').fill('club 47');
	await expect(items()).toHaveCount(1);
	await expect(items().first()).toContainText('@rc-47');
	await screenshot('account-search');
	await items().first().click();
	await expect(page.getByTestId('rlc-input')).toHaveValue(/@rc-47/);
	await screenshot('account-picked');
	await closeNode();
});

test('the workflow runs from the editor and the node shows the published post', async () => {
	await page.getByTestId('execute-workflow-button').first().click();
	const form = new FormData();
	form.set('text', 'Sent from the editor');
	form.set('altText', 'One colour');
	const image = await makeImage(500);
	form.set('image', new Blob([new Uint8Array(image)], { type: 'image/jpeg' }), 'picture.jpg');
	const address = `${system.access.n8n.url}/webhook-test/publish-to-all-networks`;
	await expect(async () => {
		const answer = await fetch(address, { method: 'POST', body: form });
		expect(answer.status).toBe(200);
	}).toPass({ timeout: 60_000 });
	await openNode();
	const output = page.getByTestId('output-panel');
	await expect(output.getByText('published', { exact: true }).first()).toBeVisible();
	const [entry] = await system.sandbox.ledger({ platform: 'x', handle: 'rc-47' });
	expect(entry.text).toBe('Sent from the editor');
	await expect(output.getByText(entry.url).first()).toBeVisible();
	await screenshot('output');
	await closeNode();
	await screenshot('after-run');
});

test('with the store down the run says what to do, and nothing is sent', async () => {
	await proxy.goDown();
	await openNode();
	await page.getByTestId('node-execute-button').click();
	const output = page.getByTestId('output-panel');
	await expect(output.getByText(/The store cannot be reached/).first()).toBeVisible({
		timeout: 90_000,
	});
	await screenshot('run-with-store-down');
	await proxy.comeUp();
	const entries = await system.sandbox.ledger({ platform: 'x', handle: 'rc-47' });
	expect(entries).toHaveLength(1);
});
