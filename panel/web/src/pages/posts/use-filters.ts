import { useCallback, useMemo } from 'react';
import { useSearchParams } from 'react-router';
import { LIST_ORDERS } from '../../../../shared/posts';

export type Order = (typeof LIST_ORDERS)[number];

export interface Filters {
	owner: string | null;
	states: string[];
	platforms: string[];
	account: string | null;
	search: string;
	by: Order;
	/** Days (`YYYY-MM-DD`) of the reader's own zone; `until` is the last one that counts. */
	from: string | null;
	until: string | null;
}

const NAMES = {
	owner: 'owner',
	states: 'state',
	platforms: 'platform',
	account: 'account',
	search: 'search',
	by: 'by',
	from: 'from',
	until: 'until',
} satisfies Record<keyof Filters, string>;

const DAY = /^\d{4}-\d{2}-\d{2}$/;

/** The filters as they stand in the page's address, so that a list can be linked to and gone back to. */
export function useFilters(): [
	Filters,
	(change: Partial<Filters>) => string,
	(to: string) => void,
] {
	const [search, setSearch] = useSearchParams();
	const filters = useMemo(() => read(search), [search]);
	const linkTo = useCallback(
		(change: Partial<Filters>) => `?${written({ ...filters, ...change })}`,
		[filters],
	);
	const go = useCallback((to: string) => setSearch(to, { replace: true }), [setSearch]);
	return [filters, linkTo, go];
}

function read(search: URLSearchParams): Filters {
	const list = (name: string) => (search.get(name) ?? '').split(',').filter(Boolean);
	const day = (name: string) => {
		const value = search.get(name);
		return value !== null && DAY.test(value) ? value : null;
	};
	return {
		owner: search.get(NAMES.owner),
		states: list(NAMES.states),
		platforms: list(NAMES.platforms),
		account: search.get(NAMES.account),
		search: search.get(NAMES.search) ?? '',
		by: LIST_ORDERS.find((order) => order === search.get(NAMES.by)) ?? 'created',
		from: day(NAMES.from),
		until: day(NAMES.until),
	};
}

function written(filters: Filters): URLSearchParams {
	const search = new URLSearchParams();
	for (const [key, value] of Object.entries(filters) as [
		keyof Filters,
		string | string[] | null,
	][]) {
		const text = Array.isArray(value) ? value.join(',') : value;
		if (text && !(key === 'by' && text === 'created')) search.set(NAMES[key], text);
	}
	return search;
}

/** Nothing but the owner is chosen. */
export const isUnfiltered = (filters: Filters) =>
	written({ ...filters, owner: null, by: 'created' }).size === 0;

/** The same as the server is asked for it. */
export function queryOf(filters: Filters): URLSearchParams {
	const query = written({ ...filters, from: null, until: null });
	query.delete(NAMES.until);
	if (filters.from) query.set('from', startOfDay(filters.from, 0));
	if (filters.until) query.set('to', startOfDay(filters.until, 1));
	return query;
}

/** Midnight in the reader's zone, so many days later. */
function startOfDay(day: string, later: number): string {
	const [year, month, date] = day.split('-').map(Number);
	return new Date(year, month - 1, date + later).toISOString();
}
