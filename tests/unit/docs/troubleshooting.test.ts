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
	/\bpgrstError\(\s*\d{3},\s*'([a-z_]+)'/g,
];

const SQL_CODES = [
	/\brefuse\(\d{3},\s*'([a-z_]+)'/g,
	/\bpost_error\(\s*'([a-z_]+)'/g,
	/\bopen_incident\(\s*'([a-z_]+)'/g,
	/\bincidents \(kind, [^)]+\)\s*values\s*\('([a-z_]+)'/g,
	/\bv_code := '([a-z_]+)'/g,
];

const SOURCES: [string[], RegExp[]][] = [
	[
		[
			...filesIn('core', '.ts'),
			...filesIn('nodes', '.ts'),
			...filesIn('fallback-runner/src', '.ts'),
			...filesIn('panel/server', '.ts'),
			...filesIn('panel/shared', '.ts'),
			...filesIn('panel/web/src/pages/imports', '.ts'),
			'supabase/embedded/gateway.ts',
		],
		TYPESCRIPT_CODES,
	],
	[filesIn('supabase/migrations', '.sql'), SQL_CODES],
];

/** Every code with the file it is in. */
function codes(): Map<string, string> {
	const known = new Map<string, string>();
	for (const [files, patterns] of SOURCES) {
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

/** Entries by what people see, for pages without codes: `**The sentence.** · (`code`, status 409)`. */
function quotes(text: string): [sentence: string, code: string][] {
	return [...text.matchAll(/^\*\*([^`*]+)\*\* · \(`([^`]+)`/gm)].map(([, sentence, code]) => [
		sentence,
		code,
	]);
}

/** The sentence in code, with anything where it has `…`. */
function written(sentence: string): RegExp {
	const parts = sentence.split('…').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
	return new RegExp(parts.join('.+'));
}

const pages = PAGES.map(read).join('\n');
const entries = [...found(pages, /\*\*`([^`]+)`\*\*/g), ...quotes(pages).map(([, code]) => code)];

test.each([...codes()])('the code %s (%s) has an entry', (code) => {
	expect(entries).toContain(code);
});

const texts = SOURCES.flatMap(([files]) => files).map(read);

test.each(quotes(pages))('"%s" is what comes with the code %s', (sentence, code) => {
	const places = texts.filter((text) => text.includes(`'${code}'`));
	expect(places.filter((text) => written(sentence).test(text))).not.toEqual([]);
});

test.each([...sentences()])('the sentence "%s" (%s) has an entry', (sentence) => {
	expect(pages).toContain(sentence);
});

test('no entry is left over from a code that is gone', () => {
	const known = codes();
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
			'board_off',
			'queue_lost',
			'signed_out',
			'consent_denied',
			'key_not_allowed',
		]),
	);
	expect(quotes(pages).length).toBeGreaterThan(30);
	expect(sentences().size).toBeGreaterThan(30);
});
