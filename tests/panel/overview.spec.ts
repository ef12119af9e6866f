import { expect, expectAccessible, lookEverywhere, NO_CHROMIUM, signIn } from './browser';
import { test } from './busy';
import { docsPicture } from './docs-picture';

test.skip(NO_CHROMIUM !== undefined, NO_CHROMIUM);

test('the first look, on a desk in light and on a phone in dark', async ({ page, busy }) => {
	await busy.nothingInReview();
	await signIn(page, busy, 'ada');
	await page.goto(busy.url);
	await expect(page.getByRole('heading', { level: 1, name: 'Overview' })).toBeVisible();
	await expect(page.getByText('Nothing needs you right now.')).toBeVisible();
	const main = page.getByRole('main');
	await expect(main.getByText('five small habits').first()).toBeVisible();
	await expect(main.getByText('(n8n-main) is working')).toBeVisible();
	await expect(main.getByText(/answers in \d+ ms/)).toBeVisible();
	await expect(main.getByText(/% within/)).toBeVisible();
	// The module's state stands here, too; its checks come a moment later.
	await expect(page.getByText('Checking')).toHaveCount(0);
	await lookEverywhere(page, 'overview');

	const id = await busy.inReview('Does this one stand on the timeline already?');
	const decide = page.getByRole('link', { name: 'Decide about the post of @museandco-news' });
	await expect(decide).toBeVisible();
	await expect(decide).toHaveAttribute('href', `/posts/${id}`);
	await docsPicture(page, 'overview');
	await lookEverywhere(page, 'overview-person');
});

test('carriers that fall silent, an account that has to be connected again', async ({
	page,
	busy,
}) => {
	await signIn(page, busy, 'vera');
	await page.goto(busy.url);
	await expect(page.getByText('(n8n-main) is working')).toBeVisible();
	await busy.database.query(
		`update musekit_social.heartbeats set last_at = now() - interval '3 hours' where kind = 'n8n'`,
	);
	await busy.database.query(
		`update musekit_social.accounts set status = 'reconnect', status_reason = 'LinkedIn ended the access.'
		where handle = 'muse-and-co'`,
	);
	await expect(page.getByText('(n8n-main) is silent')).toBeVisible();
	await expect(page.getByText('@muse-and-co has to be connected again')).toBeVisible();
	// A viewer sees the same and no way to make a post.
	await expect(page.getByRole('link', { name: 'New post' })).toHaveCount(0);
	await expectAccessible(page);
});

test('an overview that cannot be loaded says so and heals; one with nothing in it is calm', async ({
	page,
	busy,
}) => {
	await signIn(page, busy, 'ada');
	await page.route('**/api/overview*', (route) => route.abort());
	// An owner who has nothing yet, as an admin sees it.
	await page.goto(`${busy.url}/?owner=nobody-yet`);
	await expect(page.getByText('The panel does not answer.').first()).toBeVisible();
	await expectAccessible(page);
	await page.unroute('**/api/overview*');
	await expect(page.getByText('Nothing is scheduled.')).toBeVisible();
	await expect(page.getByText('Nothing has gone out yet.')).toBeVisible();
	await expect(page.getByText('No accounts yet')).toBeVisible();
	await lookEverywhere(page, 'overview-empty');
});
