import fc from 'fast-check';

import {
	excerpt,
	jsonOf,
	numberAt,
	objectAt,
	objectsAt,
	textAt,
} from '../../../../core/platforms/answers';

describe('excerpt', () => {
	test.each([
		['Bearer AAAAAAAAAAAAAAAAAAAAAxyz', 'AAAAAAAAAAAA'],
		['{"access_token":"s3cret-value"}', 's3cret-value'],
		['refresh_token=s3cret-value&x=1', 's3cret-value'],
		['client_secret: s3cret-value', 's3cret-value'],
		['fetch https://host/media/1?token=s3cret-value now', 's3cret-value'],
		[`the token ${'EAAB'.repeat(30)} is bad`, 'EAABEAAB'],
	])('hides the secret in %j', (words, secret) => {
		expect(excerpt(words)).not.toContain(secret);
		expect(excerpt(words)).toContain('[hidden]');
	});

	test('keeps what is no secret', () => {
		expect(excerpt('You are not allowed to\n create a Tweet.')).toBe(
			'You are not allowed to create a Tweet.',
		);
		expect(excerpt('urn:li:share:7141138937766391808 exists')).toBe(
			'urn:li:share:7141138937766391808 exists',
		);
	});

	test('names no system code, for n8n would replace the whole message', () => {
		expect(excerpt('upstream ECONNRESET and eai_again')).toBe(
			'upstream network trouble and network trouble',
		);
	});

	test('is one short line, whatever comes in', () => {
		fc.assert(
			fc.property(fc.string({ unit: 'binary', maxLength: 3000 }), (text) => {
				const short = excerpt(text);
				expect(short.length).toBeLessThanOrEqual(300);
				expect(short).not.toMatch(/[\n\r]/);
			}),
		);
	});
});

describe('reading JSON from a platform', () => {
	test.each(['', 'null', '[]', '"text"', '<html></html>', '{"a":'])('%j is no object', (text) => {
		expect(jsonOf({ text })).toBeNull();
	});

	test('fields of another type are absent', () => {
		const body = jsonOf({ text: '{"a":{"b":[{"c":1}],"d":""},"e":"1"}' });
		expect(objectAt(body, 'a', 'x', 'y')).toEqual({});
		expect(objectsAt(objectAt(body, 'a'), 'b')).toEqual([{ c: 1 }]);
		expect(objectsAt({ b: [1] }, 'b')).toBeNull();
		expect(textAt(objectAt(body, 'a'), 'd')).toBeUndefined();
		expect(numberAt(body ?? {}, 'e')).toBeUndefined();
	});
});
