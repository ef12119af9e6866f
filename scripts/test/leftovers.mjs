import { readFileSync, readdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** Environment variable that every process started by a slice inherits. */
export const MARK = 'MUSEKIT_TEST_RUN';

/** Processes (Linux) that carry this mark in the environment they were started with. */
export function marked(mark) {
	let pids;
	try {
		pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
	} catch {
		return [];
	}
	const needle = `${MARK}=${mark}`;
	const found = [];
	for (const pid of pids) {
		try {
			if (!readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').includes(needle)) continue;
			const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
			if (command !== '') found.push({ pid: Number(pid), command: command.slice(0, 160) });
		} catch {
			// It ended while we looked, or belongs to somebody else.
		}
	}
	return found;
}

/**
 * Waits up to `graceMs` for the marked processes to be gone, then ends those that are left, each by
 * its id. Answers the ones that had to be ended.
 */
export async function endLeftovers(mark, graceMs) {
	const until = Date.now() + graceMs;
	while (marked(mark).length > 0 && Date.now() < until) await sleep(200);
	const left = marked(mark);
	for (const signal of ['SIGTERM', 'SIGKILL']) {
		for (const { pid } of marked(mark)) {
			try {
				process.kill(pid, signal);
			} catch (error) {
				if (error.code !== 'ESRCH') throw error;
			}
		}
		const patience = Date.now() + 5000;
		while (marked(mark).length > 0 && Date.now() < patience) await sleep(200);
	}
	return left;
}
