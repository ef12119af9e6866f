import { DateTime, FixedOffsetZone, IANAZone } from 'luxon';

/** A time as the store takes it: an instant, or a wall time with its IANA zone. */
export type ScheduleTime =
	| { kind: 'instant'; scheduledAt: string }
	| { kind: 'wall'; wallTime: string; timeZone: string }
	| { kind: 'refused'; message: string; remedy: string };

const FORMS =
	'Write it like 2026-12-24 18:30, 2026-12-24T18:30:00+01:00, or give a Unix time, a Date or a DateTime such as {{ $now.plus(2, "hours") }}.';

/** `2026-12-24 18:30`, `2026-12-24T18:30:05.123`, with or without offset, with or without `[Zone]`. */
const WRITTEN =
	/^(\d{4}-\d{2}-\d{2})[T ]\s*(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?\s*(Z|z|UTC|GMT|[+-]\d{2}(?::?\d{2})?)?(?:\[([A-Za-z0-9_+\-/]+)\])?$/;

/** What `String(new Date())` gives, with its zone name in brackets. */
const DATE_AS_TEXT =
	/^[A-Z][a-z]{2} ([A-Z][a-z]{2}) (\d{2}) (\d{4}) (\d{2}):(\d{2}):(\d{2}) GMT([+-]\d{4})/;

/** 2001-09-09 as Unix ms; smaller numbers are seconds. */
const SMALLEST_MS = 1_000_000_000_000;
/** 2001-09-09 as Unix seconds; smaller ones are no times of posts. */
const SMALLEST_SECONDS = 1_000_000_000;
/** Year 2100; larger numbers are micro- or nanoseconds. */
const LARGEST_MS = 4_102_444_800_000;

/** True for a zone of the IANA list that this machine knows, such as `Europe/Berlin`. */
export function isTimeZone(name: string): boolean {
	return name === 'UTC' || (name.includes('/') && IANAZone.isValidZone(name));
}

/**
 * Reads a time in every form n8n gives: text with or without offset, JS Date, luxon DateTime, Unix
 * seconds or ms. Text without an offset is wall time in `timeZone`; SQL turns it into an instant.
 */
export function readScheduleTime(value: unknown, timeZone: string): ScheduleTime {
	if (value === undefined || value === null || value === '') {
		return refused('The parameter "Publish At" is empty.');
	}
	if (DateTime.isDateTime(value)) {
		const at: DateTime = value;
		return at.isValid
			? instant(at.toMillis())
			: refused('The DateTime in "Publish At" is not valid.');
	}
	if (Object.prototype.toString.call(value) === '[object Date]') {
		return instant((value as Date).getTime());
	}
	if (typeof value === 'number') return unixTime(value);
	if (typeof value !== 'string') return refused('"Publish At" is neither text, number nor date.');
	return readText(value.trim(), timeZone);
}

function readText(text: string, timeZone: string): ScheduleTime {
	// An expression inside other text turns a DateTime into `[DateTime: …]`.
	const plain = text.replace(/^\[DateTime: (.+)\]$/, '$1');
	if (/^\d{9,}(\.\d+)?$/.test(plain)) return unixTime(Number(plain));
	const written = WRITTEN.exec(plain);
	if (written) return readWritten(written, timeZone);
	if (/^\d{4}-\d{2}-\d{2}$/.test(plain)) {
		return refused(`"${text}" has a date but no time of day.`);
	}
	const asText = DATE_AS_TEXT.exec(plain);
	if (asText) {
		const [, month, day, year, hour, minute, second, offset] = asText;
		const at = DateTime.fromFormat(
			`${month} ${day} ${year} ${hour}:${minute}:${second} ${offset}`,
			'LLL dd yyyy HH:mm:ss ZZZ',
			{ locale: 'en-US' },
		);
		if (at.isValid) return instant(at.toMillis());
	}
	return refused(`"${text.slice(0, 60)}" is not a time that can be read without guessing.`);
}

function readWritten(parts: RegExpExecArray, fallbackZone: string): ScheduleTime {
	const [, date, hour, minute, second = '00', fraction = '', offset, zone] = parts;
	const wall = `${date}T${hour.padStart(2, '0')}:${minute}:${second}`;
	const checked = DateTime.fromISO(wall, { zone: 'utc' });
	if (!checked.isValid) return refused(`"${date} ${hour}:${minute}" is not in the calendar.`);
	if (offset !== undefined) {
		const at = DateTime.fromISO(wall, { zone: fixedZone(offset) });
		return instant(at.toMillis() + Math.floor(Number(`0.${fraction || '0'}`) * 1000));
	}
	const timeZone = zone ?? fallbackZone;
	if (!isTimeZone(timeZone)) return unknownZone(timeZone);
	return { kind: 'wall', wallTime: wall, timeZone };
}

function fixedZone(offset: string): FixedOffsetZone {
	if (/^(Z|UTC|GMT)$/i.test(offset)) return FixedOffsetZone.utcInstance;
	const sign = offset.startsWith('-') ? -1 : 1;
	const digits = offset.slice(1).replace(':', '').padEnd(4, '0');
	return FixedOffsetZone.instance(
		sign * (Number(digits.slice(0, 2)) * 60 + Number(digits.slice(2, 4))),
	);
}

function unixTime(value: number): ScheduleTime {
	const ms = value >= SMALLEST_MS ? value : value * 1000;
	if (!Number.isFinite(value) || value < SMALLEST_SECONDS || ms > LARGEST_MS) {
		return refused(`The number ${value} is not a Unix time in seconds or milliseconds.`);
	}
	return instant(Math.floor(ms));
}

function instant(ms: number): ScheduleTime {
	if (!Number.isFinite(ms)) return refused('The date in "Publish At" is not valid.');
	return { kind: 'instant', scheduledAt: new Date(ms).toISOString() };
}

/** The refusal of a zone name that nobody knows. */
export function unknownZone(name: string): ScheduleTime {
	return {
		kind: 'refused',
		message: `The time zone "${name.slice(0, 60)}" is not known.`,
		remedy:
			'Use a name of the IANA list, such as Europe/Berlin or America/New_York, or leave "Time Zone" empty for the zone of the workflow.',
	};
}

function refused(message: string): ScheduleTime {
	return { kind: 'refused', message, remedy: FORMS };
}
