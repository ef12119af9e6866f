import { sleep } from 'n8n-workflow';

import type { ClockPort } from '../../../core/ports';

/** Wall and monotonic clock of the n8n process, both in whole ms as the store takes durations. */
export function createClockPort(): ClockPort {
	return {
		now: () => Date.now(),
		monotonic: () => Math.floor(performance.now()),
		sleep: async (ms) => await sleep(ms),
	};
}
