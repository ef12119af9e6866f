import type { ClockPort } from '../../../core/ports';
import { createFastClock, type ClockSpec } from '../clock';

/** Fast time as the parent has set it for the whole process. */
export function clockSpec(): ClockSpec {
	return JSON.parse(process.env.MUSEKIT_CHAOS_CLOCK ?? '{"epochMs":0,"factor":1}') as ClockSpec;
}

export function createClockPort(): ClockPort {
	return createFastClock(clockSpec());
}
