import type { ClockPort } from '../ports';

/** An instant on both clocks. */
export interface Mark {
	wall: number;
	monotonic: number;
}

/** Reads both clocks. Take it before a call whose answer tells how much time is left. */
export function mark(clock: ClockPort): Mark {
	return { wall: clock.now(), monotonic: clock.monotonic() };
}

/**
 * Ms since the mark, at most: the larger of both clocks. The monotonic one may stand still while
 * the machine sleeps, the wall clock may be set back.
 */
export function elapsedAtMost(clock: ClockPort, since: Mark): number {
	return Math.max(0, clock.now() - since.wall, clock.monotonic() - since.monotonic);
}

/** Ms since the mark, at least: the smaller of both clocks. For "not before" rules. */
export function elapsedAtLeast(clock: ClockPort, since: Mark): number {
	return Math.max(0, Math.min(clock.now() - since.wall, clock.monotonic() - since.monotonic));
}

/** Time that the store granted, counted from before the call that asked for it. */
export class Countdown {
	constructor(
		private readonly clock: ClockPort,
		private readonly since: Mark,
		private readonly grantedMs: number,
	) {}

	/** Ms left, never more than what the store still grants. */
	left(): number {
		return this.grantedMs - elapsedAtMost(this.clock, this.since);
	}
}
