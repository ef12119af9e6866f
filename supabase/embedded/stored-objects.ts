import { createHash, randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, open, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { withConnection } from './connection';

/** What is kept beside the bytes. */
export interface ObjectFacts {
	bucket: string;
	/** Path in the bucket, `{owner}/{sha256}`. */
	name: string;
	contentType: string;
	bytes: number;
	sha256: string;
	createdAt: string;
}

export type SaveAnswer = 'saved' | 'exists' | 'too_large' | 'hash_mismatch' | 'cut_off';

/**
 * Objects on disk. A file's name is the hash of bucket and path, so no path from outside ever
 * reaches the file system. Bytes first, facts last: an object without facts does not exist.
 */
export class ObjectStore {
	private readonly turns = new Map<string, Promise<unknown>>();

	constructor(
		private readonly folder: string,
		/** Largest object in bytes. */
		readonly maxBytes: number,
	) {}

	private base(bucket: string, name: string): string {
		const hash = createHash('sha256').update(`${bucket}/${name}`).digest('hex');
		return path.join(this.folder, hash.slice(0, 2), hash);
	}

	/** File of an existing object's bytes. */
	fileOf(facts: ObjectFacts): string {
		return `${this.base(facts.bucket, facts.name)}.bin`;
	}

	/** Facts of an object, null when there is none. */
	async find(bucket: string, name: string): Promise<ObjectFacts | null> {
		try {
			return JSON.parse(await readFile(`${this.base(bucket, name)}.json`, 'utf8')) as ObjectFacts;
		} catch (error) {
			if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
			throw error;
		}
	}

	/**
	 * Streams bytes to disk and makes them durable. A last path segment of 64 hex digits must be the
	 * SHA-256 of the bytes.
	 */
	async save(
		bucket: string,
		name: string,
		contentType: string,
		source: Readable,
		overwrite: boolean,
	): Promise<SaveAnswer> {
		if (!overwrite && (await this.find(bucket, name))) return 'exists';
		const base = this.base(bucket, name);
		const incoming = `${base}.${randomUUID()}.tmp`;
		await mkdir(path.dirname(base), { recursive: true });
		const hash = createHash('sha256');
		let bytes = 0;
		let tooLarge = false;
		try {
			await pipeline(
				source,
				async function* (this: ObjectStore, chunks: AsyncIterable<Buffer>) {
					for await (const chunk of chunks) {
						bytes += chunk.length;
						if (bytes > this.maxBytes) {
							tooLarge = true;
							return;
						}
						hash.update(chunk);
						yield chunk;
					}
				}.bind(this),
				createWriteStream(incoming, { mode: 0o600, flush: true }),
			).catch((error: NodeJS.ErrnoException) => {
				if (!tooLarge) throw error;
			});
			if (tooLarge) return 'too_large';
			const sha256 = hash.digest('hex');
			const expected = name.split('/').at(-1) ?? '';
			if (/^[0-9a-f]{64}$/i.test(expected) && expected.toLowerCase() !== sha256) {
				return 'hash_mismatch';
			}
			const facts: ObjectFacts = {
				bucket,
				name,
				contentType,
				bytes,
				sha256,
				createdAt: new Date().toISOString(),
			};
			return await this.inTurn(base, () => this.commit(base, incoming, facts, overwrite));
		} catch (error) {
			const code = (error as NodeJS.ErrnoException).code;
			if (code === 'ECONNRESET' || code === 'ERR_STREAM_PREMATURE_CLOSE') return 'cut_off';
			throw error;
		} finally {
			await rm(incoming, { force: true });
		}
	}

	private async commit(
		base: string,
		incoming: string,
		facts: ObjectFacts,
		overwrite: boolean,
	): Promise<SaveAnswer> {
		const before = await this.find(facts.bucket, facts.name);
		if (before && !overwrite) return 'exists';
		// The same bytes are kept, but become young again: whoever sends them will name them in a row.
		if (before?.sha256 !== facts.sha256) await rename(incoming, `${base}.bin`);
		await writeFile(`${incoming}.json`, JSON.stringify(facts), { mode: 0o600, flush: true });
		await rename(`${incoming}.json`, `${base}.json`);
		// The names themselves must survive a power cut too.
		const folder = await open(path.dirname(base), 'r');
		await folder.sync().catch(() => undefined);
		await folder.close();
		return 'saved';
	}

	/** One change of an object at a time. */
	private inTurn<T>(base: string, work: () => Promise<T>): Promise<T> {
		const before = this.turns.get(base) ?? Promise.resolve();
		const mine = before.then(work, work);
		const settled = mine
			.catch(() => undefined)
			.then(() => {
				if (this.turns.get(base) === settled) this.turns.delete(base);
			});
		this.turns.set(base, settled);
		return mine;
	}

	/**
	 * Deletes an object; false when there was none.
	 * @param asOf only the object as it was then: one saved again since stays.
	 */
	async remove(bucket: string, name: string, asOf?: ObjectFacts): Promise<boolean> {
		const base = this.base(bucket, name);
		return await this.inTurn(base, async () => {
			const there = await this.find(bucket, name);
			if (asOf && there?.createdAt !== asOf.createdAt) return false;
			await rm(`${base}.json`, { force: true });
			await rm(`${base}.bin`, { force: true });
			return there !== null;
		});
	}

	/** Every object, and paths of left-over temporary files older than `olderThanMs`. */
	async list(olderThanMs: number): Promise<{ objects: ObjectFacts[]; leftovers: string[] }> {
		const objects: ObjectFacts[] = [];
		const leftovers: string[] = [];
		const files = await readdir(this.folder, { recursive: true }).catch(() => []);
		for (const file of files) {
			const full = path.join(this.folder, file);
			if (/^[0-9a-f]{64}\.json$/.test(path.basename(file))) {
				objects.push(JSON.parse(await readFile(full, 'utf8')) as ObjectFacts);
			} else if (full.includes('.tmp')) {
				const seen = await stat(full).catch(() => null);
				if (seen && Date.now() - seen.mtimeMs > olderThanMs) leftovers.push(full);
			}
		}
		return { objects, leftovers };
	}
}

/**
 * Deletes objects older than `olderThanMs` that no row of `musekit_social.media` names, and what
 * broken uploads left. Young ones stay: their row may still come.
 * @param databaseUrl owner of the tables.
 * @returns how many objects went.
 */
export async function removeOrphans(
	store: ObjectStore,
	databaseUrl: string,
	olderThanMs: number,
): Promise<number> {
	const { objects, leftovers } = await store.list(olderThanMs);
	for (const file of leftovers) await rm(file, { force: true });
	const old = objects.filter((object) => Date.now() - Date.parse(object.createdAt) > olderThanMs);
	if (old.length === 0) return 0;
	return await withConnection({ connectionString: databaseUrl }, async (client) => {
		const { rows } = await client.query<{ name: string }>(
			`select n.name from unnest($1::text[]) n(name)
			where exists (select from musekit_social.media m where m.owner_id || '/' || m.hash = n.name)`,
			[old.map((object) => object.name)],
		);
		const named = new Set(rows.map((row) => row.name));
		let removed = 0;
		for (const object of old.filter((candidate) => !named.has(candidate.name))) {
			if (await store.remove(object.bucket, object.name, object)) removed += 1;
		}
		return removed;
	});
}
