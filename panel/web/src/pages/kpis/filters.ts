import { useCallback, useMemo } from 'react';
import { useSearchParams } from 'react-router';
import type { KpiBucket } from '../../../../../core/store/contract';
import { KPI_BUCKETS, KPI_RANGES, type KpiRange, type KpiScope } from '../../../../shared/kpis';

export const PLATFORMS = ['x', 'linkedin', 'instagram', 'bluesky'] as const;
export const CARRIERS = ['n8n', 'runner', 'none'] as const;
export const TIERS = ['universal', 'power'] as const;

export interface KpiFilters {
	range: KpiRange;
	bucket: KpiBucket;
	scope: KpiScope;
	platform: (typeof PLATFORMS)[number] | '';
	carrier: (typeof CARRIERS)[number] | '';
	tier: (typeof TIERS)[number] | '';
}

const NOTHING_CHOSEN = { range: '30d', scope: 'own', platform: '', carrier: '', tier: '' } as const;

/** Steps that fit; of all owners nothing is told by the hour. */
export function bucketsFor(range: KpiRange, scope: KpiScope): readonly KpiBucket[] {
	return KPI_BUCKETS[range].filter((bucket) => scope === 'own' || bucket !== 'hour');
}

/** Ranges that fit: 24 hours are told by the hour only. */
export function rangesFor(scope: KpiScope): KpiRange[] {
	return KPI_RANGES.filter((range) => bucketsFor(range, scope).length > 0);
}

function read(search: URLSearchParams): KpiFilters {
	const one = <T extends string>(name: string, values: readonly T[]) =>
		values.find((value) => value === search.get(name));
	const scope = one('scope', ['own', 'all'] as const) ?? 'own';
	const ranges = rangesFor(scope);
	const range = one('range', ranges) ?? NOTHING_CHOSEN.range;
	const buckets = bucketsFor(range, scope);
	return {
		scope,
		range,
		bucket: one('bucket', buckets) ?? buckets[0],
		platform: one('platform', PLATFORMS) ?? '',
		carrier: one('carrier', CARRIERS) ?? '',
		tier: one('tier', TIERS) ?? '',
	};
}

/** As the address and the server want it: without what is the default. */
export function written(filters: KpiFilters): URLSearchParams {
	const query = new URLSearchParams();
	for (const [name, value] of Object.entries(filters)) {
		const usual =
			name === 'bucket'
				? bucketsFor(filters.range, filters.scope)[0]
				: NOTHING_CHOSEN[name as keyof typeof NOTHING_CHOSEN];
		if (value !== usual) query.set(name, value as string);
	}
	return query;
}

/** The filters in the page's address, and how some of them are changed. */
export function useKpiFilters(): [KpiFilters, (change: Partial<KpiFilters>) => void] {
	const [search, setSearch] = useSearchParams();
	const filters = useMemo(() => read(search), [search]);
	const change = useCallback(
		(next: Partial<KpiFilters>) =>
			// What does not fit the change goes back to what does.
			setSearch(written(read(written({ ...filters, ...next }))), { replace: true }),
		[filters, setSearch],
	);
	return [filters, change];
}
