import { createHash } from 'node:crypto';

import fc from 'fast-check';

import { encodeBase64 } from '../../../../core/content/base64';
import { canonicalJson, fingerprintOf } from '../../../../core/content/fingerprint';

const crypto = {
	sha256: (data: Uint8Array | string) =>
		Promise.resolve(new Uint8Array(createHash('sha256').update(data).digest())),
};

const shuffled = (value: unknown): unknown => {
	if (Array.isArray(value)) return value.map(shuffled);
	if (value === null || typeof value !== 'object') return value;
	return Object.fromEntries(
		Object.entries(value)
			.reverse()
			.map(([key, field]) => [key, shuffled(field)]),
	);
};

describe('canonicalJson', () => {
	test('does not depend on the order of fields', () => {
		fc.assert(
			fc.property(fc.jsonValue(), (value) => {
				expect(canonicalJson(shuffled(value))).toBe(canonicalJson(value));
			}),
		);
	});

	test('means the same value', () => {
		fc.assert(
			fc.property(fc.jsonValue(), (value) => {
				expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
			}),
		);
	});

	test('leaves absent fields out and keeps the order of lists', () => {
		expect(canonicalJson({ b: undefined, a: [2, 1], c: null })).toBe('{"a":[2,1],"c":null}');
		expect(canonicalJson(undefined)).toBe('null');
	});
});

describe('fingerprintOf', () => {
	test('is the SHA-256 of the canonical form in hex', async () => {
		expect(await fingerprintOf({ b: 1, a: 'x' }, crypto)).toBe(
			createHash('sha256').update('{"a":"x","b":1}').digest('hex'),
		);
	});

	test('differs when anything sent differs', async () => {
		const base = await fingerprintOf({ text: 'a', accountId: '1' }, crypto);
		expect(await fingerprintOf({ accountId: '1', text: 'a' }, crypto)).toBe(base);
		expect(await fingerprintOf({ text: 'a ', accountId: '1' }, crypto)).not.toBe(base);
		expect(await fingerprintOf({ text: 'a', accountId: '1', media: [] }, crypto)).not.toBe(base);
	});
});

describe('encodeBase64', () => {
	test('is what every other encoder makes of the bytes', () => {
		for (const length of [0, 1, 2, 3, 24575, 24576, 24577, 100001]) {
			const bytes = new Uint8Array(length).map((_, index) => (index * 31) % 256);
			expect(encodeBase64(bytes)).toBe(Buffer.from(bytes).toString('base64'));
		}
	});
});
