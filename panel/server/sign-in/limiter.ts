/** So many tries of one key within the window; more are refused until the oldest is out of it. */
interface Limit {
	tries: number;
	windowMs: number;
}

/** Ten guesses at one name in a quarter of an hour: a person who mistypes gets through, a list does not. */
export const NAME_LIMIT: Limit = { tries: 10, windowMs: 15 * 60_000 };
/** Several people may sit behind one address. */
export const ADDRESS_LIMIT: Limit = { tries: 30, windowMs: 15 * 60_000 };

/** Bounds the memory that made-up names can take. */
const MAX_KEYS = 20_000;

/**
 * Counts tries in memory: the panel is one process, and a restart, which forgets them, is not at an
 * attacker's command.
 */
export class Limiter {
	#tries = new Map<string, number[]>();

	constructor(
		private readonly limit: Limit,
		private readonly now: () => number = Date.now,
	) {}

	/**
	 * Notes a try before its outcome is known, so that many at once count too. Answers 0, or the
	 * seconds to wait when it is refused.
	 */
	take(key: string): number {
		const now = this.now();
		const since = now - this.limit.windowMs;
		const recent = (this.#tries.get(key) ?? []).filter((at) => at > since);
		if (recent.length >= this.limit.tries) {
			return Math.ceil((recent[0] + this.limit.windowMs - now) / 1000);
		}
		recent.push(now);
		this.#tries.delete(key);
		this.#tries.set(key, recent);
		if (this.#tries.size > MAX_KEYS) {
			const [oldest] = this.#tries.keys();
			this.#tries.delete(oldest);
		}
		return 0;
	}

	/** Forgets the tries of a key: the person proved to be the right one. */
	clear(key: string): void {
		this.#tries.delete(key);
	}
}
