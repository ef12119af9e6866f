import { DateTime } from 'luxon';

import { maxLatenessOf } from '../../../nodes/SocialPost/input/max-lateness';
import { readDay, readTimeOfDay, readWeekdays } from '../../../nodes/SocialPost/input/series-rule';

it.each<[unknown, string | undefined]>([
	['', undefined],
	[undefined, undefined],
	['2026-12-24', '2026-12-24'],
	['2026-12-24T00:00:00', '2026-12-24'],
	['2026-12-24 23:59', '2026-12-24'],
	// The instant is already the next day in Berlin.
	['2026-12-24T23:30:00Z', '2026-12-25'],
	['2026-12-24T23:30:00.000+01:00', '2026-12-24'],
	[new Date('2026-12-24T23:30:00Z'), '2026-12-25'],
	[DateTime.fromISO('2026-12-24T23:30:00Z', { zone: 'utc' }), '2026-12-25'],
	['tomorrow', 'tomorrow'],
])('day of %p', (value, day) => {
	expect(readDay(value, 'Europe/Berlin')).toBe(day);
});

it.each([
	['9:00', '09:00'],
	[' 09:05 ', '09:05'],
	['09:05:00', '09:05'],
	['09:05:30', '09:05:30'],
	['noon', 'noon'],
])('time of day %p', (value, time) => {
	expect(readTimeOfDay(value)).toBe(time);
});

it.each([
	[
		[5, 1, 5],
		[1, 5],
	],
	['3,1', [1, 3]],
	['', []],
	[4, [4]],
])('weekdays of %p', (value, days) => {
	expect(readWeekdays(value)).toEqual(days);
});

it('"Mark Missed" leaves the usual delay and goes before the minutes', () => {
	expect(maxLatenessOf({})).toBeUndefined();
	expect(maxLatenessOf({ maxLatenessMinutes: 5 })).toBe(300_000);
	expect(maxLatenessOf({ ifMissed: 'publishLate', maxLatenessMinutes: 5 })).toBe(300_000);
	expect(maxLatenessOf({ ifMissed: 'markMissed', maxLatenessMinutes: 5 })).toBe(120_000);
});
