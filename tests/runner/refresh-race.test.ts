import { runRefreshRace } from '../chaos/refresh-race/run';

jest.setTimeout(300_000);

test('six processes refresh one X account at once, one of them killed on the way', async () => {
	const report = await runRefreshRace({
		trials: 6,
		processes: 6,
		signal: new AbortController().signal,
		say: () => undefined,
	});
	expect(report).toMatchObject({
		trials: 6,
		extraRefreshes: 0,
		brokenAccounts: 0,
		failures: [],
		ends: {
			race: { good: 1, reconnect: 0 },
			before_call: { good: 1, reconnect: 0 },
			after_answer: { good: 0, reconnect: 1 },
			after_save: { good: 1, reconnect: 0 },
		},
	});
});
