import fc from 'fast-check';

import { escapeLittleText, unescapeLittleText } from '../../../../core/content/little-text';

const anyText = fc.oneof(
	fc.string({ unit: 'grapheme', maxLength: 60 }),
	fc
		.array(
			fc.constantFrom(
				'#tag',
				' ',
				'(',
				')',
				'\\',
				'{hashtag|\\#|x}',
				'@[Bob](urn:li:x:1)',
				'_',
				'ß',
				'漢',
				'#1',
				'\n',
			),
			{
				maxLength: 12,
			},
		)
		.map((parts) => parts.join('')),
);

/** Everything but hashtag templates and escaped pairs. */
const bareOf = (little: string) =>
	little.replace(/\{hashtag\|\\#\|(?:\\[\s\S]|[^\\}])*\}|\\[\s\S]/g, '');

describe('escapeLittleText', () => {
	test.each([
		['plain', 'plain'],
		['a (b) [c] {d}', 'a \\(b\\) \\[c\\] \\{d\\}'],
		['<x> | y * z ~ @me', '\\<x\\> \\| y \\* z \\~ \\@me'],
		['back\\slash', 'back\\\\slash'],
		['Hello #World!', 'Hello {hashtag|\\#|World}!'],
		['#snake_case', '{hashtag|\\#|snake\\_case}'],
		['#1 and C# and a#b', '\\#1 and C\\# and a\\#b'],
		['https://a.com/x_y#frag', 'https://a.com/x\\_y\\#frag'],
		['#Grüße\n#漢字', '{hashtag|\\#|Grüße}\n{hashtag|\\#|漢字}'],
	])('%j becomes %j', (plain, little) => {
		expect(escapeLittleText(plain)).toBe(little);
	});

	test('unescaping gives any text back', () => {
		fc.assert(
			fc.property(anyText, (text) => {
				expect(unescapeLittleText(escapeLittleText(text))).toBe(text);
			}),
			{ numRuns: 2000 },
		);
	});

	test('leaves no reserved character bare', () => {
		fc.assert(
			fc.property(anyText, (text) => {
				expect(bareOf(escapeLittleText(text))).not.toMatch(/[|{}@[\]()<>#*_~\\]/);
			}),
			{ numRuns: 2000 },
		);
	});
});

describe('unescapeLittleText', () => {
	test('shows mentions by their name', () => {
		expect(unescapeLittleText('Hi @[Bob \\(B\\)](urn:li:person:1)!')).toBe('Hi Bob (B)!');
	});
});
