import {
	expect,
	expectAccessible,
	lookAt,
	NO_CHROMIUM,
	picture,
	signIn,
	SIZES,
	test,
} from './browser';
import { PASSWORD } from './world';

test.skip(NO_CHROMIUM !== undefined, NO_CHROMIUM);

test('set-up, sign-out, sign-in and a wrong password', async ({ page, fresh }) => {
	await page.goto(fresh.url);
	await expect(page.getByRole('heading', { name: 'Make the first admin' })).toBeVisible();
	await expect(page.getByText('Open the link that npm start printed')).toBeVisible();
	await expectAccessible(page);
	await picture(page, 'setup-without-token');

	await page.goto((await fresh.setupUrl()) ?? '');
	await page.getByLabel('Name').fill('ada');
	await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
	await page.getByLabel('Repeat password').fill('something else');
	await picture(page, 'setup');
	await page.getByRole('button', { name: 'Make admin and sign in' }).click();
	await expect(page.getByText('The two passwords are not the same.')).toBeVisible();
	await expectAccessible(page);
	// The token is in no history entry.
	expect(page.url()).toBe(`${fresh.url}/setup`);
	await page.getByLabel('Repeat password').fill(PASSWORD);
	await page.getByRole('button', { name: 'Make admin and sign in' }).click();
	// Nothing is connected yet.
	await expect(page.getByRole('heading', { level: 1, name: 'First steps' })).toBeVisible();
	await page.getByRole('button', { name: 'Not now' }).click();
	await expect(page.getByRole('heading', { level: 1, name: 'Overview' })).toBeVisible();
	await page.getByRole('link', { name: 'Posts', exact: true }).click();
	await expect(page.getByText('No posts yet')).toBeVisible();
	await expectAccessible(page);
	await picture(page, 'posts-empty');

	const cookies = await page.context().cookies();
	expect(cookies).toMatchObject([
		{ name: '__Host-musekit', httpOnly: true, secure: true, sameSite: 'Lax', path: '/' },
	]);
	expect(await page.evaluate('document.cookie')).toBe('');

	await page.getByRole('button', { name: 'Menu of ada' }).click();
	await page.getByRole('menuitem', { name: 'Sign out', exact: true }).click();
	await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible();
	expect(await page.context().cookies()).toEqual([]);
	await picture(page, 'sign-in');

	await page.getByLabel('Name').fill('ada');
	await page.getByLabel('Password', { exact: true }).fill('not the password');
	await page.keyboard.press('Enter');
	await expect(page.getByRole('alert')).toContainText('Name or password is wrong.');
	await expectAccessible(page);
	await picture(page, 'sign-in-wrong');

	await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
	await page.keyboard.press('Enter');
	// Back where the person was.
	await expect(page.getByRole('heading', { level: 1, name: 'Posts' })).toBeVisible();
});

test('a page that was asked for comes after sign-in, and no foreign one', async ({
	page,
	lived,
}) => {
	await page.goto(`${lived.url}/accounts`);
	await page.getByLabel('Name').fill('ada');
	await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
	await page.getByRole('button', { name: 'Sign in' }).click();
	await expect(page.getByRole('heading', { level: 1, name: 'Accounts' })).toBeVisible();

	await page.context().clearCookies();
	await page.goto(`${lived.url}/sign-in?to=//evil.example/`);
	await page.getByLabel('Name').fill('ada');
	await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
	await page.getByRole('button', { name: 'Sign in' }).click();
	await expect(page.getByRole('heading', { level: 1, name: 'Overview' })).toBeVisible();
	expect(new URL(page.url()).origin).toBe(lived.url);
});

test('a session that ended elsewhere leads to the sign-in', async ({
	page,
	lived,
	otherBrowser,
}) => {
	await signIn(page, lived, 'vera');
	const second = await otherBrowser();
	await signIn(second, lived, 'vera');
	await second.getByRole('button', { name: 'Menu of vera' }).click();
	await second.getByRole('menuitem', { name: 'Sign out everywhere' }).click();
	await expect(second.getByRole('heading', { name: 'Sign in' })).toBeVisible();
	await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible();
});

for (const [size, viewport] of Object.entries(SIZES)) {
	for (const theme of ['light', 'dark'] as const) {
		test(`every page on a ${size} in ${theme}`, async ({ page, lived }) => {
			await page.setViewportSize(viewport);
			await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' });
			const look = (name: string) => lookAt(page, `${name}-${size}-${theme}`);
			await page.goto(`${lived.url}/sign-in`);
			await expect(page.getByRole('button', { name: 'Sign in' })).toBeVisible();
			await look('sign-in');
			await signIn(page, lived, 'ada');
			await expect(page.getByText('five small habits')).toBeVisible();
			await look('posts');
			await page.getByRole('link', { name: 'Accounts' }).click();
			await expect(page.getByText('Muse & Co GmbH')).toBeVisible();
			await look('accounts');
			await page.getByRole('link', { name: 'Connect account' }).click();
			await expect(page.getByRole('heading', { level: 2, name: 'Sandbox' })).toBeVisible();
			await look('connect');
			await page.goto(`${lived.url}/accounts/apps/x?mode=live`);
			await expect(page.getByLabel('Redirect URI')).toBeVisible();
			await look('connect-x');
			await page.goto(`${lived.url}/accounts/apps/bluesky?mode=live`);
			await expect(page.getByLabel('App password', { exact: true })).toBeVisible();
			await look('connect-bluesky');
			await page.goto(`${lived.url}/people`);
			await expect(page.getByText('vera')).toBeVisible();
			await look('people');
			await page.getByRole('button', { name: 'Add person' }).click();
			await expect(page.getByRole('dialog')).toBeVisible();
			await look('people-add');
			await page.keyboard.press('Escape');
			await page.getByRole('button', { name: 'Actions for vera' }).click();
			await look('people-menu');
			await page.goto(`${lived.url}/nothing/here`);
			await expect(page.getByText('There is no page at this address')).toBeVisible();
			await look('not-found');
		});
	}
}

test('a viewer sees everything and no button that changes it', async ({ page, lived }) => {
	await signIn(page, lived, 'vera');
	await expect(page.getByRole('link', { name: 'People' })).toHaveCount(0);
	await page.getByRole('link', { name: 'Accounts' }).click();
	await expect(page.getByText('Muse & Co GmbH')).toBeVisible();
	await expect(page.getByRole('link', { name: 'Connect account' })).toHaveCount(0);
	await expect(page.getByRole('main').getByRole('button')).toHaveCount(0);
	await expectAccessible(page);
	await picture(page, 'accounts-viewer');
	for (const path of ['/people', '/accounts/connect', '/accounts/apps/x?mode=live']) {
		await page.goto(lived.url + path);
		await expect(page).not.toHaveURL(new RegExp(path.split('?')[0].replaceAll('/', '\\/')));
	}
});

test('posts are filtered by state', async ({ page, lived }) => {
	await signIn(page, lived, 'vera');
	await page.getByRole('link', { name: /^Draft \d/ }).click();
	await expect(page.getByText('what we learned')).toBeVisible();
	await expect(page.getByText('five small habits')).toHaveCount(0);
	await page.goto(`${lived.url}/posts?state=missed`);
	await expect(page.getByText('No post is in the state "Missed"')).toBeVisible();
	await page.getByRole('button', { name: 'Show all posts' }).click();
	await expect(page.getByText('five small habits')).toBeVisible();
});

test('people are added, changed and removed', async ({ page, lived }) => {
	await signIn(page, lived, 'ada');
	await page.getByRole('link', { name: 'People' }).click();
	await page.getByRole('button', { name: 'Add person' }).click();
	const dialog = page.getByRole('dialog');
	await dialog.getByLabel('Name').fill('bob');
	await dialog.getByLabel('First password').fill('short');
	await dialog.getByRole('button', { name: 'Add person' }).click();
	await expect(dialog.getByText('A password has at least 12 characters')).toBeVisible();
	await expectAccessible(page);
	await dialog.getByLabel('First password').fill(PASSWORD);
	await dialog.getByRole('button', { name: 'Add person' }).click();
	await expect(page.getByText('bob may sign in now.', { exact: true })).toBeVisible();
	await expect(dialog).toBeHidden();
	await page.getByRole('button', { name: 'Actions for bob' }).click();
	await page.getByRole('menuitem', { name: 'Make admin' }).click();
	await expect(page.getByText('bob is changed.', { exact: true })).toBeVisible();
	await page.getByRole('button', { name: 'Actions for bob' }).click();
	await page.getByRole('menuitem', { name: 'Remove' }).click();
	await page.getByRole('alertdialog').getByRole('button', { name: 'Remove' }).click();
	await expect(page.getByText('bob is removed.', { exact: true })).toBeVisible();
	await page.getByRole('button', { name: 'Actions for ada' }).click();
	await page.getByRole('menuitem', { name: 'Make viewer' }).click();
	await expect(page.getByRole('alert')).toContainText('ada is the only admin');
});

test('appearance is chosen and kept; everything is reached by keyboard', async ({
	page,
	lived,
}) => {
	await page.emulateMedia({ colorScheme: 'light' });
	await signIn(page, lived, 'ada');
	await page.keyboard.press('Tab');
	await expect(page.getByRole('link', { name: 'Skip to the content' })).toBeFocused();
	await page.getByRole('button', { name: 'Menu of ada' }).focus();
	await page.keyboard.press('Enter');
	await expect(page.getByRole('menuitemradio', { name: 'Same as device' })).toBeVisible();
	await page.keyboard.press('End');
	await page.keyboard.press('Escape');
	await expect(page.getByRole('button', { name: 'Menu of ada' })).toBeFocused();
	await page.keyboard.press('Enter');
	await page.getByRole('menuitemradio', { name: 'Dark' }).click();
	await expect(page.locator('html')).toHaveClass(/dark/);
	await page.reload();
	await expect(page.locator('html')).toHaveClass(/dark/);
});

test('a panel that is away is shown and heals by itself', async ({ page, lived }) => {
	await signIn(page, lived, 'ada');
	await page.route('**/api/**', (route) => route.abort());
	await expect(page.getByText('The panel does not answer. What you see')).toBeVisible();
	await picture(page, 'posts-lost');
	await expectAccessible(page);
	await page.unroute('**/api/**');
	await expect(page.getByText('The panel does not answer. What you see')).toBeHidden();
	await expect(page.getByText('five small habits')).toBeVisible();
});

test('what a page does against its policy is noticed, and does not work', async ({
	page,
	fresh,
	refusedByPolicy,
}) => {
	await page.goto(fresh.url);
	await page.evaluate(`document.head.append(
		Object.assign(document.createElement('script'), { textContent: 'window.ran = true' }),
	)`);
	await expect.poll(() => refusedByPolicy.length).toBe(1);
	expect(await page.evaluate('window.ran')).toBeUndefined();
	refusedByPolicy.length = 0;
});
