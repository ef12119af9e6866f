import {
	closeSync,
	existsSync,
	mkdirSync,
	openSync,
	readFileSync,
	renameSync,
	writeSync,
} from 'node:fs';
import { dirname } from 'node:path';

/** One change: table, key, record (null: removed). */
export type Change = [table: string, key: string, record: unknown];

/**
 * Append-only file of changes, one JSON line each, readable by its owner only because it holds
 * sandbox tokens. A line cut short by a kill is ignored when it is read back.
 */
export class Journal {
	private handle: number | null = null;

	constructor(private readonly file: string) {
		mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
	}

	read(): Change[] {
		if (!existsSync(this.file)) return [];
		const changes: Change[] = [];
		for (const line of readFileSync(this.file, 'utf8').split('\n')) {
			if (line === '') continue;
			try {
				changes.push(JSON.parse(line) as Change);
			} catch {
				continue;
			}
		}
		return changes;
	}

	/** Replaces the file by one holding just these changes, and goes on appending to it. */
	start(changes: Iterable<Change>): void {
		const next = `${this.file}.next`;
		const handle = openSync(next, 'w', 0o600);
		for (const change of changes) writeSync(handle, `${JSON.stringify(change)}\n`);
		renameSync(next, this.file);
		this.close();
		this.handle = handle;
	}

	append(change: Change): void {
		if (this.handle !== null) writeSync(this.handle, `${JSON.stringify(change)}\n`);
	}

	close(): void {
		if (this.handle !== null) closeSync(this.handle);
		this.handle = null;
	}
}
