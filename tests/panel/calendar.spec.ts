import type { Locator, Page } from '@playwright/test';
import type { PostView } from '../../core/store/contract';
import { enter, expect, lookEverywhere, NO_CHROMIUM, SIZES } from './browser';
import { docsPicture } from './docs-picture';
import { gate } from './gate';
import { test } from './posts-pages';
import type { ConnectedAccount, Publisher } from './posts-world';
import type { Panel } from './world';

test.skip(NO_CHROMIUM !== undefined, NO_CHROMIUM);

const ZONE = 'Europe/Vienna';
const MAY = `/calendar?${new URLSearchParams({ date: '2031-05-14', zone: ZONE })}`;

const day = (page: Page, date: string) => page.locator(`[data-day="${date}"]`);
const chip = (place: Page | Locator, text: string) =>
	place.getByRole('button', { name: new RegExp(text) });

const planned = (publisher: Publisher, account: ConnectedAccount, text: string, wallTime: string) =>
	publisher.create(account, { text, wallTime, timeZone: ZONE });

/** One post of an account of its own, and the month that shows it. */
async function onCalendar(
	{ page, bare, publisher }: { page: Page; bare: Panel; publisher: Publisher },
	{ handle, text, wallTime }: { handle: string; text: string; wallTime: string },
): Promise<PostView> {
	const account = await publisher.account({ handle });
	const post = await planned(publisher, account, text, wallTime);
	const month = MAY.replace('2031-05-14', wallTime.slice(0, 10));
	await enter(page, bare, 'ada', `${month}&account=${account.id}`);
	return post;
}

async function dragTo(page: Page, from: Locator, to: Locator): Promise<void> {
	const start = await from.boundingBox();
	const end = await to.boundingBox();
	if (start === null || end === null) throw new Error('Not on the page');
	await page.mouse.move(start.x + start.width / 2, start.y + start.height / 2);
	await page.mouse.down();
	await page.mouse.move(start.x + start.width / 2 + 12, start.y + start.height / 2 + 4);
	await page.mouse.move(end.x + end.width / 2, end.y + end.height / 2, { steps: 8 });
	await page.mouse.up();
}

test('a post is dragged to another day with the mouse, and back by Undo', async ({
	page,
	bare,
	publisher,
}) => {
	const account = await publisher.account({ handle: 'spring', displayName: 'Spring' });
	const post = await planned(publisher, account, 'Drag me', '2031-05-14T10:00');
	for (const [text, time] of [
		['Monday thoughts', '2031-05-12T09:00'],
		['Behind the scenes', '2031-05-20T17:30'],
		['Weekend reading', '2031-05-24T08:00'],
		['First of many', '2031-05-28T07:00'],
		['Second of many', '2031-05-28T09:00'],
		['Third of many', '2031-05-28T11:00'],
		['Fourth of many', '2031-05-28T13:00'],
		['Fifth of many', '2031-05-28T15:00'],
	]) {
		await planned(publisher, account, text, time);
	}
	await publisher.create(account, {
		text: 'An idea for June',
		as: 'draft',
		wallTime: '2031-05-29T12:00',
		timeZone: ZONE,
	});
	await enter(page, bare, 'ada', MAY);
	await expect(page.getByText('May 2031')).toBeVisible();
	await expect(page.getByRole('button', { name: /Europe\/Vienna/ })).toBeVisible();
	await expect(chip(day(page, '2031-05-14'), 'Drag me')).toBeVisible();
	await lookEverywhere(page, 'calendar-month');
	await docsPicture(page, 'calendar-month');

	await dragTo(page, chip(page, 'Drag me'), day(page, '2031-05-16'));
	await expect(chip(day(page, '2031-05-16'), 'Drag me')).toBeVisible();
	await expect(page.getByText(/^The post of @spring is moved to 16 May 2031/)).toBeVisible();
	await expect(page).toHaveURL(bare.url + MAY);
	expect(await publisher.post(post)).toMatchObject({
		scheduledAt: '2031-05-16T08:00:00.000Z',
		timeZone: ZONE,
	});
	await lookEverywhere(page, 'calendar-moved');
	await page.getByRole('button', { name: 'Undo' }).click();
	await expect(page.getByText('The post of @spring is back at its former time.')).toBeVisible();
	await expect(chip(day(page, '2031-05-14'), 'Drag me')).toBeVisible();
	expect((await publisher.post(post)).scheduledAt).toBe('2031-05-14T08:00:00.000Z');

	// More than fit into a day lead to the week.
	await page.getByRole('link', { name: /1 more on Wednesday/ }).click();
	await expect(page.getByRole('button', { name: 'Week', pressed: true })).toBeVisible();
	await expect(chip(page, 'Fifth of many')).toBeVisible();
	await lookEverywhere(page, 'calendar-week');
});

test('a post is moved with the keyboard, and opened with Enter', async ({
	page,
	bare,
	publisher,
}) => {
	const post = await onCalendar(
		{ page, bare, publisher },
		{ handle: 'keys', text: 'By arrow keys', wallTime: '2031-07-09T10:00' },
	);
	const held = chip(page, 'By arrow keys');
	await held.focus();
	await page.keyboard.press('Space');
	await expect(page.getByText(/is picked up/)).toBeAttached();
	await page.keyboard.press('ArrowRight');
	await expect(page.getByText(/is over Thursday,? 10 July/)).toBeAttached();
	await page.keyboard.press('ArrowDown');
	await expect(page.getByText(/is over Thursday,? 17 July/)).toBeAttached();
	await page.keyboard.press('Space');
	const moved = chip(day(page, '2031-07-17'), 'By arrow keys');
	await expect(moved).toBeFocused();
	await expect
		.poll(async () => (await publisher.post(post)).scheduledAt)
		.toBe('2031-07-17T08:00:00.000Z');

	await page.keyboard.press('Space');
	await expect(page.getByText(/is picked up/)).toBeAttached();
	await page.keyboard.press('ArrowLeft');
	await expect(page.getByText(/is over Wednesday,? 16 July/)).toBeAttached();
	await page.keyboard.press('Escape');
	await expect(page.getByText(/stays where it was/)).toBeAttached();
	expect((await publisher.post(post)).scheduledAt).toBe('2031-07-17T08:00:00.000Z');

	await expect(moved).toBeFocused();
	await page.keyboard.press('Enter');
	await expect(page).toHaveURL(`${bare.url}/posts/${post.id}`);
});

test('a dropped post stays on its new day while the store has not answered', async ({
	page,
	bare,
	publisher,
}) => {
	await page.clock.install();
	const post = await onCalendar(
		{ page, bare, publisher },
		{ handle: 'slow', text: 'Slowly', wallTime: '2031-06-11T10:00' },
	);
	await expect(chip(page, 'Slowly')).toBeVisible();
	// The days on the page are old enough to be asked for again at any time.
	await page.clock.fastForward(10_000);
	let asked = 0;
	await page.route('**/api/calendar**', async (route) => {
		asked += 1;
		await route.continue();
	});
	const answer = gate();
	const sent = page.waitForRequest(/\/reschedule$/);
	await page.route(/\/reschedule$/, async (route) => {
		await answer.opened;
		await route.continue();
	});
	await dragTo(page, chip(page, 'Slowly'), day(page, '2031-06-19'));
	await sent;
	await expect(chip(day(page, '2031-06-19'), 'Slowly')).toBeVisible();
	await page.clock.fastForward(6_000);
	expect(asked).toBe(0);
	answer.open();
	await expect(page.getByText(/^The post of @slow is moved to 19 Jun 2031/)).toBeVisible();
	await expect.poll(() => asked).toBeGreaterThan(0);
	await expect(chip(day(page, '2031-06-19'), 'Slowly')).toBeVisible();
	expect((await publisher.post(post)).scheduledAt).toBe('2031-06-19T08:00:00.000Z');
});

test('a finger drags a post after a moment', async ({ browser, bare, publisher }) => {
	const context = await browser.newContext({
		locale: 'en-GB',
		hasTouch: true,
		viewport: SIZES.desk,
	});
	const page = await context.newPage();
	const post = await onCalendar(
		{ page, bare, publisher },
		{ handle: 'touch', text: 'By finger', wallTime: '2031-08-13T10:00' },
	);
	const from = await chip(page, 'By finger').boundingBox();
	const to = await day(page, '2031-08-15').boundingBox();
	if (from === null || to === null) throw new Error('Not on the page');
	const devtools = await context.newCDPSession(page);
	const touch = (type: 'touchStart' | 'touchMove' | 'touchEnd', x: number, y: number) =>
		devtools.send('Input.dispatchTouchEvent', {
			type,
			touchPoints: type === 'touchEnd' ? [] : [{ x, y }],
		});
	const start = { x: from.x + from.width / 2, y: from.y + from.height / 2 };
	const end = { x: to.x + to.width / 2, y: to.y + to.height / 2 };
	await touch('touchStart', start.x, start.y);
	await expect(page.getByText(/is picked up/)).toBeAttached();
	for (let step = 1; step <= 6; step++) {
		const share = step / 6;
		await touch(
			'touchMove',
			start.x + (end.x - start.x) * share,
			start.y + (end.y - start.y) * share,
		);
	}
	await expect(page.getByText(/is over Friday,? 15 August/)).toBeAttached();
	await touch('touchEnd', 0, 0);
	await expect(chip(day(page, '2031-08-15'), 'By finger')).toBeVisible();
	await expect
		.poll(async () => (await publisher.post(post)).scheduledAt)
		.toBe('2031-08-15T08:00:00.000Z');
	await context.close();
});

test('a refused move is taken back on the page, with the reason', async ({
	page,
	bare,
	publisher,
}) => {
	const post = await onCalendar(
		{ page, bare, publisher },
		{ handle: 'refused', text: 'Changed elsewhere', wallTime: '2031-09-10T10:00' },
	);
	await expect(chip(page, 'Changed elsewhere')).toBeVisible();
	// The page does not learn of it before the drop.
	await page.route('**/api/calendar**', (route) => route.abort());
	await publisher.call('social_post_update', {
		p_post_id: post.id,
		p_owner: post.owner,
		p_changes: { wallTime: '2031-09-11T10:00', timeZone: ZONE },
	});
	await dragTo(page, chip(page, 'Changed elsewhere'), day(page, '2031-09-18'));
	await expect(page.getByText(/The post was changed meanwhile/)).toBeVisible();
	await expect(chip(day(page, '2031-09-10'), 'Changed elsewhere')).toBeVisible();
	expect((await publisher.post(post)).scheduledAt).toBe('2031-09-11T08:00:00.000Z');
	await page.unroute('**/api/calendar**');
	await expect(chip(day(page, '2031-09-11'), 'Changed elsewhere')).toBeVisible();
});

test('what is out or not planned stays where it is', async ({ page, bare, publisher }) => {
	const account = await publisher.account({ handle: 'fixed' });
	await publisher.published(account, { text: 'Out already' });
	await enter(page, bare, 'ada', `/calendar?zone=UTC&account=${account.id}`);
	await expect(page.getByRole('link', { name: /Published:.*Out already/ })).toBeVisible();
	await expect(chip(page, 'Out already')).toHaveCount(0);
	await page.getByRole('button', { name: 'Next month' }).click();
	await expect(page.getByText(/^Nothing is planned in this month/)).toBeVisible();
	await page.getByRole('button', { name: 'Today' }).click();
	await page.getByRole('link', { name: /Out already/ }).click();
	await expect(page.getByRole('heading', { level: 1, name: 'Post of @fixed' })).toBeVisible();
});

test('days follow the chosen time zone, which is kept', async ({ page, bare, publisher }) => {
	const account = await publisher.account({ handle: 'zones' });
	await planned(publisher, account, 'Near midnight', '2031-10-08T23:30');
	const october = `/calendar?date=2031-10-08&account=${account.id}`;
	await enter(page, bare, 'ada', `${october}&zone=${encodeURIComponent(ZONE)}`);
	await expect(chip(day(page, '2031-10-08'), 'Near midnight')).toBeVisible();
	await page.getByRole('button', { name: /Europe\/Vienna/ }).click();
	const dialog = page.getByRole('dialog');
	await dialog.getByLabel('Time zone').fill('Mars/Olympus');
	await dialog.getByRole('button', { name: 'Show in this zone' }).click();
	await expect(dialog.getByText('There is no such time zone.')).toBeVisible();
	await lookEverywhere(page, 'calendar-zone');
	await dialog.getByLabel('Time zone').fill('Asia/Tokyo');
	await dialog.getByRole('button', { name: 'Show in this zone' }).click();
	await expect(chip(day(page, '2031-10-09'), 'Near midnight')).toBeVisible();
	await page.goto(bare.url + october);
	await expect(page.getByRole('button', { name: /Asia\/Tokyo/ })).toBeVisible();
	await expect(chip(day(page, '2031-10-09'), 'Near midnight')).toBeVisible();
});

test('on a phone the days are a list, and a post is moved by its dialog', async ({
	page,
	bare,
	publisher,
}) => {
	const account = await publisher.account({ handle: 'pocket' });
	const post = await planned(publisher, account, 'From my pocket', '2031-11-12T10:00');
	await planned(publisher, account, 'Another one', '2031-11-13T18:00');
	await page.setViewportSize(SIZES.phone);
	await enter(page, bare, 'ada', `${MAY.replace('05-14', '11-12')}&account=${account.id}`);
	await expect(page.getByRole('heading', { name: /Wednesday,? 12 November/ })).toBeVisible();
	await page.getByRole('button', { name: 'Move the post of @pocket' }).first().click();
	const dialog = page.getByRole('dialog');
	await expect(dialog.getByLabel('Date and time')).toHaveValue('2031-11-12T10:00');
	await dialog.getByLabel('Date and time').fill('2031-11-14T09:15');
	await dialog.getByRole('button', { name: 'Move', exact: true }).click();
	await expect(page.getByRole('heading', { name: /Friday,? 14 November/ })).toBeVisible();
	await expect(page.getByRole('button', { name: 'Move the post of @pocket' }).last()).toBeFocused();
	expect((await publisher.post(post)).scheduledAt).toBe('2031-11-14T08:15:00.000Z');
	await page.getByRole('button', { name: 'Undo' }).click();
	await expect(page.getByRole('heading', { name: /Wednesday,? 12 November/ })).toBeVisible();
});

test('a viewer sees the calendar and moves nothing', async ({ page, bare, publisher }) => {
	const account = await publisher.account({ handle: 'watched' });
	await planned(publisher, account, 'Do not touch', '2031-12-10T10:00');
	await enter(page, bare, 'vera', `${MAY.replace('05-14', '12-10')}&account=${account.id}`);
	await expect(page.getByRole('link', { name: /Do not touch/ })).toBeVisible();
	await expect(chip(page, 'Do not touch')).toHaveCount(0);
	await page.setViewportSize(SIZES.phone);
	await expect(page.getByRole('heading', { name: /Wednesday,? 10 December/ })).toBeVisible();
	await expect(page.getByRole('button', { name: /^Move the post/ })).toHaveCount(0);
});
