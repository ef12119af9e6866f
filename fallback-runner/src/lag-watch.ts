import type { ClockPort, LogPort, RpcAnswer } from '../../core/ports';
import { whyNot, type Store } from '../../core/store/client';
import type { CarrierView } from '../../core/store/contract';

export interface LagWatchOptions {
	carrier: string;
	everyMs: number;
	overloadLagMs: number;
}

export interface Look {
	/** Null while the store gives no answer. */
	view: CarrierView | null;
	/** Why not. */
	trouble: string | null;
	overloaded: boolean;
}

/** Twice above the threshold: a single late account is no overload. */
const LOOKS_TO_ALERT = 2;

/**
 * Looks at intervals how far behind the work is. Above the threshold it is an alert: one line when
 * it begins, one when it ends.
 */
export class LagWatch {
	private look: Look = { view: null, trouble: 'not asked yet', overloaded: false };
	private above = 0;
	private lookedAt = -Infinity;
	private asking: Promise<Look> | null = null;
	private timer: NodeJS.Timeout | undefined;
	private stopped = false;

	constructor(
		private readonly ports: { clock: ClockPort; log: LogPort },
		private readonly store: Store,
		private readonly options: LagWatchOptions,
	) {}

	async start(): Promise<void> {
		await this.ask();
		const again = (): void => {
			if (this.stopped) return;
			this.timer = setTimeout(() => void this.ask().then(again), this.options.everyMs);
		};
		again();
	}

	stop(): void {
		this.stopped = true;
		clearTimeout(this.timer);
	}

	/** The last look, or a new one when that is older than `maxAgeMs`. */
	async read(maxAgeMs: number): Promise<Look> {
		if (this.ports.clock.monotonic() - this.lookedAt <= maxAgeMs) return this.look;
		return await this.ask();
	}

	private async ask(): Promise<Look> {
		this.asking ??= this.askStore().finally(() => {
			this.asking = null;
		});
		return await this.asking;
	}

	private async askStore(): Promise<Look> {
		const answer: RpcAnswer<CarrierView> = await this.store.call('social_carrier_view', {
			p_carrier: this.options.carrier,
		});
		this.lookedAt = this.ports.clock.monotonic();
		if (answer.kind !== 'ok') {
			this.look = { view: null, trouble: whyNot(answer), overloaded: this.look.overloaded };
			return this.look;
		}
		const view = answer.value;
		this.above = view.lagMs > this.options.overloadLagMs ? this.above + 1 : 0;
		const overloaded = this.above >= LOOKS_TO_ALERT;
		if (overloaded !== this.look.overloaded) this.tell(overloaded, view);
		this.look = { view, trouble: null, overloaded };
		return this.look;
	}

	private tell(overloaded: boolean, view: CarrierView): void {
		const facts = { lagMs: view.lagMs, due: view.due, thresholdMs: this.options.overloadLagMs };
		if (overloaded) this.ports.log.warn('overloaded', facts);
		else this.ports.log.info('caught_up', facts);
	}
}
