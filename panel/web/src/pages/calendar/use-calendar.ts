import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useCallback, useState, useSyncExternalStore } from 'react';
import { useSearchParams } from 'react-router';
import type { CalendarAnswer } from '../../../../shared/posts';
import { call } from '../../api/client';
import { deviceZone, isZone } from '../../ui/zones';
import { isDay, spanOf, todayIn, type View } from './days';

const KEPT_ZONE = 'musekit-calendar-zone';
const REFRESH_MS = 15_000;

/** Posts of a day that are shown at once. */
const PER_DAY = { month: 4, week: 30, phone: 20 };

const small = () => matchMedia('(max-width: 639px)');

/** A screen too narrow for a grid. */
export function usePhone(): boolean {
	return useSyncExternalStore(
		(changed) => {
			const query = small();
			query.addEventListener('change', changed);
			return () => query.removeEventListener('change', changed);
		},
		() => small().matches,
	);
}

function keptZone(): string | null {
	const kept = localStorage.getItem(KEPT_ZONE);
	return kept !== null && isZone(kept) ? kept : null;
}

/** For the next visits. Null: the usual one of the settings, or the device's. */
export function keepZone(zone: string | null): void {
	if (zone === null) localStorage.removeItem(KEPT_ZONE);
	else localStorage.setItem(KEPT_ZONE, zone);
}

/** What the calendar shows, as its address says it, and its days. */
export function useCalendar() {
	const [holds, setHolds] = useState(0);
	/** Keeps the days as they are until it is called with false as often as with true. */
	const hold = useCallback((held: boolean) => setHolds((n) => n + (held ? 1 : -1)), []);
	const still = holds > 0;
	const [search, setSearch] = useSearchParams();
	const phone = usePhone();
	const view: View = search.get('view') === 'week' ? 'week' : 'month';
	const askedZone = search.get('zone') ?? keptZone();
	const asked = search.get('date');
	const date = isDay(asked) ? asked : todayIn(askedZone ?? deviceZone());
	const span = spanOf(view, date, !phone);
	const filters = {
		owner: search.get('owner') ?? '',
		platform: search.get('platform') ?? '',
		account: search.get('account') ?? '',
	};
	const query = new URLSearchParams({
		from: span.from,
		days: String(span.days),
		device: deviceZone(),
		perDay: String(phone ? PER_DAY.phone : PER_DAY[view]),
		...(askedZone ? { zone: askedZone } : {}),
	});
	for (const [name, value] of Object.entries(filters)) if (value) query.set(name, value);
	const key = ['calendar', query.toString()];
	const calendar = useQuery({
		queryKey: key,
		queryFn: () => call<CalendarAnswer>('GET', `/api/calendar?${query}`),
		placeholderData: keepPreviousData,
		// What somebody holds must not jump away under their finger, nor what they dropped go back to its
		// old day with an answer from before the move.
		refetchInterval: still ? false : REFRESH_MS,
		enabled: ({ state }) => !still || state.data === undefined,
	});
	const linkTo = useCallback(
		(change: Record<string, string | null>) => {
			const next = new URLSearchParams(search);
			for (const [name, value] of Object.entries(change)) {
				if (value) next.set(name, value);
				else next.delete(name);
			}
			return `?${next}`;
		},
		[search],
	);
	const go = useCallback((to: string) => setSearch(to, { replace: true }), [setSearch]);
	const zone = calendar.data?.timeZone ?? askedZone ?? deviceZone();
	return { view, date, span, phone, filters, key, calendar, zone, linkTo, go, hold };
}
