import type { RpcAnswer } from '../../core/ports';
import { CONTRACT } from '../../core/store/contract';
import { createStorePort } from '../../fallback-runner/src/ports/store';
import { compareRun, story } from './differential';
import { sequenceOf } from './sequences';
import { SqlStore } from './sql-store';
import { MODEL_FUNCTIONS } from './store-model';

/** One seed alone when it is named; so many runs otherwise. */
const { MODEL_SEED, MODEL_SEQUENCES } = process.env;
const FIRST = 1;
const COUNT = Number(MODEL_SEQUENCES ?? 250);
const seeds =
	MODEL_SEED === undefined
		? Array.from({ length: COUNT }, (_, place) => FIRST + place)
		: [Number(MODEL_SEED)];

describe('the store model says what the SQL says', () => {
	let sql: SqlStore;
	beforeAll(async () => {
		sql = await SqlStore.start(2);
	}, 120_000);
	afterAll(async () => {
		await sql.close();
	});

	test('every answer of random call sequences, and the rows behind them', async () => {
		const asked = new Set<string>();
		let calls = 0;
		for (const seed of seeds) {
			const sequence = sequenceOf(seed);
			const difference = await compareRun(sql, sequence);
			if (difference !== null) throw new Error(await story(sql, seed, sequence));
			calls += sequence.length;
			for (const { name } of sequence) asked.add(name);
		}
		if (MODEL_SEED === undefined) {
			expect([...asked].sort()).toEqual(
				MODEL_FUNCTIONS.filter((name) => name !== 'social_instant').sort(),
			);
		}
		console.info(`${seeds.length} sequences, ${calls} calls compared`);
	}, 900_000);

	test('the same through the gateway and the port of a carrier', async () => {
		const port = createStorePort({ url: sql.store.url, key: sql.store.serviceKey });
		const caller = {
			call: async (name: string, args: object): Promise<RpcAnswer<unknown>> =>
				await port.rpc(name, { ...args, p_contract: CONTRACT }),
		};
		for (const seed of seeds.slice(0, 10)) {
			const sequence = sequenceOf(seed);
			expect(await compareRun(sql, sequence, caller)).toBeNull();
		}
	}, 600_000);

	test('one changed answer is found, and the calls that do not matter are left out', async () => {
		const sequence = sequenceOf(2);
		const last = sequence.findIndex(({ name }) => name === 'social_create');
		const lying = {
			call: async (name: string, args: object): Promise<RpcAnswer<unknown>> =>
				name === 'social_create' ? { kind: 'ok', value: {} } : await sql.call(name, args),
		};
		const difference = await compareRun(sql, sequence, lying);
		expect(difference?.at).toBe(last);
		expect(difference?.sql).toBe('{}');
	});
});
