import { randomUUID } from 'node:crypto';
import {
	existsSync,
	linkSync,
	mkdirSync,
	readFileSync,
	readdirSync,
	rmSync,
	statSync,
	utimesSync,
	writeFileSync,
} from 'node:fs';
import { hostname } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { cacheFolder } from './places.mjs';
import { say } from './progress.mjs';

/** Holder touches its file this often; on another host only that tells whether it lives. */
const BEAT_MS = 10_000;
const SILENT_MS = 90_000;

/** Start time of a process in clock ticks, so that a reused pid is not taken for the holder. */
function processStart(pid) {
	try {
		const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
		return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
	} catch {
		return null;
	}
}

function isAlive(holder, file) {
	if (holder.host !== hostname()) return Date.now() - statSync(file).mtimeMs < SILENT_MS;
	try {
		process.kill(holder.pid, 0);
	} catch (error) {
		if (error.code !== 'EPERM') return false;
	}
	return processStart(holder.pid) === holder.start;
}

/** Numbers of all holders so far, oldest first. */
function generations(folder) {
	return readdirSync(folder)
		.map((name) => /^(\d+)$/.exec(name)?.[1])
		.filter(Boolean)
		.map(Number)
		.sort((a, b) => a - b);
}

/** Pid of the living holder of this generation, or null when it is over. */
function holderOf(folder, generation) {
	const file = path.join(folder, String(generation));
	try {
		if (existsSync(`${file}.over`)) return null;
		const holder = JSON.parse(readFileSync(file, 'utf8'));
		return isAlive(holder, file) ? holder.pid : null;
	} catch (error) {
		if (error.code === 'ENOENT') return null;
		throw error;
	}
}

/**
 * Runs `work` while no other process on this cache runs work under the same name. A holder that was
 * killed at any point is noticed. Each holder is a numbered file that appears whole (hard link), and
 * numbers only grow, so two processes can never both take over from a dead one.
 *
 * @param {string} name
 * @param {() => Promise<any>} work
 * @param {(pid: number) => Error} [busy] throws this error instead of waiting for a living holder
 */
export async function withLock(name, work, busy) {
	const folder = path.join(cacheFolder(), 'locks', name);
	mkdirSync(folder, { recursive: true });
	const draft = path.join(folder, `draft-${randomUUID()}`);
	const self = { pid: process.pid, host: hostname(), start: processStart(process.pid) };
	writeFileSync(draft, JSON.stringify(self));
	let announced = false;
	let mine = null;
	try {
		while (mine === null) {
			const last = generations(folder).at(-1) ?? 0;
			const holder = last === 0 ? null : holderOf(folder, last);
			if (holder !== null) {
				if (busy) throw busy(holder);
				if (!announced) say(`Waiting for another set-up (process ${holder}) to finish: ${name}`);
				announced = true;
				await sleep(500);
				continue;
			}
			try {
				linkSync(draft, path.join(folder, String(last + 1)));
			} catch (error) {
				if (error.code === 'EEXIST') continue;
				throw error;
			}
			if (generations(folder).at(-1) === last + 1) mine = last + 1;
			else rmSync(path.join(folder, String(last + 1)), { force: true });
		}
	} finally {
		rmSync(draft, { force: true });
	}
	const file = path.join(folder, String(mine));
	for (const old of generations(folder)) {
		if (old >= mine) continue;
		rmSync(path.join(folder, String(old)), { force: true });
		rmSync(path.join(folder, `${old}.over`), { force: true });
	}
	const beat = setInterval(() => utimesSync(file, new Date(), new Date()), BEAT_MS);
	beat.unref();
	try {
		return await work();
	} finally {
		clearInterval(beat);
		writeFileSync(`${file}.over`, '');
	}
}
