import type { Ports } from '../ports';
import { createStore } from '../store/client';
import { keyIdsOf } from '../accounts/vault';
import type { PostView } from '../store/contract';
import { VERSION } from '../version';
import { carryPost } from './carry';
import {
	claimPosts,
	type CarrierOptions,
	type CarryEnd,
	type CarryOutcome,
	type ClaimsOutcome,
	type Held,
} from './carrier';
import { Countdown, mark } from './elapsed';

export interface DrainOptions extends CarrierOptions {
	/** How long to go on watching for posts that fall due. n8n: 25 s; 0: only what is due now. */
	watchMs: number;
	/**
	 * How much longer to stay for a post that is known to fall due then; n8n: until its next run
	 * starts, so that a post due between two runs is as punctual as any other.
	 */
	lingerMs?: number;
	/** Posts carried at the same time. */
	concurrency: number;
	/** Claim only what is overdue by more than this; left out, the store sets the kind's own grace. */
	graceMs?: number;
	/** Time between the rounds of this carrier, written with its heartbeat. */
	intervalMs: number;
	/** No further claim after this many. */
	maxClaims?: number;
	/**
	 * Carries under way, kept by an owner that starts the next round at once. They count against
	 * `concurrency`, and a round ends without waiting for them, so that a slow platform holds up
	 * nothing but its own posts.
	 */
	underWay?: Set<Promise<void>>;
	/** After each carry, also one that outlasts its round. */
	onCarried?(outcome: CarryOutcome): void;
}

export interface DrainOutcome {
	/** Newest state of every post that was carried, in the order of their first claim. */
	posts: PostView[];
	/** How often each end occurred; a post may be carried more than once in a round. */
	counts: Partial<Record<CarryEnd, number>>;
	claimed: number;
	/** The round ended because this carrier is in trouble of its own; wait before the next. */
	backedOff: boolean;
	/** Why nothing could be claimed, when the store refused or could not be reached. */
	trouble: string | null;
	/** Work was left when the round ended. */
	more: boolean;
}

/** New posts are noticed within two seconds of falling due. */
const LONGEST_NAP_MS = 2_000;
/** Accounts that are busy are asked for again a quarter of a second later. */
const SHORTEST_NAP_MS = 250;
/** Claims asked for by one call while each brings a post: most of what one costs is the call. */
const MOST_CLAIMS = 8;
/** Own trouble: 5 s, doubled, so that other carriers take what this one cannot send. */
const BACK_OFF_MS = 5_000;
const BACK_OFF_MOST_MS = 300_000;
/** A post that comes back at once this often in one round goes round in a circle. */
const SAME_POST_LIMIT = 20;

/**
 * One round of a carrier: claims and carries until nothing is due and the watch is over, then
 * writes the heartbeat. A stop signal ends claiming; what is under way is finished or handed back.
 * A carrier in trouble of its own writes no heartbeat, so others do not wait for it.
 */
export async function drain(ports: Ports, options: DrainOptions): Promise<DrainOutcome> {
	const round = new Round(ports, options);
	await round.run();
	const outcome = round.outcome();
	if (!outcome.backedOff && !options.stopping()) {
		await createStore(ports.store).call('social_heartbeat', {
			p_carrier: options.carrier,
			p_kind: options.kind,
			p_interval_ms: options.intervalMs,
			p_info: {
				version: VERSION,
				claimed: outcome.claimed,
				vaultKeys: keyIdsOf(options.vaultKey),
			},
		});
	}
	return outcome;
}

class Round {
	private readonly watch: Countdown;
	private readonly running: Set<Promise<void>>;
	private readonly posts = new Map<string, PostView>();
	private readonly times = new Map<string, number>();
	private readonly counts: Partial<Record<CarryEnd, number>> = {};
	private claimed = 0;
	/** How many claims to ask for by one call: one, doubled while all of them bring a post. */
	private width = 1;
	/** Own trouble in a row. */
	private troubles = 0;
	private paused = false;
	private trouble: string | null = null;
	private more = false;

	private readonly options: DrainOptions;

	constructor(
		private readonly ports: Ports,
		given: DrainOptions,
	) {
		// An owner that keeps nothing from round to round still remembers within this one.
		const options = { ...given, fences: given.fences ?? { highest: 0 } };
		this.options = options;
		this.watch = new Countdown(ports.clock, mark(ports.clock), options.watchMs);
		this.running = options.underWay ?? new Set();
	}

	async run(): Promise<void> {
		for (;;) {
			if (this.options.stopping()) break;
			if (this.running.size >= this.options.concurrency) {
				await Promise.race(this.running);
			} else if (this.paused) {
				if (!(await this.nap(this.backOffMs()))) break;
				this.paused = false;
			} else if (!(await this.claimSome())) {
				break;
			}
		}
		if (this.options.underWay === undefined) await Promise.all(this.running);
	}

	outcome(): DrainOutcome {
		return {
			posts: [...this.posts.values()],
			counts: this.counts,
			claimed: this.claimed,
			backedOff: this.paused,
			trouble: this.trouble,
			more: this.more,
		};
	}

	/** False when the round is over. */
	private async claimSome(): Promise<boolean> {
		const room = Math.min(
			this.width,
			this.options.concurrency - this.running.size,
			(this.options.maxClaims ?? Infinity) - this.claimed,
		);
		if (room <= 0) {
			this.more = true;
			return false;
		}
		const { held, end } = await claimPosts(
			this.ports,
			this.options,
			{ graceMs: this.options.graceMs },
			room,
		);
		for (const one of held) this.begin(one);
		this.width = end === null ? Math.min(this.width * 2, MOST_CLAIMS) : 1;
		return end === null || (await this.withoutClaim(end));
	}

	private begin(held: Held): void {
		this.trouble = null;
		this.claimed += 1;
		const carried: Promise<void> = carryPost(this.ports, this.options, held).then((outcome) => {
			this.note(outcome);
			this.running.delete(carried);
			this.options.onCarried?.(outcome);
		});
		this.running.add(carried);
	}

	/** What it means for the round that there are no more claims. False when it is over. */
	private async withoutClaim(claim: NonNullable<ClaimsOutcome['end']>): Promise<boolean> {
		switch (claim.kind) {
			case 'none': {
				this.trouble = null;
				if (claim.reason === 'store_went_back') {
					this.trouble = 'The store was set back in time; posts due before are held';
					this.paused = true;
					return false;
				}
				const due = claim.nextDueMs;
				const linger = this.options.lingerMs ?? 0;
				const worthIt = due !== null && due <= this.watch.left() + linger;
				const nap = Math.max(SHORTEST_NAP_MS, due ?? LONGEST_NAP_MS);
				return await this.nap(Math.min(nap, LONGEST_NAP_MS), worthIt ? linger : 0);
			}
			case 'unreachable':
				this.trouble = claim.reason;
				this.pause();
				return true;
			case 'refused':
				this.trouble = `${claim.code}: ${claim.message}`;
				this.paused = true;
				return false;
		}
	}

	private note(outcome: CarryOutcome): void {
		this.posts.set(outcome.post.id, outcome.post);
		this.counts[outcome.end] = (this.counts[outcome.end] ?? 0) + 1;
		const times = (this.times.get(outcome.post.id) ?? 0) + 1;
		this.times.set(outcome.post.id, times);
		if (outcome.backOff) {
			this.pause();
		} else if (times >= SAME_POST_LIMIT) {
			this.ports.log.warn('post_goes_round', { postId: outcome.post.id, times });
			this.pause();
		} else {
			this.troubles = 0;
		}
	}

	private pause(): void {
		if (!this.paused) this.troubles += 1;
		this.paused = true;
	}

	private backOffMs(): number {
		return Math.min(BACK_OFF_MOST_MS, BACK_OFF_MS * 2 ** Math.max(0, this.troubles - 1));
	}

	/**
	 * Sleeps in small steps while the watch (and `linger` after it) lasts, so that a stop is noticed.
	 * A post that ends under way may free the next one of its account, so it ends the nap. False when
	 * the watch is over and nothing is under way that this round has to wait for.
	 */
	private async nap(ms: number, linger = 0): Promise<boolean> {
		const until = new Countdown(this.ports.clock, mark(this.ports.clock), ms);
		while (until.left() > 0) {
			if (this.options.stopping()) return true;
			const left = this.watch.left() + linger;
			if (left <= 0) {
				const waits = this.options.underWay === undefined && this.running.size > 0;
				if (!waits || this.paused) return false;
				// What ends now may free a post of the same account that is due already.
				await Promise.race(this.running);
				return true;
			}
			const under = this.running.size;
			await Promise.race([
				this.ports.clock.sleep(Math.min(until.left(), left, LONGEST_NAP_MS)),
				...this.running,
			]);
			if (this.running.size < under && !this.paused) return true;
		}
		return true;
	}
}
