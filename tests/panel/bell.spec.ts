import type { Page } from '@playwright/test';
import { expect, expectAccessible, lookEverywhere, NO_CHROMIUM, signIn, SIZES } from './browser';
import { test } from './busy';
import { docsPicture } from './docs-picture';

test.skip(NO_CHROMIUM !== undefined, NO_CHROMIUM);

const bell = (page: Page) => page.getByRole('button', { name: /^Notifications/ });
const list = (page: Page) => page.getByRole('dialog', { name: 'Notifications' });

async function closeList(page: Page): Promise<void> {
	await page.keyboard.press('Escape');
	await expect(list(page)).toBeHidden();
}

test.beforeEach(async ({ busy }) => {
	await busy.database.query('truncate musekit_social.notices cascade');
});

async function some({ busy }: { busy: { database: { query(sql: string): Promise<unknown> } } }) {
	await busy.database.query(
		`select musekit_social.add_notice('failed', 'default', 'a', null, id, jsonb_build_object('handle', handle,
				'platform', platform, 'reason', 'LinkedIn refused the text: it has more than 3,000 characters.')),
			musekit_social.add_notice('account_at_risk', 'default', 'b', null, id, jsonb_build_object('handle', handle,
				'platform', platform, 'reason', 'The access ends on 29 November, and three posts are scheduled after it.')),
			musekit_social.add_notice('missed', 'default', 'c', null, id, jsonb_build_object('handle', handle,
				'platform', platform, 'reason', 'The post was not published within its maximum lateness.')),
			musekit_social.add_notice('missed', 'default', 'c', null, id, jsonb_build_object('handle', handle,
				'platform', platform, 'reason', 'The post was not published within its maximum lateness.')),
			musekit_social.add_notice('carrier_took_over', null, 'carriers', null, null,
				'{"carrier": "runner-1", "silent": "n8n-main"}')
		from musekit_social.accounts where handle = 'muse-and-co'`,
	);
}

test('what happens shows while one looks at something else, and leads to its place', async ({
	page,
	busy,
}) => {
	await signIn(page, busy, 'ada');
	await expect(bell(page)).toHaveAccessibleName('Notifications');
	const streams = page.waitForResponse((response) => response.url().endsWith('/api/events'));
	await page.goto(`${busy.url}/accounts`);
	expect((await streams).status()).toBe(200);
	await bell(page).click();
	await expect(list(page).getByText('Nothing to tell')).toBeVisible();
	await expect(list(page).getByText('Live updates are interrupted')).toBeHidden();
	await expectAccessible(page);
	await page.keyboard.press('Escape');
	await expect(bell(page)).toBeFocused();

	// From here on nothing but the stream brings news: answers are asked for only when it says so.
	const id = await busy.inReview('Is this one live?');
	await expect(bell(page)).toHaveAccessibleName('Notifications, 1 unread');
	const toast = page.getByText('A post of @museandco-news (X) needs your decision');
	await expect(toast.first()).toBeVisible();
	await bell(page).click();
	await list(page)
		.getByRole('link', { name: /needs your decision/ })
		.click();
	await expect(page).toHaveURL(`${busy.url}/posts/${id}`);
	await expect(bell(page)).toHaveAccessibleName('Notifications');

	// Somebody else decides: the notice is settled.
	await busy.inReview('And this one?');
	await expect(bell(page)).toHaveAccessibleName('Notifications, 1 unread');
	await busy.database.query(
		`update musekit_social.notices set over_at = now(), written_by = pg_current_xact_id() where over_at is null`,
	);
	await expect(bell(page)).toHaveAccessibleName('Notifications');
});

test('the list on desk and phone, in light and dark; all are read at once, by keyboard', async ({
	page,
	busy,
}) => {
	await signIn(page, busy, 'vera');
	await some({ busy });
	await expect(bell(page)).toHaveAccessibleName('Notifications, 4 unread');
	await bell(page).focus();
	await page.keyboard.press('Enter');
	await expect(
		list(page).getByText('2 posts of @muse-and-co (LinkedIn) missed their time'),
	).toBeVisible();
	await expect(list(page).getByText('2 times')).toBeVisible();
	await docsPicture(page, 'bell');
	await closeList(page);
	for (const [size, viewport] of Object.entries(SIZES)) {
		await page.setViewportSize(viewport);
		// The bell of a phone is another button.
		await bell(page).click();
		await expect(list(page)).toBeVisible();
		for (const colorScheme of ['light', 'dark'] as const) {
			await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
			await page.screenshot({ path: `test-results/screenshots/bell-${size}-${colorScheme}.png` });
			await expectAccessible(page);
		}
		await closeList(page);
	}
	await bell(page).click();
	await list(page).getByRole('button', { name: 'Mark all as read' }).focus();
	await page.keyboard.press('Enter');
	await expect(list(page).getByText('unread', { exact: true })).toHaveCount(0);
	await page.keyboard.press('Escape');
	await expect(bell(page)).toHaveAccessibleName('Notifications');
});

test('a longer list is loaded in parts', async ({ page, busy }) => {
	await busy.database.query(
		`select musekit_social.add_notice('failed', 'default', n::text, null, null,
			jsonb_build_object('handle', 'account' || n, 'platform', 'x')) from generate_series(1, 45) n`,
	);
	await signIn(page, busy, 'vera');
	await bell(page).click();
	await expect(list(page).getByRole('listitem')).toHaveCount(20);
	await list(page).getByRole('button', { name: 'Load more' }).click();
	await expect(list(page).getByRole('listitem')).toHaveCount(40);
	await list(page).getByRole('button', { name: 'Load more' }).click();
	await expect(list(page).getByRole('listitem')).toHaveCount(45);
	await expect(list(page).getByRole('button', { name: 'Load more' })).toHaveCount(0);
});

test('without a stream the page asks; a lost connection is shown and heals by itself', async ({
	page,
	busy,
}) => {
	await page.route('**/api/events', (route) => route.fulfill({ status: 429, body: '{}' }));
	await signIn(page, busy, 'vera');
	await bell(page).click();
	await expect(list(page).getByText('Live updates are interrupted')).toBeVisible();
	await expectAccessible(page);
	await page.keyboard.press('Escape');
	await some({ busy });
	await expect(bell(page)).toHaveAccessibleName('Notifications, 4 unread');
	await page.unroute('**/api/events');

	await page.goto(`${busy.url}/accounts`);
	await expect(page.getByText('@muse-and-co').first()).toBeVisible();
	await page.route('**/api/**', (route) => route.abort());
	// What is open already is cut off, too, as when the panel's process ends.
	busy.dropConnections();
	await expect(page.getByText('The panel does not answer. What you see')).toBeVisible();
	await expectAccessible(page);
	await lookEverywhere(page, 'lost');
	await page.unroute('**/api/**');
	await expect(page.getByText('The panel does not answer. What you see')).toBeHidden();
	await busy.inReview('After the outage');
	await expect(bell(page)).toHaveAccessibleName('Notifications, 5 unread');
	await bell(page).click();
	await expect(list(page).getByText('Live updates are interrupted')).toBeHidden();
});

test('a session that ends elsewhere ends the stream and leads to the sign-in', async ({
	page,
	busy,
}) => {
	await signIn(page, busy, 'vera');
	const streams = page.waitForResponse((response) => response.url().endsWith('/api/events'));
	await page.goto(`${busy.url}/accounts`);
	await streams;
	await busy.database.query(`delete from musekit_social.panel_sessions where name = 'vera'`);
	await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible();
});
