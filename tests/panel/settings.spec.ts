import { CONTRACT } from '../../core/store/contract';
import { callsOf } from '../store/fixtures';
import { supabase } from '../store/with-store';
import { docsPicture } from './docs-picture';
import { expect, lookAt, lookEverywhere, NO_CHROMIUM, signIn, test } from './browser';

test.skip(NO_CHROMIUM !== undefined, NO_CHROMIUM);

test('caps: saved, kept, and what the store refuses stays on the page', async ({ page, lived }) => {
	test.slow();
	await signIn(page, lived, 'ada');
	await page.goto(`${lived.url}/settings`);
	const universal = page.getByLabel('Posts a day').first();
	await universal.fill('twenty');
	await expect(page.getByText('Enter a whole number, or leave it empty.')).toBeVisible();
	await universal.fill('20');
	await expect(page.getByText('Not saved yet')).toBeVisible();
	await lookEverywhere(page, 'settings-caps');
	await docsPicture(page, 'settings-caps');
	await page.getByRole('button', { name: 'Save' }).click();
	await expect(page.getByText('Saved.', { exact: true }).last()).toBeVisible();
	await page.reload();
	await expect(page.getByLabel('Posts a day').first()).toHaveValue('20');
	const all = await callsOf(lived.store.client())('social_settings_get', {});
	expect(all).toMatchObject({
		caps: { universal: { postsPerDay: 20 }, power: { postsPerDay: null } },
	});
	await page.getByLabel('Posts a day').first().fill('99999999');
	await page.getByRole('button', { name: 'Save' }).click();
	await expect(page.getByText('caps.postsPerDay is 99999999. Nothing was changed.')).toBeVisible();
	await expect(page.getByText(/whole number from 1 to 1000000/)).toBeVisible();
	await page.getByLabel('Posts a day').first().fill('');
	await page.getByRole('button', { name: 'Save' }).click();
	await expect(page.getByText('Saved.', { exact: true }).last()).toBeVisible();
});

test('timing and the time zone', async ({ page, lived }) => {
	await signIn(page, lived, 'ada');
	await page.goto(`${lived.url}/settings?tab=timing`);
	await page.getByLabel('n8n goes first (seconds)').fill('20');
	await page.getByLabel('Maximum lateness (minutes)').fill('');
	await page.getByRole('button', { name: 'Save' }).click();
	await expect(page.getByText('Enter a number.')).toBeVisible();
	await page.getByLabel('Maximum lateness (minutes)').fill('120');
	await lookAt(page, 'settings-timing');
	await docsPicture(page, 'settings-timing');
	await page.getByRole('button', { name: 'Save' }).click();
	await expect(page.getByText('Saved.', { exact: true }).last()).toBeVisible();
	const call = callsOf(lived.store.client());
	expect(await call('social_settings_get', {})).toMatchObject({
		timing: { graceMs: 20_000, maxLatenessMs: 7_200_000 },
	});
	await page.getByRole('link', { name: 'Time zone' }).click();
	await page.getByLabel('Time zone of the panel').selectOption('Asia/Tokyo');
	await page.getByRole('button', { name: 'Save' }).click();
	await expect(page.getByText('Saved.', { exact: true }).last()).toBeVisible();
	await lookAt(page, 'settings-zone');
	expect(await call('social_owner_get', { p_owner: 'default' })).toMatchObject({
		zone: 'Asia/Tokyo',
	});
});

test('a key is shown once, works, is revoked and refused', async ({ page, lived }) => {
	test.slow();
	await signIn(page, lived, 'ada');
	await page.goto(`${lived.url}/settings?tab=keys`);
	await expect(page.getByText('No keys yet')).toBeVisible();
	await lookAt(page, 'settings-keys-empty');
	await page.getByRole('button', { name: 'Make a key' }).click();
	const dialog = page.getByRole('dialog');
	await dialog.getByLabel('Name').fill('n8n in Vienna');
	await dialog.getByRole('button', { name: 'Make a key' }).click();
	const key = await dialog.getByLabel('Secret key').inputValue();
	expect(key).toMatch(/^sb_secret_[\w-]{43}$/);
	// Pictures of the documentation show no key, whatever it opens.
	await dialog.getByLabel('Secret key').evaluate((field: { value: string }) => {
		field.value = 'sb_secret_••••••••••••••••';
	});
	await lookEverywhere(page, 'settings-key-made');
	await docsPicture(page, 'settings-key-made');
	await dialog.getByRole('button', { name: 'I have copied it' }).click();
	const ping = async () =>
		(await supabase(lived.store.url, key).rpc('social_ping', { p_contract: CONTRACT })).status;
	expect(await ping()).toBe(200);
	await page.reload();
	await expect(page.getByText('n8n in Vienna')).toBeVisible();
	expect(await page.content()).not.toContain(key);
	await lookAt(page, 'settings-keys');
	await page.getByRole('button', { name: 'Revoke n8n in Vienna' }).click();
	await page.getByRole('alertdialog').getByRole('button', { name: 'Revoke' }).click();
	await expect(page.getByText('n8n in Vienna is revoked.', { exact: true }).last()).toBeVisible();
	expect(await ping()).toBe(401);
});

test('owners: added, found, changed', async ({ page, lived }) => {
	await signIn(page, lived, 'ada');
	await page.goto(`${lived.url}/settings?tab=owners`);
	await page.getByRole('button', { name: 'Add owner' }).click();
	const dialog = page.getByRole('dialog');
	await dialog.getByLabel('Name of the owner').fill('two words');
	await dialog.getByRole('button', { name: 'Save' }).click();
	await expect(dialog.getByText(/without spaces/)).toBeVisible();
	await dialog.getByLabel('Name of the owner').fill('ann@example.com');
	await dialog.getByLabel('Tier').selectOption('power');
	await lookAt(page, 'settings-owner-new');
	await dialog.getByRole('button', { name: 'Save' }).click();
	await expect(page.getByText('ann@example.com is saved.', { exact: true }).last()).toBeVisible();
	await page.getByLabel('Find an owner').fill('ANN');
	await expect(page.getByText('default', { exact: true })).toHaveCount(0);
	await lookEverywhere(page, 'settings-owners');
	await docsPicture(page, 'settings-owners');
	await page.getByRole('button', { name: 'Change ann@example.com' }).click();
	await page.getByRole('dialog').getByLabel('Time zone').selectOption('Asia/Tokyo');
	await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click();
	await expect(page.getByText('0 accounts · 0 scheduled · Asia/Tokyo')).toBeVisible();
	await page.getByLabel('Find an owner').fill('nobody at all');
	await expect(page.getByText('No owner has such a name')).toBeVisible();
});
