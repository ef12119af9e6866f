import fc from 'fast-check';
import { recordKey } from '../../../../../core/platforms/bluesky/record-key';

const TID = /^[234567abcdefghij][234567abcdefghijklmnopqrstuvwxyz]{12}$/;
const LETTERS = '234567abcdefghijklmnopqrstuvwxyz';

/** Any uuidv7 of the years 1970 to 2200. */
const ids = fc
	.tuple(
		fc.integer({ min: 0, max: 7_258_118_400_000 }),
		fc.bigInt({ min: 0n, max: (1n << 74n) - 1n }),
	)
	.map(([ms, random]) => {
		const time = ms.toString(16).padStart(12, '0');
		const a = (random >> 62n).toString(16).padStart(3, '0').slice(-3);
		const b = ((random & ((1n << 62n) - 1n)) | (1n << 63n)).toString(16).padStart(16, '0');
		return {
			ms,
			id: `${time.slice(0, 8)}-${time.slice(8)}-7${a}-${b.slice(0, 4)}-${b.slice(4)}`,
		};
	});

/** Microseconds since 1970 that a TID names (atproto.com/specs/tid). */
function microseconds(tid: string): bigint {
	let value = 0n;
	for (const letter of tid) value = value * 32n + BigInt(LETTERS.indexOf(letter));
	return value >> 10n;
}

describe('recordKey', () => {
	test('is a valid TID of the post’s own millisecond, the same at every call', () => {
		fc.assert(
			fc.property(ids, ({ id, ms }) => {
				const key = recordKey(id);
				expect(key).toMatch(TID);
				expect(Number(microseconds(key) / 1000n)).toBe(ms);
				expect(recordKey(id.toUpperCase())).toBe(key);
			}),
		);
	});

	test('sorts by the time of the posts', () => {
		fc.assert(
			fc.property(ids, ids, (a, b) => {
				fc.pre(a.ms < b.ms);
				expect(recordKey(a.id) < recordKey(b.id)).toBe(true);
			}),
		);
	});

	test('tells posts of one millisecond apart', () => {
		const keys = new Set<string>();
		for (let n = 0; n < 400; n++) {
			keys.add(recordKey(`01939b7c-8a00-7000-8000-${n.toString(16).padStart(12, '0')}`));
		}
		// 400 of a million places: a meeting has a chance of 8 %, these fixed ids have none.
		expect(keys.size).toBe(400);
	});

	test('is what it was when this was written, for keys of sent posts must not change', () => {
		expect(recordKey('01939b7c-8a00-7a3b-9c4d-5e6f708192a3')).toMatchInlineSnapshot(
			`"3lcmxjbq6xxia"`,
		);
	});

	test.each([
		'',
		'01939b7c-8a00-4a3b-9c4d-5e6f708192a3',
		'01939b7c8a007a3b9c4d5e6f708192a3',
		'ffffffff-ffff-7a3b-9c4d-5e6f708192a3',
	])('refuses %j', (id) => {
		expect(() => recordKey(id)).toThrow(RangeError);
	});
});
