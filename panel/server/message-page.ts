import type { Response } from 'express';

const ENTITIES: Record<string, string> = {
	'&': '&amp;',
	'<': '&lt;',
	'>': '&gt;',
	'"': '&quot;',
	"'": '&#39;',
};

const escape = (text: string) => text.replace(/[&<>"']/g, (character) => ENTITIES[character]);

/** The look of the built pages, in a few lines; it carries the answer's nonce. */
const STYLE = `
body { margin: 0; background: #f7fafa; color: #16201f; font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 26rem; margin: 14vh auto 0; padding: 0 1.25rem; }
h1 { font-size: 1.5rem; line-height: 1.25; }
a { color: #0a5753; font-weight: 500; }
@media (prefers-color-scheme: dark) {
	body { background: #0c1415; color: #ecf1f1; }
	a { color: #9be0d8; }
}`;

export interface Message {
	title: string;
	lines: string[];
	link?: { href: string; label: string } | null;
}

/** Sends a page that only says something, for where the built pages cannot be shown. */
export function sendMessage(
	response: Response,
	status: number,
	{ title, lines, link = { href: '/', label: 'To the panel' } }: Message,
): void {
	const nonce = escape(String(response.locals.nonce ?? ''));
	const after =
		link === null ? '' : `<p><a href="${escape(link.href)}">${escape(link.label)}</a></p>`;
	response.status(status).set('Cache-Control', 'no-store').type('html').send(`<!doctype html>
<html lang="en">
	<head>
		<meta charset="utf-8" />
		<meta name="viewport" content="width=device-width, initial-scale=1" />
		<meta name="color-scheme" content="light dark" />
		<title>${escape(title)} · MuseKit Social</title>
		<style nonce="${nonce}">${STYLE}</style>
	</head>
	<body>
		<main>
			<h1>${escape(title)}</h1>
			${lines.map((line) => `<p>${escape(line)}</p>`).join('\n\t\t\t')}
			${after}
		</main>
	</body>
</html>
`);
}
