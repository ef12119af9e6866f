/**
 * LinkedIn's "little text", the format of `commentary` in the Posts API (learn.microsoft.com,
 * "little text format", li-lms-2026-05). An unescaped reserved character does not fail: LinkedIn
 * silently cuts the post off at it.
 */
const RESERVED = /[|{}@[\]()<>#*_~\\]/g;

/** A hashtag holds at least one letter and does not continue a word or an address. */
const HASHTAG = /(^|[\s("'“‘«¿¡])#([\p{L}\p{N}\p{M}_]*\p{L}[\p{L}\p{N}\p{M}_]*)/gu;

const TOKEN =
	/\{hashtag\|\\?[#＃]\|((?:\\[\s\S]|[^\\}])*)\}|@\[((?:\\[\s\S]|[^\\\]])*)\]\((?:[^)]*)\)|\\([\s\S])/g;

function escapeReserved(text: string): string {
	return text.replace(RESERVED, '\\$&');
}

/** Plain text as little text: reserved characters escaped, hashtags kept as hashtags. */
export function escapeLittleText(text: string): string {
	let result = '';
	let from = 0;
	for (const match of text.matchAll(HASHTAG)) {
		const [whole, before = '', tag = ''] = match;
		result += escapeReserved(text.slice(from, match.index) + before);
		result += `{hashtag|\\#|${escapeReserved(tag)}}`;
		from = match.index + whole.length;
	}
	return result + escapeReserved(text.slice(from));
}

/** What people read when LinkedIn shows a little text. */
export function unescapeLittleText(little: string): string {
	return little.replace(
		TOKEN,
		(_whole, tag: string | undefined, name: string | undefined, single: string | undefined) => {
			if (tag !== undefined) return `#${unescapeLittleText(tag)}`;
			if (name !== undefined) return unescapeLittleText(name);
			return single ?? '';
		},
	);
}
