import type { Ports, RpcAnswer } from '../ports';
import { retrying } from '../store/client';

/** Half a minute outlasts a restart of the store. */
const RETRY_MS = 30_000;

/** A store call that somebody waits for: repeated until its answer is clear, for half a minute. */
export async function patiently<T>(
	ports: Pick<Ports, 'clock'>,
	call: () => Promise<RpcAnswer<T>>,
): Promise<RpcAnswer<T>> {
	return await retrying(call, {
		clock: ports.clock,
		untilMs: ports.clock.monotonic() + RETRY_MS,
	});
}
