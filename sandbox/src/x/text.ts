import { createHash } from 'node:crypto';
import twitter from 'twitter-text';
import type { UrlEntity } from '../records';

/** Longest post, in weighted characters (twitter-text configuration v3). */
export const MAX_WEIGHTED_LENGTH = 280;

/** Weighted length as X counts it: every URL is 23, most scripts 1, CJK and emoji 2. */
export function weightedLength(text: string): number {
	return twitter.parseTweet(text).weightedLength;
}

/** Characters that X refuses (U+FFFE, U+FEFF, U+FFFF). */
export function hasInvalidCharacters(text: string): boolean {
	return /[\uFFFE\uFEFF\uFFFF]/.test(text);
}

export function countCashtags(text: string): number {
	return twitter.extractCashtags(text).length;
}

/** Text as X keeps it. */
export function normalise(text: string): string {
	return text.normalize('NFC').trim();
}

/**
 * Text as the API gives it back: `& < >` escaped, every address behind a t.co link, one more link
 * at the end for pictures. Entity positions count code points of the result.
 */
export function apiText(
	text: string,
	media: { url: string; keys: string[] } | null,
): { shown: string; urls: UrlEntity[] } {
	let shown = '';
	let at = 0;
	const urls: UrlEntity[] = [];
	const add = (entity: Omit<UrlEntity, 'start' | 'end'>): void => {
		const start = [...shown].length;
		shown += entity.url;
		urls.push({ start, end: start + entity.url.length, ...entity });
	};
	for (const { url, indices } of twitter.extractUrlsWithIndices(text)) {
		shown += escapeText(text.slice(at, indices[0]));
		const expanded = /^https?:\/\//i.test(url) ? url : `http://${url}`;
		add({ url: shortLink(expanded), expanded_url: expanded, display_url: displayed(expanded) });
		at = indices[1];
	}
	shown += escapeText(text.slice(at));
	if (media) {
		if (shown !== '') shown += ' ';
		const link = shortLink(media.url);
		const start = [...shown].length;
		shown += link;
		for (const key of media.keys) {
			urls.push({
				start,
				end: start + link.length,
				url: link,
				expanded_url: media.url,
				display_url: `pic.x.com/${link.slice(-10)}`,
				media_key: key,
			});
		}
	}
	return { shown, urls };
}

function escapeText(text: string): string {
	return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
}

/** The same address gets the same link, as on X within one post. */
function shortLink(url: string): string {
	const code = createHash('sha256').update(url).digest('base64').replace(/[+/=]/g, '');
	return `https://t.co/${code.slice(0, 10)}`;
}

function displayed(url: string): string {
	const bare = url.replace(/^https?:\/\/(www\.)?/i, '');
	return bare.length > 27 ? `${bare.slice(0, 26)}…` : bare;
}
