/** Key figures: `GET /api/kpis` and, as a file, `GET /api/kpis.csv`, with the same query. */
import type { CarrierKind, KpiAnswer, KpiBucket, Platform, Tier } from '../../core/store/contract';

/** Up to now, in UTC: today counts as one day, this month as one month. */
export const KPI_RANGES = ['24h', '7d', '30d', '90d', '12m'] as const;
export type KpiRange = (typeof KPI_RANGES)[number];

/** Steps that fit a range; the first is taken unless told otherwise. */
export const KPI_BUCKETS: Record<KpiRange, readonly KpiBucket[]> = {
	'24h': ['hour'],
	'7d': ['day', 'hour'],
	'30d': ['day', 'week'],
	'90d': ['week', 'day', 'month'],
	'12m': ['month', 'week'],
};

/** `own`: the owner of the session; `all`: all owners together (admin), days that are over. */
export type KpiScope = 'own' | 'all';

/** `?range=&bucket=&scope=&platform=&carrier=&tier=`; lists with commas. */
export interface KpiQuery {
	range: KpiRange;
	bucket: KpiBucket;
	scope: KpiScope;
	platform: Platform[];
	carrier: (CarrierKind | 'none')[];
	tier: Tier[];
}

/** `series` has every step of the range, also those in which nothing happened. */
export interface KpisAnswer extends KpiAnswer {
	scope: KpiScope;
	range: KpiRange;
	asOf: string;
}

/** Published of what ended for good; null: nothing did. */
export function successRate(counts: {
	published: number;
	failed: number;
	missed: number;
}): number | null {
	const ended = counts.published + counts.failed + counts.missed;
	return ended === 0 ? null : counts.published / ended;
}
