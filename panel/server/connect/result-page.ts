import type { Response } from 'express';
import type { ApiProblem } from '../../shared/api';

const ENTITIES: Record<string, string> = {
	'&': '&amp;',
	'<': '&lt;',
	'>': '&gt;',
	'"': '&quot;',
	"'": '&#39;',
};

const escape = (text: string) => text.replace(/[&<>"']/g, (character) => ENTITIES[character]);

/** The page a consent ends on when nothing was connected; `back` leads where it began. */
export function sendConsentProblem(
	response: Response,
	status: number,
	problem: ApiProblem,
	back: { href: string; label: string } | null,
): void {
	sendPage(response, status, 'Not connected', [problem.message, problem.remedy], back);
}

/** What a client sees who came by a link and is done. */
export function sendConnected(response: Response, names: string[]): void {
	sendPage(response, 200, 'Connected', [
		`${names.join(', ')} is connected. You can close this page.`,
		'You can take the access back at any time in the account’s settings at the platform.',
	]);
}

function sendPage(
	response: Response,
	status: number,
	title: string,
	lines: string[],
	back: { href: string; label: string } | null = null,
): void {
	const link =
		back === null ? '' : `<p><a href="${escape(back.href)}">${escape(back.label)}</a></p>`;
	response.status(status).set('Cache-Control', 'no-store').type('html').send(`<!doctype html>
<html lang="en">
	<head>
		<meta charset="utf-8" />
		<meta name="viewport" content="width=device-width, initial-scale=1" />
		<meta name="color-scheme" content="light dark" />
		<title>${escape(title)} · MuseKit Social</title>
	</head>
	<body>
		<main>
			<h1>${escape(title)}</h1>
			${lines.map((line) => `<p>${escape(line)}</p>`).join('\n\t\t\t')}
			${link}
		</main>
	</body>
</html>
`);
}
