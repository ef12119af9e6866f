import type { IDataObject } from 'n8n-workflow';

import type { PostError, SeriesView } from '../../../../core/store/contract';
import { plainProblem } from '../output';

/** A series as item data; `next` are its due times that are made already (two weeks ahead). */
export function seriesOutput(series: SeriesView, warnings?: PostError[]): IDataObject {
	return {
		id: series.id,
		active: series.active,
		accountId: series.accountId,
		text: series.content.text,
		images: series.content.media?.length ?? 0,
		frequency: series.frequency,
		every: series.every,
		weekdays: series.weekdays,
		monthDay: series.monthDay,
		localTime: series.localTime,
		timeZone: series.timeZone,
		startsOn: series.startsOn,
		endsOn: series.endsOn,
		maxLatenessMinutes: series.maxLatenessMs / 60_000,
		next: series.next,
		...(warnings === undefined ? {} : { warnings: warnings.map(plainProblem) }),
	};
}
