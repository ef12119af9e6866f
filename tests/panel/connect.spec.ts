import { Pds } from '../bluesky/pds';
import { pdsFolder } from '../bluesky/pds-folder';
import { callsOf, createPost } from '../store/fixtures';
import {
	expect,
	expectAccessible,
	lookEverywhere,
	NO_CHROMIUM,
	picture,
	signIn,
	test,
} from './browser';
import {
	authorize,
	begin,
	card,
	choose,
	CONSENTS,
	expectConnected,
	openPanel,
	twoPages,
} from './consent';

test.skip(NO_CHROMIUM !== undefined, NO_CHROMIUM);

test.beforeEach(async ({ page, bare, sandbox }) => {
	await openPanel(page, bare, sandbox);
});

test.describe('by consent', () => {
	for (const [id, label] of CONSENTS) {
		test(`${label}: from Connect to Accounts`, async ({ page, bare }) => {
			await begin(page, bare, label);
			await picture(page, `consent-${id}`);
			await authorize(page, `good-${id}`);
			await expectConnected(page, `good-${id}`);
			await expect(page.getByText('The account is connected.', { exact: true })).toBeVisible();
			// Loading it again is no second consent and says nothing again.
			expect(new URL(page.url()).search).toBe('');
			await expectAccessible(page);
		});
	}

	test('LinkedIn pages: chosen after consent', async ({ page, bare, sandbox }) => {
		const admin = await twoPages(sandbox, 'acme', 'beta');
		await begin(page, bare, 'LinkedIn pages');
		await authorize(page, admin);
		await expect(page.getByRole('heading', { level: 1, name: 'Choose accounts' })).toBeVisible();
		const chosen = page.url();
		await lookEverywhere(page, 'choose');
		await page.getByRole('checkbox', { name: /^acme/ }).check();
		await page.getByRole('checkbox', { name: /^beta/ }).check();
		await page.getByRole('button', { name: 'Connect 2 accounts' }).click();
		await expectConnected(page, 'acme');
		await expectConnected(page, 'beta');
		// The choice is over; who comes back to it is told so.
		await page.goto(chosen);
		await expect(
			page.getByRole('heading', { level: 1, name: 'Nothing was connected' }),
		).toBeVisible();
		await lookEverywhere(page, 'choose-over');
	});
});

test('where a platform has two ways, a reconnect asks which it was', async ({ page, bare }) => {
	await begin(page, bare, 'Instagram');
	await authorize(page, 'two-ways');
	await expectConnected(page, 'two-ways');
	await choose(page, 'two-ways', 'Reconnect');
	await expect(
		page.getByRole('heading', { level: 1, name: 'How was it connected?' }),
	).toBeVisible();
	await expect(page.getByRole('heading', { level: 3 })).toHaveText([
		'Instagram',
		'Instagram by Facebook page',
	]);
	await lookEverywhere(page, 'reconnect-ways');
	await page.getByRole('button', { name: 'Connect Instagram', exact: true }).click();
	await authorize(page, 'two-ways');
	await expectConnected(page, 'two-ways');
});

test('validate, refresh, disconnect and connect again; a viewer only looks', async ({
	page,
	bare,
	otherBrowser,
}) => {
	await begin(page, bare, 'X');
	await authorize(page, 'handled');
	await expectConnected(page, 'handled');
	const one = card(page, 'handled');
	await one.getByRole('button', { name: 'Validate' }).click();
	await expect(page.getByText('@handled works.', { exact: true })).toBeVisible();
	await choose(page, 'handled', 'Refresh access');
	await expect(page.getByText('The access of @handled is fresh.', { exact: true })).toBeVisible();

	await choose(page, 'handled', 'Disconnect');
	const dialog = page.getByRole('alertdialog');
	await expect(dialog).toContainText('Disconnect @handled?');
	await lookEverywhere(page, 'disconnect');
	await dialog.getByRole('button', { name: 'Cancel' }).click();
	await expectConnected(page, 'handled');
	await choose(page, 'handled', 'Disconnect');
	await dialog.getByRole('button', { name: 'Disconnect' }).click();
	await expect(one.getByText('Disconnected', { exact: true })).toBeVisible();
	await expect(one.getByRole('button', { name: 'Validate' })).toHaveCount(0);

	const viewer = await otherBrowser();
	await signIn(viewer, bare, 'vera');
	await viewer.getByRole('link', { name: 'Accounts' }).click();
	await expect(card(viewer, 'handled').getByText('Disconnected', { exact: true })).toBeVisible();
	await expect(viewer.getByRole('main').getByRole('button')).toHaveCount(0);

	await one.getByRole('button', { name: 'Reconnect' }).click();
	await authorize(page, 'handled');
	await expectConnected(page, 'handled');
	await viewer.reload();
	await expectConnected(viewer, 'handled');
	await expect(viewer.getByRole('main').getByRole('button')).toHaveCount(0);
	await expectAccessible(viewer);
});

test('what will fail and what was not granted shows with its remedy', async ({
	page,
	bare,
	sandbox,
}) => {
	await sandbox.set({ tokens: { withheldScopes: ['media.write'] } });
	await begin(page, bare, 'X');
	await authorize(page, 'at-risk');
	await expectConnected(page, 'at-risk');
	const one = card(page, 'at-risk');
	await expect(one.getByText('Missing permissions')).toBeVisible();
	await expect(one.getByText('media.write', { exact: true })).toBeVisible();
	await expect(one.getByText('Reconnect and allow everything that is asked for.')).toBeVisible();

	const list = await bare.calls.call('social_account_list', {
		p_owner: 'default',
		p_search: 'at-risk',
		p_limit: 1,
	});
	if (list.kind !== 'ok') throw new Error(JSON.stringify(list));
	const { id } = list.value.items[0];
	const at = new Date(Date.now() + 3 * 3_600_000).toISOString();
	// Warnings are about posts that wait; without one nothing is at risk.
	await createPost(callsOf(bare.store.client()), id, {
		content: { text: 'What will go wrong' },
		scheduledAt: at,
	});
	const saved = await bare.calls.call('social_risks_save', {
		p_account_id: id,
		p_risks: [
			{
				code: 'risk_credits',
				postId: null,
				at,
				message: 'X refused a post because the credits were used up.',
				remedy: 'Buy credits in the developer console.',
			},
		],
	});
	expect(saved).toMatchObject({ kind: 'ok', value: { risks: 1 } });
	await page.reload();
	await expect(one.getByText('The next post is at risk')).toBeVisible();
	await expect(one).toContainText(
		'X refused a post because the credits were used up. Buy credits in the developer console.',
	);
	await lookEverywhere(page, 'accounts-at-risk');
	await one.getByRole('button', { name: 'Validate' }).click();
	await expect(one.getByRole('status')).toContainText('@at-risk answered, with warnings:');
});

test.describe('Bluesky by app password', () => {
	const installed = pdsFolder();
	test.skip('reason' in installed, 'reason' in installed ? installed.reason : '');

	test('on a server of its own, after a wrong password', async ({ page, bare }) => {
		const pds = await Pds.start('folder' in installed ? installed.folder : '');
		try {
			const person = await pds.person('painter');
			await page.goto(`${bare.url}/accounts/connect`);
			await page
				.getByRole('region', { name: 'Sandbox' })
				.getByRole('link', { name: 'Connect Bluesky' })
				.click();
			await page.getByLabel('Handle or e-mail address').fill(person.handle);
			await page.getByLabel('App password', { exact: true }).fill('not it');
			await page.getByLabel('Server').fill(pds.url);
			await page.getByRole('button', { name: 'Connect', exact: true }).click();
			await expect(page.getByRole('main')).toContainText(/password/i);
			await expect(page.getByRole('alert').or(page.locator('[aria-invalid=true]'))).toBeVisible();
			await lookEverywhere(page, 'bluesky-wrong');
			await page.getByLabel('App password', { exact: true }).fill(person.password);
			await page.getByRole('button', { name: 'Connect', exact: true }).click();
			await expectConnected(page, person.handle);
			await card(page, person.handle).getByRole('button', { name: 'Validate' }).click();
			await expect(page.getByText(`@${person.handle} works.`, { exact: true })).toBeVisible();
		} finally {
			await pds.stop();
		}
	});
});
