import type { IExecuteFunctions } from 'n8n-workflow';

import { operationError } from '../input/problem';
import {
	isTimeZone,
	readScheduleTime,
	unknownZone,
	type ScheduleTime,
} from '../input/schedule-time';

export type ReadTime = Exclude<ScheduleTime, { kind: 'refused' }>;

/** The time of one item; the zone is the item's own or the workflow's. Throws when unreadable. */
export function readTime(
	context: IExecuteFunctions,
	itemIndex: number,
	names: { at: string; zone: string },
	state?: string,
): ReadTime {
	const zone = String(
		(context.getNodeParameter(names.zone, itemIndex, '') as unknown) ?? '',
	).trim();
	const time =
		zone !== '' && !isTimeZone(zone)
			? unknownZone(zone)
			: readScheduleTime(
					context.getNodeParameter(names.at, itemIndex, '') as unknown,
					zone || context.getTimezone(),
				);
	if (time.kind === 'refused') throw operationError(context, time, itemIndex, state);
	return time;
}
