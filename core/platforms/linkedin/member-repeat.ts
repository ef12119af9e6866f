/** What the rule about repeating a member's post looks at. Times are Unix ms, store's clock. */
export interface MemberRepeat {
	nowMs: number;
	/** When the first open intent was saved. */
	firstIntentMs: number;
	/** Until when the request of the last open intent, a repeat included, could be on the wire. */
	lastDeadlineMs: number;
	/** Due time plus the post's maximum lateness. */
	latestMs: number;
	/** Repeats that were sent already. */
	repeats: number;
	/** Another post of this account carried the same text within 48 h. */
	sameTextElsewhere: boolean;
	/** The account's switch: false forbids repeats. */
	switchedOn: boolean;
}

export type MemberRepeatRule =
	| { allowed: true }
	/** `notBeforeMs`: allowed from then on if nothing else changes; null: never. */
	| { allowed: false; notBeforeMs: number | null; because: string };

/**
 * A repeat sooner than this may find an attempt not indexed yet, and double it. That holds for a
 * repeat whose answer was lost as for the first attempt: counted from the first one alone, one
 * simulated schedule in 1,500 of a member posted twice (docs/architecture.md).
 */
const NOT_BEFORE_MS = 120_000;
/** LinkedIn's duplicate window is undocumented; half a day is well inside all reports. */
const NOT_AFTER_MS = 12 * 3_600_000;
const MOST_REPEATS = 2;

/**
 * May a member's post with an open intent be sent once more, byte for byte, to learn from
 * LinkedIn's DUPLICATE_POST answer whether it is live (protocol §7)?
 */
export function memberRepeatAllowed(facts: MemberRepeat): MemberRepeatRule {
	const never = (because: string): MemberRepeatRule => ({
		allowed: false,
		notBeforeMs: null,
		because,
	});
	if (!facts.switchedOn) return never('repeats are switched off for this account');
	if (facts.sameTextElsewhere) {
		return never('another post of this account carried the same text within 48 hours');
	}
	if (facts.repeats >= MOST_REPEATS) return never(`it was repeated ${facts.repeats} times already`);
	if (facts.nowMs > facts.firstIntentMs + NOT_AFTER_MS) {
		return never('the first attempt is more than 12 hours ago');
	}
	if (facts.nowMs > facts.latestMs) return never('the post is past its maximum lateness');
	const notBeforeMs = facts.lastDeadlineMs + NOT_BEFORE_MS;
	return facts.nowMs < notBeforeMs
		? {
				allowed: false,
				notBeforeMs,
				because: 'the last attempt may not be indexed by LinkedIn yet',
			}
		: { allowed: true };
}
