import { wireLength } from './punycode-length';
import { TOP_LEVEL_DOMAINS } from './top-level-domains';

/** A web address inside a text; `start` and `end` count UTF-16 units. */
export interface WebAddress {
	start: number;
	end: number;
	url: string;
}

// The character classes and the shape of the pattern follow twitter-text 3.1.0 (Apache-2.0).
const PUNCTUATION = "\\!'#%&\\(\\)*\\+,\\\\\\-\\.\\/:;<=>\\?@\\[\\]\\^_{|}~\\$";
const SPACES =
	'\\x09-\\x0D\\x20\\x85\\xA0\\u1680\\u180E\\u2000-\\u200A\\u2028\\u2029\\u202F\\u205F\\u3000';
const INVALID = '\\uFFFE\\uFEFF\\uFFFF';
const DIRECTION = '\\u202A-\\u202E\\u061C\\u200E\\u200F\\u2066\\u2067\\u2068\\u2069';
const LATIN =
	'\\xC0-\\xD6\\xD8-\\xF6\\xF8-\\xFF\\u0100-\\u024F\\u0253\\u0254\\u0256\\u0257\\u0259\\u025B' +
	'\\u0263\\u0268\\u026F\\u0272\\u0289\\u028B\\u02BB\\u0300-\\u036F\\u1E00-\\u1EFF';
const CYRILLIC = '\\u0400-\\u04FF';

const LABEL = `[^${PUNCTUATION}${SPACES}${INVALID}${DIRECTION}]`;
const ENDING = `(?:(?:${TOP_LEVEL_DOMAINS.join('|')})(?=[^0-9a-zA-Z@+-]|$)|xn--[\\-0-9a-z]+)`;
const DOMAIN = `(?:(?:${LABEL}(?:[_-]|${LABEL})*)?${LABEL}\\.)*(?:(?:${LABEL}(?:-|${LABEL})*)?${LABEL}\\.)${ENDING}`;

const PATH_CHARACTER = `[a-z${CYRILLIC}0-9!\\*';:=\\+,\\.\\$\\/%#\\[\\]\\-\\u2013_~@\\|&${LATIN}]`;
const PARENTHESES = `\\((?:${PATH_CHARACTER}+|${PATH_CHARACTER}*\\(${PATH_CHARACTER}+\\)${PATH_CHARACTER}*)\\)`;
const PATH_END = `[\\+\\-a-z${CYRILLIC}0-9=_#\\/${LATIN}]`;
const PATH = `(?:${PATH_CHARACTER}*(?:${PARENTHESES}${PATH_CHARACTER}*)*${PATH_END}|${PARENTHESES}|@${PATH_CHARACTER}+\\/)`;
const QUERY = "\\?[a-z0-9!?\\*'@\\(\\);:&=\\+\\$\\/%#\\[\\]\\-_\\.,~|]*[a-z0-9\\-_&=#\\/]";

const ADDRESS = new RegExp(
	`([^A-Za-z0-9@＠$#＃${INVALID}]|[${DIRECTION}]|^)` +
		`((https?:\\/\\/)?(${DOMAIN})(?::[0-9]+)?(\\/${PATH}*)?(?:${QUERY})?)`,
	'gi',
);
const BARE_DOMAIN = new RegExp(`(?:[\\-a-z0-9${LATIN}]+\\.)+${ENDING}`, 'gi');
const SHORT_LINK = new RegExp(`^https?:\\/\\/t\\.co\\/([a-z0-9]+)(?:${QUERY})?`, 'i');

/** Longer addresses are text to X (twitter-text MAX_URL_LENGTH). */
const MAX_ADDRESS = 4096;
const MAX_SHORT_LINK_SLUG = 40;
/** A domain label on the wire (RFC 1035). */
const MAX_LABEL = 63;

/** `xn--` in front promises ASCII: without a domain of such characters somewhere in it, it is text. */
function fitsDns(domain: string): boolean {
	if (domain.startsWith('xn--') && domain.search(BARE_DOMAIN) < 0) return false;
	return domain
		.split('.')
		.every((label) => label.length <= MAX_LABEL && wireLength(label) <= MAX_LABEL);
}

/**
 * Web addresses that X turns into t.co links: with a scheme, or bare with a known ending. Same
 * finds as `extractUrlsWithIndices` of twitter-text 3.1.0 (checked against it in the unit tests).
 */
export function webAddresses(text: string): WebAddress[] {
	if (!text.includes('.')) return [];
	const found: WebAddress[] = [];
	for (const match of text.matchAll(ADDRESS)) {
		const [whole, before = '', url = '', scheme, domain = '', path] = match;
		const start = match.index + before.length;
		const end = match.index + whole.length;
		if ((scheme ?? 'https://').length + url.length > MAX_ADDRESS || !fitsDns(domain)) continue;
		if (scheme) {
			const short = SHORT_LINK.exec(url);
			if (short && (short[1] ?? '').length > MAX_SHORT_LINK_SLUG) continue;
			const text = short ? short[0] : url;
			found.push({ start, end: start + text.length, url: text });
			continue;
		}
		if (/[-_./]$/.test(before)) continue;
		const bare = [...domain.matchAll(BARE_DOMAIN)].map((part) => ({
			start: start + part.index,
			end: start + part.index + part[0].length,
			url: part[0],
		}));
		const last = bare.at(-1);
		if (last && path) {
			last.url = url.replace(domain, () => last.url);
			last.end = end;
		}
		found.push(...bare);
	}
	return found;
}

/** Replaces every web address by what `replace` makes of it. */
export function replaceWebAddresses(text: string, replace: (url: string) => string): string {
	let result = '';
	let from = 0;
	for (const address of webAddresses(text)) {
		result += text.slice(from, address.start) + replace(address.url);
		from = address.end;
	}
	return result + text.slice(from);
}
