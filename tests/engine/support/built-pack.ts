import {
	cpSync,
	mkdirSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	rmSync,
	symlinkSync,
	writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { transformSync } from '@swc/core';

import { n8nModules } from './n8n-folder';

const ROOT = join(__dirname, '..', '..', '..');

/** A built copy of the pack in a folder of its own, laid out as the package is. */
export interface BuiltPack {
	folder: string;
	remove(): void;
}

/**
 * Builds `nodes`, `credentials` and `core` as the package has them under `dist`. It finds
 * n8n-workflow and luxon in n8n's own folder, as an installed community node does.
 */
export function buildPack(): BuiltPack {
	const folder = mkdtempSync(join(tmpdir(), 'musekit-engine-'));
	for (const part of ['nodes', 'credentials', 'core']) {
		for (const file of filesIn(join(ROOT, part))) {
			const target = join(folder, 'dist', relative(ROOT, file));
			mkdirSync(dirname(target), { recursive: true });
			if (file.endsWith('.ts')) writeFileSync(target.replace(/\.ts$/, '.js'), compile(file));
			else cpSync(file, target);
		}
	}
	cpSync(join(ROOT, 'package.json'), join(folder, 'package.json'));
	symlinkSync(n8nModules(), join(folder, 'node_modules'));
	return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

function compile(file: string): string {
	return transformSync(readFileSync(file, 'utf8'), {
		filename: file,
		jsc: { parser: { syntax: 'typescript' }, target: 'es2022' },
		module: { type: 'commonjs' },
	}).code;
}

function filesIn(folder: string): string[] {
	return readdirSync(folder, { recursive: true, withFileTypes: true })
		.filter((entry) => entry.isFile())
		.map((entry) => join(entry.parentPath, entry.name));
}
