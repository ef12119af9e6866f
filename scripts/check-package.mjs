/** `npm run check:package`: is what npm would publish what n8n wants to install? */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildPack, ensureN8n, root, underNode24 } from './setup.mjs';
import { passes, runChecks } from './setup/check.mjs';
import { Tally } from './setup/tally.mjs';

const ALLOWED = /^(package\.json|LICENSE|README\.md|dist\/(nodes|credentials|core|workflows)\/.+)$/;
const FORBIDDEN = /(\.ts|\.tsbuildinfo|\.map|\.test\.js)$/;

function filesIn(folder) {
	return readdirSync(folder, { recursive: true, withFileTypes: true })
		.filter((entry) => entry.isFile())
		.map((entry) =>
			path.relative(folder, path.join(entry.parentPath, entry.name)).replaceAll(path.sep, '/'),
		);
}

function checkContents(folder, tarball) {
	const files = filesIn(folder);
	const total = files.reduce((sum, file) => sum + statSync(path.join(folder, file)).size, 0);
	process.stdout.write(
		`${path.basename(tarball)}: ${(statSync(tarball).size / 1024).toFixed(1)} kB packed, ${(total / 1024).toFixed(1)} kB unpacked, ${files.length} files\n`,
	);
	const foreign = files.filter((file) => !ALLOWED.test(file) || FORBIDDEN.test(file));
	const { n8n } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'));
	const wanted = ['LICENSE', 'README.md', ...n8n.nodes, ...n8n.credentials];
	const missing = wanted.filter((file) => !files.includes(file));
	const problems = [
		...foreign.map((file) => `does not belong in the package: ${file}`),
		...missing.map((file) => `missing from the package: ${file}`),
	];
	if (problems.length > 0) throw new Error(problems.join('\n  '));
}

async function scan(folder, patterns) {
	const scanner = await import('@n8n/scan-community-package/scanner/scanner.mjs');
	const result = await scanner.analyzePackage(folder, patterns ?? scanner.SOURCE_FILE_PATTERNS);
	if (!result.passed) throw new Error(`${result.message ?? ''}\n${result.details ?? ''}`);
}

await underNode24(fileURLToPath(import.meta.url), async (node) => {
	const tally = new Tally();
	const folder = mkdtempSync(path.join(tmpdir(), 'musekit-pack-'));
	let tarball = null;
	try {
		await runChecks(tally, [
			[
				'the pack builds and packs',
				async () => {
					tarball = (await buildPack(node)).tarball;
					const tar = ['-xzf', tarball, '-C', folder, '--strip-components=1'];
					const { status, stderr } = spawnSync('tar', tar, { encoding: 'utf8' });
					if (status !== 0) throw new Error(stderr);
				},
			],
		]);
		if (tarball === null) return tally.finish();
		await runChecks(tally, [
			['contents of the package', () => checkContents(folder, tarball)],
			['n8n scan of the source', () => scan(root, undefined)],
			['n8n scan of the packed files', () => scan(folder, ['**/*.js', 'package.json'])],
			[
				"every registered file loads in n8n's own loader",
				async () => {
					const n8n = await ensureN8n(node);
					const script = path.join(root, 'scripts', 'n8n', 'load-pack.cjs');
					return passes(node, [script, folder, n8n], { NODE_PATH: path.join(n8n, 'node_modules') });
				},
			],
		]);
		return tally.finish();
	} finally {
		rmSync(folder, { recursive: true, force: true });
	}
});
