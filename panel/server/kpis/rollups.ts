import type { Store } from '../../../core/store/client';

/** Upkeep counts every minute; where no runner does, the panel sees to it. */
const EVERY_MS = 60_000;

/** Has the store count what has come, at most once a minute, while somebody looks. */
export class Rollups {
	#next = 0;
	#running: Promise<void> = Promise.resolve();

	constructor(
		private readonly store: Store,
		private readonly now: () => number = () => performance.now(),
	) {}

	/** Resolves when the round that is due is over; what one owner asks for need not wait for it. */
	async due(): Promise<void> {
		if (this.now() >= this.#next) {
			this.#next = this.now() + EVERY_MS;
			this.#running = this.#round();
		}
		await this.#running;
	}

	async #round(): Promise<void> {
		// Whether it came to an end or not: the next reader asks again.
		const answer = await this.store.call('social_rollup', {});
		if (answer.kind !== 'ok' || !answer.value.upToDate) this.#next = this.now();
	}
}
