import type { ClockPort, RpcAnswer, StorePort } from '../ports';
import { CONTRACT, type StoreFunctionName, type StoreFunctions } from './contract';

export type StoreArgs<Name extends StoreFunctionName> = StoreFunctions[Name]['args'];
export type StoreValue<Name extends StoreFunctionName> = StoreFunctions[Name]['value'];

/** Typed calls of the store's functions; every one names the contract version. Never throws. */
export class Store {
	constructor(private readonly port: StorePort) {}

	/** One call, one request: the answer is `ok`, the store's own "no", or `unreachable`. */
	async call<Name extends StoreFunctionName>(
		name: Name,
		args: StoreArgs<Name>,
	): Promise<RpcAnswer<StoreValue<Name>>> {
		return await this.port.rpc<StoreValue<Name>>(name, { ...args, p_contract: CONTRACT });
	}
}

/** The typed store over a port. */
export function createStore(port: StorePort): Store {
	return new Store(port);
}

/** Statuses that say nothing about the call itself: the gateway is busy, restarting or overloaded. */
const PASSING_STATUSES = new Set([408, 425, 429]);

/**
 * True when an answer leaves open whether the call took effect, or only says "not now". After a
 * write it means: unknown. `refused` with a 4xx of our own is a definite "no".
 */
export function isUnclear<T>(answer: RpcAnswer<T>): boolean {
	if (answer.kind === 'unreachable') return true;
	if (answer.kind === 'ok') return false;
	return answer.refusal.status >= 500 || PASSING_STATUSES.has(answer.refusal.status);
}

/** In people's words, why a call brought no value. */
export function whyNot<T>(answer: RpcAnswer<T>): string {
	if (answer.kind === 'unreachable') return answer.reason;
	if (answer.kind === 'refused') return `${answer.refusal.code}: ${answer.refusal.message}`;
	return 'it answered';
}

/** First pause of a repeated store call: a gateway that restarts needs about a second. */
const FIRST_PAUSE_MS = 250;
/** Longest pause: a store that is back is noticed within five seconds. */
const LONGEST_PAUSE_MS = 5_000;

export interface RetryBudget {
	clock: ClockPort;
	/** Instant of `clock.monotonic()` after which no further try begins. */
	untilMs: number;
	/** Which answers are worth another try; unclear ones unless told otherwise. */
	again?: (answer: RpcAnswer<unknown>) => boolean;
}

/**
 * Repeats a store call until its answer is clear or the budget is over, and returns the last
 * answer. Allowed for every function of the contract, for each is idempotent by the id it carries:
 * `call` must send the same id each time.
 */
export async function retrying<T>(
	call: () => Promise<RpcAnswer<T>>,
	budget: RetryBudget,
): Promise<RpcAnswer<T>> {
	const again = budget.again ?? isUnclear;
	let pause = FIRST_PAUSE_MS;
	let answer = await call();
	while (again(answer)) {
		const left = budget.untilMs - budget.clock.monotonic();
		if (left <= 0) return answer;
		await budget.clock.sleep(Math.min(pause, left));
		pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
		answer = await call();
	}
	return answer;
}
