import { webAddresses } from './web-addresses';

/** Every web address counts this much, whatever its length (twitter-text v3 config). */
const ADDRESS_WEIGHT = 23;

/** Any emoji, also a sequence of many code points, counts 2. */
const EMOJI_WEIGHT = 2;

/** Code points that count 1; all others count 2 (twitter-text v3 config). */
const LIGHT: readonly (readonly [number, number])[] = [
	[0x0000, 0x10ff],
	[0x2000, 0x200d],
	[0x2010, 0x201f],
	[0x2032, 0x2037],
];

/**
 * Unicode's own list of emoji sequences, and the two older spellings that X knows as well: a
 * keycap without its variation selector and the eye in a speech bubble. Sequences that came after
 * 2019 count 2 here as X documents it; twitter-text, frozen since, counts their parts.
 */
const EMOJI = new RegExp('\\p{RGI_Emoji}|[#*0-9]\\u20E3|\\u{1F441}\\u200D\\u{1F5E8}', 'gv');

/** Characters that make X refuse a text. */
const INVALID = /[\uFFFE\uFEFF\uFFFF]/;

/** `$` and up to six letters, after a space or at the start (twitter-text). */
const CASHTAG =
	/(?:^|\s)\$[a-z]{1,6}(?:[._][a-z]{1,2})?(?=$|\s|[!'#%&()*+,\\\-./:;<=>?@[\]^_{|}~$])/gi;

/**
 * Length of a text as X counts it: NFC, web addresses 23, emoji 2, most Latin, Greek, Cyrillic,
 * Arabic and Hebrew letters 1, everything else 2. Limit of a post: 280 (docs.x.com "Counting
 * characters", twitter-text v3 config).
 */
export function weightedLength(text: string): number {
	const normal = text.normalize('NFC');
	const addresses = new Map(
		webAddresses(normal).map((found) => [found.start, found.start + found.url.length]),
	);
	const emoji = new Map(
		[...normal.matchAll(EMOJI)].map((match) => [match.index, match.index + match[0].length]),
	);
	let weight = 0;
	for (let index = 0; index < normal.length; ) {
		const addressEnd = addresses.get(index);
		const emojiEnd = emoji.get(index);
		if (addressEnd !== undefined) {
			weight += ADDRESS_WEIGHT;
			index = addressEnd;
		} else if (emojiEnd !== undefined) {
			weight += EMOJI_WEIGHT;
			index = emojiEnd;
		} else {
			const point = normal.codePointAt(index) ?? 0;
			weight += LIGHT.some(([from, to]) => point >= from && point <= to) ? 1 : 2;
			index += point > 0xffff ? 2 : 1;
		}
	}
	return weight;
}

/** The first character that X refuses anywhere in a text, or null. */
export function invalidCharacter(text: string): string | null {
	return INVALID.exec(text)?.[0] ?? null;
}

/** How many `$TICKER` tags X sees; self-serve API access allows one (docs.x.com, 2026-04-20). */
export function countCashtags(text: string): number {
	return text.match(CASHTAG)?.length ?? 0;
}
