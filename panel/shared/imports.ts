/**
 * Bulk import: rows of a file become posts, batch by batch. The page reads the file and sends its rows;
 * what was done stands in the posts alone, under the key (file, row), so that a batch, a file or a page
 * can be repeated at any time and no row makes a second post.
 */
import type { PostError } from '../../core/store/contract';
import type { ComposeAccount, EqualPost } from './compose';

/** Rows of one file. */
export const ROWS_MAX = 5_000;
/** Rows of one request; it also has to stay below the size that the server takes. */
export const BATCH_ROWS_MAX = 100;
export const BATCH_BYTES_MAX = 48_000;
/** With pictures to fetch a request takes longer. */
export const BATCH_ROWS_WITH_PICTURES = 10;
/** Longer texts are a mistake in the file: no platform takes a third of it. */
export const CELL_MAX = 10_000;

/** The columns of a file, as its first line names them. */
export const COLUMNS = [
	'account',
	'platform',
	'text',
	'scheduled_at',
	'time_zone',
	'images',
	'alt_texts',
] as const;

export type Column = (typeof COLUMNS)[number];

/** One row as it stands in the file, with spaces around its cells removed. */
export interface ImportRow {
	/** As a spreadsheet counts: the first line is 1 and holds the names of the columns. */
	row: number;
	cells: Partial<Record<Column, string>>;
}

/** `POST /api/posts/import/check` makes nothing; `POST /api/posts/import` makes what can be made. */
export interface ImportRequest {
	owner?: string;
	/** SHA-256 of the file's bytes, hex. */
	file: string;
	/** Of times that name none. */
	timeZone: string;
	rows: ImportRow[];
}

export interface ImportProblem extends PostError {
	/** Where in the row it is. */
	column?: Column;
}

export interface ImportVerdict {
	row: number;
	/**
	 * `ready`: it would be made; `created`: it was made now; `imported`: an earlier import of this file
	 * made it; `duplicate`: the account has a post with this text at this time; `invalid`: see `problems`.
	 */
	state: 'ready' | 'created' | 'imported' | 'duplicate' | 'invalid';
	account: ComposeAccount | null;
	/** The instant; null for a draft. */
	at: string | null;
	pictures: number;
	postId: string | null;
	/** The living post with the same text, where there is one. */
	equal: EqualPost | null;
	problems: ImportProblem[];
	warnings: PostError[];
}

/** One for each row, in the order of the request. */
export interface ImportAnswer {
	verdicts: ImportVerdict[];
}
