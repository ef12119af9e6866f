import { spawnSync } from 'node:child_process';
import path from 'node:path';
import fc from 'fast-check';
import { facets, mentionedHandles } from '../../core/platforms/bluesky/facets';
import { graphemes, utf8Length } from '../../core/platforms/bluesky/text-length';
import { describeWithPds } from './pds-folder';

interface Official {
	facets: { index: unknown; features: { $type: string; uri?: string }[] }[];
	graphemes: number;
	bytes: number;
}

const words = fc.oneof(
	fc.constantFrom(
		...['Hello', 'wörld', 'e\u0301', '👨‍👩‍👧‍👦', '🙂', '漢字', '\n', '\t', '\u00A0', '\u200B', '  '],
		...[
			'@alice.bsky.social',
			'@bob.test',
			'@a',
			'@x.com.',
			'(@c.dev)',
			'@d.community!',
			'me@e.com',
		],
		...['#tag', '#1', '#1a', '##', '#️⃣', '#größe!', '＃full', '#a#b', '#a,b', '#' + 'ö'.repeat(65)],
		...[
			'https://example.com',
			'http://a.b/c?d=e#f',
			'https://x.y/(z)',
			'HTTPS://BIG.COM',
			'https://',
		],
		...[
			'example.com',
			'a.example.co.uk/x.',
			'(b.org)',
			'c.org),',
			'file.txt',
			'node.js',
			'Big.com',
		],
		...[
			'new.kids',
			'old.um',
			'my.amazon',
			'x.music/y',
			'q.xn--p1ai',
			'пример.рф',
			'a.b-c.com',
			'd..e.com',
		],
		...[
			'$AAPL',
			'$a',
			'$toolong',
			'($x)',
			'$X.',
			'$1',
			'"',
			'’',
			',',
			'…',
			'https://ü.de/ß',
			'://',
			'ftp://a.b',
		],
	),
	fc.string({ unit: 'grapheme', maxLength: 8 }),
);
const texts = fc
	.array(fc.tuple(words, fc.constantFrom(' ', ' ', '', '\n', '(')), { maxLength: 12 })
	.map((parts) => parts.flat().join(''));

/** The lexicon's own format: what does not fit it would make the server refuse the whole post. */
const URI = /^\w+:(?:\/\/)?[^\s/]\S*$/;

describeWithPds('texts, compared with RichText of @atproto/api', (folder) => {
	const official = (list: string[]): Official[] => {
		const { stdout, stderr, status } = spawnSync(
			process.execPath,
			[path.join(__dirname, 'rich-text-process.mjs')],
			{
				input: JSON.stringify(list),
				env: { ...process.env, MUSEKIT_PDS: folder },
				encoding: 'utf8',
				maxBuffer: 1e8,
			},
		);
		expect([status, stderr.replace(/^.*(Warning|warnings).*$/gm, '').trim()]).toEqual([0, '']);
		return JSON.parse(stdout) as Official[];
	};

	test('facets, their byte offsets and lengths are the same for 4000 texts', () => {
		const list = fc.sample(texts, { numRuns: 4000, seed: 20261122 });
		const theirs = official(list);
		const kinds = new Map<string, number>();
		list.forEach((text, index) => {
			const dids = new Map(mentionedHandles(text).map((handle) => [handle, handle]));
			const expected = (theirs[index]?.facets ?? [])
				.filter(({ features: [feature] }) => feature?.uri === undefined || URI.test(feature.uri))
				.map(({ index: place, features }) => ({ index: place, features }));
			expect({ text, facets: facets(text, dids) }).toEqual({ text, facets: expected });
			expect([graphemes(text), utf8Length(text)]).toEqual([
				theirs[index]?.graphemes,
				theirs[index]?.bytes,
			]);
			for (const { features } of expected) {
				const kind = features[0]?.$type ?? '';
				kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
			}
		});
		for (const kind of ['mention', 'link', 'tag']) {
			expect(kinds.get(`app.bsky.richtext.facet#${kind}`)).toBeGreaterThan(500);
		}
	}, 120_000);
});
