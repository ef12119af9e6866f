import { randomInt } from 'node:crypto';
import { isPortFree } from '../../supabase/embedded/postgres-process';

/**
 * Below the ports that systems give to outgoing connections (from 32768 on Linux, 49152 elsewhere): n8n
 * takes its port half a minute after it was chosen, and by then a connection may have it.
 */
const FIRST = 15_000;
const LAST = 32_000;
/** Ports that this process has given to somebody. */
const given = new Set<number>();

/** A TCP port on 127.0.0.1 that was free a moment ago, and nobody else's in this process. */
export async function freePort(): Promise<number> {
	for (let tries = 0; tries < 1_000; tries++) {
		const port = randomInt(FIRST, LAST);
		if (given.has(port) || !(await isPortFree(port))) continue;
		given.add(port);
		return port;
	}
	throw new Error(`No port is free from ${FIRST} to ${LAST}.`);
}
