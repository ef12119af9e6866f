import { randomUUID } from 'node:crypto';
import type { Page } from '@playwright/test';
import sharp from 'sharp';
import { enter, expect, lookEverywhere, NO_CHROMIUM } from './browser';
import { docsPicture } from './docs-picture';
import { gate } from './gate';
import { test } from './posts-pages';
import type { Publisher } from './posts-world';

test.skip(NO_CHROMIUM !== undefined, NO_CHROMIUM);

const HOUR_MS = 3_600_000;
const inHours = (hours: number) => new Date(Date.now() + hours * HOUR_MS).toISOString();
/** The entry of the list that holds this text. */
const row = (page: Page, text: string) =>
	page.getByRole('main').getByRole('listitem').filter({ hasText: text }).last();
const menuOf = async (page: Page, text: string, item: string) => {
	await row(page, text)
		.getByRole('button', { name: /^Actions for/ })
		.click();
	await page.getByRole('menuitem', { name: item }).click();
};

test('the list is searched and filtered, and its address keeps that', async ({
	page,
	bare,
	publisher,
}) => {
	const x = await publisher.account({ handle: 'museandco', displayName: 'Muse & Co' });
	const linkedin = await publisher.account({
		platform: 'linkedin',
		handle: 'muse-and-co',
		displayName: 'Muse & Co GmbH',
	});
	await publisher.published(x, { text: 'New issue is out: five small habits.' });
	await publisher.create(x, {
		text: 'Launch day! Doors open at nine, and the first hundred guests get a print.',
		scheduledAt: inHours(5),
	});
	await publisher.create(linkedin, {
		text: 'We are hiring a community manager in Vienna. Tell a friend!',
		scheduledAt: inHours(28),
	});
	await publisher.create(x, { text: 'What we learned from 1,000 posts', as: 'draft' });
	await publisher.refused(x, 'A text that the platform refuses');
	const unclear = await publisher.inReview(x, { live: true, text: 'Did this one go out?' });
	expect(unclear.state).toBe('needs_review');

	await enter(page, bare, 'ada', '/posts');
	await expect(row(page, 'Launch day!')).toBeVisible();
	await lookEverywhere(page, 'posts');
	await docsPicture(page, 'posts-list');

	await page.getByRole('searchbox', { name: 'Search posts' }).fill('hir comm');
	await expect(page.getByText('Launch day!')).toHaveCount(0);
	await expect(row(page, 'We are hiring')).toBeVisible();
	await page.getByRole('link', { name: 'Remove filter: “hir comm”' }).click();
	await expect(row(page, 'Launch day!')).toBeVisible();

	await page.getByRole('link', { name: /^Draft/ }).click();
	await expect(page.getByText('Launch day!')).toHaveCount(0);
	await page.getByRole('link', { name: /^Scheduled/ }).click();
	await expect(row(page, 'Launch day!')).toBeVisible();
	await expect(row(page, 'What we learned')).toBeVisible();
	await expect(page.getByText('five small habits')).toHaveCount(0);

	await page.getByRole('button', { name: 'Filters' }).click();
	await page.getByRole('button', { name: 'LinkedIn' }).click();
	await expect(page.getByText('Launch day!')).toHaveCount(0);
	await expect(row(page, 'We are hiring')).toBeVisible();
	await page.getByLabel('Order').selectOption('next');
	await lookEverywhere(page, 'posts-filters');
	await page.reload();
	await expect(row(page, 'We are hiring')).toBeVisible();
	await expect(page.getByText('Launch day!')).toHaveCount(0);
	await page.getByRole('link', { name: 'Clear filters' }).click();
	await expect(row(page, 'Launch day!')).toBeVisible();

	await page.goto(`${bare.url}/posts?state=missed`);
	await expect(page.getByText('No post is in the state "Missed"')).toBeVisible();
	await page.getByRole('button', { name: 'Show all posts' }).click();
	await expect(row(page, 'Launch day!')).toBeVisible();
});

/** Drafts of an owner, more than one part of the list holds. */
async function fillTwoParts(publisher: Publisher, owner: string): Promise<void> {
	const account = await publisher.account({ owner });
	for (let at = 0; at < 55; at++) {
		await publisher.create(account, { text: `Draft number ${at}.`, as: 'draft' });
	}
}

test('a long list comes in parts', async ({ page, bare, publisher }) => {
	await fillTwoParts(publisher, 'many');
	await enter(page, bare, 'ada', '/posts?owner=many');
	await expect(row(page, 'Draft number 54.')).toBeVisible();
	await expect(page.getByText('Draft number 3.')).toHaveCount(0);
	await page.getByRole('button', { name: 'Load more' }).click();
	await expect(row(page, 'Draft number 3.')).toBeVisible();
	await expect(row(page, 'Draft number 54.')).toBeVisible();
	await expect(page.getByRole('button', { name: 'Load more' })).toHaveCount(0);
});

test('the next part comes also while an event has the list asked for again', async ({
	page,
	bare,
	publisher,
}) => {
	await fillTwoParts(publisher, 'busy');
	const [events, part] = [gate(), gate()];
	await page.route('**/api/events', async (route) => {
		await events.opened;
		await route.continue();
	});
	await page.route('**/api/posts?*cursor=*', async (route) => {
		await part.opened;
		await route.continue();
	});
	await enter(page, bare, 'ada', '/posts?owner=busy');
	await expect(row(page, 'Draft number 54.')).toBeVisible();
	const asked = page.waitForRequest('**/api/posts?*cursor=*');
	await page.getByRole('button', { name: 'Load more' }).click();
	await asked;
	// The first event has everything asked for again; the bell shows that it came.
	const told = page.waitForRequest('**/api/notifications*');
	events.open();
	await told;
	const again = page.waitForRequest((request) => request.url().endsWith('/api/posts?owner=busy'));
	part.open();
	await expect(row(page, 'Draft number 3.')).toBeVisible();
	await again;
	await expect(row(page, 'Draft number 3.')).toBeVisible();
});

test('a post shows its text, its pictures and what happened to it', async ({
	page,
	bare,
	publisher,
}) => {
	const account = await publisher.account({ handle: 'gallery', displayName: 'The Gallery' });
	const bytes = await sharp({
		create: { width: 640, height: 480, channels: 3, background: { r: 40, g: 140, b: 130 } },
	})
		.jpeg()
		.toBuffer();
	const post = await publisher.published(account, {
		text: 'Tonight at eight: the opening.\nBring a friend.',
		media: [{ bytes: new Uint8Array(bytes), altText: 'A green wall with one lamp' }],
	});
	await enter(page, bare, 'ada', '/posts');
	await page.getByRole('link', { name: /^Tonight at eight/ }).click();
	await expect(page.getByRole('heading', { level: 1, name: 'Post of @gallery' })).toBeVisible();
	await expect(page).toHaveURL(`${bare.url}/posts/${post.id}`);
	const picture = page.getByRole('img', { name: 'A green wall with one lamp' });
	await expect(picture).toBeVisible();
	await expect
		.poll(() => page.evaluate("document.querySelector('figure img')?.naturalWidth"))
		.toBe(640);
	await expect(page.getByText('Live: the platform has confirmed it')).toBeVisible();
	await lookEverywhere(page, 'post-detail');
	await docsPicture(page, 'posts-detail');
	const entry = page.getByRole('link', { name: 'Open the live post' });
	await expect(entry).toHaveAttribute('href', post.url ?? '');

	await page.goto(`${bare.url}/posts/${randomUUID()}`);
	await expect(page.getByText('This post does not exist')).toBeVisible();
	await lookEverywhere(page, 'post-missing');
});

test('a post that needs review is decided in one click', async ({ page, bare, publisher }) => {
	const account = await publisher.account({ handle: 'unclear' });
	const left = await publisher.inReview(account, { live: false, text: 'Leave this one alone' });
	const again = await publisher.inReview(account, { live: false, text: 'Send this one again' });
	const live = await publisher.inReview(account, { live: true, text: 'This one is out' });
	const [entry] = await publisher.live(live);

	await enter(page, bare, 'ada', '/posts?state=needs_review&search=one');
	await row(page, 'Leave this one alone').getByRole('button', { name: 'Leave it' }).click();
	await expect(page.getByText('Leave this one alone')).toHaveCount(0);
	expect((await publisher.post(left)).state).toBe('cancelled');

	await row(page, 'Send this one again')
		.getByRole('button', { name: 'It is not: send again' })
		.click();
	await expect(page.getByText('Send this one again')).toHaveCount(0);
	await publisher.until(again, 'published');
	expect(await publisher.live(again)).toHaveLength(1);

	await page.getByRole('link', { name: 'This one is out' }).click();
	// The list asks the same of each of its posts until the page of this one is there.
	await expect(page.getByRole('button', { name: 'Leave it' })).toHaveCount(1);
	await expect(page).toHaveURL(/\/posts\/[0-9a-f-]{36}/);
	await expect(page.getByText('Is this post live?')).toHaveCount(1);
	await lookEverywhere(page, 'post-needs-review');
	await docsPicture(page, 'needs-review');
	await page.getByRole('button', { name: 'It is live' }).click();
	const address = page.getByLabel('Link to the live post');
	await address.fill('https://example.com/somewhere');
	await page.getByRole('button', { name: 'Save: it is live' }).click();
	await expect(page.getByText('This is not the address of an entry on X')).toBeVisible();
	await lookEverywhere(page, 'post-needs-review-refused');
	await address.fill(entry.url);
	await page.getByRole('button', { name: 'Save: it is live' }).click();
	await expect(page.getByText('A person decided: it is live')).toBeVisible();
	await expect(page.getByText('Is this post live?')).toHaveCount(0);
	expect(await publisher.live(live)).toHaveLength(1);
	// The story of a post that was looked up for long.
	await lookEverywhere(page, 'post-decided');
});

test('retry, cancel, duplicate and move', async ({ page, bare, publisher }) => {
	const account = await publisher.account({ handle: 'actions' });
	const failed = await publisher.refused(account, 'Second time lucky');
	const waiting = await publisher.create(account, {
		text: 'Rather not after all',
		scheduledAt: inHours(30),
	});
	const moved = await publisher.create(account, {
		text: 'A little later, please',
		scheduledAt: inHours(40),
	});
	await enter(page, bare, 'ada', `/posts?account=${account.id}`);

	await menuOf(page, 'Second time lucky', 'Try again now');
	await expect(page.getByText('The post is tried again.', { exact: true })).toBeVisible();
	await publisher.until(failed, 'published');
	expect(await publisher.live(failed)).toHaveLength(1);

	await menuOf(page, 'Rather not after all', 'Cancel post');
	const sure = page.getByRole('alertdialog');
	await sure.getByRole('button', { name: 'Keep it' }).click();
	expect((await publisher.post(waiting)).state).toBe('scheduled');
	await menuOf(page, 'Rather not after all', 'Cancel post');
	await sure.getByRole('button', { name: 'Cancel post' }).click();
	await expect(
		row(page, 'Rather not after all').getByText('Cancelled', { exact: true }),
	).toBeVisible();

	await menuOf(page, 'A little later, please', 'Move to another time');
	const dialog = page.getByRole('dialog');
	await dialog.getByLabel('Date and time').fill('2020-01-01T10:00');
	await dialog.getByRole('button', { name: 'Move', exact: true }).click();
	await expect(dialog.getByText('This time is over.')).toBeVisible();
	await lookEverywhere(page, 'post-move');
	await dialog.getByLabel('Date and time').fill('2031-05-14T10:30');
	await dialog.getByLabel('Time zone').fill('Europe/Vienna');
	await dialog.getByRole('button', { name: 'Move', exact: true }).click();
	await expect(dialog).toBeHidden();
	expect(await publisher.post(moved)).toMatchObject({
		scheduledAt: '2031-05-14T08:30:00.000Z',
		timeZone: 'Europe/Vienna',
	});

	await menuOf(page, 'A little later, please', 'Duplicate as draft');
	await expect(page.getByRole('heading', { level: 1, name: 'Post of @actions' })).toBeVisible();
	await expect(page.getByText('Made in the panel')).toBeVisible();
	await expect(page.getByText('Draft', { exact: true })).toBeVisible();
	await page.getByRole('button', { name: /^Actions for/ }).click();
	await page.getByRole('menuitem', { name: 'Edit' }).click();
	await expect(page).toHaveURL(/\/posts\/[0-9a-f-]+\/edit\?owner=default$/);
});

test('what was published meanwhile is said and not changed', async ({ page, bare, publisher }) => {
	const account = await publisher.account({ handle: 'meanwhile' });
	const post = await publisher.create(account, {
		text: 'Faster than the click',
		scheduledAt: inHours(30),
	});
	await enter(page, bare, 'ada', `/posts?account=${account.id}`);
	await menuOf(page, 'Faster than the click', 'Cancel post');
	await publisher.call('social_post_update', {
		p_post_id: post.id,
		p_owner: post.owner,
		p_changes: { scheduledAt: inHours(0) },
	});
	await publisher.until(post, 'published');
	const sure = page.getByRole('alertdialog');
	await sure.getByRole('button', { name: 'Cancel post' }).click();
	await expect(sure.getByText('The post is published: it went out before this.')).toBeVisible();
	await sure.getByRole('button', { name: 'Keep it' }).click();
	await expect(
		row(page, 'Faster than the click').getByText('Published', { exact: true }).first(),
	).toBeVisible();
});

test('a viewer looks and is offered nothing to change', async ({ page, bare, publisher }) => {
	const account = await publisher.account({ handle: 'viewed' });
	const post = await publisher.inReview(account, { live: false, text: 'Only to look at' });
	await enter(page, bare, 'vera', `/posts?account=${account.id}`);
	await expect(page.getByText('An admin has to decide what became of it.')).toBeVisible();
	await expect(page.getByRole('button', { name: 'Leave it' })).toHaveCount(0);
	await expect(page.getByRole('link', { name: 'New post' })).toHaveCount(0);
	await row(page, 'Only to look at')
		.getByRole('button', { name: /^Actions for/ })
		.click();
	await expect(page.getByRole('menuitem')).toHaveText(['Show details']);
	await page.getByRole('menuitem').click();
	await expect(page.getByRole('heading', { level: 1, name: 'Post of @viewed' })).toBeVisible();
	await expect(page.getByRole('main').getByRole('button')).toHaveCount(0);
	expect((await publisher.post(post)).state).toBe('needs_review');
});

test('a post whose panel is away stays and comes back by itself', async ({
	page,
	bare,
	publisher,
}) => {
	const account = await publisher.account({ handle: 'away' });
	const post = await publisher.create(account, { text: 'Still here', scheduledAt: inHours(3) });
	await enter(page, bare, 'ada', `/posts/${post.id}`);
	await expect(page.getByText('Still here')).toBeVisible();
	await page.route('**/api/**', (route) => route.abort());
	await expect(page.getByText('The panel does not answer. What you see')).toBeVisible();
	await expect(page.getByText('Still here')).toBeVisible();
	await page.unroute('**/api/**');
	await expect(page.getByText('The panel does not answer. What you see')).toBeHidden();
});
