import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

const ROOT = path.join(__dirname, '..', '..', '..');
const PAGES = ['docs/troubleshooting.md', 'docs/platform-errors.md'];

function read(file: string): string {
	return readFileSync(path.join(ROOT, file), 'utf8');
}

function filesIn(folder: string, ending: string): string[] {
	return readdirSync(path.join(ROOT, folder), { recursive: true, encoding: 'utf8' })
		.filter((name) => name.endsWith(ending))
		.map((name) => path.join(folder, name));
}

/** `${table.platform}_refused` as the pages write it: `<platform>_refused`. */
function withNames(code: string): string {
	return code.replace(/\$\{([^}]+)\}/g, (_, expression: string) => {
		const name = expression.split('??')[0].trim().split('.').pop() ?? '';
		return `<${name === 'name' ? 'platform' : name}>`;
	});
}

function found(text: string, pattern: RegExp): string[] {
	return [...text.matchAll(pattern)].map((match) => match.slice(1).find(Boolean) ?? '');
}

/** Code of an error object, or first argument of the functions that make one. */
const TYPESCRIPT_CODES = [
	/\bcode:\s*(?:'([^']+)'|`([^`]+)`)/g,
	/\bcode: code === \d+ \? '([^']+)'/g,
	/\bcode: code === \d+ \? '[^']+' : '([^']+)'/g,
	/\bcode: \w+ \|\| (?:'([^']+)'|`([^`]+)`)/g,
	/\b(?:refuse|refused|fail|redo)\(\s*['`]([a-z][a-z0-9]*_[a-z0-9_]+)['`]/g,
];

const SQL_CODES = [
	/\brefuse\(\d{3},\s*'([a-z_]+)'/g,
	/\bpost_error\(\s*'([a-z_]+)'/g,
	/\bopen_incident\(\s*'([a-z_]+)'/g,
	/\bincidents \(kind, [^)]+\)\s*values\s*\('([a-z_]+)'/g,
	/\bv_code := '([a-z_]+)'/g,
];

/** Every code with the file it is in. */
function codes(): Map<string, string> {
	const known = new Map<string, string>();
	const sources: [string[], RegExp[]][] = [
		[
			[
				...filesIn('core', '.ts'),
				...filesIn('nodes', '.ts'),
				...filesIn('fallback-runner/src', '.ts'),
				'panel/server/connect/context.ts',
				...filesIn('panel/server/compose', '.ts'),
				...filesIn('panel/web/src/pages/imports', '.ts'),
			],
			TYPESCRIPT_CODES,
		],
		[filesIn('supabase/migrations', '.sql'), SQL_CODES],
	];
	for (const [files, patterns] of sources) {
		for (const file of files) {
			const text = read(file);
			for (const code of patterns.flatMap((pattern) => found(text, pattern))) {
				if (code !== 'ok') known.set(withNames(code), file);
			}
		}
	}
	return known;
}

/** Sentences of the node that have no code: what happened, with `…` for what differs. */
function sentences(): Map<string, string> {
	const known = new Map<string, string>();
	const pattern = /(?:\bmessage:|\brefused\()\s*(?:'([A-Z"][^']+)'|`([A-Z"][^`]+)`)/g;
	for (const file of filesIn('nodes', '.ts')) {
		for (const sentence of found(read(file), pattern)) {
			known.set(sentence.replace(/\$\{[^}]+\}/g, '…'), file);
		}
	}
	return known;
}

const pages = PAGES.map(read).join('\n');

test.each([...codes()])('the code %s (%s) has an entry', (code) => {
	expect(pages).toContain(`**\`${code}\`**`);
});

test.each([...sentences()])('the sentence "%s" (%s) has an entry', (sentence) => {
	expect(pages).toContain(sentence);
});

test('no entry is left over from a code that is gone', () => {
	const known = codes();
	const entries = found(pages, /\*\*`([^`]+)`\*\*/g);
	expect(entries.filter((entry) => !known.has(entry))).toEqual([]);
});

test('the search finds codes of every kind', () => {
	expect([...codes().keys()]).toEqual(
		expect.arrayContaining([
			'x_no_credits',
			'<platform>_text_too_long',
			'address_unreadable',
			'idempotency_conflict',
			'poison_post',
			'platform_down',
			'durability_off',
		]),
	);
	expect(sentences().size).toBeGreaterThan(30);
});
