import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';

const ROOT = path.join(__dirname, '..', '..', '..');

/** Pages for people, relative to the repository. */
function pages(): string[] {
	const inFolder = (folder: string) =>
		readdirSync(path.join(ROOT, folder))
			.filter((name) => name.endsWith('.md'))
			.map((name) => path.join(folder, name));
	return [...inFolder('.'), ...inFolder('docs'), ...inFolder('workflows')];
}

function read(page: string): string {
	return readFileSync(path.join(ROOT, page), 'utf8');
}

/** Without code, where brackets and hashes mean something else. */
function prose(text: string): string {
	return text.replace(/^```[\s\S]*?^```/gm, '').replace(/`[^`\n]*`/g, 'code');
}

/** Targets of inline links that are no address of the web. */
function links(page: string): string[] {
	return [...prose(read(page)).matchAll(/\]\(([^)\s]+)\)/g)]
		.map((match) => match[1])
		.filter((target) => !/^[a-z]+:/i.test(target));
}

/** Anchors of a page's headings, as GitHub makes them. */
function anchors(page: string): string[] {
	const text = read(page).replace(/^```[\s\S]*?^```/gm, '');
	return [...text.matchAll(/^#{1,6} (.+)$/gm)].map(([, heading]) =>
		heading
			.toLowerCase()
			.replace(/[^\p{L}\p{N}\s_-]/gu, '')
			.replaceAll(' ', '-'),
	);
}

const all = pages().flatMap((page) => links(page).map((target) => [page, target] as const));

test.each(all)('%s links to %s', (page, target) => {
	const [file, anchor] = target.split('#');
	const wanted = file === '' ? page : path.join(path.dirname(page), file);
	expect(existsSync(path.join(ROOT, wanted)) ? wanted : `${wanted} is missing`).toBe(wanted);
	if (anchor === undefined || !statSync(path.join(ROOT, wanted)).isFile()) return;
	expect(anchors(wanted)).toContain(anchor);
});

test('every page of docs is in its table of contents', () => {
	const listed = links('docs/README.md').map((target) => path.join('docs', target));
	const missing = pages().filter(
		(page) => page.startsWith('docs') && page !== path.join('docs', 'README.md'),
	);
	expect(missing.filter((page) => !listed.includes(page))).toEqual([]);
});
