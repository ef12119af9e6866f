import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { root } from './places.mjs';

/** Sorted names in a folder of the repository, or null for a file. */
function listing(place) {
	try {
		return readdirSync(path.join(root, place)).sort();
	} catch (error) {
		if (error.code === 'ENOTDIR') return null;
		throw error;
	}
}

function add(hash, place) {
	if (!existsSync(path.join(root, place))) return;
	const entries = listing(place);
	if (entries === null) {
		hash
			.update(`${place}\0`)
			.update(readFileSync(path.join(root, place)))
			.update('\0');
		return;
	}
	for (const name of entries) add(hash, path.join(place, name));
}

/** 16 hex digits that change with any byte or name below the places (files and folders of the repository). */
export function hashOfSources(places) {
	const hash = createHash('sha256');
	for (const place of places) add(hash, place);
	return hash.digest('hex').slice(0, 16);
}
