import { DateTime } from 'luxon';

/**
 * A calendar day as `YYYY-MM-DD`: of text its first part, of an instant (Date, DateTime) the day it
 * is in the zone. Undefined when empty; what is no day stays as it is, for core names it.
 */
export function readDay(value: unknown, timeZone: string): string | undefined {
	if (value === undefined || value === null || value === '') return undefined;
	if (DateTime.isDateTime(value)) return value.setZone(timeZone).toISODate() ?? 'no date';
	if (Object.prototype.toString.call(value) === '[object Date]') {
		const day = DateTime.fromMillis((value as Date).getTime(), { zone: timeZone });
		return day.toISODate() ?? 'no date';
	}
	const text = String(value).trim();
	const instant = /^\d{4}-\d{2}-\d{2}T[\d:.]+(?:Z|[+-]\d{2}:?\d{2})$/.test(text)
		? DateTime.fromISO(text, { zone: timeZone })
		: null;
	if (instant?.isValid) return instant.toISODate();
	return /^(\d{4}-\d{2}-\d{2})(?:[T ]|$)/.exec(text)?.[1] ?? text;
}

/** `HH:mm` of `9:00`, `09:00` or `09:00:00`; anything else stays as it is, for core names it. */
export function readTimeOfDay(value: unknown): string {
	const text = String(value ?? '').trim();
	const parts = /^(\d{1,2}):(\d{2})(?::00)?$/.exec(text);
	return parts === null ? text : `${parts[1].padStart(2, '0')}:${parts[2]}`;
}

/** ISO days from the picked list, an array or a text with commas, each once, Monday first. */
export function readWeekdays(value: unknown): number[] {
	const given = Array.isArray(value) ? value : String(value ?? '').split(',');
	const days = given.filter((day) => String(day).trim() !== '').map(Number);
	return [...new Set(days)].sort((left, right) => left - right);
}
