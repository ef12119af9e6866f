import Papa from 'papaparse';
import {
	CELL_MAX,
	COLUMNS,
	type Column,
	type ImportRow,
	ROWS_MAX,
} from '../../../../shared/imports';
import type { ApiProblem } from '../../../../shared/api';
import { importStrings } from '../../strings/imports';

const words = importStrings.problems;

/** 5,000 long posts in letters of three bytes are a third of it. */
const BYTES_MAX = 25 * 1024 * 1024;

/** A file whose rows can be sent. */
export interface ReadFile {
	name: string;
	/** SHA-256 of its bytes, hex. */
	hash: string;
	/** As the file names its columns, for what is given back. */
	header: string[];
	/** Every row with something in it. */
	rows: FileRow[];
	/** Names of columns that mean nothing here. */
	ignored: string[];
}

export interface FileRow extends ImportRow {
	/** The cells as they stand in the file. */
	raw: string[];
	/** Why the row cannot be sent at all. */
	broken: { message: string; remedy: string } | null;
}

export type FileReading = { file: ReadFile } | { problem: ApiProblem };

/** Other names under which programs export the same things. */
const NAMES: Record<string, Column> = {
	...Object.fromEntries(COLUMNS.map((column) => [column, column])),
	handle: 'account',
	account_id: 'account',
	network: 'platform',
	content: 'text',
	caption: 'text',
	message: 'text',
	publish_at: 'scheduled_at',
	date: 'scheduled_at',
	timezone: 'time_zone',
	image: 'images',
	image_url: 'images',
	image_urls: 'images',
	alt_text: 'alt_texts',
};

function refused(code: string, message: string, remedy: string): FileReading {
	return { problem: { code, message, remedy } };
}

/** Reads a CSV file in the browser: its bytes never leave it, only the rows that are checked. */
export async function readFile(file: File): Promise<FileReading> {
	if (file.size > BYTES_MAX) {
		return refused('import_file_too_large', words.tooLarge('25 MB'), words.split);
	}
	try {
		const bytes = new Uint8Array(await file.arrayBuffer());
		const text = decode(bytes);
		if (typeof text !== 'string') return text;
		const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
		const hash = [...digest].map((byte) => byte.toString(16).padStart(2, '0')).join('');
		return readText(text, { name: file.name, hash });
	} catch {
		return refused('import_file_unreadable', words.unreadable, words.unreadableRemedy);
	}
}

/** The text of UTF-8 bytes, with or without byte order mark. */
function decode(bytes: Uint8Array): string | FileReading {
	const [first, second] = bytes;
	const wide = (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff);
	// Without its mark UTF-16 shows by the zero bytes of plain letters.
	if (wide || bytes.subarray(0, 200).includes(0)) {
		return refused('import_file_utf16', words.utf16, words.encodingRemedy);
	}
	try {
		return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
	} catch {
		return refused('import_file_encoding', words.encoding, words.encodingRemedy);
	}
}

/** Rows of a text: delimiter found by itself, first line the names of the columns. */
export function readText(
	text: string,
	{ name, hash }: { name: string; hash: string },
): FileReading {
	const parsed = Papa.parse<string[]>(text, {
		delimitersToGuess: [',', ';', '\t', '|'],
		skipEmptyLines: false,
	});
	const [header = [], ...lines] = parsed.data;
	const columns = header.map(
		(title) =>
			NAMES[
				title
					.trim()
					.toLowerCase()
					.replace(/[\s-]+/g, '_')
			] ?? null,
	);
	const known = columns.filter((column) => column !== null);
	const twice = known.find((column, place) => known.indexOf(column) !== place);
	if (twice !== undefined) {
		return refused('import_columns', words.twice(twice), words.columnsRemedy);
	}
	const missing = (['account', 'text'] as const).filter((column) => !known.includes(column));
	if (missing.length > 0) {
		return refused('import_columns', words.columns(missing.join(', ')), words.columnsRemedy);
	}
	const faulty = new Set(parsed.errors.flatMap(({ type, row }) => (type === 'Quotes' ? row : [])));
	const rows = lines.flatMap((raw, place): FileRow[] =>
		raw.every((cell) => cell.trim() === '')
			? []
			: [rowOf(raw, { columns, row: place + 2, faulty: faulty.has(place + 1) })],
	);
	if (rows.length === 0) return refused('import_file_empty', words.empty, words.emptyRemedy);
	if (rows.length > ROWS_MAX) {
		return refused('import_file_too_many_rows', words.tooMany(rows.length, ROWS_MAX), words.split);
	}
	const ignored = header.filter((title, place) => columns[place] === null && title.trim() !== '');
	return { file: { name, hash, header, rows, ignored } };
}

function rowOf(
	raw: string[],
	{ columns, row, faulty }: { columns: (Column | null)[]; row: number; faulty: boolean },
): FileRow {
	const cells: ImportRow['cells'] = {};
	columns.forEach((column, place) => {
		const cell = unguard(raw[place] ?? '');
		if (column !== null && cell.trim() !== '') {
			cells[column] = column === 'text' ? cell.replace(/\r\n?/g, '\n') : cell.trim();
		}
	});
	const long = Object.values(cells).some((cell) => cell.length > CELL_MAX);
	const broken = faulty
		? { message: words.lostRow, remedy: words.lostRowRemedy }
		: long
			? { message: words.tooLongForRequest, remedy: words.tooLongRemedy }
			: null;
	return { row, cells, raw, broken };
}

/**
 * Files that are made here put an apostrophe before what a spreadsheet would take for a formula; it is no
 * part of the text.
 */
function unguard(cell: string): string {
	return /^'[=+\-@\t\r]/.test(cell) ? cell.slice(1) : cell;
}

/** CSV for a spreadsheet, with formulas made harmless; with its mark, so that Excel knows it is UTF-8. */
export function toCsv(lines: string[][]): string {
	return `\uFEFF${Papa.unparse(lines, { escapeFormulae: true, newline: '\r\n' })}\r\n`;
}
