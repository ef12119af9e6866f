/**
 * Chance that depends on the seed and a name alone, never on how often it was asked before: taking
 * one fault out of a schedule leaves every other draw as it was, so that a failing one shrinks.
 */
export class Chance {
	private readonly start: number;

	constructor(readonly seed: number) {
		this.start = mix(seed ^ 0x9e3779b9);
	}

	/** 0 up to, not including, 1. */
	of(name: string): number {
		return this.bits(name) / 0x1_0000_0000;
	}

	/** 32 bits. */
	bits(name: string): number {
		let hash = this.start;
		for (let index = 0; index < name.length; index++) {
			hash = Math.imul(hash ^ name.charCodeAt(index), 0x5bd1e995);
			hash ^= hash >>> 15;
		}
		return mix(hash);
	}

	/** A whole number, both ends included. */
	between(name: string, least: number, most: number): number {
		return least + Math.floor(this.of(name) * (most - least + 1));
	}

	/** Small numbers are likelier than large ones: most of life is quick. */
	skewed(name: string, least: number, most: number): number {
		const drawn = this.of(name);
		return Math.round(least + (most - least) * drawn * drawn * drawn * drawn);
	}

	/** True this often, 0–1. */
	happens(name: string, share: number): boolean {
		return this.of(name) < share;
	}

	pick<T>(name: string, list: readonly T[]): T {
		return list[Math.floor(this.of(name) * list.length)];
	}
}

/** Last rounds of MurmurHash3: every bit of the input reaches every bit of the result. */
function mix(value: number): number {
	let hash = value;
	hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
	hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
	return (hash ^ (hash >>> 16)) >>> 0;
}
