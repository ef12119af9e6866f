import { facets, mentionedHandles, type Facet } from '../../../../../core/platforms/bluesky/facets';
import { graphemes, utf8Length } from '../../../../../core/platforms/bluesky/text-length';

const none = new Map<string, string>();

/** `text` of each facet with what it says. */
function read(text: string, found: Facet[]): string[][] {
	const bytes = new TextEncoder().encode(text);
	return found.map(({ index, features: [feature] }) => [
		new TextDecoder().decode(bytes.slice(index.byteStart, index.byteEnd)),
		...Object.values(feature ?? {}),
	]);
}

const LINK = 'app.bsky.richtext.facet#link';
const TAG = 'app.bsky.richtext.facet#tag';

// That all of this is what Bluesky's own library finds is checked in tests/bluesky/rich-text.test.ts.
describe('facets', () => {
	test.each([
		[
			'https://example.com/a?b=1#c',
			[['https://example.com/a?b=1#c', LINK, 'https://example.com/a?b=1#c']],
		],
		['🙂 see example.com.', [['example.com', LINK, 'https://example.com']]],
		[
			'(https://a.org/x_(y)) (b.org)',
			[
				['https://a.org/x_(y))', LINK, 'https://a.org/x_(y))'],
				['b.org', LINK, 'https://b.org'],
			],
		],
		[
			'näh #größe, #1a #1 #️⃣',
			[
				['#größe', TAG, 'größe'],
				['#1a', TAG, '1a'],
			],
		],
		['$aapl up', [['$aapl', TAG, '$AAPL']]],
		['node.js and file.txt', []],
		['me@example.com a#b', []],
		['https:///nothing https://', []],
	])('%j', (text, expected) => {
		expect(read(text, facets(text, none))).toEqual(expected);
	});

	test('a mention is marked when its account is known, else it is plain text', () => {
		const text = 'äö @alice.bsky.social and @bob.test! (@alice.bsky.social) @nobody';
		expect(mentionedHandles(text)).toEqual(['alice.bsky.social', 'bob.test']);
		const found = facets(text, new Map([['alice.bsky.social', 'did:plc:a']]));
		expect(found).toEqual([
			{
				index: { byteStart: 5, byteEnd: 23 },
				features: [{ $type: 'app.bsky.richtext.facet#mention', did: 'did:plc:a' }],
			},
			{
				index: { byteStart: 40, byteEnd: 58 },
				features: [{ $type: 'app.bsky.richtext.facet#mention', did: 'did:plc:a' }],
			},
		]);
	});

	test('a hashtag of 64 characters is one, one of 65 is none', () => {
		expect(facets(`#${'ö'.repeat(64)}`, none)).toHaveLength(1);
		expect(facets(`#${'ö'.repeat(65)}`, none)).toHaveLength(0);
		// 32 characters of 23 bytes each are too many bytes for the lexicon.
		expect(facets(`#${`a${'\u0301'.repeat(11)}`.repeat(27)}`, none)).toHaveLength(1);
		expect(facets(`#${`a${'\u0301'.repeat(11)}`.repeat(32)}`, none)).toHaveLength(0);
	});
});

test.each([
	['', 0, 0],
	['abc', 3, 3],
	['👨‍👩‍👧‍👦', 1, 25],
	['e\u0301', 1, 3],
	['🇩🇪🇫🇷', 2, 16],
	['\r\n', 1, 2],
])('%j has %i graphemes and %i bytes', (text, characters, bytes) => {
	expect([graphemes(text), utf8Length(text)]).toEqual([characters, bytes]);
});
