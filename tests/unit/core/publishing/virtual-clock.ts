import type { ClockPort } from '../../../../core/ports';

/** A clock that jumps to the next sleeper's time as soon as nothing else is left to run. */
export class VirtualClock implements ClockPort {
	private wall = Date.parse('2026-11-22T12:00:00.000Z');
	private steady = 5_000;
	private sleepers: { at: number; wake: () => void }[] = [];
	private pumping = false;

	now(): number {
		return this.wall;
	}

	monotonic(): number {
		return this.steady;
	}

	async sleep(ms: number): Promise<void> {
		await new Promise<void>((wake) => {
			this.sleepers.push({ at: this.steady + Math.max(0, ms), wake });
			this.pump();
		});
	}

	/** Time passes on both clocks, as seen by the store too. */
	pass(ms: number): void {
		this.wall += ms;
		this.steady += ms;
	}

	private pump(): void {
		if (this.pumping) return;
		this.pumping = true;
		setImmediate(() => {
			this.pumping = false;
			this.sleepers.sort((left, right) => left.at - right.at);
			const next = this.sleepers.shift();
			if (next === undefined) return;
			this.pass(Math.max(0, next.at - this.steady));
			next.wake();
			if (this.sleepers.length > 0) this.pump();
		});
	}
}
