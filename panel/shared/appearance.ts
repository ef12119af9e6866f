/**
 * How a text looks on a platform and how long it is there, by the rules that core publishes with. Pure,
 * so that a page can show it while somebody types.
 */
import { escapeLittleText } from '../../core/content/little-text';
import { webAddresses } from '../../core/content/web-addresses';
import { weightedLength } from '../../core/content/weighted-length';
import { CAPABILITIES as BLUESKY } from '../../core/platforms/bluesky/capabilities';
import { facets, mentionedHandles } from '../../core/platforms/bluesky/facets';
import { graphemes } from '../../core/platforms/bluesky/text-length';
import { CAPABILITIES as INSTAGRAM } from '../../core/platforms/instagram/capabilities';
import { HASHTAG, MENTION } from '../../core/platforms/instagram/validate';
import { CAPABILITIES as LINKEDIN } from '../../core/platforms/linkedin/capabilities';
import type { Capabilities } from '../../core/platforms/platform';
import { CAPABILITIES as X } from '../../core/platforms/x/capabilities';
import type { Platform } from '../../core/store/contract';

export interface Piece {
	text: string;
	/** Shown as a link of the platform: to a page, a topic or a profile. */
	kind: 'text' | 'link' | 'tag' | 'mention';
}

export interface TextMeasure {
	length: number;
	max: number;
	/** What is counted, such as `characters (as X counts them)`. */
	unit: string;
}

interface Mark {
	start: number;
	end: number;
	kind: Exclude<Piece['kind'], 'text'>;
}

interface Rules {
	capabilities: Capabilities;
	length(text: string): number;
	marks(text: string): Mark[];
}

const RULES: Record<Platform, Rules> = {
	x: { capabilities: X, length: weightedLength, marks: webLinks },
	linkedin: {
		capabilities: LINKEDIN,
		length: (text) => escapeLittleText(text).length,
		marks: (text) => [...webLinks(text), ...littleTextTags(text)],
	},
	instagram: {
		capabilities: INSTAGRAM,
		length: (text) => text.length,
		// A web address stays plain text in a caption.
		marks: (text) => [...matches(text, HASHTAG, 'tag'), ...matches(text, MENTION, 'mention')],
	},
	bluesky: { capabilities: BLUESKY, length: graphemes, marks: blueskyMarks },
};

/** What the platform takes: lengths, pictures, alternative texts. */
export function capabilitiesOf(platform: Platform): Capabilities {
	return RULES[platform].capabilities;
}

/** Length of a text as the platform counts it. */
export function measure(platform: Platform, text: string): TextMeasure {
	const { capabilities, length } = RULES[platform];
	return {
		length: length(text),
		max: capabilities.text.max,
		unit: capabilities.text.unit,
	};
}

/** The text in pieces, in order: what the platform shows as links and what lies between. */
export function appearance(platform: Platform, text: string): Piece[] {
	const pieces: Piece[] = [];
	let from = 0;
	const marks = RULES[platform].marks(text).sort((left, right) => left.start - right.start);
	for (const { start, end, kind } of marks) {
		if (start < from) continue;
		if (start > from) pieces.push({ text: text.slice(from, start), kind: 'text' });
		pieces.push({ text: text.slice(start, end), kind });
		from = end;
	}
	if (from < text.length) pieces.push({ text: text.slice(from), kind: 'text' });
	return pieces;
}

function webLinks(text: string): Mark[] {
	return webAddresses(text).map(({ start, url }) => ({
		start,
		end: start + url.length,
		kind: 'link',
	}));
}

/** Matches of a pattern that begins with what stands before `#` or `@`. */
function matches(text: string, pattern: RegExp, kind: Mark['kind']): Mark[] {
	return [...text.matchAll(pattern)].map((match) => ({
		start: match.index + match[0].search(/[#@]/),
		end: match.index + match[0].length,
		kind,
	}));
}

/** Hashtags as the text is sent: `{hashtag|\#|name}`. */
function littleTextTags(text: string): Mark[] {
	const names = [...escapeLittleText(text).matchAll(/\{hashtag\|\\#\|([^}]*)\}/g)].map((match) =>
		(match[1] ?? '').replaceAll('\\', ''),
	);
	let from = 0;
	return names.flatMap((name): Mark[] => {
		const start = text.indexOf(`#${name}`, from);
		if (start === -1) return [];
		from = start + name.length + 1;
		return [{ start, end: from, kind: 'tag' }];
	});
}

/** Facets; a mention is one only if there is such an account, which is asked when the post goes out. */
function blueskyMarks(text: string): Mark[] {
	const dids = new Map(mentionedHandles(text).map((handle) => [handle, handle]));
	const bytes = new TextEncoder().encode(text);
	const place = (offset: number) => new TextDecoder().decode(bytes.slice(0, offset)).length;
	return facets(text, dids).map(({ index, features }) => ({
		start: place(index.byteStart),
		end: place(index.byteEnd),
		kind: features.some(({ $type }) => $type.endsWith('#link'))
			? 'link'
			: features.some(({ $type }) => $type.endsWith('#tag'))
				? 'tag'
				: 'mention',
	}));
}
