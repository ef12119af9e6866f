import { LagWatch } from '../../../fallback-runner/src/lag-watch';
import { createStore } from '../../../core/store/client';
import type { StorePort } from '../../../core/ports';
import { VirtualClock } from '../core/publishing/virtual-clock';

/** A store whose work is so far behind; null: it does not answer. */
function behind(lags: (number | null)[]): StorePort {
	const forbidden = () => Promise.reject(new Error('The test did not declare this'));
	return {
		rpc: async <T>() => {
			const lagMs = lags.shift();
			if (lagMs === undefined) throw new Error('The test declared no further look');
			await Promise.resolve();
			return lagMs === null
				? { kind: 'unreachable', reason: 'it is down' }
				: { kind: 'ok', value: { lagMs, due: 7 } as T };
		},
		putObject: forbidden,
		getObject: forbidden,
		signObject: forbidden,
	};
}

function watch(lags: (number | null)[]) {
	const logged: [string, Record<string, unknown> | undefined][] = [];
	const log = {
		info: (event: string, facts?: Record<string, unknown>) => void logged.push([event, facts]),
		warn: (event: string, facts?: Record<string, unknown>) => void logged.push([event, facts]),
	};
	const lag = new LagWatch({ clock: new VirtualClock(), log }, createStore(behind(lags)), {
		carrier: 'r',
		everyMs: 1_000,
		overloadLagMs: 60_000,
	});
	return { logged, look: async () => await lag.read(-1) };
}

test('an alert when the work stays behind: one line at its beginning and one at its end', async () => {
	const { logged, look } = watch([61_000, 61_000, 90_000, null, 90_000, 59_000, 0]);
	const states: boolean[] = [];
	for (let index = 0; index < 7; index++) states.push((await look()).overloaded);
	expect(states).toEqual([false, true, true, true, true, false, false]);
	expect(logged).toEqual([
		['overloaded', { lagMs: 61_000, due: 7, thresholdMs: 60_000 }],
		['caught_up', { lagMs: 59_000, due: 7, thresholdMs: 60_000 }],
	]);
});

test('one late look is no overload', async () => {
	const { logged, look } = watch([90_000, 0, 90_000, 0]);
	for (let index = 0; index < 4; index++) expect((await look()).overloaded).toBe(false);
	expect(logged).toEqual([]);
});

test('a store that does not answer is said with its reason', async () => {
	const { look } = watch([null]);
	expect(await look()).toMatchObject({ view: null, trouble: expect.stringContaining('down') });
});
