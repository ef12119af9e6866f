import { VERSION } from '../../core/version';
import { callsOf, sha256 } from '../store/fixtures';
import { docsPicture } from './docs-picture';
import { expect, lookEverywhere, NO_CHROMIUM, signIn, test } from './browser';

test.skip(NO_CHROMIUM !== undefined, NO_CHROMIUM);

test('a switch shows what it changes, is turned, refuses, and is turned back', async ({
	page,
	lived,
}) => {
	// Many pictures, each with its look by axe.
	test.slow();
	const call = callsOf(lived.store.client());
	await call('social_heartbeat', {
		p_carrier: 'n8n:main',
		p_kind: 'n8n',
		// Fresh for as long as the pictures take.
		p_interval_ms: 3_600_000,
		p_info: { version: '0.0.1' },
	});
	await call('social_heartbeat', {
		p_carrier: 'runner:main',
		p_kind: 'runner',
		p_interval_ms: 3_600_000,
		p_info: { version: VERSION },
	});
	await call('social_vault_init', { p_vault_fingerprint: sha256(lived.vaultKey) });
	await signIn(page, lived, 'ada');
	await page.goto(`${lived.url}/features`);
	await expect(
		page.getByRole('heading', { level: 1, name: 'Features & Integrations' }),
	).toBeVisible();
	await expect(page.getByText('Posts go out, and something should be looked at')).toBeVisible();
	await expect(page.getByText('Checking …')).toHaveCount(0);
	await lookEverywhere(page, 'features');
	await docsPicture(page, 'features');

	await page.getByRole('button', { name: 'Checks of MuseKit Social' }).click();
	await expect(page.getByText('Look at it: Package in n8n')).toBeVisible();
	await page.getByRole('button', { name: 'Checks of X', exact: true }).click();
	await expect(page.getByText(/twitter-api-v2 [\d.]+ is installed/)).toBeVisible();
	await expect(page.getByRole('link', { name: 'Go there (Developer app)' })).toBeVisible();
	await lookEverywhere(page, 'features-checks');
	await page.getByRole('button', { name: 'Check again' }).first().click();
	await expect(page.getByText('Checking …')).toHaveCount(0);

	await page.getByRole('switch', { name: 'X', exact: true }).click();
	const dialog = page.getByRole('dialog', { name: 'Switch X off?' });
	await expect(dialog.getByText('1 scheduled post will wait until it is on again.')).toBeVisible();
	await expect(dialog.getByText('1 connected account stays connected')).toBeVisible();
	await lookEverywhere(page, 'features-preview');
	await docsPicture(page, 'features-preview');
	await dialog.getByRole('button', { name: 'Switch off' }).click();
	await expect(page.getByText('X is off.', { exact: true }).last()).toBeVisible();
	await expect(page.getByRole('switch', { name: 'X', exact: true })).not.toBeChecked();
	await expect(page.getByText('Off since')).toBeVisible();

	// Connecting there is refused, and the page says why.
	await page.goto(`${lived.url}/accounts/connect`);
	await expect(
		page.getByText('X is switched off. No account can be connected.').first(),
	).toBeVisible();

	await page.goto(`${lived.url}/features`);
	await page.getByRole('switch', { name: 'X', exact: true }).click();
	await expect(page.getByText('1 scheduled post goes on.')).toBeVisible();
	await page.getByRole('button', { name: 'Switch on' }).click();
	await expect(page.getByText('X is on.', { exact: true }).last()).toBeVisible();
});

test('what somebody else switches shows by itself', async ({ page, lived }) => {
	const call = callsOf(lived.store.client());
	await signIn(page, lived, 'ada');
	await page.goto(`${lived.url}/features`);
	const connecting = page.getByRole('switch', { name: 'Connecting (Power)' });
	await expect(connecting).toBeChecked();
	await call('social_feature_set', { p_toggle: 'feature:power:connect', p_on: false });
	await expect(connecting).not.toBeChecked();
	await call('social_feature_set', { p_toggle: 'feature:power:connect', p_on: true });
	await expect(connecting).toBeChecked();
});

test('switched on again, posts that are too late are asked about', async ({ page, lived }) => {
	const call = callsOf(lived.store.client());
	const accounts = await call('social_account_list', {
		p_owner: 'default',
		p_platform: 'linkedin',
	});
	await call('social_create', {
		p_options: { key: 'too-late', owner: 'default', source: 'api', dedupe: false },
		p_entries: [
			{
				ordinal: 0,
				accountId: accounts.items[0].id,
				content: { text: 'This one falls due while LinkedIn is off.' },
				as: 'scheduled',
				maxLatenessMs: 1_500,
				fingerprint: '0'.repeat(64),
				protocol: 1,
			},
		],
	});
	await call('social_feature_set', { p_toggle: 'platform:linkedin', p_on: false });
	await signIn(page, lived, 'ada');
	await page.goto(`${lived.url}/features`);
	await page.getByRole('switch', { name: 'LinkedIn' }).click();
	const dialog = page.getByRole('dialog', { name: 'Switch LinkedIn on?' });
	await expect(dialog.getByText('1 of them is later than planned at most')).toBeVisible();
	await dialog.getByText('Leave them out').click();
	await lookEverywhere(page, 'features-late');
	await dialog.getByRole('button', { name: 'Switch on' }).click();
	await expect(page.getByText('LinkedIn is on.', { exact: true }).last()).toBeVisible();
	await call('social_maintain', {});
	const missed = await call('social_post_list', {
		p_owner: 'default',
		p_filter: { states: ['missed'] },
	});
	expect(missed.items.map(({ content }) => content.text)).toContain(
		'This one falls due while LinkedIn is off.',
	);
});

test('a viewer sees everything and turns nothing', async ({ page, lived }) => {
	await signIn(page, lived, 'vera');
	await page.goto(`${lived.url}/features`);
	await expect(page.getByText('You may look. Switching needs the role admin.')).toBeVisible();
	for (const one of await page.getByRole('switch').all()) await expect(one).toBeDisabled();
	await lookEverywhere(page, 'features-viewer');
	await page.goto(`${lived.url}/settings`);
	await expect(page.getByText('You may look. Changing needs the role admin.')).toBeVisible();
	await expect(page.getByRole('link', { name: 'Keys for n8n' })).toHaveCount(0);
	await expect(page.getByRole('button', { name: 'Save' })).toHaveCount(0);
	await lookEverywhere(page, 'settings-viewer');
});

test('by keyboard alone', async ({ page, lived }) => {
	await signIn(page, lived, 'ada');
	await page.goto(`${lived.url}/features`);
	const bluesky = page.getByRole('switch', { name: 'Bluesky' });
	await bluesky.focus();
	await page.keyboard.press('Space');
	const dialog = page.getByRole('dialog', { name: 'Switch Bluesky off?' });
	await expect(dialog.getByText('No post and no account is affected right now.')).toBeVisible();
	await page.keyboard.press('Escape');
	await expect(dialog).toHaveCount(0);
	await expect(bluesky).toBeChecked();
});
