import { isPublicAddress, pictureFetcher } from '../../../panel/server/compose/fetch-picture';
import { readRow } from '../../../panel/server/compose/import-rows';
import type { ImportRow } from '../../../panel/shared/imports';

const read = (cells: ImportRow['cells']) =>
	readRow({ row: 2, cells: { account: 'ada', text: 'Hi', ...cells } }, 'Europe/Vienna');
const problem = (cells: ImportRow['cells']) => {
	const [{ code, column }] = read(cells).problems;
	return { code, column };
};

describe('a row of a file', () => {
	it('is read as it stands there', () => {
		const row = read({
			account: ' @Ada ',
			platform: 'Twitter',
			text: '  kept as it is\n',
			images: 'https://a.example/1.jpg | https://a.example/2.jpg',
			alt_texts: '| second',
		});
		expect(row).toEqual({
			row: 2,
			account: 'Ada',
			platform: 'x',
			text: '  kept as it is\n',
			time: null,
			images: [
				{ url: 'https://a.example/1.jpg' },
				{ url: 'https://a.example/2.jpg', altText: 'second' },
			],
			problems: [],
		});
	});

	it.each([
		['2026-12-24 18:30', { wallTime: '2026-12-24T18:30:00', timeZone: 'Europe/Vienna' }],
		['2026-12-24T8:30:15', { wallTime: '2026-12-24T08:30:15', timeZone: 'Europe/Vienna' }],
		['2026-12-24T18:30+01:00', { scheduledAt: '2026-12-24T18:30:00+01:00' }],
		['2026-12-24 18:30z', { scheduledAt: '2026-12-24T18:30:00Z' }],
		['2026-12-24T18:30:00.000Z', { scheduledAt: '2026-12-24T18:30:00Z' }],
	])('takes the time %s', (scheduled_at, time) => {
		expect(read({ scheduled_at })).toMatchObject({ time, problems: [] });
	});

	it('prefers its own zone', () => {
		const { time } = read({ scheduled_at: '2026-12-24 18:30', time_zone: 'Asia/Tokyo' });
		expect(time).toMatchObject({ timeZone: 'Asia/Tokyo' });
	});

	it.each([
		[{ account: ' ' }, 'import_account_missing', 'account'],
		[{ platform: 'myspace' }, 'import_platform_unknown', 'platform'],
		[{ scheduled_at: '24.12.2026 18:30' }, 'import_time_unreadable', 'scheduled_at'],
		[{ scheduled_at: '12/24/2026' }, 'import_time_unreadable', 'scheduled_at'],
		[{ scheduled_at: '46380.77' }, 'import_time_unreadable', 'scheduled_at'],
		[{ text: 'a'.repeat(10_001) }, 'import_text_too_long', 'text'],
		[{ alt_texts: 'a picture' }, 'import_alt_text_alone', 'alt_texts'],
	])('says of %j what is wrong and where', (cells, code, column) => {
		expect(problem(cells)).toEqual({ code, column });
	});
});

describe('addresses of pictures', () => {
	it.each(['127.0.0.1', '10.1.2.3', '169.254.169.254', '192.168.1.1', '172.31.0.1', '0.0.0.0'])(
		'%s is inside',
		(address) => {
			expect(isPublicAddress(address)).toBe(false);
		},
	);
	it.each(['::1', '::ffff:10.0.0.1', 'fd00::1', 'fe80::1', '64:ff9b::a00:1', '2002:a00:1::', 'x'])(
		'%s is inside, too',
		(address) => {
			expect(isPublicAddress(address)).toBe(false);
		},
	);
	it.each(['1.1.1.1', '172.32.0.1', '2606:4700::1111'])('%s is public', (address) => {
		expect(isPublicAddress(address)).toBe(true);
	});

	it.each([
		['ftp://example.com/a.jpg', 'import_picture_address'],
		['https://user:secret@example.com/a.jpg', 'import_picture_address'],
		['/etc/passwd', 'import_picture_address'],
		['http://127.0.0.1:1/a.jpg', 'import_picture_inside'],
		['http://[::1]/a.jpg', 'import_picture_inside'],
		['http://2130706433/a.jpg', 'import_picture_inside'],
		['http://localhost/a.jpg', 'import_picture_inside'],
	])('%s is not fetched', async (address, code) => {
		expect(await pictureFetcher()(address)).toMatchObject({
			outcome: 'refused',
			problem: { code },
		});
	});
});
