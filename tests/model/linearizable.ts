import { types } from 'node:util';
import type { RpcAnswer } from '../../core/ports';
import type { ClaimAnswer, CreateAnswer } from '../../core/store/contract';
import { said } from './compare';
import type { History, HistoryCall } from './histories';
import type { AccountRow } from './rows';
import { START } from './sequences';
import { StoreModel, type Told } from './store-model';
import type { Tables } from './tables';

export interface Verdict {
	/** Null when the search was given up. */
	explained: boolean | null;
	/** Places of the calls in an order that explains them, or the longest beginning of one. */
	order: number[];
	/** Claims that passed an account by for what a concurrent call did at that moment. */
	skipped: number;
	/** States looked at. */
	looked: number;
}

/** More than any history of forty calls needed; beyond, the search says that it gave up. */
const MOST_STATES = 50_000;

/**
 * Lists in the order of their times, which stand still here; hints that a concurrent commit may
 * outdate at once (`nextDueMs`), and warnings, for which other owners' rows are read unlocked.
 */
function comparable(name: string, answer: RpcAnswer<unknown>): string {
	const text = JSON.stringify(answer, (key, value: unknown) => {
		if (key === 'nextDueMs' || key === 'warnings') return undefined;
		if (['intents', 'evidence', 'steps'].includes(key) && Array.isArray(value)) {
			return value
				.map((item) => JSON.stringify(item))
				.sort()
				.map((item) => JSON.parse(item) as unknown);
		}
		return value;
	});
	return said(name, JSON.parse(text) as RpcAnswer<unknown>);
}

function fenceOf(call: HistoryCall): number | undefined {
	if (call.answer.kind !== 'ok') return undefined;
	if (call.name !== 'social_claim' && call.name !== 'social_create') return undefined;
	return (call.answer.value as ClaimAnswer | CreateAnswer).claim?.fence;
}

/**
 * The whole store as text, for remembering where the search has been. (Under Jest `structuredClone`
 * makes maps of another realm, which are no `instanceof Map`.)
 */
function fingerprint(t: Tables): string {
	return JSON.stringify(t, (_key, value: unknown) => (types.isMap(value) ? [...value] : value));
}

const overlap = (one: HistoryCall, other: HistoryCall) =>
	one !== other && one.invoked < other.returned && other.invoked < one.returned;

/** Postgres took the whole call back to end a deadlock and said so: it never happened. */
const undone = ({ answer }: HistoryCall) =>
	answer.kind === 'refused' && answer.refusal.code === '40P01';

/** Accounts whose row a call may have held. */
function mayHold(call: HistoryCall, tables: Tables): Set<string> {
	const args = call.args as {
		p_post_id?: string;
		p_account_id?: string;
		p_entries?: { accountId: string }[];
	};
	if (call.name === 'social_claim' && args.p_post_id === undefined) {
		return new Set(tables.accounts.keys());
	}
	const held = new Set((args.p_entries ?? []).map(({ accountId }) => accountId));
	const post = tables.posts.get(args.p_post_id ?? '');
	if (post !== undefined) held.add(post.accountId);
	if (args.p_account_id !== undefined) held.add(args.p_account_id);
	return held;
}

/** Accounts of which a claim may try a post. */
function mayTry(call: HistoryCall, tables: Tables): AccountRow[] {
	const args = call.args as { p_post_id?: string; p_claim?: object; p_entries?: object[] };
	if (call.name === 'social_claim' && args.p_post_id === undefined) {
		return [...tables.accounts.values()].filter(
			({ nextDueAt }) => nextDueAt !== null && nextDueAt <= START,
		);
	}
	if (call.name !== 'social_claim' && args.p_claim === undefined) return [];
	return accountsOf(mayHold(call, tables), tables);
}

/**
 * What a claim may have met of the calls that ran at the same time: nothing, accounts whose row one
 * of them held, and accounts for which one of them had another owner's post on its way.
 */
function meetings(history: History, call: HistoryCall, tables: Tables): Told[] {
	const fence = fenceOf(call);
	const tried = mayTry(call, tables);
	const met: Told[] = [{ fence }];
	const refreshed = tried.length > 0 ? tried : accountsOf(mayHold(call, tables), tables);
	if (refreshed.length === 0) return met;
	const held = new Set(
		history.calls
			.filter((other) => overlap(call, other))
			.flatMap((other) => [...mayHold(other, tables)]),
	);
	const { accounts, inFlight } = tables;
	const any = (call.args as { p_post_id?: string }).p_post_id === undefined;
	for (const { id, remoteAccount } of tried) {
		const shared = [...held].some(
			(other) => other !== id && accounts.get(other)?.remoteAccount === remoteAccount,
		);
		for (const told of [...met]) {
			if (any && call.name === 'social_claim' && held.has(id)) {
				met.push({ ...told, locked: new Set([...(told.locked ?? []), id]) });
			}
			if (shared && !inFlight.has(remoteAccount)) {
				met.push({ ...told, busy: new Set([...(told.busy ?? []), id]) });
			}
		}
	}
	const missed = refreshed.some(({ id, remoteAccount }) => {
		const flying = inFlight.get(remoteAccount);
		return flying !== undefined && flying.accountId !== id && held.has(flying.accountId);
	});
	return missed ? [...met, ...met.map((told) => ({ ...told, unseen: true }))] : met;
}

function accountsOf(ids: Set<string>, tables: Tables): AccountRow[] {
	return [...ids].flatMap((id) => tables.accounts.get(id) ?? []);
}

/**
 * Looks for an order of the calls that keeps to real time and in which the model gives every
 * answer that was seen (Wing and Gong's search, remembering where it has been).
 */
export function explain(history: History): Verdict {
	const { calls } = history;
	const model = new StoreModel({ now: () => START });
	for (const { name, args } of history.before) model.answer(name, args);
	const seen = calls.map(({ name, answer }) => comparable(name, answer));
	const been = new Set<string>();
	const verdict: Verdict = { explained: false, order: [], skipped: 0, looked: 0 };

	const search = (state: StoreModel, order: number[], skipped: number): boolean => {
		if (order.length > verdict.order.length) verdict.order = order;
		if (order.length === calls.length) {
			verdict.skipped = skipped;
			return true;
		}
		const left = calls.flatMap((_, place) => (order.includes(place) ? [] : [place]));
		const mark = `${left.join()} ${fingerprint(state.tables)}`;
		if (been.has(mark)) return false;
		been.add(mark);
		const firstReturn = Math.min(...left.map((place) => calls[place].returned));
		for (const place of left) {
			const call = calls[place];
			if (call.invoked > firstReturn) continue;
			if (undone(call)) {
				if (search(state, [...order, place], skipped)) return true;
				continue;
			}
			for (const told of meetings(history, call, state.tables)) {
				verdict.looked += 1;
				if (verdict.looked > MOST_STATES) return false;
				const next = state.fork();
				if (comparable(call.name, next.answer(call.name, call.args, told)) !== seen[place])
					continue;
				const more = told.locked || told.busy || told.unseen ? 1 : 0;
				if (search(next, [...order, place], skipped + more)) return true;
			}
		}
		return false;
	};
	verdict.explained = search(model, [], 0);
	if (!verdict.explained && verdict.looked > MOST_STATES) verdict.explained = null;
	return verdict;
}

/** A history that nothing explains, as text. */
export function historyStory(history: History, verdict: Verdict): string {
	const known = verdict.order.map((place) => history.calls[place]);
	const lines = (calls: HistoryCall[]) =>
		calls.map(
			({ client, name, args, invoked, returned, answer }) =>
				`client ${client} ${invoked}-${returned} ${name} ${JSON.stringify(args)} → ${JSON.stringify(answer)}`,
		);
	return [
		`No order explains history ${history.seed} (${verdict.looked} states looked at).`,
		`Explained, in this order:`,
		...lines(known),
		'Not explained:',
		...lines(history.calls.filter((call) => !known.includes(call))),
	].join('\n');
}
