/**
 * LinkedIn's "little text" (learn.microsoft.com, Posts API): reserved characters
 * `| { } @ [ ] ( ) < > # * _ ~ \` are written with a backslash. What is left unescaped cuts the
 * post off silently (n8n #10179, Composio #3185); a mention or hashtag that breaks off is refused.
 */
const RESERVED = new Set('|{}@[]()<>#*_~\\');
const MENTION =
	/^@\[((?:\\.|[^\]\\])*)\]\((urn:li:(?:person|organization|company):[A-Za-z0-9_-]+)\)/;
const HASHTAG_TEMPLATE = /^\{hashtag\|\\[#＃]\|((?:\\.|[^}\\|])+)\}/;
const HASHTAG = /^#[\p{L}\p{N}]+/u;

export type LittleText = { shown: string; truncated: boolean } | { malformed: string };

/** What readers see of a commentary, or what is malformed in it. */
export function readLittleText(commentary: string): LittleText {
	let shown = '';
	let rest = commentary;
	while (rest !== '') {
		const mark = rest.charAt(0);
		if (mark === '\\' && RESERVED.has(rest.charAt(1)) && rest.length > 1) {
			shown += rest.charAt(1);
			rest = rest.slice(2);
			continue;
		}
		if (!RESERVED.has(mark)) {
			shown += mark;
			rest = rest.slice(1);
			continue;
		}
		const element = readElement(rest);
		if (element === null) return { shown, truncated: true };
		if ('malformed' in element) return element;
		shown += element.shown;
		rest = rest.slice(element.length);
	}
	return { shown, truncated: false };
}

function readElement(
	rest: string,
): { shown: string; length: number } | { malformed: string } | null {
	if (rest.startsWith('@[')) {
		const mention = MENTION.exec(rest);
		if (!mention) return { malformed: `mention at "${rest.slice(0, 20)}"` };
		return { shown: plain(mention[1] ?? ''), length: mention[0].length };
	}
	if (rest.startsWith('{hashtag')) {
		const template = HASHTAG_TEMPLATE.exec(rest);
		if (!template) return { malformed: `hashtag at "${rest.slice(0, 20)}"` };
		return { shown: `#${plain(template[1] ?? '')}`, length: template[0].length };
	}
	const hashtag = HASHTAG.exec(rest);
	return hashtag ? { shown: hashtag[0], length: hashtag[0].length } : null;
}

function plain(text: string): string {
	return text.replace(/\\(.)/g, '$1');
}
