import { batchesOf } from '../../../panel/web/src/pages/imports/batches';
import { readFile, readText, toCsv } from '../../../panel/web/src/pages/imports/read-file';

const read = (text: string) => readText(text, { name: 'posts.csv', hash: 'a'.repeat(64) });

function fileOf(text: string) {
	const reading = read(text);
	if ('problem' in reading) throw new Error(reading.problem.message);
	return reading.file;
}

const codeOf = (text: string) => {
	const reading = read(text);
	return 'problem' in reading ? reading.problem.code : null;
};

/** What a browser hands over, as far as it is read. */
const fileWith = (bytes: Uint8Array) => new File([new Uint8Array(bytes)], 'posts.csv');

async function codeOfBytes(bytes: Uint8Array): Promise<string | null> {
	const reading = await readFile(fileWith(bytes));
	return 'problem' in reading ? reading.problem.code : null;
}

describe('a CSV file', () => {
	it.each([[','], [';'], ['\t'], ['|']])('is read with %j between its cells', (between) => {
		const text = [
			['Account', 'Text', 'Scheduled at', 'Colour'],
			['ada', '"Hi, ""you"";\nnext|line\tx"', '2031-01-01 10:00', 'blue'],
		]
			.map((cells) => cells.join(between))
			.join('\r\n');
		const file = fileOf(text);
		expect(file.ignored).toEqual(['Colour']);
		expect(file.rows).toMatchObject([
			{
				row: 2,
				broken: null,
				cells: {
					account: 'ada',
					text: 'Hi, "you";\nnext|line\tx',
					scheduled_at: '2031-01-01 10:00',
				},
			},
		]);
	});

	it('counts its rows as a spreadsheet does, empty ones too', () => {
		const { rows } = fileOf('account,text\n\n,,\nada,"two\nlines"\nada,three\n');
		expect(rows.map(({ row }) => row)).toEqual([4, 5]);
	});

	it('says which row has a quotation mark that is not closed', () => {
		const { rows } = fileOf('account,text\nada,fine\nada,"not closed\nada,swallowed\n');
		expect(rows.map(({ row, broken }) => [row, broken !== null])).toEqual([
			[2, false],
			[3, true],
		]);
	});

	it.each([
		['account;words\nada;hi', 'import_columns'],
		['account,text,content\nada,hi,hi', 'import_columns'],
		['account,text\n\n', 'import_file_empty'],
		['', 'import_columns'],
		[`account,text\n${'a,b\n'.repeat(5_001)}`, 'import_file_too_many_rows'],
	])('is refused: %#', (text, code) => {
		expect(codeOf(text)).toBe(code);
	});

	it('is UTF-8, with or without its mark', async () => {
		const text = 'account,text\nada,Grüße 🎉\n';
		const plain = new TextEncoder().encode(text);
		for (const bytes of [plain, new Uint8Array([0xef, 0xbb, 0xbf, ...plain])]) {
			const reading = await readFile(fileWith(bytes));
			expect(reading).toMatchObject({ file: { rows: [{ cells: { text: 'Grüße 🎉' } }] } });
		}
		const wide = Buffer.from(text, 'utf16le');
		expect(await codeOfBytes(wide)).toBe('import_file_utf16');
		expect(await codeOfBytes(Buffer.from([0xff, 0xfe, ...wide]))).toBe('import_file_utf16');
		expect(await codeOfBytes(Buffer.from('account,text\nada,Grüße', 'latin1'))).toBe(
			'import_file_encoding',
		);
	});

	it('has one hash for the same bytes', async () => {
		const hashes = await Promise.all(
			['account,text\na,b', 'account,text\na,b', 'account,text\na,c'].map(async (text) => {
				const reading = await readFile(fileWith(new TextEncoder().encode(text)));
				return 'file' in reading ? reading.file.hash : '';
			}),
		);
		expect(hashes[0]).toMatch(/^[0-9a-f]{64}$/);
		expect(hashes[1]).toBe(hashes[0]);
		expect(hashes[2]).not.toBe(hashes[0]);
	});
});

describe('a CSV file that is given back', () => {
	it('holds no formula, and is read as what it was', () => {
		const cells = ['=HYPERLINK("http://evil")', '+1', '-1', '@ada', '\tx', '"quoted", with comma'];
		const text = toCsv([['account', 'text'], ...cells.map((cell) => ['ada', cell])]);
		for (const line of text.split('\r\n').slice(1, 6)) expect(line).toMatch(/^ada,"?'/);
		const { rows } = fileOf(text.replace('\uFEFF', ''));
		expect(rows.map((row) => row.cells.text)).toEqual(cells);
	});
});

describe('batches', () => {
	const rows = (count: number, cells: { text?: string; images?: string } = {}) =>
		Array.from({ length: count }, (_, place) => ({ row: place + 2, cells }));

	it('hold every row once, in order, and are as large as a request may be', () => {
		const all = [
			...rows(250),
			...rows(25, { images: 'https://a.example/1.jpg' }),
			...rows(40, { text: '漢'.repeat(3_000) }),
		].map(({ cells }, place) => ({ row: place + 2, cells }));
		const batches = batchesOf(all);
		expect(batches.flat()).toEqual(all);
		for (const batch of batches) {
			const withPictures = batch.some(({ cells }) => 'images' in cells);
			expect(batch.length).toBeLessThanOrEqual(withPictures ? 10 : 100);
			expect(Buffer.byteLength(JSON.stringify(batch))).toBeLessThan(64 * 1024 - 1_000);
		}
	});

	it('are none without rows', () => {
		expect(batchesOf([])).toEqual([]);
	});
});
