import { replaceWebAddresses, webAddresses } from './web-addresses';

/** How one text relates to another. Only `other` may prove that ours is absent. */
export type Likeness = 'equal' | 'near' | 'other';

/** Stands for any web address; a private-use character that people do not type. */
const PLACEHOLDER = '\uE000';

/** Texts whose letter pairs overlap this much are too alike to call them different. */
const NEAR_OVERLAP = 0.8;

/** A cut-off text counts as near from this many letters on. */
const NEAR_PREFIX = 10;

const HTML_NAMES: Record<string, string> = {
	'&amp;': '&',
	'&lt;': '<',
	'&gt;': '>',
	'&quot;': '"',
	'&#39;': "'",
};

/** Undoes one round of HTML escaping, as X applies it to every text it returns. */
export function htmlUnescape(text: string): string {
	return text.replace(/&(?:amp|lt|gt|quot|#39);/g, (name) => HTML_NAMES[name] ?? name);
}

/** A text as it is compared: NFC, `\n` line ends, every web address a placeholder, trimmed. */
export function comparable(text: string): string {
	const normal = text.normalize('NFC').replace(/\r\n?/g, '\n');
	return replaceWebAddresses(normal, () => PLACEHOLDER).trim();
}

/** Letters, digits and pictures only, without case, width or addresses. */
function skeleton(text: string): string {
	return comparable(text)
		.normalize('NFKC')
		.toLowerCase()
		.replace(/[^\p{L}\p{N}\p{M}\p{Extended_Pictographic}]/gu, '')
		.replaceAll('\uFE0F', '');
}

function pairs(text: string): Map<string, number> {
	const points = [...text];
	const counts = new Map<string, number>();
	for (let index = 0; index + 1 < points.length; index++) {
		const pair = `${points[index]}${points[index + 1]}`;
		counts.set(pair, (counts.get(pair) ?? 0) + 1);
	}
	return counts;
}

/** Share of letter pairs that two texts have in common, 0–1 (Dice coefficient). */
function overlap(a: string, b: string): number {
	const ofA = pairs(a);
	const ofB = pairs(b);
	let common = 0;
	for (const [pair, count] of ofA) common += Math.min(count, ofB.get(pair) ?? 0);
	const total = [...ofA.values(), ...ofB.values()].reduce((sum, count) => sum + count, 0);
	return total === 0 ? 0 : (2 * common) / total;
}

/**
 * Compares the text we sent with one a platform shows. Addresses are placeholders on both sides,
 * for platforms rewrite them; `sameAddresses` looks at those. When in doubt the answer is `near`.
 */
export function likeness(ours: string, theirs: string): Likeness {
	if (comparable(ours) === comparable(theirs)) return 'equal';
	const a = skeleton(ours);
	const b = skeleton(theirs);
	if (a === b) return 'near';
	const [short, long] = a.length < b.length ? [a, b] : [b, a];
	if (short.length >= NEAR_PREFIX && long.startsWith(short)) return 'near';
	return overlap(a, b) >= NEAR_OVERLAP ? 'near' : 'other';
}

function plainAddress(url: string): string {
	const withScheme = /^https?:\/\//i.test(url) ? url : `http://${url}`;
	if (!URL.canParse(withScheme)) return url;
	const { host, pathname, search, hash } = new URL(withScheme);
	return host + pathname.replace(/\/$/, '') + search + hash;
}

/**
 * Do the addresses in our text lead where the platform says its short links lead? `expanded` holds
 * for each link, in order, every form that the platform gives of its target. True when the
 * platform names no targets.
 */
export function sameAddresses(ours: string, expanded: string[][]): boolean {
	if (expanded.length === 0) return true;
	const mine = webAddresses(ours.normalize('NFC')).map(({ url }) => plainAddress(url));
	return (
		mine.length === expanded.length &&
		mine.every((url, index) => (expanded[index] ?? []).some((form) => plainAddress(form) === url))
	);
}
