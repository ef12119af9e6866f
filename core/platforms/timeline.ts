import type { Likeness } from '../content/compare-text';
import type { Intent } from '../store/contract';
import type { LookUpContext, LookUpVerdict } from './platform';

/** An entry of the account's own list, compared with the post of the intent. */
export interface JudgedEntry {
	remoteId: string;
	url: string;
	/** Unix ms by the platform's clock; null when it does not say. */
	at: number | null;
	likeness: Likeness;
}

/** What one read of the account's list gave. `partial`: not down to the window's start. */
export type ListReading = { entries: JudgedEntry[] } | { partial: string };

/** Two complete reads may agree on an index that lags; a minute apart they no longer do. */
export const READS_APART_MS = 60_000;

/** The store's clock and the platform's may differ by this much. */
export const CLOCK_SKEW_MS = 30_000;

/** The saga lets its own growing waits win over this. */
const ASK_AGAIN_MS = 15_000;

/** Intents of the step that may still turn out live. */
function openIntents(context: LookUpContext): Intent[] {
	const open = context.intents.filter((intent) => intent.closedBy === null);
	return open.some((intent) => intent.id === context.intent.id) ? open : [...open, context.intent];
}

/** Store time from which an entry can be ours, Unix ms: the earliest open intent. */
export function earliestIntentMs(context: LookUpContext): number {
	return Math.min(...openIntents(context).map((intent) => Date.parse(intent.savedAt)));
}

function settledMs(context: LookUpContext): number {
	return Math.max(...openIntents(context).map((intent) => Date.parse(intent.settledAt)));
}

/** A verdict while the request may still be under way; null when the look-up may begin. */
export function tooEarly(context: LookUpContext): LookUpVerdict | null {
	const left = settledMs(context) - context.nowMs;
	return left > 0
		? {
				verdict: 'unknown',
				waitMs: left,
				tried: 'not asked yet, for the request may still be under way',
			}
		: null;
}

/** Not known: ask again, or with `waitMs` null leave it to a person. */
export function unknown(
	context: LookUpContext,
	kind: string,
	tried: string,
	waitMs: number | null = ASK_AGAIN_MS,
): LookUpVerdict {
	return { verdict: 'unknown', waitMs, tried, note: { kind, at: context.nowMs } };
}

/**
 * Verdict over a read of the account's own list (protocol §7). Found: one entry equal to ours, not
 * older than the intent, not another post of ours. Absent: two complete reads at least a minute
 * apart, both begun after the settle time, in which every entry is clearly something else.
 */
export async function timelineVerdict(
	context: LookUpContext,
	reading: ListReading,
): Promise<LookUpVerdict> {
	if ('partial' in reading) return unknown(context, 'partial', reading.partial);
	const notBefore = earliestIntentMs(context) - CLOCK_SKEW_MS;
	const foreign: JudgedEntry[] = [];
	for (const entry of reading.entries) {
		if (entry.likeness !== 'other' && !(await context.isOurs(entry.remoteId))) foreign.push(entry);
	}
	const found = foreign.filter(
		(entry) => entry.likeness === 'equal' && entry.at !== null && entry.at >= notBefore,
	);
	const first = found[0];
	if (first !== undefined && found.length === 1) {
		return { verdict: 'found', remoteId: first.remoteId, url: first.url, by: 'lookup' };
	}
	if (first !== undefined) {
		const ids = found.map((entry) => entry.remoteId).join(', ');
		return unknown(
			context,
			'several',
			`the account’s list has ${found.length} entries that are the same as this post (${ids})`,
			null,
		);
	}
	if (foreign.length > 0) {
		const ids = foreign.map((entry) => entry.remoteId).join(', ');
		return unknown(
			context,
			'near',
			`the account’s list has an entry that is like this post but not surely it (${ids})`,
		);
	}
	return absentOrAgain(context, reading.entries.length);
}

function absentOrAgain(context: LookUpContext, entries: number): LookUpVerdict {
	if (context.notes.some((note) => note.kind === 'near' || note.kind === 'several')) {
		return unknown(
			context,
			'clear_after_near',
			'an entry like this post was in the account’s list before and is gone now',
			null,
		);
	}
	const settled = settledMs(context);
	const reads = context.notes
		.filter((note) => note.kind === 'clear')
		.map((note) => Number(note.at))
		.filter((at) => at >= settled && context.nowMs - at >= READS_APART_MS);
	if (reads.length === 0) {
		const first = context.notes.find((note) => note.kind === 'clear' && Number(note.at) >= settled);
		const since = first === undefined ? 0 : context.nowMs - Number(first.at);
		const tried = `the account’s list was read to its end and the post is not in it (${entries} other entries)`;
		// A second is added so that the next read is surely a full minute later.
		const waitMs = READS_APART_MS + 1_000 - since;
		return since === 0
			? unknown(context, 'clear', tried, waitMs)
			: { verdict: 'unknown', waitMs, tried };
	}
	return {
		verdict: 'absent',
		proof: { reads: [Math.max(...reads), context.nowMs], entries },
	};
}
