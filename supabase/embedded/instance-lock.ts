import { randomBytes } from 'node:crypto';
import { link, readFile, rename, rm, unlink, writeFile } from 'node:fs/promises';
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

/**
 * Takes the lock file for this process, also from an owner that died.
 * @returns a function that gives it back.
 * @throws InstanceBusy while another process holds it.
 */
export async function takeLock(lockFile: string): Promise<() => Promise<void>> {
	const token = `${process.pid} ${startOf(process.pid)} ${randomBytes(8).toString('hex')}\n`;
	for (;;) {
		try {
			await writeFile(lockFile, token, { flag: 'wx', mode: 0o600 });
			return async () => {
				const now = await readFile(lockFile, 'utf8').catch(() => '');
				if (now === token) await rm(lockFile, { force: true });
			};
		} catch (error) {
			if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
		}
		const held = await readFile(lockFile, 'utf8').catch(() => null);
		if (held === null) continue;
		if (held !== '' && ownerLives(held)) throw new InstanceBusy(lockFile, parseInt(held, 10));
		// Moving it aside is atomic; whoever moved a lock that is not the dead one puts it back.
		const aside = `${lockFile}.${randomBytes(6).toString('hex')}`;
		const moved = await rename(lockFile, aside).then(
			() => true,
			() => false,
		);
		if (!moved) continue;
		const was = await readFile(aside, 'utf8');
		if (was !== held) await link(aside, lockFile).catch(() => undefined);
		await unlink(aside);
	}
}
