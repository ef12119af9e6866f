import { randomUUID } from 'node:crypto';
import type { Page } from '@playwright/test';
import { loadVaultKey, sealToken } from '../../core/accounts/vault';
import { createCryptoPort } from '../../fallback-runner/src/ports/crypto';
import { type Call, callsOf, createPost, saveAccount } from '../store/fixtures';
import { enter, expect, expectAccessible, lookEverywhere, NO_CHROMIUM, test } from './browser';
import { docsPicture } from './docs-picture';
import type { Panel } from './world';

test.skip(NO_CHROMIUM !== undefined, NO_CHROMIUM);

const DAY_MS = 86_400_000;

/** A LinkedIn account whose access ends in some days and cannot be renewed. */
async function ending(panel: Panel, call: Call, handle: string, days: number): Promise<string> {
	const crypto = createCryptoPort();
	const loaded = await loadVaultKey(panel.vaultKey, crypto);
	if (loaded.outcome !== 'ok') throw new Error(loaded.error.message);
	await call('social_vault_init', { p_vault_fingerprint: loaded.key.fingerprint });
	const row = { accountId: randomUUID(), owner: 'default' };
	const expiresAt = Date.now() + days * DAY_MS;
	const base = 'http://127.0.0.1:4010/linkedin';
	await saveAccount(call, {
		p_id: row.accountId,
		p_platform: 'linkedin',
		p_handle: handle,
		p_display_name: 'Muse & Co GmbH',
		p_base_url: base,
		p_auth_url: base,
		p_token: await sealToken(crypto, loaded.key, row, { accessToken: 'secret', expiresAt }),
		p_token_key_id: loaded.key.keyId,
		p_token_expires_at: new Date(expiresAt).toISOString(),
	});
	return row.accountId;
}

const card = (page: Page, handle: string) =>
	page
		.getByRole('main')
		.getByRole('listitem')
		.filter({ hasText: `@${handle}` })
		// Its posts at risk are items inside of it.
		.first();

test('what will fail is said ahead, with its posts and the way out', async ({ page, bare }) => {
	const call = callsOf(bare.store.client());
	const id = await ending(bare, call, 'ends-soon', 5);
	const post = await createPost(call, id, {
		content: { text: 'Planned for later' },
		scheduledAt: new Date(Date.now() + 6 * DAY_MS).toISOString(),
	});
	await call('social_risks_save', {
		p_account_id: id,
		p_risks: [
			{
				code: 'token_ends_before_post',
				postId: post.id,
				at: post.scheduledAt,
				message: 'The access of @ends-soon ends before this post is due.',
				remedy: 'Connect the account again before then.',
			},
		],
	});
	const scoped = await saveAccount(call, { p_handle: 'no-scope', p_display_name: 'No Scope' });
	await call('social_account_validated', {
		p_account_id: scoped,
		p_scopes: ['tweet.read'],
		p_missing_scopes: ['tweet.write', 'media.write'],
	});
	await saveAccount(call, { p_handle: 'all-well', p_display_name: 'All Well' });
	await enter(page, bare, 'ada', '/accounts');
	await expect(page.getByText('2 accounts need you')).toBeVisible();
	const ends = card(page, 'ends-soon');
	await expect(ends).toContainText('cannot be renewed without you');
	await expect(ends).toContainText('1 post is at risk');
	await expect(ends.getByRole('link', { name: 'See the post' })).toHaveAttribute(
		'href',
		`/posts/${post.id}`,
	);
	await expect(ends.getByRole('button', { name: 'Reconnect', exact: true })).toBeVisible();
	await expect(card(page, 'no-scope')).toContainText('media.write');
	const well = card(page, 'all-well');
	await expect(well.getByRole('button', { name: 'Reconnect', exact: true })).toHaveCount(0);
	await lookEverywhere(page, 'accounts-warnings');
	await docsPicture(page, 'accounts-warnings');
	await ends.getByRole('button', { name: 'Reconnect', exact: true }).click();
	await expect(page).not.toHaveURL(/\/accounts$/);
});

test('disconnecting asks first, and lets nothing else happen meanwhile', async ({ page, bare }) => {
	const call = callsOf(bare.store.client());
	await ending(bare, call, 'to-leave', 3);
	await enter(page, bare, 'ada', '/accounts');
	const one = card(page, 'to-leave');
	await one.getByRole('button', { name: 'Actions for @to-leave' }).click();
	await expectAccessible(page);
	await page.getByRole('menuitem', { name: 'Disconnect' }).click();
	const asked = page.getByRole('alertdialog', { name: 'Disconnect @to-leave?' });
	await asked.getByRole('button', { name: 'Cancel' }).click();
	await expect(one).toContainText('Connected');
	await one.getByRole('button', { name: 'Actions for @to-leave' }).click();
	await page.getByRole('menuitem', { name: 'Disconnect' }).click();
	await asked.getByRole('button', { name: 'Disconnect' }).click();
	await expect(one).toContainText('Disconnected');
	await expect(one.getByRole('button', { name: 'Reconnect', exact: true })).toBeVisible();
	await expectAccessible(page);
});

test('many accounts are searched, and a viewer only looks', async ({ page, bare }) => {
	const call = callsOf(bare.store.client());
	for (let place = 0; place < 60; place++) {
		await saveAccount(call, { p_handle: `crowd${place}`, p_display_name: `Crowd ${place}` });
	}
	await enter(page, bare, 'vera', '/accounts');
	await expect(page.getByRole('button', { name: 'Load more' })).toBeVisible();
	const search = page.getByRole('searchbox', { name: 'Search accounts' });
	await search.fill('crowd57');
	await expect(card(page, 'crowd57')).toBeVisible();
	await expect(page.getByRole('button', { name: 'Load more' })).toHaveCount(0);
	await expect(page.getByRole('button', { name: /Validate|Reconnect|Actions/ })).toHaveCount(0);
	await search.fill('nobody at all');
	await expect(page.getByText('No account is like "nobody at all"')).toBeVisible();
	await expectAccessible(page);
	await page.getByRole('button', { name: 'Show all accounts' }).click();
	await expect(search).toHaveValue('');
});
