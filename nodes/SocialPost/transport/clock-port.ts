import { sleep } from 'n8n-workflow';

import type { ClockPort } from '../../../core/ports';

/** Wall and monotonic clock of the n8n process. */
export function createClockPort(): ClockPort {
	return {
		now: () => Date.now(),
		monotonic: () => performance.now(),
		sleep: async (ms) => await sleep(ms),
	};
}
