import { said } from './compare';
import { START, type ModelCall } from './sequences';
import type { SqlStore } from './sql-store';
import { StoreModel } from './store-model';
import { differenceOfRows } from './stored-rows';

/** First place where model and SQL say different things. */
export interface Difference {
	/** Place of the call, or the length of the sequence when only the stored rows differ. */
	at: number;
	model: string;
	sql: string;
}

export type Caller = Pick<SqlStore, 'call'>;

/** Makes the calls on both and compares every answer and, at the end, what is stored. */
export async function compareRun(
	sql: SqlStore,
	calls: ModelCall[],
	caller: Caller = sql,
): Promise<Difference | null> {
	await sql.reset();
	let now = START;
	const model = new StoreModel({ now: () => now });
	for (const [at, { after, name, args }] of calls.entries()) {
		now += after;
		await sql.setTime(now);
		const real = said(name, await caller.call(name, args));
		const own = said(name, model.answer(name, args));
		if (real !== own) return { at, model: own, sql: real };
	}
	const rows = await differenceOfRows(sql.pool, model.tables);
	return rows === null ? null : { at: calls.length, ...rows };
}

/** Leaves out calls, one by one, as long as something still differs. Time stays as it was. */
export async function shrink(sql: SqlStore, calls: ModelCall[]): Promise<ModelCall[]> {
	const first = await compareRun(sql, calls);
	if (first === null) return calls;
	let left = calls.slice(0, first.at + 1);
	for (let place = left.length - 2; place >= 0; place -= 1) {
		const without = left.filter((_, other) => other !== place);
		without[place] = { ...without[place], after: without[place].after + left[place].after };
		const difference = await compareRun(sql, without);
		if (difference !== null) {
			left = without.slice(0, difference.at + 1);
			place = Math.min(place, left.length - 1);
		}
	}
	return left;
}

/** A failing sequence as text: the calls left over and both answers to the last one. */
export async function story(sql: SqlStore, seed: number, calls: ModelCall[]): Promise<string> {
	const few = await shrink(sql, calls);
	const difference = await compareRun(sql, few);
	return [
		`Model and SQL differ at seed ${seed}. Again: MODEL_SEED=${seed} npm run test:model`,
		...few.map(
			({ after, name, args }, at) => `${at}. +${after} ms ${name} ${JSON.stringify(args)}`,
		),
		`model: ${difference?.model ?? 'the same when tried again'}`,
		`SQL:   ${difference?.sql ?? 'the same when tried again'}`,
	].join('\n');
}
