const segmenter = new Intl.Segmenter();

/** What a person sees as one character, by Unicode's extended grapheme clusters. */
export function graphemes(text: string): number {
	let count = 0;
	for (const segment of segmenter.segment(text)) count += Math.min(1, segment.segment.length);
	return count;
}

export function utf8Length(text: string): number {
	return new TextEncoder().encode(text).length;
}
