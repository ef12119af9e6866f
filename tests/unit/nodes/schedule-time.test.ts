import { runInNewContext } from 'node:vm';
import { DateTime } from 'luxon';

import { isTimeZone, readScheduleTime } from '../../../nodes/SocialPost/input/schedule-time';

const AT = '2026-12-24T17:30:00.000Z';
const at = { kind: 'instant', scheduledAt: AT };

describe('instants', () => {
	it.each<[string, unknown]>([
		['ISO in UTC', '2026-12-24T17:30:00Z'],
		['ISO with offset', '2026-12-24T18:30:00+01:00'],
		['ISO with a short offset', '2026-12-24T18:30+01'],
		['ISO with an offset without colon', '2026-12-24T12:30:00-0500'],
		['ISO with milliseconds', '2026-12-24T17:30:00.000Z'],
		['ISO with offset and zone name', '2026-12-24T18:30:00+01:00[Europe/Berlin]'],
		['text with UTC behind it', '2026-12-24 17:30 UTC'],
		['a JS Date', new Date(AT)],
		['a JS Date as text', 'Thu Dec 24 2026 18:30:00 GMT+0100 (Central European Standard Time)'],
		['a luxon DateTime', DateTime.fromISO('2026-12-24T18:30:00', { zone: 'Europe/Berlin' })],
		['a DateTime inside other text', '[DateTime: 2026-12-24T18:30:00.000+01:00]'],
		['Unix seconds', 1798133400],
		['Unix milliseconds', 1798133400000],
		['Unix seconds as text', '1798133400'],
		['Unix milliseconds as text', ' 1798133400000 '],
	])('%s', (_name, value) => {
		expect(readScheduleTime(value, 'Asia/Tokyo')).toEqual(at);
	});

	it('keeps fractions of a second, whatever their length', () => {
		expect(readScheduleTime('2026-12-24T17:30:00.123456789Z', 'UTC')).toEqual({
			kind: 'instant',
			scheduledAt: '2026-12-24T17:30:00.123Z',
		});
	});

	it('takes a Date of another realm, as expressions make them', () => {
		const foreign: unknown = runInNewContext(`new Date(${Date.parse(AT)})`);
		expect(foreign).not.toBeInstanceOf(Date);
		expect(readScheduleTime(foreign, 'UTC')).toEqual(at);
	});
});

describe('wall times', () => {
	it.each([
		['2026-12-24 18:30', '2026-12-24T18:30:00'],
		['2026-12-24T18:30', '2026-12-24T18:30:00'],
		['2026-12-24T18:30:05', '2026-12-24T18:30:05'],
		['2026-12-24 8:05', '2026-12-24T08:05:00'],
	])('%s is local time of the zone', (text, wallTime) => {
		expect(readScheduleTime(text, 'Europe/Berlin')).toEqual({
			kind: 'wall',
			wallTime,
			timeZone: 'Europe/Berlin',
		});
	});

	it('takes the zone named in the text', () => {
		expect(readScheduleTime('2026-12-24T18:30[America/New_York]', 'Europe/Berlin')).toEqual({
			kind: 'wall',
			wallTime: '2026-12-24T18:30:00',
			timeZone: 'America/New_York',
		});
	});

	it('refuses a zone that nobody knows', () => {
		expect(readScheduleTime('2026-12-24 18:30', 'Mars/Olympus')).toMatchObject({
			kind: 'refused',
			message: 'The time zone "Mars/Olympus" is not known.',
		});
	});
});

describe('refusals say what is wrong and what to write instead', () => {
	it.each<[unknown, RegExp]>([
		['', /is empty/],
		[null, /is empty/],
		[undefined, /is empty/],
		['2026-12-24', /no time of day/],
		['tomorrow-ish', /"tomorrow-ish"/],
		['12/24/2026 18:30', /without guessing/],
		['2026-02-30 10:00', /not in the calendar/],
		['2026-12-24 25:00', /not in the calendar/],
		[42, /not a Unix time/],
		[NaN, /not a Unix time/],
		[1798133400000000, /not a Unix time/],
		[new Date('nonsense'), /not valid/],
		[DateTime.invalid('test'), /not valid/],
		[{}, /neither text, number nor date/],
	])('%p', (value, message) => {
		const time = readScheduleTime(value, 'Europe/Berlin');
		expect(time).toMatchObject({ kind: 'refused', message: expect.stringMatching(message) });
		expect(time).toMatchObject({ remedy: expect.stringMatching(/2026-12-24 18:30/) });
	});
});

it.each([
	['Europe/Berlin', true],
	['UTC', true],
	['America/Argentina/Buenos_Aires', true],
	['Mars/Olympus', false],
	['CEST', false],
	['+01:00', false],
	['', false],
])('zone %p: %p', (name, known) => {
	expect(isTimeZone(name)).toBe(known);
});
