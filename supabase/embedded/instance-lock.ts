import { randomBytes } from 'node:crypto';
import { link, readFile, rm, writeFile } from 'node:fs/promises';
import { readFileSync } from 'node:fs';

/** Start of a process in clock ticks since boot: tells a live owner from a reused pid (Linux only). */
function startOf(pid: number): string {
	try {
		const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
		return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
	} catch {
		return '';
	}
}

/** True while a process of this pid exists, whoever owns it. */
export function isAlive(pid: number): boolean {
	try {
		process.kill(pid, 0);
		return true;
	} catch (error) {
		return (error as NodeJS.ErrnoException).code === 'EPERM';
	}
}

function ownerLives(content: string): boolean {
	const [pid, start] = content.trim().split(' ');
	if (!Number(pid) || !isAlive(Number(pid))) return false;
	return !start || startOf(Number(pid)) === start;
}

/** Another process runs this instance. */
export class InstanceBusy extends Error {
	constructor(
		lockFile: string,
		readonly pid: number,
	) {
		super(
			`This store is already running (process ${pid}). Stop it first, or use its address. (${lockFile})`,
		);
	}
}

/** Makes a file with its content in one step, or not at all when there is one already. */
async function createWhole(file: string, content: string): Promise<boolean> {
	const beside = `${file}.${randomBytes(6).toString('hex')}`;
	await writeFile(beside, content, { flag: 'wx', mode: 0o600 });
	try {
		await link(beside, file);
		return true;
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
		throw error;
	} finally {
		await rm(beside, { force: true });
	}
}

const contentOf = async (file: string) => await readFile(file, 'utf8').catch(() => null);

/**
 * Takes the lock file for this process, also from an owner that died.
 * @returns a function that gives it back.
 * @throws InstanceBusy while another process holds it.
 */
export async function takeLock(lockFile: string): Promise<() => Promise<void>> {
	const token = `${process.pid} ${startOf(process.pid)} ${randomBytes(8).toString('hex')}\n`;
	while (!(await createWhole(lockFile, token))) {
		const held = await contentOf(lockFile);
		if (held === null) continue;
		if (ownerLives(held)) throw new InstanceBusy(lockFile, parseInt(held, 10));
		await removeDead(lockFile, held, token);
	}
	return async () => {
		if ((await contentOf(lockFile)) === token) await rm(lockFile, { force: true });
	};
}

/**
 * Removes what a dead owner left. One does so at a time, and looks again first: somebody who was only
 * slow would remove the lock of whoever has taken it since.
 */
async function removeDead(lockFile: string, held: string, token: string): Promise<void> {
	const turn = `${lockFile}.dead`;
	if (await createWhole(turn, token)) {
		try {
			if ((await contentOf(lockFile)) === held) await rm(lockFile);
		} finally {
			await rm(turn, { force: true });
		}
		return;
	}
	const other = await contentOf(turn);
	if (other !== null && !ownerLives(other)) await rm(turn, { force: true });
	else await new Promise((resolve) => setTimeout(resolve, 5));
}
