/** A seeded source of choices (mulberry32): the same seed makes the same run anywhere. */
export class Random {
	constructor(private state: number) {}

	/** 0 up to 1. */
	next(): number {
		this.state = (this.state + 0x6d2b79f5) | 0;
		let mixed = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
		mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
		return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
	}

	/** A whole number from `from` to `to`, both included. */
	whole(from: number, to: number): number {
		return from + Math.floor(this.next() * (to - from + 1));
	}

	chance(share: number): boolean {
		return this.next() < share;
	}

	pick<T>(from: readonly T[]): T {
		if (from.length === 0) throw new Error('There is nothing to pick from');
		return from[this.whole(0, from.length - 1)];
	}

	/** One of them, each as often as its weight says. */
	weighted<T>(from: readonly (readonly [weight: number, item: T])[]): T {
		let left = this.next() * from.reduce((sum, [weight]) => sum + weight, 0);
		for (const [weight, item] of from) {
			left -= weight;
			if (left < 0) return item;
		}
		return from[from.length - 1][1];
	}

	uuid(): string {
		const hex = Array.from({ length: 32 }, () => this.whole(0, 15).toString(16)).join('');
		return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20)}`;
	}
}
