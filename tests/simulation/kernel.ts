interface Event {
	at: number;
	order: number;
	run(): boolean;
}

/**
 * The one owner of time. Nothing happens but events, one at a time in the order of their instants;
 * between two of them every promise that can go on has gone on, so a seed determines the whole run.
 */
export class Kernel {
	/** Unix ms; the store's clock is this one. */
	now: number;
	/** Hash over everything that happened. */
	trace = 0x811c9dc5;
	steps = 0;
	private readonly heap: Event[] = [];
	private made = 0;

	constructor(startMs: number) {
		this.now = startMs;
	}

	/** Runs `run` at an instant, in whole ms; it answers whether it woke code that waits for a promise. */
	at(ms: number, run: () => boolean): void {
		this.push({ at: Math.max(Math.ceil(ms), this.now), order: this.made++, run });
	}

	/** Instant of the next event; Infinity when there is none. */
	nextAt(): number {
		return this.heap[0]?.at ?? Infinity;
	}

	/** Goes to an instant at which something begins that is no event. */
	advance(ms: number): void {
		this.now = Math.max(this.now, Math.ceil(ms));
	}

	/** Notes a happening in the trace. */
	note(text: string): void {
		let hash = this.trace ^ (this.now & 0xffffffff);
		for (let index = 0; index < text.length; index++) {
			hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
		}
		this.trace = hash >>> 0;
	}

	/** Runs the next event and lets everything go on that it woke. */
	async step(): Promise<void> {
		const event = this.pop();
		if (event === undefined) return;
		this.now = event.at;
		this.steps += 1;
		if (event.run()) await settled();
	}

	private push(event: Event): void {
		const { heap } = this;
		let index = heap.push(event) - 1;
		while (index > 0) {
			const parent = (index - 1) >> 1;
			if (before(heap[parent], event)) break;
			heap[index] = heap[parent];
			index = parent;
		}
		heap[index] = event;
	}

	private pop(): Event | undefined {
		const { heap } = this;
		const first = heap[0];
		const last = heap.pop();
		if (first === undefined || last === undefined || heap.length === 0) return first;
		let index = 0;
		for (;;) {
			let child = 2 * index + 1;
			if (child >= heap.length) break;
			if (child + 1 < heap.length && before(heap[child + 1], heap[child])) child += 1;
			if (before(last, heap[child])) break;
			heap[index] = heap[child];
			index = child;
		}
		heap[index] = last;
		return first;
	}
}

function before(left: Event, right: Event): boolean {
	return left.at < right.at || (left.at === right.at && left.order < right.order);
}

/** Resolves when no promise has anything left to do: immediates run after all microtasks. */
export async function settled(): Promise<void> {
	await new Promise<void>((resolve) => setImmediate(resolve));
}
