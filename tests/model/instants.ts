import { DateTime, IANAZone } from 'luxon';
import type { PostError } from '../../core/store/contract';

export interface EntryTime {
	at: number;
	wall: string | null;
	bad: PostError | null;
}

const WALL = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2})?$/;
const INSTANT = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}(:?\d{2})?)$/;

/** `musekit_social.instant_of`: a skipped hour moves forward, an hour that comes twice is the second. */
export function instantOf(wall: string, zone: string): number {
	const offsets = DateTime.fromISO(wall, { zone }).getPossibleOffsets();
	return Math.max(...offsets.map((one) => one.toMillis()));
}

/** `musekit_social.entry_time`: the instant an entry asks for, or the reason why there is none. */
export function entryTime(
	entry: { scheduledAt?: string; wallTime?: string; timeZone?: string },
	now: number,
): EntryTime {
	const zone = entry.timeZone ?? null;
	const wrong = (code: string, message: string, remedy: string, field: string): EntryTime => ({
		at: now,
		wall: null,
		bad: { code, message, remedy, field },
	});
	if (zone !== null && !IANAZone.isValidZone(zone)) {
		return wrong(
			'time_zone_unknown',
			`"${zone}" is not a time zone.`,
			'Use an IANA name such as Europe/Berlin or America/New_York.',
			'timeZone',
		);
	}
	const said = entry.wallTime ?? entry.scheduledAt;
	if (said === undefined) return { at: now, wall: null, bad: null };
	if (entry.wallTime !== undefined && zone === null) {
		return wrong(
			'time_zone_missing',
			'The local time has no time zone.',
			'Give an IANA time zone with it.',
			'timeZone',
		);
	}
	const form = entry.wallTime === undefined ? INSTANT : WALL;
	const read = form.test(said) ? DateTime.fromISO(said.replace(' ', 'T'), { zone: 'utc' }) : null;
	if (read === null || !read.isValid) {
		return wrong(
			'time_invalid',
			`"${said}" is not a date and time.`,
			'Use a time like 2026-12-24T18:00:00+01:00, or one without offset together with a time zone.',
			'scheduledAt',
		);
	}
	if (entry.wallTime !== undefined && zone !== null) {
		const wall = read.toFormat("yyyy-MM-dd'T'HH:mm:ss");
		return { at: instantOf(wall, zone), wall, bad: null };
	}
	const at = read.toMillis();
	return {
		at,
		wall:
			zone === null ? null : DateTime.fromMillis(at, { zone }).toFormat("yyyy-MM-dd'T'HH:mm:ss"),
		bad: null,
	};
}
