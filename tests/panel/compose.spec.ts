import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import type { Page } from '@playwright/test';
import sharp from 'sharp';
import { callsOf, createPost, saveAccount } from '../store/fixtures';
import { enter, expect, expectAccessible, lookEverywhere, NO_CHROMIUM, test } from './browser';
import { docsPicture } from './docs-picture';
import { Publisher } from './posts-world';
import type { Panel } from './world';

test.skip(NO_CHROMIUM !== undefined, NO_CHROMIUM);

async function file(name: string, width = 1080, height = 1080) {
	const [r, g, b] = randomBytes(3);
	const image = sharp({ create: { width, height, channels: 3, background: { r, g, b } } });
	return { name, mimeType: 'image/jpeg', buffer: await image.jpeg().toBuffer() };
}

const text = (page: Page) => page.getByRole('textbox', { name: 'Text', exact: true });
const account = (page: Page, handle: string) =>
	page.getByRole('checkbox', { name: new RegExp(`@${handle}\\b`) });
const addPictures = (page: Page, ...files: Awaited<ReturnType<typeof file>>[]) =>
	page.getByTestId('pictures').setInputFiles(files);

async function open(page: Page, panel: Panel, query = ''): Promise<void> {
	await page.goto(`${panel.url}/posts/new${query}`);
	await expect(page.getByRole('heading', { level: 1, name: 'New post' })).toBeVisible();
}

/** Posts of the store with this text. */
async function postsWith(panel: Panel, words: string) {
	const call = callsOf(panel.store.client());
	const { items } = await call('social_post_list', {
		p_owner: 'default',
		p_filter: { search: words },
	});
	return items;
}

test.describe('in one panel', () => {
	let publisher: Publisher;

	test.beforeAll(async ({ bare, sandbox }) => {
		publisher = await Publisher.open(bare, sandbox);
		await publisher.call('social_settings_set', {
			p_key: 'media',
			p_value: { publicUrl: bare.store.url },
		});
		for (const platform of ['x', 'linkedin', 'instagram'] as const) {
			await publisher.account({
				platform,
				handle: `muse${platform}`,
				displayName: 'Muse & Co',
			});
		}
		const call = callsOf(bare.store.client());
		const dead = await saveAccount(call, { p_handle: 'gone', p_display_name: 'Gone Ltd' });
		await call('social_account_disconnect', {
			p_account_id: dead,
			p_owner: 'default',
			p_token: 'v1.k1.aXY.c2VhbGVk',
			p_token_key_id: 'k1',
		});
	});

	test.afterAll(async () => {
		await publisher?.close();
	});

	test.beforeEach(async ({ page, bare }) => {
		await enter(page, bare, 'ada', '/posts/new');
	});

	test('one text and a picture for three platforms, published to the sandbox', async ({
		page,
		bare,
		sandbox,
	}) => {
		const said = `A calm launch ${randomBytes(4).toString('hex')} #calm https://example.com/guide`;
		await open(page, bare);
		await expect(page.getByText('Choose at least one account.')).toBeVisible();
		await expect(account(page, 'gone')).toBeDisabled();
		await expect(
			page.getByText('Disconnected. Connect it again to post with it.').first(),
		).toBeVisible();
		await lookEverywhere(page, 'compose-empty');

		for (const name of ['musex', 'muselinkedin', 'museinstagram']) {
			await account(page, name).check();
		}
		await text(page).fill(said);
		// Instagram needs a picture, and says so before anything is sent.
		await expect(page.getByText('2 of 3 accounts')).toHaveCount(0);
		await expect(page.getByText(/1 of 3 accounts will refuse this/)).toBeVisible();
		await expect(page.getByText(/Instagram needs a picture/)).toBeVisible();
		await addPictures(page, await file('square.jpg'));
		await page
			.getByLabel('Alternative text of picture 1')
			.fill('A square of one colour, as calm as it gets');
		await expect(page.getByText(/will refuse this/)).toHaveCount(0);
		await page.getByRole('button', { name: '@muselinkedin (LinkedIn)' }).click();
		const own = page.getByLabel('Text for @muselinkedin (LinkedIn)');
		await own.fill(`${said}, in more words`);
		// The address counts 23 on X.
		const weight = said.length - 'https://example.com/guide'.length + 23;
		await expect(page.getByText(`X ${weight}/280`).first()).toBeVisible();
		await expect(page.getByText('Ready')).toHaveCount(3);
		await lookEverywhere(page, 'compose');
		await page.evaluate('scrollTo(0, 0)');
		await docsPicture(page, 'compose-form');

		await page.getByRole('button', { name: 'Publish to 3 accounts' }).click();
		await expect(page.getByRole('heading', { level: 1, name: 'Done' })).toBeVisible();
		await expect(page.getByText('Scheduled', { exact: true })).toHaveCount(3);
		const made = await postsWith(bare, said);
		expect(made).toHaveLength(3);
		// The stand-ins take a moment to process a picture.
		const states = async () => {
			await publisher.round();
			await publisher.endWaits();
			const now = await Promise.all(made.map((post) => publisher.post(post)));
			return now.map(({ state }) => state);
		};
		await expect.poll(states, { timeout: 60_000 }).toEqual(made.map(() => 'published'));
		await expect(page.getByText('Published', { exact: true })).toHaveCount(3);
		await lookEverywhere(page, 'compose-result');
		const ledger = await sandbox.ledger();
		const live = ledger.filter((entry) => entry.text.startsWith('A calm launch'));
		expect(live.map(({ platform }) => platform).sort()).toEqual(['instagram', 'linkedin', 'x']);
		expect(live.find(({ platform }) => platform === 'linkedin')?.text).toContain('in more words');
		// What was sent is forgotten: a new post begins empty.
		await page.getByRole('button', { name: 'Write another post' }).click();
		await expect(text(page)).toHaveValue('');
		await page.reload();
		await expect(text(page)).toHaveValue('');
	});

	test('an account that refuses does not stop the others, and is corrected', async ({
		page,
		bare,
	}) => {
		const said = `Long ${randomBytes(4).toString('hex')} ${'word '.repeat(60)}`.trim();
		await open(page, bare);
		await account(page, 'musex').check();
		await account(page, 'muselinkedin').check();
		await text(page).fill(said);
		await page.getByLabel('Keep as draft').check();
		await expect(page.getByText(/1 of 2 accounts will refuse this/)).toBeVisible();
		await expect(page.getByText(`${said.length - 280} too many`).first()).toBeVisible();
		await expectAccessible(page);
		await page.getByRole('button', { name: 'Save 2 drafts' }).click();
		await expect(page.getByRole('heading', { level: 1, name: 'Partly done' })).toBeVisible();
		await lookEverywhere(page, 'compose-partly');
		await page.getByRole('button', { name: 'Correct the refused one' }).click();
		await expect(account(page, 'musex')).toBeChecked();
		await expect(account(page, 'muselinkedin')).not.toBeChecked();
		await text(page).fill(said.slice(0, 100));
		await page.getByRole('button', { name: 'Save draft' }).click();
		await expect(page.getByRole('heading', { level: 1, name: 'Done' })).toBeVisible();
		const drafts = await postsWith(bare, said.slice(0, 40));
		expect(drafts.map(({ platform }) => platform).sort()).toEqual(['linkedin', 'x']);
	});

	test('a lost answer and a reload make no second post', async ({ page, bare }) => {
		const said = `Once ${randomBytes(6).toString('hex')}`;
		await open(page, bare);
		await account(page, 'musex').check();
		await text(page).fill(said);
		await page.route('**/api/posts', async (route) => {
			await route.fetch();
			await route.abort('connectionreset');
		});
		await page.getByRole('button', { name: 'Publish now' }).click();
		await expect(page.getByText('It is not known whether the posts were made')).toBeVisible();
		await expect(text(page)).toBeDisabled();
		await expectAccessible(page);
		await page.unroute('**/api/posts');
		await page.reload();
		await expect(page.getByText('It is not known whether the posts were made')).toBeVisible();
		await page.getByRole('button', { name: 'Try again' }).dblclick();
		await expect(page.getByRole('heading', { level: 1, name: 'Done' })).toBeVisible();
		expect(await postsWith(bare, said)).toHaveLength(1);
	});

	test('an equal post at once is taken for a slip, unless it is wanted', async ({ page, bare }) => {
		const said = `Twice ${randomBytes(6).toString('hex')}`;
		for (const expected of ['Done', 'Done'] as const) {
			await open(page, bare);
			await account(page, 'musex').check();
			await text(page).fill(said);
			await page.getByRole('button', { name: 'Publish now' }).click();
			await expect(page.getByRole('heading', { level: 1, name: expected })).toBeVisible();
		}
		await expect(page.getByText(/had the same post within the last 12 hours/)).toBeVisible();
		expect(await postsWith(bare, said)).toHaveLength(1);
		await page.getByRole('button', { name: 'Post it anyway' }).click();
		await expect(page.getByText(/This account has the same text already/)).toBeVisible();
		await page.getByRole('button', { name: 'Publish now' }).click();
		await expect(page.getByText(/had the same post within/)).toHaveCount(0);
		await expect.poll(async () => (await postsWith(bare, said)).length).toBe(2);
	});

	test('pictures: dropped, pasted, ordered by keyboard, removed, refused', async ({
		page,
		bare,
	}) => {
		await open(page, bare);
		const { buffer } = await file('dropped.jpg', 700, 500);
		// What a browser does when a file is dropped beside the pictures or pasted into the text.
		const hand = (kind: 'drop' | 'paste') =>
			page.evaluate(`(() => {
				const bytes = Uint8Array.from(atob('${buffer.toString('base64')}'), (one) => one.charCodeAt(0));
				const transfer = new DataTransfer();
				transfer.items.add(new File([bytes], '${kind}.jpg'));
				const init = { bubbles: true, cancelable: true };
				if ('${kind}' === 'paste') {
					const event = new ClipboardEvent('paste', { ...init, clipboardData: transfer });
					document.querySelector('textarea').dispatchEvent(event);
				} else {
					const zone = document.querySelector('[data-testid=pictures]').parentElement;
					zone.dispatchEvent(new DragEvent('drop', { ...init, dataTransfer: transfer }));
				}
			})()`);
		await hand('drop');
		await expect(page.getByText('700 × 500')).toBeVisible();
		// The same picture again is the same picture.
		await hand('paste');
		await expect(page.getByRole('listitem').filter({ hasText: '700 × 500' })).toHaveCount(1);
		await addPictures(page, await file('second.jpg', 900, 600));
		const sizes = page.getByText(/^\d+ × \d+$/);
		await expect(sizes).toHaveText(['700 × 500', '900 × 600']);
		await page.getByRole('button', { name: 'Move picture 2 forward' }).focus();
		await page.keyboard.press('Enter');
		await expect(sizes).toHaveText(['900 × 600', '700 × 500']);
		await expectAccessible(page);
		await page.getByRole('button', { name: 'Remove picture 1' }).click();
		await expect(sizes).toHaveText(['700 × 500']);
		const fake = { name: 'page.jpg', mimeType: 'image/jpeg', buffer: Buffer.from('<html>') };
		await page.getByTestId('pictures').setInputFiles(fake);
		await expect(page.getByRole('alert')).toContainText('is not a JPEG, PNG, GIF or WebP picture');
		await page.getByRole('button', { name: 'Dismiss page.jpg' }).click();
		// As a file: the bytes themselves would go through the browser's protocol.
		const large = test.info().outputPath('large.jpg');
		writeFileSync(large, Buffer.alloc(16 * 1024 * 1024 + 1));
		await page.getByTestId('pictures').setInputFiles(large);
		await expect(page.getByRole('alert')).toContainText('large.jpg is larger than 16 MB.');
	});

	test('what is typed stays through a reload, and is discarded when asked to', async ({
		page,
		bare,
	}) => {
		await open(page, bare, '?at=2031-12-24T18:00');
		await account(page, 'musex').check();
		await text(page).fill('Not sent yet');
		await expect(page.getByLabel('Date and time')).toHaveValue('2031-12-24T18:00');
		await page.reload();
		await expect(text(page)).toHaveValue('Not sent yet');
		await expect(account(page, 'musex')).toBeChecked();
		await page.getByRole('button', { name: 'Discard' }).click();
		await page.getByRole('alertdialog').getByRole('button', { name: 'Discard' }).click();
		await expect(text(page)).toHaveValue('');
	});

	test('at a time in a zone, and changed afterwards', async ({ page, bare }) => {
		const said = `Planned ${randomBytes(6).toString('hex')}`;
		await open(page, bare);
		await account(page, 'musex').check();
		await text(page).fill(said);
		await page.getByLabel('At a time').check();
		await expect(page.getByText('Choose a date and a time.')).toBeVisible();
		await page.getByLabel('Date and time').fill('2031-07-01T09:30');
		await page.getByLabel('Time zone').fill('America/New_York');
		await expectAccessible(page);
		await page.getByRole('button', { name: 'Schedule', exact: true }).click();
		await expect(page.getByRole('heading', { level: 1, name: 'Done' })).toBeVisible();
		const [post] = await postsWith(bare, said);
		expect(post.scheduledAt).toBe('2031-07-01T13:30:00.000Z');

		await page.goto(`${bare.url}/posts/${post.id}/edit`);
		await expect(page.getByRole('heading', { level: 1, name: 'Edit post' })).toBeVisible();
		await lookEverywhere(page, 'compose-edit');
		await text(page).fill(`${said} and changed`);
		await page.getByLabel('At a time').check();
		await expect(page.getByLabel('Time zone')).toHaveValue('America/New_York');
		await page.getByLabel('Date and time').fill('2031-07-01T10:00');
		await page.getByRole('button', { name: 'Save changes' }).click();
		await expect(page.getByText('The post is changed.', { exact: true })).toBeVisible();
		const [changed] = await postsWith(bare, said);
		expect(changed).toMatchObject({
			content: { text: `${said} and changed` },
			scheduledAt: '2031-07-01T14:00:00.000Z',
		});
		await callsOf(bare.store.client())('social_post_cancel', {
			p_post_id: post.id,
			p_owner: 'default',
		});
		await page.goto(`${bare.url}/posts/${post.id}/edit`);
		await expect(page.getByText(/cannot be changed any more/)).toBeVisible();
		await expectAccessible(page);
	});

	test('one that is switched off cannot be chosen; many accounts are searched', async ({
		page,
		bare,
	}) => {
		const call = callsOf(bare.store.client());
		await call('social_settings_set', { p_key: 'platforms', p_value: { linkedin: false } });
		for (let place = 0; place < 9; place++) {
			await saveAccount(call, { p_handle: `brand${place}`, p_display_name: `Brand ${place}` });
		}
		try {
			await open(page, bare);
			await expect(account(page, 'muselinkedin')).toBeDisabled();
			await expect(page.getByText('LinkedIn is switched off.').first()).toBeVisible();
			await account(page, 'musex').check();
			await page.getByRole('searchbox', { name: 'Search accounts' }).fill('brand7');
			await expect(account(page, 'brand3')).toHaveCount(0);
			await account(page, 'brand7').check();
			await expect(page.getByText('2 chosen')).toBeVisible();
			await expectAccessible(page);
		} finally {
			await call('social_settings_set', { p_key: 'platforms', p_value: { linkedin: true } });
		}
	});

	test('another post of the same kind begins with its content', async ({ page, bare }) => {
		const call = callsOf(bare.store.client());
		const id = await saveAccount(call, { p_handle: 'pattern' });
		const post = await createPost(call, id, { content: { text: 'To be used again' } });
		await open(page, bare, `?from=${post.id}`);
		await expect(text(page)).toHaveValue('To be used again');
		await expect(account(page, 'pattern')).toBeChecked();
	});
});

test('a viewer is told who may post', async ({ page, bare }) => {
	await enter(page, bare, 'vera', '/posts/new');
	await expect(page.getByText('Only an admin can make or change posts.')).toBeVisible();
	await expect(text(page)).toHaveCount(0);
	await expectAccessible(page);
});
