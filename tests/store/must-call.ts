import type { ClockPort, StorePort } from '../../core/ports';
import { createStore, retrying, type StoreArgs, type StoreValue } from '../../core/store/client';
import type { StoreFunctionName } from '../../core/store/contract';

export type MustCall = <Name extends StoreFunctionName>(
	name: Name,
	args: StoreArgs<Name>,
) => Promise<StoreValue<Name>>;

/**
 * Calls of the contract through a carrier's own port; anything but an answer is thrown.
 *
 * @param patience how long an unclear answer is asked again, where the store may be away; not at all
 *   when left out
 */
export function mustCall(port: StorePort, patience?: { clock: ClockPort; ms: number }): MustCall {
	const store = createStore(port);
	return async (name, args) => {
		const call = async () => await store.call(name, args);
		const answer = patience
			? await retrying(call, {
					clock: patience.clock,
					untilMs: patience.clock.monotonic() + patience.ms,
				})
			: await call();
		if (answer.kind !== 'ok') throw new Error(`${name}: ${JSON.stringify(answer)}`);
		return answer.value;
	};
}
