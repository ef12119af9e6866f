import { setTimeout as pause } from 'node:timers/promises';
import type { ClockPort, HttpPort } from '../../core/ports';

/** A time that runs `factor` times faster than the machine's, and agrees with it at `epochMs`. */
export interface ClockSpec {
	/** Unix ms. */
	epochMs: number;
	factor: number;
}

/** Unix ms of the fast time. */
export function fastNow({ epochMs, factor }: ClockSpec): number {
	return Math.floor(epochMs + (Date.now() - epochMs) * factor);
}

/** Real ms in which so many fast ms pass. */
export function realMs({ factor }: ClockSpec, fastMs: number): number {
	return Math.max(0, fastMs / factor);
}

/** Sleeps so many fast ms. */
export async function fastPause(spec: ClockSpec, fastMs: number): Promise<void> {
	await pause(realMs(spec, fastMs));
}

/** @param skew read at each call: how far the wall clock is wrong, ms */
export function createFastClock(spec: ClockSpec, skew: () => number = () => 0): ClockPort {
	return {
		now: () => fastNow(spec) + skew(),
		monotonic: () => performance.now() * spec.factor,
		sleep: async (ms) => await fastPause(spec, ms),
	};
}

/** The same port with limits in fast ms. */
export function fastHttp(http: HttpPort, { factor }: ClockSpec): HttpPort {
	return {
		send: async (request) =>
			await http.send({ ...request, limitMs: Math.max(1, Math.ceil(request.limitMs / factor)) }),
	};
}
