import type { KpiBucket, KpiCounts, KpiGroup } from '../../../core/store/contract';
import type { KpiRange } from '../../shared/kpis';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** Beginning of the step that an instant lies in, UTC; weeks begin on Monday. */
function floorOf(at: Date, bucket: KpiBucket): Date {
	const [year, month, day] = [at.getUTCFullYear(), at.getUTCMonth(), at.getUTCDate()];
	if (bucket === 'hour') return new Date(Math.floor(at.getTime() / HOUR_MS) * HOUR_MS);
	if (bucket === 'month') return new Date(Date.UTC(year, month, 1));
	const back = bucket === 'week' ? (at.getUTCDay() + 6) % 7 : 0;
	return new Date(Date.UTC(year, month, day - back));
}

function following(at: Date, bucket: KpiBucket): Date {
	if (bucket === 'month') return new Date(Date.UTC(at.getUTCFullYear(), at.getUTCMonth() + 1, 1));
	return new Date(at.getTime() + { hour: HOUR_MS, day: DAY_MS, week: 7 * DAY_MS }[bucket]);
}

/** Whole steps that cover a range up to now. */
export function rangeOf(range: KpiRange, bucket: KpiBucket, now: Date): { from: Date; to: Date } {
	const to = following(floorOf(now, bucket), bucket);
	if (range === '24h') return { from: new Date(to.getTime() - DAY_MS), to };
	const from =
		range === '12m'
			? new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - 11, 1))
			: new Date(
					floorOf(now, 'day').getTime() - ({ '7d': 7, '30d': 30, '90d': 90 }[range] - 1) * DAY_MS,
				);
	return { from: floorOf(from, bucket), to };
}

const NOTHING: KpiCounts = {
	created: 0,
	published: 0,
	failed: 0,
	missed: 0,
	cancelled: 0,
	needsReview: 0,
	lateness: null,
};

/** The series with the steps in which nothing happened. */
export function filled(series: KpiGroup[], bucket: KpiBucket, from: Date, to: Date): KpiGroup[] {
	const known = new Map(series.map((group) => [Date.parse(group.key), group]));
	const all: KpiGroup[] = [];
	for (let at = floorOf(from, bucket); at < to; at = following(at, bucket)) {
		all.push(known.get(at.getTime()) ?? { key: at.toISOString(), ...NOTHING });
	}
	return all;
}
