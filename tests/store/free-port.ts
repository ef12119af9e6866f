import { randomInt } from 'node:crypto';
import { isPortFree, tryListen } from '../../supabase/embedded/postgres-process';

/**
 * Below the ports that systems give to outgoing connections (from 32768 on Linux, 49152 elsewhere): n8n
 * takes its port half a minute after it was chosen, and by then a connection may have it.
 */
const FIRST = 15_000;
const LAST = 23_500;
/** Between a port and its twin, which is never given to anybody. */
const TWIN = LAST - FIRST;

/** Listens on the twin until this process ends; false when another process does. */
async function reserve(port: number): Promise<boolean> {
	const twin = await tryListen(port + TWIN);
	twin?.unref();
	return twin !== null;
}

/**
 * A TCP port on 127.0.0.1 that was free a moment ago, and that no test of any process on this machine
 * is given as long as this process lives.
 */
export async function freePort(): Promise<number> {
	for (let tries = 0; tries < 1_000; tries++) {
		const port = randomInt(FIRST, LAST);
		if ((await reserve(port)) && (await isPortFree(port))) return port;
	}
	throw new Error(`No port is free from ${FIRST} to ${LAST}.`);
}
