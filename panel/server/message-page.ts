const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

const escape = (text: string) => text.replace(/[&<>"]/g, (character) => ENTITIES[character]);

/** A page that only says something, for where the built pages cannot be shown. */
export function messagePage(title: string, message: string): string {
	return `<!doctype html>
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
			<p>${escape(message)}</p>
			<p><a href="/">To the panel</a></p>
		</main>
	</body>
</html>
`;
}
