import { KINDS, type Kind } from './plan';
import type { ScheduleOutcome } from './world';

export interface Counts {
	schedules: number;
	posts: number;
	published: number;
	/** Live more than once. */
	duplicated: number;
	/** Live but stored otherwise, or never published. */
	lost: number;
	needsReview: number;
	/** Their answer was lost and the look-up (or LinkedIn's refusal of a repeat) told. */
	resolvedByLookup: number;
	cancelled: number;
	missed: number;
	failed: number;
}

export interface Failing {
	seed: number;
	kind: Kind;
	messages: string[];
}

/** What a run found, counted; those of several workers add up. */
export interface Tally {
	total: Counts;
	perPlatform: Record<Kind, Counts>;
	/** Broken invariants of every kind. */
	violations: Record<string, number>;
	/** The first failing seeds. */
	failing: Failing[];
	faults: number;
	/** Hash over the traces of all schedules. */
	trace: number;
	/** Why posts wait for a person. */
	reviews: Record<string, number>;
}

const MOST_FAILING = 20;

function noCounts(): Counts {
	return {
		schedules: 0,
		posts: 0,
		published: 0,
		duplicated: 0,
		lost: 0,
		needsReview: 0,
		resolvedByLookup: 0,
		cancelled: 0,
		missed: 0,
		failed: 0,
	};
}

export function emptyTally(): Tally {
	return {
		total: noCounts(),
		perPlatform: Object.fromEntries(
			KINDS.map((kind) => [kind, noCounts()]),
		) as Tally['perPlatform'],
		violations: {},
		failing: [],
		faults: 0,
		trace: 0,
		reviews: {},
	};
}

/** Counts one schedule. */
export function count(tally: Tally, outcome: ScheduleOutcome): void {
	const { kind, posts, seed, struck, trace, violations } = outcome;
	const of = (what: string) =>
		new Set(violations.filter((each) => each.kind === what).map(({ post }) => post)).size;
	for (const counts of [tally.total, tally.perPlatform[kind]]) {
		counts.schedules += 1;
		counts.posts += posts.length;
		counts.duplicated += of('duplicate');
		counts.lost += of('lost');
		for (const { confirmedBy, state } of posts) {
			if (state === 'published') counts.published += 1;
			if (state === 'needs_review') counts.needsReview += 1;
			if (state === 'cancelled') counts.cancelled += 1;
			if (state === 'missed') counts.missed += 1;
			if (state === 'failed') counts.failed += 1;
			if (confirmedBy === 'lookup' || confirmedBy === 'duplicate') counts.resolvedByLookup += 1;
		}
	}
	for (const { code, state } of posts) {
		if (state === 'needs_review') add(tally.reviews, `${kind} ${code}`, 1);
	}
	for (const each of violations) add(tally.violations, each.kind, 1);
	if (violations.length > 0 && tally.failing.length < MOST_FAILING) {
		tally.failing.push({ seed, kind, messages: violations.map(({ message }) => message) });
	}
	tally.faults += struck.length;
	tally.trace = (tally.trace + Math.imul(trace, (seed << 1) | 1)) >>> 0;
}

/** Adds what another worker counted. */
export function merge(into: Tally, other: Tally): void {
	addCounts(into.total, other.total);
	for (const kind of KINDS) addCounts(into.perPlatform[kind], other.perPlatform[kind]);
	for (const [kind, number] of Object.entries(other.violations)) add(into.violations, kind, number);
	for (const [why, number] of Object.entries(other.reviews)) add(into.reviews, why, number);
	into.failing.push(...other.failing);
	into.failing.sort((left, right) => left.seed - right.seed).splice(MOST_FAILING);
	into.faults += other.faults;
	into.trace = (into.trace + other.trace) >>> 0;
}

export function violationsOf(tally: Tally): number {
	return Object.values(tally.violations).reduce((sum, number) => sum + number, 0);
}

function addCounts(into: Counts, other: Counts): void {
	for (const name of Object.keys(into) as (keyof Counts)[]) into[name] += other[name];
}

function add(into: Record<string, number>, name: string, number: number): void {
	into[name] = (into[name] ?? 0) + number;
}
