import { setTimeout as pause } from 'node:timers/promises';
import type { ClockPort } from '../../../core/ports';

/** The machine's clocks. */
export function createClockPort(): ClockPort {
	return {
		now: () => Date.now(),
		monotonic: () => performance.now(),
		sleep: async (ms) => {
			await pause(Math.max(0, ms));
		},
	};
}
