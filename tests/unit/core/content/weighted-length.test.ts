import fc from 'fast-check';
import { domainToASCII } from 'node:url';
import twitter from 'twitter-text';

import { wireLength } from '../../../../core/content/punycode-length';
import { webAddresses } from '../../../../core/content/web-addresses';
import {
	countCashtags,
	invalidCharacter,
	weightedLength,
} from '../../../../core/content/weighted-length';

const judge = (text: string) => twitter.parseTweet(text).weightedLength;

const SAMPLES = [
	'',
	'Hello world',
	'a'.repeat(280),
	'Grüße aus Köln',
	'e\u0301te\u0301',
	'日本語のテキスト',
	'한국어',
	'مرحبا بالعالم',
	'Привет',
	'…',
	'→',
	'“quoted” – dash — em',
	'❤ ❤️ © ®️ ™',
	'👨‍👩‍👧 👍🏽 🇩🇪 🏴󠁧󠁢󠁥󠁮󠁧󠁿 #️⃣ 1⃣ 👁‍🗨',
	'🇩🇪🇫🇷🇺',
	'https://example.com',
	'http://example.com/a/b?c=d#e',
	'see example.com now',
	'see example.com, and www.example.co.uk/path.',
	'not.a.domain.atall and file.txt and end.Start',
	'mail me@example.com',
	'@example.com #example.com $example.com',
	'(https://en.wikipedia.org/wiki/Foo_(bar))',
	'https://例え.jp/テスト',
	'例え.テスト example.みんな',
	'münchen.de',
	'foo.bar.example.com/x y',
	'https://t.co/abcdefghij/more',
	`https://t.co/${'a'.repeat(41)}`,
	`https://${'a'.repeat(64)}.com`,
	`https://example.com/${'a'.repeat(300)}`,
	'https://example.com:8080/path',
	'https://sub_domain.example.com',
	'https://exa_mple.com',
	'a-b.com -b.com _b.com .b.com /b.com',
	'日本example.com語',
	'example.com/',
	'example.com?x=1',
	'example.com/?x=1&y=2.',
	'xn--bcher-kva.example https://xn--bcher-kva.ch',
	'https://xn--bcher-kva.cha….com https://xn--bcher-kva.ch….com xn--b….com',
	'HTTPS://EXAMPLE.COM and Example.COM',
	'one.com two.com three.com',
	'1.5 e.g. i.e. 3.14.15',
	'https://example',
	'https://localhost:3000',
	'\u200e example.com \u202aexample.org',
	'price $5.99 v1.2.3 node.js vue.js readme.md',
];

const PIECES = [
	...SAMPLES.filter((sample) => sample.length < 60),
	...' .,:;/-_@#$()!?&='.split(''),
	'a',
	'Z',
	'9',
	'\n',
	'https://',
	'.com',
	'.de',
	'.io/',
	'ß',
	'漢',
	'🙂',
	'👩‍❤️‍👩',
	'\u2028',
];

describe('weightedLength', () => {
	test.each(SAMPLES)('counts %j as twitter-text does', (text) => {
		expect(weightedLength(text)).toBe(judge(text));
	});

	test('counts known texts', () => {
		expect(weightedLength('a'.repeat(281))).toBe(281);
		expect(weightedLength('漢'.repeat(140))).toBe(280);
		expect(weightedLength(`see https://example.com/${'x'.repeat(500)}`)).toBe(4 + 23);
		expect(weightedLength('👨‍👩‍👧')).toBe(2);
		expect(weightedLength('e\u0301')).toBe(1);
	});

	test('counts an emoji sequence that twitter-text does not know yet as one emoji', () => {
		expect(weightedLength('🐦‍🔥')).toBe(2);
		expect(weightedLength('🫩')).toBe(2);
	});

	test('agrees with twitter-text on every single character of the Basic Multilingual Plane', () => {
		const unlike: string[] = [];
		for (let point = 0; point < 0x10000; point++) {
			if (point >= 0xd800 && point <= 0xdfff) continue;
			const text = String.fromCharCode(point);
			if (weightedLength(text) !== judge(text)) unlike.push(point.toString(16));
		}
		expect(unlike).toEqual([]);
	});

	test('agrees with twitter-text on any mix of pieces', () => {
		fc.assert(
			fc.property(
				fc.array(fc.constantFrom(...PIECES), { maxLength: 12 }).map((parts) => parts.join('')),
				(text) => {
					expect(weightedLength(text)).toBe(judge(text));
				},
			),
			{ numRuns: 3000 },
		);
	});

	test('agrees with twitter-text on any printable text', () => {
		fc.assert(
			fc.property(fc.string({ maxLength: 300 }), (text) => {
				expect(weightedLength(text)).toBe(judge(text));
			}),
			{ numRuns: 1000 },
		);
	});
});

describe('webAddresses', () => {
	test('finds the same addresses as twitter-text, at the same places', () => {
		fc.assert(
			fc.property(
				fc.array(fc.constantFrom(...PIECES), { maxLength: 12 }).map((parts) => parts.join('')),
				(text) => {
					expect(
						webAddresses(text).map(({ url, start, end }) => ({ url, indices: [start, end] })),
					).toEqual(twitter.extractUrlsWithIndices(text));
				},
			),
			{ numRuns: 2000 },
		);
	});
});

describe('wireLength', () => {
	test.each([
		'example',
		'bücher',
		'日本語のテキスト',
		'مرحبا',
		'🙂example',
		'ä-ß',
		'ñ',
		'これは長い日本語の文章です',
	])('of %j is the length of its Punycode', (label) => {
		expect(wireLength(label)).toBe(domainToASCII(label).length);
	});
});

describe('countCashtags', () => {
	test.each([
		['$MSFT', 1],
		['buy $MSFT and $AAPL.', 2],
		['costs $5 or US$MSFT', 0],
		['$BRK.A $TOOLONGTAG', 1],
		['', 0],
	])('%j has %i', (text, count) => {
		expect(countCashtags(text)).toBe(count);
		expect(twitter.extractCashtags(text)).toHaveLength(count);
	});
});

describe('invalidCharacter', () => {
	test('names characters that X refuses', () => {
		expect(invalidCharacter('fine')).toBeNull();
		expect(invalidCharacter('a\uFEFFb')).toBe('\uFEFF');
		expect(invalidCharacter('a\uFFFE')).toBe('\uFFFE');
	});
});
