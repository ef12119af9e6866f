import { createHash } from 'node:crypto';
import type { ClockPort, CryptoPort } from '../../core/ports';
import type { CarrierKind } from '../../core/store/contract';
import type { SleepFault } from './fault-model';
import type { Kernel } from './kernel';
import type { Chance } from './random';

/** How a carrier's clocks differ from the true time. */
export interface ClockFlaws {
	/** Both clocks run this much fast; negative: slow. */
	drift: number;
	/** Wall clock ahead of the true time, ms. */
	offsetMs: number;
	/** The wall clock is set at `at` by `byMs`, or the monotonic one stands still while frozen. */
	set: { at: number; byMs: number } | null;
	stopsWhileFrozen: boolean;
}

/**
 * One life of a carrier's process. Killed: what it waits for never comes. Frozen: it comes when the
 * process goes on.
 */
export class Life {
	alive = true;
	frozenUntil = 0;
	/** Requests to a platform that are not answered yet. */
	requests = 0;
	private calls = 0;
	private made = 0;
	private stoodStillMs = 0;
	private readonly born: number;

	constructor(
		readonly carrier: string,
		readonly kind: CarrierKind,
		readonly number: number,
		private readonly flaws: ClockFlaws,
		private readonly kernel: Kernel,
		private readonly chance: Chance,
	) {
		this.born = kernel.now;
	}

	get name(): string {
		return `${this.carrier}#${this.number}`;
	}

	/** Name of the next call, the same in every run of the seed. */
	nextCall(what: string): string {
		return `${this.name}/${this.calls++} ${what}`;
	}

	kill(): void {
		this.alive = false;
	}

	freeze(ms: number): void {
		const until = this.kernel.now + ms;
		if (until <= this.frozenUntil) return;
		if (this.flaws.stopsWhileFrozen) {
			this.stoodStillMs += until - Math.max(this.frozenUntil, this.kernel.now);
		}
		this.frozenUntil = until;
	}

	/** Lets `run` happen inside the process at an instant, or as soon as it goes on after it. */
	later(ms: number, run: () => void): void {
		this.kernel.at(ms, () => {
			if (!this.alive) return false;
			if (this.kernel.now < this.frozenUntil) {
				this.later(this.frozenUntil, run);
				return false;
			}
			run();
			return true;
		});
	}

	/** True ms in which this process's clocks count `ms`. */
	trueMs(ms: number): number {
		return ms / (1 + this.flaws.drift);
	}

	/** @param faultOf draws what befalls a wait, `strike` makes it happen */
	clockPort(
		faultOf: (name: string) => SleepFault | null,
		strike: (fault: SleepFault, name: string) => void,
	): ClockPort {
		const { kernel, flaws } = this;
		const counted = () => (kernel.now - this.born) * (1 + flaws.drift);
		return {
			now: () => {
				const set = flaws.set !== null && kernel.now >= flaws.set.at ? flaws.set.byMs : 0;
				return Math.round(this.born + counted() + flaws.offsetMs + set);
			},
			monotonic: () => 5_000 + counted() - this.stoodStillMs,
			sleep: async (ms) => {
				const name = this.nextCall('sleep');
				const fault = faultOf(name);
				await new Promise<void>((resolve) => {
					this.later(kernel.now + Math.max(0, this.trueMs(ms)), () => {
						kernel.note(name);
						resolve();
					});
					if (fault !== null) strike(fault, name);
				});
			},
		};
	}

	/** Ids from the seed; sealing is left out, for it is not what is simulated. */
	cryptoPort(): CryptoPort {
		const bytes = (length: number) => {
			const name = `${this.name} random ${this.made++}`;
			const made = new Uint8Array(length);
			for (let index = 0; index < length; index++) {
				made[index] = this.chance.bits(`${name} ${index >> 2}`) >>> ((index & 3) * 8);
			}
			return made;
		};
		return cheapCrypto(bytes);
	}
}

/** A crypto port without secrets: an envelope holds its text openly. */
export function cheapCrypto(randomBytes: (length: number) => Uint8Array): CryptoPort {
	return {
		randomBytes,
		uuid: () => {
			const hex = Buffer.from(randomBytes(16)).toString('hex');
			return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20)}`;
		},
		sha256: async (data) => await Promise.resolve(createHash('sha256').update(data).digest()),
		deriveKey: async (key) => await Promise.resolve(key),
		seal: async (_key, _iv, plain) => {
			const sealed = new Uint8Array(plain.length + 16);
			sealed.set(plain);
			return await Promise.resolve(sealed);
		},
		open: async (_key, _iv, sealed) => await Promise.resolve(sealed.subarray(0, -16)),
	};
}
