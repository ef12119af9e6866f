import { createHash, randomUUID } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import sharp from 'sharp';
import { pictureFetcher } from '../../panel/server/compose/fetch-picture';
import type { ImportAnswer, ImportRow, ImportVerdict } from '../../panel/shared/imports';
import { type Call, callsOf, createPost, saveAccount } from '../store/fixtures';
import { type Browser, type Panel, startPanel, withPeople } from './world';

let panel: Panel;
let admin: Browser;
let viewer: Browser;
let call: Call;
let pictures: Server;
let fetched: string[] = [];
let place: string;

beforeAll(async () => {
	const jpeg = await sharp({
		create: { width: 1080, height: 1080, channels: 3, background: '#07a' },
	})
		.jpeg()
		.toBuffer();
	pictures = createServer((request, response) => {
		fetched.push(request.url ?? '');
		if (request.url === '/page') response.end('<html>');
		else if (request.url === '/moved') response.writeHead(302, { location: '/good.jpg' }).end();
		else if (request.url === '/none') response.writeHead(404).end();
		else if (request.url === '/large') {
			const chunk = Buffer.alloc(1024 * 1024);
			for (let sent = 0; sent < 17; sent++) response.write(chunk);
			response.end();
		} else response.end(jpeg);
	});
	await new Promise<void>((resolve) => pictures.listen(0, '127.0.0.1', resolve));
	place = `http://127.0.0.1:${(pictures.address() as AddressInfo).port}`;
	panel = await startPanel({ fetchPicture: pictureFetcher((address) => address === '127.0.0.1') });
	({ admin, viewer } = await withPeople(panel));
	call = callsOf(panel.store.client());
	await saveAccount(call, { p_handle: 'ada' });
	await saveAccount(call, {
		p_handle: 'ada',
		p_platform: 'instagram',
		p_base_url: 'http://127.0.0.1:4010/instagram',
		p_auth_url: 'http://127.0.0.1:4010/instagram',
	});
	await saveAccount(call, { p_handle: 'bea' });
	await saveAccount(call, { p_handle: 'theirs', p_owner: 'somebody' });
}, 120_000);

afterAll(async () => {
	pictures?.close();
	await panel?.stop();
});

beforeEach(() => {
	fetched = [];
});

const hashOf = (text: string) => createHash('sha256').update(text).digest('hex');
const newFile = () => hashOf(randomUUID());

function row(number: number, cells: ImportRow['cells'] = {}): ImportRow {
	return {
		row: number,
		cells: {
			account: 'bea',
			text: `Row ${number} ${randomUUID()}`,
			scheduled_at: '2031-05-01 10:00',
			...cells,
		},
	};
}

async function send(
	path: '' | '/check',
	rows: ImportRow[],
	{ file = newFile(), timeZone = 'UTC', ...more }: Record<string, string> = {},
): Promise<ImportVerdict[]> {
	const body = { file, timeZone, rows, ...more };
	const answer = await admin.send('POST', `/api/posts/import${path}`, body);
	if (answer.status !== 200) throw new Error(answer.text);
	return (answer.json as ImportAnswer).verdicts;
}

const states = (verdicts: ImportVerdict[]) => verdicts.map(({ state }) => state);
const codes = (verdict: ImportVerdict) => verdict.problems.map(({ code }) => code);

async function postsWith(text: string | undefined) {
	const filter = { search: text ?? '' };
	return (await call('social_post_list', { p_owner: 'default', p_filter: filter })).items;
}

describe('the check', () => {
	it('says of every row what would become of it, and makes nothing', async () => {
		const rows = [
			row(2),
			row(3, { account: '@ADA', platform: 'x', scheduled_at: '' }),
			row(4, { account: 'ada' }),
			row(5, { account: 'nobody' }),
			row(6, { account: 'theirs' }),
			row(7, { text: 'a'.repeat(281) }),
			row(8, { scheduled_at: '2020-01-01 10:00' }),
			row(9, { scheduled_at: '2031-02-30 10:00' }),
			row(10, { time_zone: 'Mars/Olympus' }),
			row(11, { text: '' }),
			row(12, { account: 'ada', platform: 'instagram' }),
		];
		const verdicts = await send('/check', rows);
		expect(verdicts.map((verdict) => [verdict.row, verdict.state, ...codes(verdict)])).toEqual([
			[2, 'ready'],
			[3, 'ready'],
			[4, 'invalid', 'import_account_ambiguous'],
			[5, 'invalid', 'account_unknown'],
			[6, 'invalid', 'account_unknown'],
			[7, 'invalid', 'x_text_too_long'],
			[8, 'invalid', 'time_past'],
			[9, 'invalid', 'time_invalid'],
			[10, 'invalid', 'time_zone_unknown'],
			[11, 'invalid', 'x_text_missing'],
			[12, 'invalid', 'instagram_image_missing'],
		]);
		expect(verdicts[0].at).toBe('2031-05-01T10:00:00.000Z');
		expect(verdicts[1]).toMatchObject({ at: null, account: { platform: 'x', handle: 'ada' } });
		expect(verdicts[8].problems[0]).toMatchObject({ column: 'time_zone' });
		expect(verdicts[10].problems[0]).toMatchObject({ column: 'images' });
		expect(await postsWith(rows[0].cells.text)).toEqual([]);
	});

	it('refuses what has just passed, which would go out at once', async () => {
		const hourAgo = new Date(Date.now() - 3_600_000).toISOString();
		const [verdict] = await send('/check', [row(2, { scheduled_at: hourAgo })]);
		expect(codes(verdict)).toEqual(['import_time_past']);
	});

	it('knows posts with the same text and time, in the store and in the file', async () => {
		const [{ id }] = (await call('social_account_list', { p_owner: 'default', p_search: 'bea' }))
			.items;
		const text = `Known ${randomUUID()}`;
		const post = await createPost(call, id, {
			content: { text },
			scheduledAt: '2031-05-01T10:00:00Z',
		});
		const twice = row(4);
		const verdicts = await send('/check', [
			row(2, { text }),
			row(3, { text, scheduled_at: '2031-05-02 10:00' }),
			twice,
			{ ...twice, row: 5 },
			{ row: 6, cells: { ...twice.cells, account: 'ada', platform: 'x' } },
		]);
		expect(states(verdicts)).toEqual(['duplicate', 'ready', 'ready', 'duplicate', 'ready']);
		expect(verdicts[0].equal).toMatchObject({ postId: post.id });
		expect(verdicts[1].equal).toMatchObject({ postId: post.id });
	});
});

describe('the import', () => {
	it('makes each row once, whatever is repeated', async () => {
		const file = newFile();
		const rows = [row(2), row(3, { scheduled_at: '' }), row(4, { account: 'nobody' })];
		const first = await send('', rows, { file });
		expect(states(first)).toEqual(['created', 'created', 'invalid']);
		const [made] = await postsWith(rows[0].cells.text);
		expect(made).toMatchObject({ state: 'scheduled', scheduledAt: '2031-05-01T10:00:00.000Z' });
		// Once more, in other batches, and with rows beside them.
		expect(states(await send('', [rows[1], rows[0]], { file }))).toEqual(['imported', 'imported']);
		expect(states(await send('/check', [rows[0], row(5)], { file }))).toEqual([
			'imported',
			'ready',
		]);
		// Two pages at once.
		const more = Array.from({ length: 20 }, (_, place) => row(10 + place));
		const both = await Promise.all([send('', more, { file }), send('', more, { file })]);
		expect(both.flat().filter(({ state }) => state === 'invalid')).toEqual([]);
		for (const { cells } of [...rows.slice(0, 2), ...more]) {
			expect(await postsWith(cells.text)).toHaveLength(1);
		}
	});

	it('makes no second post of a corrected file either', async () => {
		const good = row(2);
		await send('', [good, row(3, { account: 'nobody' })]);
		const verdicts = await send('', [good, row(3)]);
		expect(states(verdicts)).toEqual(['duplicate', 'created']);
		expect(await postsWith(good.cells.text)).toHaveLength(1);
	});

	it('leaves a row alone that was imported with another time, and makes the others', async () => {
		const file = newFile();
		const old = row(3);
		await send('', [old], { file });
		const verdicts = await send('', [row(2), old, row(4), row(5)], {
			file,
			timeZone: 'Asia/Tokyo',
		});
		expect(states(verdicts)).toEqual(['created', 'invalid', 'created', 'created']);
		expect(codes(verdicts[1])).toEqual(['import_row_changed']);
		const [post] = await postsWith(old.cells.text);
		expect(post.scheduledAt).toBe('2031-05-01T10:00:00.000Z');
	});

	it('fetches pictures once, stores them, and says which could not be had', async () => {
		const file = newFile();
		const cells = (images: string) => ({ account: 'ada', platform: 'instagram', images });
		const rows = [
			row(2, { ...cells(`${place}/good.jpg`), alt_texts: 'All blue' }),
			row(3, cells(`${place}/page`)),
			row(4, cells(`${place}/moved`)),
			row(5, cells(`${place}/none`)),
			row(6, cells(`${place}/large`)),
			row(7, cells('http://[::1]/x.jpg')),
			row(8, cells(`${place}/good.jpg`)),
		];
		const verdicts = await send('/check', rows, { file });
		expect(verdicts.map((verdict) => codes(verdict)[0] ?? verdict.state)).toEqual([
			'ready',
			'media_not_an_image',
			'import_picture_away',
			'import_picture_away',
			'media_too_large',
			'import_picture_inside',
			'ready',
		]);
		expect(verdicts[3].problems[0].column).toBe('images');
		const made = await send('', [rows[0], rows[6]], { file });
		expect(states(made)).toEqual(['created', 'created']);
		const [post] = await postsWith(rows[0].cells.text);
		expect(post.content.media).toMatchObject([{ altText: 'All blue' }]);
		expect(fetched.filter((url) => url === '/good.jpg')).toHaveLength(1);
	});

	it('refuses viewers, other owners’ accounts, and requests that are none', async () => {
		const body = { file: newFile(), timeZone: 'UTC', rows: [row(2)] };
		for (const path of ['/api/posts/import', '/api/posts/import/check']) {
			const refused = await viewer.send('POST', path, body);
			expect(refused).toMatchObject({ status: 403, json: { code: 'role_missing' } });
		}
		const bad = [
			{ ...body, rows: [] },
			{ ...body, rows: [row(2), row(2)] },
			{ ...body, rows: [row(1)] },
			{ ...body, rows: Array.from({ length: 101 }, (_, number) => row(number + 2)) },
			{ ...body, file: 'posts.csv' },
			{ ...body, rows: [{ row: 2, cells: { colour: 'blue' } }] },
		];
		for (const wrong of bad) {
			const answer = await admin.send('POST', '/api/posts/import', wrong);
			expect(answer.status).toBe(400);
		}
		const theirs = await send('', [row(2, { account: 'theirs' })], { owner: 'somebody' });
		expect(states(theirs)).toEqual(['created']);
		expect(states(await send('', [row(2, { account: 'theirs' })]))).toEqual(['invalid']);
	});
});
