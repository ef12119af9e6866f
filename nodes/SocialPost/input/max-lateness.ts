/** The options "If Missed" and how late is still in time. */
export interface LatenessOptions {
	ifMissed?: 'publishLate' | 'markMissed';
	maxLatenessMinutes?: number;
}

/**
 * Even on a good day a post is a little late: n8n looks every 30 seconds, and when n8n is down the
 * fallback runner steps in after 45. Two minutes cover both, so that only a real outage is a miss.
 */
const USUAL_DELAY_MS = 120_000;

/** Ms that a post may be late, undefined for the store's own rule. */
export function maxLatenessOf(options: LatenessOptions): number | undefined {
	if (options.ifMissed === 'markMissed') return USUAL_DELAY_MS;
	const { maxLatenessMinutes } = options;
	return maxLatenessMinutes === undefined ? undefined : maxLatenessMinutes * 60_000;
}
