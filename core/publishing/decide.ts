import type { RejectionClass, StepReading } from '../platforms/platform';
import type { Platform, PostError, ResultRequest, WaitReason } from '../store/contract';

/** What is known when a platform has refused a step. */
export interface Situation {
	rejection: Extract<StepReading, { outcome: 'rejected' }>;
	/** Rejections of this step before this one, over all claims. */
	earlier: number;
	/** An access token was already refreshed in this claim. */
	refreshed: boolean;
	/** Rounds of repeated invisible steps in this claim. */
	redone: number;
	/** An earlier sending of this visible step ended without a definite answer. */
	unclearBefore: boolean;
}

/** What follows from a refusal. */
export type Decision =
	| { next: 'refresh' }
	| { next: 'redo'; steps: string[] }
	/** Keep the intent open and let the look-up say whether an earlier sending is live. */
	| { next: 'look_up' }
	| Ending;

/** The carry ends with this result. */
export interface Ending {
	next: 'end';
	result: ResultRequest;
	/** The account's token seems dead; the store decides whether that is proven. */
	markDead: boolean;
	/** It waits because of its token, which may be taken again any moment. */
	tokenRefused?: boolean;
}

/** First retry after half a minute: most platform hiccups are over by then. */
const RETRY_FIRST_MS = 30_000;
/** At most half an hour apart, so that a platform that is back is used within that time. */
const RETRY_MOST_MS = 1_800_000;
/** 30 s doubled six times, then half-hourly: try 12 is about 3 hours after the first. */
const RETRY_LIMIT = 12;
/** X and LinkedIn count in windows of 15 minutes or more; used when they name no time. */
const RATE_LIMIT_MS = 900_000;
/** A hint to wait longer than a day is asked again daily: credits and limits get lifted by people. */
const WAIT_MOST_MS = 86_400_000;
/** Accounts that need a person are looked at again hourly; reconnecting frees them at once. */
const ACCOUNT_MS = 3_600_000;
/** A refused token that is not proven dead is tried again soon: platforms mend such incidents. */
const REFUSED_MS = 300_000;
/** Second round of the same invisible steps in one claim: the cause is not their age. */
const REDO_LIMIT = 2;
/** Refused tokens without a way to refresh: one refusal is no proof, the third is. */
const DEAD_PROOF = 2;
/** Look-ups wait 15 s, doubled up to half an hour: look-up 14 is about 3.5 hours after the first. */
const LOOKUP_FIRST_MS = 15_000;
const LOOKUP_MOST_MS = 1_800_000;
export const LOOKUP_LIMIT = 14;

/** How often a post may be sent again after a final `absent` (protocol §7); the store holds the same. */
export const RESENDS: Record<Platform, number> = {
	x: 1,
	linkedin: 1,
	/** The container id makes a repeat exact; five is a fence against a loop. */
	instagram: 5,
	/** The record's key makes a repeat exact. */
	bluesky: 5,
};

type Rule = (situation: Situation) => Decision;

/** The one place where a class of refusal becomes a decision. */
const RULES: Record<RejectionClass, Rule> = {
	retry: (situation) => retryLater(situation, 'retry'),
	rate_limit: ({ rejection }) => wait('rate_limit', rejection.waitMs ?? RATE_LIMIT_MS, rejection),
	refresh: (situation) =>
		situation.refreshed ? parkAccount(situation, situation.earlier >= 1) : { next: 'refresh' },
	reconnect: (situation) => parkAccount(situation, true),
	account: (situation) => parkAccount(situation, false),
	redo: (situation) =>
		situation.redone < REDO_LIMIT
			? { next: 'redo', steps: situation.rejection.redo ?? [] }
			: retryLater(situation, 'retry'),
	permanent: ({ rejection }) => end({ to: 'failed', error: rejection.error }),
	duplicate: ({ rejection, unclearBefore }) =>
		unclearBefore ? { next: 'look_up' } : end({ to: 'failed', error: rejection.error }),
};

/** Decides what follows from a definite refusal. */
export function decide(situation: Situation): Decision {
	return RULES[situation.rejection.class](situation);
}

/**
 * An access token was refused and no new one can be had without the person. One refusal is no
 * proof; `earlier` counts the refusals of this step before.
 */
export function withoutToken(error: PostError, earlier: number): Ending {
	return {
		next: 'end',
		result: { to: 'scheduled', reason: 'account_dead', waitMs: ACCOUNT_MS, error },
		markDead: earlier >= DEAD_PROOF,
		tokenRefused: true,
	};
}

/**
 * The same ending where the store did not mark the account although a refusal asked for it, or
 * where nobody asked yet: the post is tried again soon.
 */
export function notProven(ending: Ending): Ending {
	const { result, tokenRefused } = ending;
	if (result.to !== 'scheduled' || tokenRefused !== true) return ending;
	return { ...ending, result: { ...result, waitMs: Math.min(result.waitMs, REFUSED_MS) } };
}

/** Wait before try `earlier + 2` of the same step, ms. */
export function retryDelayMs(earlier: number): number {
	return Math.min(RETRY_MOST_MS, RETRY_FIRST_MS * 2 ** Math.min(earlier, 20));
}

/** An invisible step that ended unclear is simply run again: nobody could see it. */
export function unclearInvisible(error: PostError, earlier: number, platformDown: boolean): Ending {
	const reason: WaitReason = platformDown ? 'platform_down' : 'retry';
	return retryLater({ rejection: { outcome: 'rejected', class: 'retry', error }, earlier }, reason);
}

/** Wait before the next look-up, ms; at least what the platform asked for. */
export function lookUpDelayMs(earlier: number, askedMs: number): number {
	return Math.max(askedMs, Math.min(LOOKUP_MOST_MS, LOOKUP_FIRST_MS * 2 ** Math.min(earlier, 20)));
}

function retryLater(
	situation: Pick<Situation, 'rejection' | 'earlier'>,
	reason: WaitReason,
): Ending {
	const { rejection, earlier } = situation;
	if (earlier + 1 >= RETRY_LIMIT) return end({ to: 'failed', error: rejection.error });
	return wait(reason, Math.max(rejection.waitMs ?? 0, retryDelayMs(earlier)), rejection);
}

function parkAccount(situation: Situation, markDead: boolean): Ending {
	const { rejection } = situation;
	return {
		next: 'end',
		markDead,
		tokenRefused: rejection.class !== 'account',
		result: {
			to: 'scheduled',
			reason: 'account_dead',
			waitMs: Math.min(WAIT_MOST_MS, rejection.waitMs ?? ACCOUNT_MS),
			error: rejection.error,
		},
	};
}

function wait(reason: WaitReason, waitMs: number, rejection: Situation['rejection']): Ending {
	return end({
		to: 'scheduled',
		reason,
		waitMs: Math.min(WAIT_MOST_MS, Math.max(1_000, waitMs)),
		error: rejection.error,
	});
}

function end(result: ResultRequest): Ending {
	return { next: 'end', result, markDead: false };
}
