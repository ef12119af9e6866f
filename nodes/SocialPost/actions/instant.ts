import type { IExecuteFunctions } from 'n8n-workflow';

import type { ScheduleTime } from '../input/schedule-time';
import type { Session } from '../transport/ports';
import { askStore } from './ask-store';

/** Instant of a wall time. SQL is the one place that turns one into the other. */
export async function instantOf(
	context: IExecuteFunctions,
	itemIndex: number,
	session: Session,
	time: Extract<ScheduleTime, { kind: 'wall' }>,
	state?: string,
): Promise<string> {
	const { at } = await askStore(
		context,
		itemIndex,
		session,
		'social_instant',
		{ p_wall_time: time.wallTime, p_time_zone: time.timeZone },
		state,
	);
	return at;
}
