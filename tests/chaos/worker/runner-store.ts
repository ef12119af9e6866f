import type { StorePort } from '../../../core/ports';
import {
	createStorePort as createRealPort,
	type StoreOptions,
} from '../../../fallback-runner/src/ports/store';
import { clockSpec } from './runner-clock';

export function createStorePort(options: StoreOptions): StorePort {
	const { factor } = clockSpec();
	return createRealPort({
		...options,
		limitMs: Math.ceil(15_000 / factor),
		mediaLimitMs: Math.ceil(60_000 / factor),
	});
}
