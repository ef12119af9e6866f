import fc from 'fast-check';

import {
	comparable,
	htmlUnescape,
	likeness,
	sameAddresses,
} from '../../../../core/content/compare-text';

/** What X does to a text on its way back. */
const asShownByX = (text: string) =>
	text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

const words = fc
	.array(
		fc.constantFrom('Hello', 'wörld', 'e\u0301', '&', '<b>', '&amp;', '🙂', '漢字', '\n', '$5'),
		{
			minLength: 1,
			maxLength: 15,
		},
	)
	.map((parts) => parts.join(' '));

describe('likeness', () => {
	test('finds a text again after X escaped, composed and trimmed it', () => {
		fc.assert(
			fc.property(words, (text) => {
				const shown = asShownByX(text.normalize('NFC').trim());
				expect(likeness(text, htmlUnescape(shown))).toBe('equal');
			}),
		);
	});

	test('finds a text again after its addresses became short links', () => {
		expect(likeness('See example.com/a?b=1 now', 'See https://t.co/AbC123 now')).toBe('equal');
		expect(
			likeness('https://a.com and https://b.org/x', 'https://t.co/aaaa and https://t.co/bbbb'),
		).toBe('equal');
	});

	test('is symmetric', () => {
		fc.assert(
			fc.property(words, words, (a, b) => {
				expect(likeness(a, b)).toBe(likeness(b, a));
			}),
		);
	});

	test.each([
		['Hello world', 'hello, WORLD!'],
		['Hello world, this is our news of today', 'Hello world, this is our'],
		['Big launch today at noon', 'Big launch today at noon!!'],
		['Look at this https://a.com', 'Look at this'],
		[
			'Our new version 2.0 is out, read all about it',
			'Our new version 2.1 is out, read all about it',
		],
		['!!!', '...'],
	])('%j and %j are near', (a, b) => {
		expect(likeness(a, b)).toBe('near');
	});

	test.each([
		['Hello world', 'Good morning everybody'],
		['🎉', '🎂'],
		['', 'something'],
		['Sale starts today', 'We are hiring a new colleague in Berlin'],
	])('%j and %j are different', (a, b) => {
		expect(likeness(a, b)).toBe('other');
	});

	test('a literally typed entity survives the round trip', () => {
		expect(likeness('write &amp; not &', htmlUnescape(asShownByX('write &amp; not &')))).toBe(
			'equal',
		);
	});
});

describe('comparable', () => {
	test('keeps what is not an address', () => {
		expect(comparable('  a\r\nb  ')).toBe('a\nb');
		expect(comparable('v1.2 is out')).toBe('v1.2 is out');
	});
});

describe('sameAddresses', () => {
	test('accepts any form that the platform gives of a target', () => {
		expect(sameAddresses('go to example.com', [['http://example.com']])).toBe(true);
		expect(
			sameAddresses('https://bit.ly/x', [['https://bit.ly/x', 'https://long.example.com/y']]),
		).toBe(true);
		expect(sameAddresses('no address named', [])).toBe(true);
	});

	test('refuses another target, another count or another order', () => {
		expect(sameAddresses('https://a.com/1', [['https://a.com/2']])).toBe(false);
		expect(sameAddresses('https://a.com', [['https://a.com'], ['https://b.com']])).toBe(false);
		expect(
			sameAddresses('https://a.com https://b.com', [['https://b.com'], ['https://a.com']]),
		).toBe(false);
	});
});
