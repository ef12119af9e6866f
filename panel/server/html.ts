/** Text that is already safe to stand in a page. */
export class Html {
	constructor(readonly text: string) {}
}

type Part = string | number | null | undefined | false | Html | Html[];

const ENTITIES: Record<string, string> = {
	'&': '&amp;',
	'<': '&lt;',
	'>': '&gt;',
	'"': '&quot;',
	"'": '&#39;',
};

function render(part: Part): string {
	if (part === null || part === undefined || part === false) return '';
	if (part instanceof Html) return part.text;
	if (Array.isArray(part)) return part.map((entry) => entry.text).join('');
	return String(part).replace(/[&<>"']/g, (character) => ENTITIES[character]);
}

/** Tagged template: everything put in is escaped, unless it is `Html` itself. */
export function markup(literals: TemplateStringsArray, ...parts: Part[]): Html {
	return new Html(
		literals.reduce((text, literal, index) => text + render(parts[index - 1]) + literal),
	);
}

/** An address that a link may lead to, or null: stored text is no proof of a scheme. */
export function webAddress(text: string | null | undefined): string | null {
	if (!text || !URL.canParse(text)) return null;
	return /^https?:$/.test(new URL(text).protocol) ? text : null;
}
