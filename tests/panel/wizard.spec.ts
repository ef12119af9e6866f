import type { Page } from '@playwright/test';
import { loadVaultKey } from '../../core/accounts/vault';
import { createPorts } from '../../fallback-runner/src/ports';
import { callsOf } from '../store/fixtures';
import { carrierRound } from '../store/publishing';
import { Clip } from './clip';
import { docsPicture } from './docs-picture';
import { enter, expect, lookAt, lookEverywhere, NO_CHROMIUM, test } from './browser';
import type { Panel } from './world';

test.skip(NO_CHROMIUM !== undefined, NO_CHROMIUM);
test.describe.configure({ mode: 'serial' });

/** One round of a carrier: what n8n or the runner does. */
async function publish(panel: Panel): Promise<void> {
	const ports = createPorts({
		store: { url: panel.store.url, key: panel.store.serviceKey },
		log: { level: 'silent' },
	});
	const key = await loadVaultKey(panel.vaultKey, ports.crypto);
	if (key.outcome !== 'ok') throw new Error('the vault key cannot be used');
	await carrierRound(ports, key.key, { carrier: 'runner:wizard', intervalMs: 30_000 });
}

const heading = (page: Page, name: string) => page.getByRole('heading', { level: 2, name });

test('from nothing to a post on the sandbox timeline', async ({ page, bare }) => {
	// Many pictures, each with its look by axe.
	test.slow();
	const call = callsOf(bare.store.client());
	const clip = new Clip();
	await call('social_feature_set', { p_toggle: 'module', p_on: false });
	await enter(page, bare, 'ada');
	await expect(page.getByRole('heading', { level: 1, name: 'First steps' })).toBeVisible();
	await expect(heading(page, 'Switch MuseKit Social on')).toBeVisible();
	await lookEverywhere(page, 'wizard-on');
	await page.getByRole('button', { name: 'Switch it on' }).click();

	await expect(heading(page, 'Connect an account')).toBeVisible();
	await lookEverywhere(page, 'wizard-connect');
	await docsPicture(page, 'onboarding-connect');
	await clip.take(page, 1_800);
	await page.getByRole('button', { name: 'Use a sandbox account' }).click();

	await expect(heading(page, 'Time zone and lateness')).toBeVisible();
	await lookAt(page, 'wizard-defaults');
	await clip.take(page, 1_400);
	// On another device it goes on where it stopped.
	await page.reload();
	await page.getByLabel('Time zone').selectOption('Europe/Vienna');
	await page.getByLabel('A post that could not go out is still sent for').selectOption('6 hours');
	await page.getByRole('button', { name: 'Save and continue' }).click();

	await expect(heading(page, 'Write a first post')).toBeVisible();
	await expect(page.getByLabel('Account')).toContainText('@first_steps · X · sandbox');
	await lookEverywhere(page, 'wizard-post');
	await clip.take(page, 1_800);
	await page.getByRole('button', { name: 'Publish now' }).click();
	await expect(page.getByText('Nobody publishes right now.')).toBeVisible();
	await lookAt(page, 'wizard-nobody');
	await publish(bare);
	await expect(heading(page, 'It is live')).toBeVisible();
	await lookEverywhere(page, 'wizard-live');
	await docsPicture(page, 'onboarding-live');
	await clip.take(page, 1_600);
	const [timeline] = await Promise.all([
		page.waitForEvent('popup'),
		page.getByRole('link', { name: 'See it on the sandbox timeline' }).click(),
	]);
	await expect(timeline.getByText('This is my first post with MuseKit Social.')).toBeVisible();
	await clip.take(timeline, 2_600);
	await timeline.close();
	await clip.write();

	expect(await call('social_settings_get', {})).toMatchObject({
		timing: { maxLatenessMs: 6 * 3_600_000 },
		panel: { timeZone: 'Europe/Vienna' },
	});
	await page.getByRole('button', { name: 'To the overview' }).click();
	await expect(page.getByRole('heading', { level: 1, name: 'Overview' })).toBeVisible();
});

test('afterwards it is never shown', async ({ page, bare }) => {
	await enter(page, bare, 'ada');
	await expect(page.getByRole('heading', { level: 1, name: 'Overview' })).toBeVisible();
	await page.goto(`${bare.url}/welcome`);
	await expect(page.getByRole('heading', { level: 1, name: 'Overview' })).toBeVisible();
});

test('a module that is off brings it back, for admins only; "Not now" puts it away', async ({
	page,
	otherBrowser,
	bare,
}) => {
	const call = callsOf(bare.store.client());
	await call('social_settings_set', { p_key: 'panel', p_value: { wizard: {} } });
	await call('social_feature_set', { p_toggle: 'module', p_on: false });
	const viewer = await otherBrowser();
	await enter(viewer, bare, 'vera');
	await expect(viewer.getByRole('heading', { level: 1, name: 'Overview' })).toBeVisible();
	await enter(page, bare, 'ada');
	await expect(page.getByRole('heading', { level: 1, name: 'First steps' })).toBeVisible();
	await page.getByRole('button', { name: 'Skip' }).click();
	await expect(heading(page, 'Connect an account')).toBeVisible();
	await page.getByRole('button', { name: 'Back' }).click();
	await expect(heading(page, 'Switch MuseKit Social on')).toBeVisible();
	await page.getByRole('button', { name: 'Not now' }).click();
	await expect(page.getByRole('heading', { level: 1, name: 'Overview' })).toBeVisible();
	await page.goto(bare.url);
	await expect(page.getByRole('heading', { level: 1, name: 'Overview' })).toBeVisible();
	await call('social_feature_set', { p_toggle: 'module', p_on: true });
});
