import type { StorePort } from '../../core/ports';
import { createStore, type StoreArgs, type StoreValue } from '../../core/store/client';
import type { StoreFunctionName } from '../../core/store/contract';

export type MustCall = <Name extends StoreFunctionName>(
	name: Name,
	args: StoreArgs<Name>,
) => Promise<StoreValue<Name>>;

/** Calls of the contract through a carrier's own port; anything but an answer is thrown. */
export function mustCall(port: StorePort): MustCall {
	const store = createStore(port);
	return async (name, args) => {
		const answer = await store.call(name, args);
		if (answer.kind !== 'ok') throw new Error(`${name}: ${JSON.stringify(answer)}`);
		return answer.value;
	};
}
