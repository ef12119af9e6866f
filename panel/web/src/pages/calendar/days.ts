import { DateTime } from 'luxon';

export type View = 'month' | 'week';

/** Days are `YYYY-MM-DD`, without a zone; instants are ISO. */
const at = (day: string) => DateTime.fromISO(day, { zone: 'utc' });
const dayOf = (date: DateTime) => date.toFormat('yyyy-MM-dd');

export interface Span {
	from: string;
	days: number;
	/** The month or week in words. */
	title: string;
}

/** The days of a month or week around a day. `whole`: filled up to whole weeks, as a grid needs it. */
export function spanOf(view: View, day: string, whole: boolean): Span {
	const date = at(day);
	const weeks = view === 'week' || whole;
	const first = date.startOf(view, { useLocaleWeeks: true });
	const last = date.endOf(view, { useLocaleWeeks: true });
	const from = weeks ? first.startOf('week', { useLocaleWeeks: true }) : first;
	const to = weeks ? last.endOf('week', { useLocaleWeeks: true }) : last;
	return {
		from: dayOf(from),
		days: Math.round(to.diff(from, 'days').days),
		title:
			view === 'month'
				? date.toLocaleString({ month: 'long', year: 'numeric' })
				: `${first.toLocaleString({ day: 'numeric', month: 'short' })} – ${last.toLocaleString({
						day: 'numeric',
						month: 'short',
						year: 'numeric',
					})}`,
	};
}

/** Another month or week; the day stays the same where there is one. */
export function stepped(view: View, day: string, by: 1 | -1): string {
	return dayOf(at(day).plus(view === 'month' ? { months: by } : { weeks: by }));
}

export const plusDays = (day: string, days: number) => dayOf(at(day).plus({ days }));

export const isDay = (text: string | null): text is string =>
	text !== null && /^\d{4}-\d{2}-\d{2}$/.test(text) && at(text).isValid;

/** Which day it is now in a zone. */
export const todayIn = (zone: string) => dayOf(DateTime.now().setZone(zone));

export const sameMonth = (one: string, other: string) => one.slice(0, 7) === other.slice(0, 7);

export const weekday = (day: string) => at(day).toLocaleString({ weekday: 'short' });

export const dayNumber = (day: string) => at(day).day;

/** "Tuesday, 24 November". */
export const longDay = (day: string) =>
	at(day).toLocaleString({ weekday: 'long', day: 'numeric', month: 'long' });

export const timeIn = (iso: string, zone: string) =>
	DateTime.fromISO(iso).setZone(zone).toLocaleString(DateTime.TIME_SIMPLE);

/** "24 Nov 2026, 18:00" in a zone. */
export const momentIn = (iso: string, zone: string) =>
	DateTime.fromISO(iso).setZone(zone).toLocaleString(DateTime.DATETIME_MED);

/** The same time of day on another day, as a wall time of that zone. */
export const sameTimeOn = (day: string, iso: string, zone: string) =>
	`${day}T${DateTime.fromISO(iso).setZone(zone).toFormat('HH:mm:ss')}`;

export const wallTimeIn = (iso: string, zone: string) =>
	DateTime.fromISO(iso).setZone(zone).toFormat("yyyy-MM-dd'T'HH:mm:ss");

/** For what shows until the store has answered, whose word on the instant counts. */
export function instantOf(wallTime: string, zone: string): string {
	return DateTime.fromISO(wallTime, { zone }).toUTC().toISO() ?? new Date().toISOString();
}

/** Of a day, because it changes with the clocks. */
export const offsetOf = (zone: string, day: string) =>
	`UTC${DateTime.fromISO(day, { zone }).toFormat('ZZ')}`;

/** What a clock there shows now, to begin a choice with: the next full hour. */
export const nextHour = (zone: string) =>
	DateTime.now().setZone(zone).plus({ hours: 1 }).startOf('hour').toFormat("yyyy-MM-dd'T'HH:mm");
