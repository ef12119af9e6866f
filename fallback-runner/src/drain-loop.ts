import type { Ports } from '../../core/ports';
import { claimPost, type CarrierOptions, type CarryEnd } from '../../core/publishing/carrier';
import { carryPost } from '../../core/publishing/carry';
import { drain, type DrainOutcome } from '../../core/publishing/drain';
import { within } from './within';

export interface DrainLoopOptions {
	carrier: Omit<CarrierOptions, 'kind' | 'stopping'>;
	/** Posts carried at the same time by the drain. */
	concurrency: number;
	/** Posts carried besides, because somebody asked for them by id. */
	immediateConcurrency: number;
	/** Length of one round. */
	watchMs: number;
	/** How long one wake-up keeps the rounds going. */
	sessionMs: number;
	/** Grace of the next claim; undefined lets the store decide by n8n's heartbeat. */
	graceMs(): number | undefined;
	/** After each carry. */
	onCarried?(end: CarryEnd): void;
}

export interface TickAnswer {
	claimed: number;
	counts: Partial<Record<CarryEnd, number>>;
	/** Work was left when the time was over. */
	more: boolean;
	/** Why nothing could be claimed. */
	trouble: string | null;
	/** A round was running already and did not end in time. */
	busy: boolean;
}

export interface LoopStatus {
	lastRoundAt: string | null;
	trouble: string | null;
	backingOff: boolean;
	stopping: boolean;
}

export type ImmediateAnswer = CarryEnd | 'not_claimed' | 'stopping';

/** One round of the loop, or of a tick, which waits for all that it has claimed. */
interface RoundWish {
	watchMs: number;
	stopping(): boolean;
	underWay?: Set<Promise<void>>;
}

/** Own trouble in a row: 5 s, doubled. The drain itself waits so within a round. */
const BACK_OFF_MS = 5_000;
/** Without a way to the platforms other carriers do the work meanwhile. */
const BACK_OFF_MOST_MS = 300_000;
/** A store that is back shall be noticed soon, for nobody else can claim either. */
const STORE_BACK_OFF_MOST_MS = 15_000;

/**
 * The one place in a process that drains. Everything else only wakes it: any number of wake-ups
 * makes one round after another, never two at once.
 */
export class DrainLoop {
	private readonly fences = { highest: 0 };
	private stopping = false;
	private watchUntil = 0;
	private looping: Promise<void> | null = null;
	/** Rounds are done one after another. */
	private turn: Promise<unknown> = Promise.resolve();
	/** Carries of the rounds; a slow one outlasts its round and holds up no other. */
	private readonly underWay = new Set<Promise<void>>();
	private readonly immediate = new Set<Promise<unknown>>();
	private troublesInARow = 0;
	private backOffUntil = 0;
	private lastRoundAt: number | null = null;
	private trouble: string | null = null;
	private readonly naps = new Set<() => void>();

	constructor(
		private readonly ports: Ports,
		private readonly options: DrainLoopOptions,
	) {}

	/** Keeps the rounds going for a session from now on. */
	wake(): void {
		if (this.stopping) return;
		this.watchUntil = Math.max(this.watchUntil, this.now() + this.options.sessionMs);
		this.looping ??= this.loop().finally(() => {
			this.looping = null;
		});
	}

	/** Ends a back-off, for its cause may be gone. */
	retryNow(): void {
		this.backOffUntil = 0;
		for (const wakeUp of this.naps) wakeUp();
		this.wake();
	}

	/** One bounded round: what is due now, no watching. Claims nothing after `budgetMs`. */
	async tick(budgetMs: number): Promise<TickAnswer> {
		const until = this.now() + budgetMs;
		const isOver = () => this.now() >= until;
		const round = this.round({ watchMs: 0, stopping: () => this.stopping || isOver() });
		const waited = await within(round, budgetMs + CARRY_TAIL_MS, () => null);
		if (waited === null) {
			return { claimed: 0, counts: {}, more: true, trouble: this.trouble, busy: true };
		}
		const { claimed, counts, more, trouble } = waited;
		return { claimed, counts, more: more || isOver(), trouble, busy: false };
	}

	/** Claims this post now, whatever n8n does, and carries it. */
	async publish(postId: string): Promise<ImmediateAnswer> {
		while (this.immediate.size >= this.options.immediateConcurrency) {
			await Promise.race(this.immediate);
		}
		if (this.stopping) return 'stopping';
		const carried = this.carry(postId);
		this.immediate.add(carried);
		try {
			return await carried;
		} finally {
			this.immediate.delete(carried);
		}
	}

	status(): LoopStatus {
		return {
			lastRoundAt: this.lastRoundAt === null ? null : new Date(this.lastRoundAt).toISOString(),
			trouble: this.trouble,
			backingOff: this.backOffUntil > this.now(),
			stopping: this.stopping,
		};
	}

	/**
	 * Claims nothing more and waits until what is under way is finished or handed back, at most
	 * `limitMs`. True when nothing is left.
	 */
	async stop(limitMs: number): Promise<boolean> {
		this.stopping = true;
		for (const wakeUp of this.naps) wakeUp();
		const all = Promise.allSettled([this.looping, this.turn, ...this.immediate]).then(
			async () => await Promise.all(this.underWay),
		);
		return await within(
			all.then(() => true),
			limitMs,
			() => false,
		);
	}

	private now(): number {
		return this.ports.clock.monotonic();
	}

	private async loop(): Promise<void> {
		while (!this.stopping && this.now() < this.watchUntil) {
			const wait = this.backOffUntil - this.now();
			if (wait > 0) {
				await this.nap(wait);
				continue;
			}
			const outcome = await this.round({
				watchMs: this.options.watchMs,
				stopping: () => this.stopping,
				underWay: this.underWay,
			});
			this.backOff(outcome);
		}
	}

	/** Runs one drain when those before it are done. */
	private async round(wish: RoundWish): Promise<DrainOutcome> {
		const before = this.turn;
		const mine = (async () => {
			await before;
			return await this.drainOnce(wish);
		})();
		this.turn = mine.catch(() => undefined);
		return await mine;
	}

	private async drainOnce(wish: RoundWish): Promise<DrainOutcome> {
		const { graceMs } = this.options;
		let over = false;
		const outcome = await drain(this.ports, {
			...this.options.carrier,
			kind: 'runner',
			fences: this.fences,
			...wish,
			onCarried: ({ end, backOff }) => {
				this.options.onCarried?.(end);
				// The round itself pauses as long as it lasts.
				if (over && backOff) this.backOff({ backedOff: true, trouble: null });
			},
			concurrency: this.options.concurrency,
			intervalMs: this.options.watchMs,
			// Read at each claim: n8n may go down in the middle of a round.
			get graceMs() {
				return graceMs();
			},
		});
		this.lastRoundAt = this.ports.clock.now();
		over = true;
		this.note(outcome.trouble);
		return outcome;
	}

	/** One line when trouble begins, changes or ends. */
	private note(trouble: string | null): void {
		if (trouble === this.trouble) return;
		if (trouble === null) this.ports.log.info('claiming_again');
		else this.ports.log.warn('nothing_claimed', { trouble });
		this.trouble = trouble;
	}

	private backOff(outcome: Pick<DrainOutcome, 'backedOff' | 'trouble'>): void {
		if (!outcome.backedOff) {
			this.troublesInARow = 0;
			return;
		}
		this.troublesInARow += 1;
		const most = outcome.trouble === null ? BACK_OFF_MOST_MS : STORE_BACK_OFF_MOST_MS;
		const waitMs = Math.min(most, BACK_OFF_MS * 2 ** (this.troublesInARow - 1));
		this.backOffUntil = this.now() + waitMs;
		this.ports.log.warn('backing_off', { waitMs, trouble: outcome.trouble ?? 'not sent' });
	}

	private async carry(postId: string): Promise<ImmediateAnswer> {
		const options: CarrierOptions = {
			...this.options.carrier,
			kind: 'runner',
			fences: this.fences,
			stopping: () => this.stopping,
		};
		const claim = await claimPost(this.ports, options, { postId });
		if (claim.kind !== 'held') return 'not_claimed';
		const { end } = await carryPost(this.ports, options, claim.held);
		this.options.onCarried?.(end);
		return end;
	}

	/** Sleeps; a stop or `retryNow` ends it. */
	private async nap(ms: number): Promise<void> {
		await new Promise<void>((resolve) => {
			const done = (): void => {
				clearTimeout(timer);
				this.naps.delete(done);
				resolve();
			};
			const timer = setTimeout(done, ms);
			this.naps.add(done);
		});
	}
}

/** A request that is on its way when the time is over is still finished and its answer saved. */
const CARRY_TAIL_MS = 5_000;
