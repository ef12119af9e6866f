import type { Platform } from '../../../core/store/contract';
import { CELL_MAX, type Column, type ImportProblem, type ImportRow } from '../../shared/imports';

/** A row whose cells could be read; what is wrong with them stands in `problems`. */
export interface ReadRow {
	row: number;
	/** Without `@`; an id or a handle. */
	account: string;
	platform: Platform | null;
	text: string;
	/** Neither is a draft. */
	time: { scheduledAt: string } | { wallTime: string; timeZone: string } | null;
	images: { url: string; altText?: string }[];
	problems: ImportProblem[];
}

const PLATFORMS: Record<string, Platform> = {
	x: 'x',
	twitter: 'x',
	linkedin: 'linkedin',
	instagram: 'instagram',
	bluesky: 'bluesky',
};

const TIME =
	/^(\d{4}-\d{2}-\d{2})[T ]+(\d{1,2}):(\d{2})(?::(\d{2}))?(?:\.\d+)?\s*(Z|[+-]\d{2}:?\d{2})?$/i;

/** Between several pictures and their texts; neither addresses nor people use it. */
const BETWEEN = '|';

/** Reads the cells of one row; pure. */
export function readRow({ row, cells }: ImportRow, timeZone: string): ReadRow {
	const problems: ImportProblem[] = [];
	const cell = (column: Column) => cells[column]?.trim() ?? '';
	const text = cells.text ?? '';
	const account = cell('account').replace(/^@/, '');
	if (account === '') {
		problems.push({
			code: 'import_account_missing',
			column: 'account',
			message: 'The row names no account.',
			remedy: 'Write its handle or its id.',
		});
	}
	if (text.length > CELL_MAX) {
		problems.push({
			code: 'import_text_too_long',
			column: 'text',
			message: `The text has ${text.length} characters; no platform takes so many.`,
			remedy: 'Look for a quotation mark that is not closed, or shorten the text.',
		});
	}
	return {
		row,
		account,
		platform: readPlatform(cell('platform'), problems),
		text,
		time: readTime(cell('scheduled_at'), cell('time_zone') || timeZone, problems),
		images: readImages(cell('images'), cell('alt_texts'), problems),
		problems,
	};
}

function readPlatform(name: string, problems: ImportProblem[]): Platform | null {
	if (name === '') return null;
	const platform = PLATFORMS[name.toLowerCase()];
	if (platform !== undefined) return platform;
	problems.push({
		code: 'import_platform_unknown',
		column: 'platform',
		message: `"${name.slice(0, 40)}" is no platform that posts go to.`,
		remedy: 'Write x, linkedin, instagram or bluesky, or leave it empty.',
	});
	return null;
}

function readTime(written: string, timeZone: string, problems: ImportProblem[]): ReadRow['time'] {
	if (written === '') return null;
	const parts = TIME.exec(written);
	if (parts === null) {
		problems.push({
			code: 'import_time_unreadable',
			column: 'scheduled_at',
			message: `"${written.slice(0, 40)}" is not a time that can be read without guessing.`,
			remedy:
				'Write it like 2026-12-24 18:30, or 2026-12-24T18:30+01:00. In a spreadsheet, format the column as text.',
		});
		return null;
	}
	const [, date, hour, minute, second = '00', offset] = parts;
	const wallTime = `${date}T${hour.padStart(2, '0')}:${minute}:${second}`;
	if (offset !== undefined) return { scheduledAt: wallTime + offset.toUpperCase() };
	return { wallTime, timeZone };
}

function readImages(addresses: string, texts: string, problems: ImportProblem[]) {
	const urls = addresses
		.split(BETWEEN)
		.map((url) => url.trim())
		.filter((url) => url !== '');
	const alts = texts === '' ? [] : texts.split(BETWEEN).map((text) => text.trim());
	if (alts.length > urls.length) {
		problems.push({
			code: 'import_alt_text_alone',
			column: 'alt_texts',
			message: `The row has ${alts.length} alternative texts for ${urls.length} pictures.`,
			remedy: 'Give one for each picture, in the same order, with | between them.',
		});
	}
	return urls.map((url, place) => ({ url, ...(alts[place] ? { altText: alts[place] } : {}) }));
}
