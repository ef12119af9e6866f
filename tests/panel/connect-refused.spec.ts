import { expect, lookEverywhere, NO_CHROMIUM, picture, signIn, test } from './browser';
import {
	authorize,
	backToAccounts,
	begin,
	card,
	choose,
	CONSENTS,
	expectConnected,
	expectRefused,
	openPanel,
} from './consent';

test.skip(NO_CHROMIUM !== undefined, NO_CHROMIUM);

test.beforeEach(async ({ page, bare, sandbox }) => {
	await openPanel(page, bare, sandbox);
});

test.describe('what goes wrong on the way is said on the page, and nothing is connected', () => {
	for (const [id, label, scope] of CONSENTS) {
		test(`${label}: denied, too late, changed, without a permission`, async ({
			page,
			bare,
			sandbox,
		}) => {
			await begin(page, bare, label);
			await page.getByRole('button', { name: 'Cancel' }).click();
			await expectRefused(page, /You did not allow the access at \w+, so nothing was connected\./);
			if (id === 'x') await lookEverywhere(page, 'consent-denied');
			await backToAccounts(page);

			const platform = id.split('-')[0] as 'x' | 'linkedin' | 'instagram';
			await sandbox.set({ tokens: { [platform]: { codeMs: 0 } } });
			await begin(page, bare, label);
			await authorize(page, `bad-${id}`);
			await expectRefused(page, 'no longer takes the code of this sign-in');
			await sandbox.set({ tokens: { [platform]: { codeMs: 30_000 } } });

			await begin(page, bare, label);
			await page.locator('input[name=state]').evaluate((field: { value: string }) => {
				field.value += 'x';
			});
			await authorize(page, `bad-${id}`);
			await expectRefused(page, 'its state was changed on the way');

			await begin(page, bare, label);
			if (platform === 'instagram') {
				await page.getByRole('checkbox', { name: scope, exact: true }).uncheck();
			} else {
				await sandbox.set({ tokens: { withheldScopes: [scope] } });
			}
			await authorize(page, `bad-${id}`);
			await expectRefused(page, scope);
			await picture(page, `refused-${id}`);
			await backToAccounts(page);
			await expect(page.getByText(`@bad-${id}`)).toHaveCount(0);
		});
	}

	test('a callback that is replayed changes nothing', async ({ page, bare }) => {
		const callbacks: string[] = [];
		page.on('request', (request) => {
			if (request.url().includes('/connect/callback/')) callbacks.push(request.url());
		});
		await begin(page, bare, 'X');
		await authorize(page, 'replayed');
		await expectConnected(page, 'replayed');
		expect(callbacks).toHaveLength(1);
		await page.goto(callbacks[0]);
		await expectRefused(page, 'came a second time');
		await backToAccounts(page);
		await card(page, 'replayed').getByRole('button', { name: 'Validate' }).click();
		await expect(page.getByText('@replayed works.', { exact: true })).toBeVisible();
	});

	test('another browser cannot end it, nor another session; the right one still can', async ({
		page,
		bare,
		otherBrowser,
	}) => {
		await begin(page, bare, 'LinkedIn profile');
		const stranger = await otherBrowser();
		await stranger.goto(page.url());
		await authorize(stranger, 'stolen');
		await expectRefused(stranger, 'begun in another browser');
		await signIn(stranger, bare, 'ada');
		await stranger.goto(page.url());
		await authorize(stranger, 'stolen');
		await expectRefused(stranger, 'begun in another browser');
		await backToAccounts(stranger);
		await expect(stranger.getByText('@stolen')).toHaveCount(0);
		await authorize(page, 'rightful');
		await expectConnected(page, 'rightful');
	});
});

test('a reconnect as somebody else is refused and keeps the connection', async ({ page, bare }) => {
	await begin(page, bare, 'X');
	await authorize(page, 'right');
	await expectConnected(page, 'right');
	await choose(page, 'right', 'Reconnect');
	await authorize(page, 'wrong');
	await expectRefused(page, 'not for @right');
	await backToAccounts(page);
	await expectConnected(page, 'right');
	await expect(page.getByText('@wrong')).toHaveCount(0);
	await card(page, 'right').getByRole('button', { name: 'Validate' }).click();
	await expect(page.getByText('@right works.', { exact: true })).toBeVisible();
	await choose(page, 'right', 'Reconnect');
	await authorize(page, 'right');
	await expectConnected(page, 'right');
});
