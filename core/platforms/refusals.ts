import type { HttpResponse } from '../ports';
import type { PostError } from '../store/contract';
import { excerpt, isSuccess, jsonOf, type Json } from './answers';
import type { RejectionClass, StepReading } from './platform';

/** An answer that is not the success a step waits for, as the rows of a table look at it. */
export interface RefusedAnswer {
	status: number;
	headers: Record<string, string>;
	/** An empty object when the body is no JSON object. */
	body: Json;
	/** The platform's own words, empty when it gave none. */
	words: string;
	/** The platform's own code, as `platformCode` of the error. */
	platformCode: string | undefined;
	nowMs: number;
}

/** One line of a platform's error table. */
export interface RefusalRow {
	/** Our code, unique in the table. */
	code: string;
	match(answer: RefusedAnswer): boolean;
	/** `ambiguous`: the post may be live although the platform says no. */
	class: RejectionClass | 'ambiguous';
	/** On a step that nobody can see; default: the class, `retry` instead of `ambiguous`. */
	invisibleClass?: RejectionClass;
	/** What happened and what it means for the post. */
	message: string;
	/** What to do. */
	remedy: string;
	waitMs?: number | ((answer: RefusedAnswer) => number);
	namedId?(answer: RefusedAnswer): string | undefined;
}

/** How one platform says no. */
export interface RefusalTable {
	platform: string;
	displayName: string;
	rows: RefusalRow[];
	words(body: Json): string;
	platformCode(body: Json): string | undefined;
	/** A refusal of a visible step that no row knows may mean "done already". */
	unknownIsAmbiguous?: boolean;
	/** Wait of a throttled answer that no row knows. */
	throttleWaitMs(answer: RefusedAnswer): number;
}

export interface RefusedStep {
	visible: boolean;
	/** Invisible steps to run again when their result is gone. */
	redo: string[];
	nowMs: number;
}

/** A server between us and the platform gave up; the request itself may have been carried out. */
const REQUEST_TIMEOUT = 408;

export function refusedAnswer(
	table: RefusalTable,
	answer: HttpResponse,
	nowMs: number,
): RefusedAnswer {
	const body = jsonOf(answer) ?? {};
	return {
		status: answer.status,
		headers: answer.headers,
		body,
		words: excerpt(table.words(body)),
		platformCode: table.platformCode(body),
		nowMs,
	};
}

/**
 * Reads an answer that is no success. On a visible step only a definite 4xx is a refusal:
 * everything else may have been carried out and is ambiguous (protocol §6).
 */
export function readRefusal(
	table: RefusalTable,
	answer: HttpResponse,
	step: RefusedStep,
): StepReading {
	const refused = refusedAnswer(table, answer, step.nowMs);
	const { status } = refused;
	const definite = status >= 400 && status < 500 && status !== REQUEST_TIMEOUT;
	const row = isSuccess(answer) ? undefined : table.rows.find((entry) => entry.match(refused));
	const unknown = row === undefined && table.unknownIsAmbiguous === true && !isOrdinary(status);
	if (step.visible && (!definite || unknown || row?.class === 'ambiguous')) {
		return {
			outcome: 'ambiguous',
			error: row?.class === 'ambiguous' ? errorOf(row, refused) : unclear(table, refused),
		};
	}
	if (row !== undefined) return byRow(row, refused, step);
	if (!definite) return { outcome: 'rejected', class: 'retry', error: unavailable(table, refused) };
	return unknownRefusal(table, refused);
}

/** Refused before the platform looked at the request itself. */
function isOrdinary(status: number): boolean {
	return status === 401 || status === 407 || status === 429;
}

function byRow(row: RefusalRow, refused: RefusedAnswer, step: RefusedStep): StepReading {
	const ordinary = row.class === 'ambiguous' ? 'retry' : row.class;
	const named = row.namedId?.(refused);
	const waitMs = typeof row.waitMs === 'function' ? row.waitMs(refused) : row.waitMs;
	const decided = step.visible ? ordinary : (row.invisibleClass ?? ordinary);
	return {
		outcome: 'rejected',
		class: decided,
		error: errorOf(row, refused),
		...(waitMs === undefined ? {} : { waitMs }),
		...(decided === 'redo' ? { redo: step.redo } : {}),
		...(named === undefined ? {} : { namedId: named }),
	};
}

function errorOf(row: RefusalRow, refused: RefusedAnswer): PostError {
	return { code: row.code, message: row.message, remedy: row.remedy, ...facts(refused) };
}

function facts(refused: RefusedAnswer): Pick<PostError, 'status' | 'platformCode'> {
	const { status, platformCode } = refused;
	return { status, ...(platformCode === undefined ? {} : { platformCode }) };
}

function quoted(refused: RefusedAnswer): string {
	return refused.words === '' ? '' : `: “${refused.words}”`;
}

function unclear(table: RefusalTable, refused: RefusedAnswer): PostError {
	return {
		code: `${table.platform}_no_clear_answer`,
		message: `${table.displayName} gave no clear answer (HTTP ${refused.status})${quoted(refused)}. The post may be live.`,
		remedy: 'Nothing to do: it is looked up at the platform before anything else is sent.',
		...facts(refused),
	};
}

function unavailable(table: RefusalTable, refused: RefusedAnswer): PostError {
	return {
		code: `${table.platform}_unavailable`,
		message: `${table.displayName} could not do a step before the post (HTTP ${refused.status})${quoted(refused)}. Nothing was published.`,
		remedy: 'Nothing to do: the step is tried again.',
		...facts(refused),
	};
}

/** A 4xx that the table does not know. */
function unknownRefusal(table: RefusalTable, refused: RefusedAnswer): StepReading {
	const { status } = refused;
	const name = table.displayName;
	if (status === 401) {
		return {
			outcome: 'rejected',
			class: 'refresh',
			error: {
				code: `${table.platform}_access_refused`,
				message: `${name} refused the access token. Nothing was published; the post waits.`,
				remedy: 'Nothing to do yet: the token is renewed. Connect the account again if asked to.',
				...facts(refused),
			},
		};
	}
	if (status === 407) {
		return { outcome: 'rejected', class: 'retry', error: unavailable(table, refused) };
	}
	if (status === 429) {
		return {
			outcome: 'rejected',
			class: 'rate_limit',
			waitMs: table.throttleWaitMs(refused),
			error: {
				code: `${table.platform}_rate_limit`,
				message: `${name} takes no more calls from this account for now. Nothing was published; the post waits.`,
				remedy: 'Nothing to do: the post goes out when the limit is over.',
				...facts(refused),
			},
		};
	}
	return {
		outcome: 'rejected',
		class: 'permanent',
		error: {
			code: `${table.platform}_refused`,
			message: `${name} refused the post (HTTP ${status})${quoted(refused)}. Nothing was published.`,
			remedy: 'Change what the platform names, then retry the post.',
			...facts(refused),
		},
	};
}

/**
 * Reads the answer of a delete call. What is gone already counts as deleted; anything unclear stays
 * `ambiguous`.
 */
export function readRemoval(
	table: RefusalTable,
	answer: HttpResponse,
	deleted: boolean,
): StepReading {
	if (deleted || answer.status === 404 || answer.status === 410) return { outcome: 'done' };
	const reading = readRefusal(table, answer, { visible: true, redo: [], nowMs: 0 });
	const refused = refusedAnswer(table, answer, 0);
	const name = table.displayName;
	if (reading.outcome === 'ambiguous') {
		return {
			outcome: 'ambiguous',
			error: {
				code: `${table.platform}_delete_unclear`,
				message: `${name} gave no clear answer to the deletion (HTTP ${refused.status})${quoted(refused)}. The post may still be live.`,
				remedy: 'Run the deletion again: deleting twice does no harm.',
				...facts(refused),
			},
		};
	}
	if (reading.outcome !== 'rejected') return reading;
	return {
		...reading,
		error: {
			code: `${table.platform}_delete_refused`,
			message: `${name} did not delete the post (HTTP ${refused.status})${quoted(refused)}. It is still live.`,
			remedy: 'Try again later, or delete it at the platform by hand.',
			...facts(refused),
		},
	};
}
