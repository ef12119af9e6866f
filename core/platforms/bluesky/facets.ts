import { graphemes, utf8Length } from './text-length';
import { isDomain } from './endings';

/** A marked piece of a text; `byteStart` and `byteEnd` count UTF-8 bytes. */
export interface Facet {
	index: { byteStart: number; byteEnd: number };
	features: Feature[];
}

export type Feature =
	| { $type: 'app.bsky.richtext.facet#link'; uri: string }
	| { $type: 'app.bsky.richtext.facet#tag'; tag: string }
	| { $type: 'app.bsky.richtext.facet#mention'; did: string };

/** What may stand before a mention, a link or a ticker. */
const BEFORE = '(^|\\s|\\()';
/** Zero-width spaces and the keycap sign, which end a hashtag. */
const INVISIBLE = '\\u20e2\\u00AD\\u2060\\u200A\\u200B\\u200C\\u200D';

// What counts as a facet follows RichText.detectFacets of @atproto/api 0.21.0 (MIT), which the unit
// tests compare with.
const MENTION = new RegExp(`${BEFORE}@([a-zA-Z0-9.-]+)\\b`, 'g');
const LINK = new RegExp(
	`${BEFORE}((https?:\\/\\/\\S+)|(?<domain>[a-z][a-z0-9]*(?:\\.[a-z0-9]+)+)\\S*)`,
	'gim',
);
const TAG = new RegExp(
	`(^|\\s)[#＃]((?!\\ufe0f)[^\\s${INVISIBLE}]*[^\\d\\s\\p{P}${INVISIBLE}]+[^\\s${INVISIBLE}]*)`,
	'gu',
);
const TICKER = new RegExp(
	`${BEFORE}\\$([A-Za-z][A-Za-z0-9]{0,4})(?=\\s|$|[.,;:!?)"'\\u2019])`,
	'gu',
);
const LAST_PUNCTUATION = /\p{P}+$/u;

/** Format `uri` of the lexicons (atproto.com/specs/lexicon): the server refuses any other. */
const URI = /^\w+:(?:\/\/)?[^\s/]\S*$/;
/** app.bsky.richtext.facet#tag: at most 64 graphemes and 640 bytes. */
const TAG_GRAPHEMES = 64;
const TAG_BYTES = 640;

interface Found {
	/** UTF-16 units. */
	start: number;
	end: number;
	feature: Feature;
}

interface Mention {
	start: number;
	end: number;
	handle: string;
}

function mentions(text: string): Mention[] {
	return [...text.matchAll(MENTION)].flatMap((match) => {
		const [, before = '', handle = ''] = match;
		if (!isDomain(handle) && !handle.endsWith('.test')) return [];
		const start = match.index + before.length;
		return [{ start, end: start + 1 + handle.length, handle }];
	});
}

/** Handles that a text mentions, each once, in their order, without `@`. */
export function mentionedHandles(text: string): string[] {
	return [...new Set(mentions(text).map(({ handle }) => handle))];
}

function links(text: string): Found[] {
	return [...text.matchAll(LINK)].flatMap((match) => {
		const [, before = '', shown = ''] = match;
		const bare = !shown.startsWith('http');
		const domain = match.groups?.domain;
		if (bare && (domain === undefined || !isDomain(domain))) return [];
		let cut = /[.,;:!?]$/.test(shown) ? 1 : 0;
		const rest = shown.slice(0, shown.length - cut);
		if (rest.endsWith(')') && !rest.includes('(')) cut += 1;
		const kept = shown.slice(0, shown.length - cut);
		const uri = bare ? `https://${kept}` : kept;
		if (!URI.test(uri)) return [];
		const start = match.index + before.length;
		return [
			{
				start,
				end: start + kept.length,
				feature: { $type: 'app.bsky.richtext.facet#link', uri },
			},
		];
	});
}

function tags(text: string): Found[] {
	return [...text.matchAll(TAG)].flatMap((match) => {
		const [, before = '', whole = ''] = match;
		const tag = whole.replace(LAST_PUNCTUATION, '');
		if (tag === '' || graphemes(tag) > TAG_GRAPHEMES || utf8Length(tag) > TAG_BYTES) return [];
		const start = match.index + before.length;
		return [
			{
				start,
				end: start + 1 + tag.length,
				feature: { $type: 'app.bsky.richtext.facet#tag', tag },
			},
		];
	});
}

function tickers(text: string): Found[] {
	return [...text.matchAll(TICKER)].map((match) => {
		const [, before = '', ticker = ''] = match;
		const start = match.index + before.length;
		return {
			start,
			end: start + 1 + ticker.length,
			feature: { $type: 'app.bsky.richtext.facet#tag', tag: `$${ticker.toUpperCase()}` },
		};
	});
}

/**
 * Links (with a scheme or bare), hashtags, tickers and mentions of a text, by their place in it.
 * `dids` names the accounts behind handles; a handle that is not in it stays plain text.
 */
export function facets(text: string, dids: ReadonlyMap<string, string>): Facet[] {
	const mentioned = mentions(text).flatMap(({ handle, ...place }): Found[] => {
		const did = dids.get(handle);
		if (did === undefined) return [];
		return [{ ...place, feature: { $type: 'app.bsky.richtext.facet#mention', did } }];
	});
	return [...mentioned, ...links(text), ...tags(text), ...tickers(text)]
		.map(({ start, end, feature }) => ({
			index: {
				byteStart: utf8Length(text.slice(0, start)),
				byteEnd: utf8Length(text.slice(0, end)),
			},
			features: [feature],
		}))
		.sort((left, right) => left.index.byteStart - right.index.byteStart);
}
