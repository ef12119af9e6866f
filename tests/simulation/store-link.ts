import type { RpcAnswer, StorePort } from '../../core/ports';
import type { StoreFunctions } from '../../core/store/contract';
import type { Life } from './carrier';
import type { StoreFault } from './fault-model';
import { FAULT_MODEL } from './fault-model';
import type { Kernel } from './kernel';
import type { Faults } from './plan';
import type { Chance } from './random';

export interface StoreLinkOptions {
	kernel: Kernel;
	chance: Chance;
	faults: Faults;
	/** One call of the store, at once. */
	call(name: string, args: Record<string, unknown>, who: string): RpcAnswer<unknown>;
	/** Media bytes by path. */
	objects: Map<string, Uint8Array>;
	tell(who: string, what: string): void;
	crash(life: Life): void;
}

/** What supabase-js waits for an answer, ms. */
const CALL_LIMIT_MS = 15_000;

const GONE: RpcAnswer<never> = { kind: 'unreachable', reason: 'the store did not answer' };

type Args = Record<string, unknown>;

/** The way between carriers and the store, with everything that may go wrong on it. */
export class StoreLink {
	private outages: { from: number; until: number }[] = [];

	constructor(private readonly options: StoreLinkOptions) {}

	/** The store is killed at an instant and back after a while; what it committed it keeps. */
	outage(from: number, ms: number): void {
		this.outages.push({ from, until: from + ms });
	}

	/** Keeps bytes that somebody uploaded before anything went wrong. */
	keep(path: string, bytes: Uint8Array): RpcAnswer<null> {
		this.options.objects.set(path, bytes);
		return { kind: 'ok', value: null };
	}

	port(life: Life): StorePort {
		return {
			rpc: async <T>(name: string, args: Args) =>
				(await this.ask(life, name, (who) => this.options.call(name, args, who))) as RpcAnswer<T>,
			putObject: async (path, bytes) =>
				(await this.ask(life, 'put object', () => this.keep(path, bytes))) as RpcAnswer<null>,
			getObject: async (path) =>
				(await this.ask(life, 'get object', () => {
					const bytes = this.options.objects.get(path);
					return bytes === undefined
						? { kind: 'refused', refusal: { status: 404, code: 'not_found', message: path } }
						: { kind: 'ok', value: bytes };
				})) as RpcAnswer<Uint8Array>,
			signObject: async (path, seconds, base) =>
				(await this.ask(life, 'sign object', () => ({
					kind: 'ok',
					value: `${base ?? 'https://store.test'}/${path}?seconds=${seconds}`,
				}))) as RpcAnswer<string>,
		};
	}

	private isDown(): boolean {
		const { now } = this.options.kernel;
		return this.outages.some(({ from, until }) => now >= from && now < until);
	}

	private async ask(
		life: Life,
		what: string,
		run: (who: string) => RpcAnswer<unknown>,
	): Promise<RpcAnswer<unknown>> {
		const { kernel, chance, faults } = this.options;
		const name = life.nextCall(what);
		const fault = faults.ofStore(name, kernel.now);
		if (fault !== null) this.options.tell(life.name, `${SAID[fault]} (${what})`);
		return await new Promise((resolve) => {
			const wayMs = chance.skewed(`${name} way`, 1, 800);
			const backMs = chance.skewed(`${name} back`, 1, 800);
			const answerAt = (at: number, given: RpcAnswer<unknown>) => {
				life.later(at, () => {
					kernel.note(`${name} ${given.kind}`);
					resolve(given);
				});
			};
			const commit = (): RpcAnswer<unknown> => (this.isDown() ? GONE : run(life.name));
			this.befall(life, name, fault, { wayMs, backMs, commit, answerAt });
		});
	}

	private befall(
		life: Life,
		name: string,
		fault: StoreFault | null,
		call: {
			wayMs: number;
			backMs: number;
			commit(): RpcAnswer<unknown>;
			answerAt(at: number, given: RpcAnswer<unknown>): void;
		},
	): void {
		const { kernel, chance, faults } = this.options;
		const { wayMs, backMs, commit, answerAt } = call;
		const at = kernel.now + wayMs;
		const quick = chance.happens(`${name} quick`, 0.5);
		const lostAt = at + (quick ? 20 : CALL_LIMIT_MS);
		switch (fault) {
			case 'crash_before':
				return this.options.crash(life);
			case 'question_lost':
				return answerAt(lostAt, GONE);
			case 'error_before_commit':
				return answerAt(at + backMs, down(503));
			case 'question_late':
				// The carrier has given up by then; the call is carried out all the same.
				kernel.at(at + chance.between(`${name} late`, 1_000, FAULT_MODEL.lateStoreCallMs), () => {
					commit();
					return false;
				});
				return answerAt(lostAt, GONE);
			case 'freeze_before':
				life.freeze(faults.freezeMs(name));
				return life.later(at, () => answerAt(kernel.now + backMs, commit()));
		}
		kernel.at(at, () => {
			const given = commit();
			switch (fault) {
				case 'answer_lost':
					answerAt(lostAt, GONE);
					return false;
				case 'error_after_commit':
					answerAt(at + backMs, down(500));
					return false;
				case 'crash_after':
					this.options.crash(life);
					return false;
				case 'freeze_after':
					life.freeze(faults.freezeMs(name));
			}
			answerAt(at + backMs, given);
			return false;
		});
	}
}

function down(status: number): RpcAnswer<never> {
	return {
		kind: 'refused',
		refusal: { status, code: 'PGRST002', message: 'Could not query the database' },
	};
}

/** Names of store functions that carry the fence of a carrier and change states by it. */
export const FENCED: ReadonlySet<string> = new Set<keyof StoreFunctions>([
	'social_lease_extend',
	'social_intent',
	'social_step_result',
	'social_intents_absent',
	'social_result',
]);

const SAID: Record<StoreFault, string> = {
	question_lost: 'asks the store and the question is lost',
	answer_lost: 'asks the store, which commits, and the answer is lost',
	error_before_commit: 'asks the store, which fails with 503 before it commits',
	error_after_commit: 'asks the store, which commits and answers 500',
	question_late: 'asks the store and gives up before the question arrives',
	crash_before: 'is killed before it asks the store',
	crash_after: 'is killed before it hears the store’s answer',
	freeze_before: 'is frozen before it asks the store',
	freeze_after: 'is frozen before it hears the store’s answer',
};
