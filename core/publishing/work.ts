import type { Ports, RpcAnswer } from '../ports';
import type { PlatformDefinition, Step, StepContext } from '../platforms/platform';
import { Store, createStore, isUnclear, retrying, whyNot } from '../store/client';
import type {
	CarriedAccount,
	Claim,
	Evidence,
	Intent,
	Outcome,
	PostError,
	PostState,
	PostView,
	ResultRequest,
	StepResult,
	WaitReason,
} from '../store/contract';
import type { CarrierOptions, CarryEnd, CarryOutcome, Held, UnsavedEvidence } from './carrier';
import { Countdown, elapsedAtLeast, elapsedAtMost, mark } from './elapsed';

/** Ten minutes outlast a restart of the store; after that the look-up must find the entry. */
const EVIDENCE_BUDGET_MS = 600_000;
const SAVE_BUDGET_MS = 30_000;
/** An invisible result that ends within a minute is not built upon. */
const STEP_RESERVE_MS = 60_000;
/** Signed media URLs live a day longer than the post may be late. */
const MEDIA_URL_RESERVE_S = 86_400;

/** States that no carrier leaves by itself. */
const ENDED: ReadonlySet<PostState> = new Set<PostState>([
	'published',
	'failed',
	'missed',
	'needs_review',
	'cancelled',
]);

/** What evidence says, before it has a place in the store. */
export interface Finding {
	/** Made before the request is sent, so that a repeated save is the same one. */
	evidenceId: string;
	intentId: string | null;
	part: number;
	step: string;
	outcome: Outcome;
	final: boolean;
	remoteId?: string | null;
	url?: string | null;
	error?: PostError | null;
	payload?: Record<string, unknown>;
	confirmedBy?: 'answer' | 'lookup' | 'duplicate';
}

/** Raised inside `prepare` when stored media cannot be had; caught by the caller of `prepare`. */
export class MediaMissing extends Error {
	constructor(
		readonly unclear: boolean,
		reason: string,
	) {
		super(reason);
	}
}

/**
 * One carry of one post: what the claim brought, what was learnt since, and the saves. Every save
 * that ends the carry returns its outcome.
 */
export class Work {
	readonly store: Store;
	readonly claim: Claim;
	readonly definition: PlatformDefinition;
	post: PostView;
	account: CarriedAccount;
	accessToken: string | null = null;
	readonly steps: StepResult[];
	readonly intents: Intent[];
	readonly evidence: Evidence[];
	refreshed = false;
	redone = 0;
	private lease: Countdown;

	constructor(
		readonly ports: Ports,
		readonly options: CarrierOptions,
		private readonly held: Held,
	) {
		this.claim = held.claim;
		this.store = createStore(ports.store);
		this.post = held.claim.post;
		this.account = held.claim.account;
		this.definition = options.platforms[held.claim.account.platform];
		this.steps = [...held.claim.steps];
		this.intents = held.claim.intents.map((intent) => ({ ...intent }));
		this.evidence = [...held.claim.evidence];
		this.lease = new Countdown(ports.clock, held.askedAt, held.claim.leaseMsLeft);
	}

	/** Store's clock now, at least, in whole ms: for "not before" rules. */
	storeNowAtLeast(): number {
		const passed = elapsedAtLeast(this.ports.clock, this.held.answeredAt);
		return Date.parse(this.claim.storeNow) + Math.floor(passed);
	}

	/** Store's clock now, at most, in whole ms: for "valid until" rules. */
	storeNowAtMost(): number {
		const passed = elapsedAtMost(this.ports.clock, this.held.askedAt);
		return Date.parse(this.claim.storeNow) + Math.ceil(passed);
	}

	openIntents(): Intent[] {
		return this.intents.filter((intent) => intent.closedBy === null);
	}

	intentsOf(step: { part: number; name: string }): Intent[] {
		return this.intents.filter((intent) => intent.part === step.part && intent.step === step.name);
	}

	/** The answer that made a visible step done, if there is one. */
	doneEvidence(step: Step): Evidence | undefined {
		return this.evidence.find(
			(entry) => entry.outcome === 'done' && entry.part === step.part && entry.step === step.name,
		);
	}

	/** Stored result of an invisible step while it may be used. */
	usableResult(part: number, name: string): StepResult | undefined {
		const stored = this.steps.find((entry) => entry.part === part && entry.step === name);
		if (stored === undefined || stored.validUntil === null) return stored;
		const last = Date.parse(stored.validUntil) - STEP_RESERVE_MS;
		return this.storeNowAtMost() <= last ? stored : undefined;
	}

	isDone(step: Step): boolean {
		return step.visible
			? this.doneEvidence(step) !== undefined
			: this.usableResult(step.part, step.name) !== undefined;
	}

	/** Findings of one step with this class (`payload.class`), over all claims. */
	countOf(step: { part: number; name: string }, kind: string): number {
		return this.evidence.filter(
			(entry) =>
				entry.part === step.part && entry.step === step.name && entry.payload.class === kind,
		).length;
	}

	/** What a platform's step may ask for. */
	context(step: Step): StepContext {
		return {
			post: this.post,
			account: this.account,
			nowMs: this.storeNowAtLeast(),
			result: (name) =>
				this.steps.find((entry) => entry.part === step.part && entry.step === name)?.result,
			mediaBytes: async (index) =>
				await this.media(await this.ports.store.getObject(this.mediaPath(index))),
			mediaUrl: async (index) =>
				await this.media(
					await this.ports.store.signObject(
						this.mediaPath(index),
						Math.ceil(this.post.maxLatenessMs / 1000) + MEDIA_URL_RESERVE_S,
						this.claim.mediaPublicUrl ?? undefined,
					),
				),
		};
	}

	/** Takes a new result of an invisible step in the place of an older one. */
	keepResult(result: StepResult): void {
		this.forget(result.part, (name) => name === result.step);
		this.steps.push(result);
	}

	/** Invisible steps of the same part to run again; all of them when none is named. */
	redo(step: { part: number }, names: string[]): void {
		this.redone += 1;
		this.forget(step.part, (name) => names.length === 0 || names.includes(name));
	}

	/** Makes sure that the lease outlasts a request of `limitMs`. False: the claim is lost. */
	async holdLease(limitMs: number): Promise<'held' | 'lost' | 'unreachable'> {
		if (this.lease.left() >= limitMs + this.claim.marginMs) return 'held';
		const asked = mark(this.ports.clock);
		const answer = await this.store.call('social_lease_extend', {
			p_post_id: this.post.id,
			p_fence: this.claim.fence,
		});
		if (isUnclear(answer)) return 'unreachable';
		if (answer.kind !== 'ok' || !answer.value.ok) return 'lost';
		this.lease = new Countdown(this.ports.clock, asked, answer.value.leaseMsLeft);
		return 'held';
	}

	/** Whether the lease still runs, by the store's last word. */
	leaseRuns(): boolean {
		return this.lease.left() > 0;
	}

	leaseGranted(since: { wall: number; monotonic: number }, leaseMsLeft: number): void {
		this.lease = new Countdown(this.ports.clock, since, leaseMsLeft);
	}

	/**
	 * Saves evidence, retried under its id while the budget lasts. A live entry is retried whatever
	 * the store answers, for an id that is not saved may be lost for ever; for the other outcomes a
	 * definite "no" ends it, and the open intent leads to a look-up. Returns null when saved.
	 */
	async saveEvidence(finding: Finding, budgetMs?: number): Promise<UnsavedEvidence | null> {
		const { clock, log } = this.ports;
		const answer = await retrying(
			async () =>
				await this.store.call('social_evidence', {
					p_evidence_id: finding.evidenceId,
					p_post_id: this.post.id,
					p_fence: this.claim.fence,
					p_carrier: this.options.carrier,
					p_intent_id: finding.intentId,
					p_part: finding.part,
					p_step: finding.step,
					p_outcome: finding.outcome,
					p_final: finding.final,
					p_remote_id: finding.remoteId ?? null,
					p_url: finding.url ?? null,
					p_error: finding.error ?? null,
					p_payload: finding.payload ?? {},
					p_confirmed_by: finding.confirmedBy ?? 'answer',
				}),
			{
				clock,
				untilMs:
					clock.monotonic() + (budgetMs ?? this.options.evidenceBudgetMs ?? EVIDENCE_BUDGET_MS),
				again: (last) => (finding.outcome === 'done' ? last.kind !== 'ok' : isUnclear(last)),
			},
		);
		const { evidenceId, intentId, step, outcome } = finding;
		const remoteId = finding.remoteId ?? null;
		if (answer.kind !== 'ok') {
			log.warn('evidence_unsaved', {
				postId: this.post.id,
				evidenceId,
				step,
				outcome,
				remoteId,
				reason: whyNot(answer),
			});
			return { evidenceId, intentId, step, outcome, remoteId };
		}
		this.post = answer.value.post;
		if (answer.value.secondEntry) {
			log.warn('second_live_entry', { postId: this.post.id, remoteId });
		}
		this.learn(finding);
		return null;
	}

	/** Hands the post back or ends it. A stale fence means that another carrier has it. */
	async finish(wish: ResultRequest, backOff = false): Promise<CarryOutcome> {
		const result = wish.to === 'scheduled' ? { ...wish, waitMs: Math.ceil(wish.waitMs) } : wish;
		const answer = await this.patiently(
			async () =>
				await this.store.call('social_result', {
					p_post_id: this.post.id,
					p_fence: this.claim.fence,
					p_result: result,
				}),
		);
		if (answer.kind !== 'ok') return this.refusedBy(answer);
		this.post = answer.value.post;
		if (!answer.value.ok) {
			return this.ended(ENDED.has(this.post.state) ? this.post.state : 'lost_claim');
		}
		return {
			...this.ended(this.post.state),
			waitMs: result.to === 'scheduled' ? result.waitMs : null,
			reason: result.to === 'scheduled' ? result.reason : null,
			backOff,
		};
	}

	/** Gives the post back to wait. */
	async park(
		reason: WaitReason,
		waitMs: number,
		error?: PostError,
		backOff = false,
	): Promise<CarryOutcome> {
		const result: ResultRequest = { to: 'scheduled', reason, waitMs: Math.max(0, waitMs) };
		return await this.finish(error === undefined ? result : { ...result, error }, backOff);
	}

	/** Ends the carry without a save; the lease runs out by itself. */
	ended(end: CarryEnd, unsaved?: UnsavedEvidence): CarryOutcome {
		const outcome: CarryOutcome = {
			post: this.post,
			end,
			waitMs: null,
			reason: null,
			backOff: end === 'store_unreachable' || end === 'evidence_unsaved',
		};
		return unsaved === undefined ? outcome : { ...outcome, unsaved };
	}

	/**
	 * What follows from a save that brought no value: nobody knows, or the store said no. A clear
	 * "no" is about this post, so the carrier goes on with others.
	 */
	refusedBy<T>(answer: RpcAnswer<T>): CarryOutcome {
		this.ports.log.warn('store_call_failed', {
			postId: this.post.id,
			reason: whyNot(answer),
		});
		return { ...this.ended('store_unreachable'), backOff: isUnclear(answer) };
	}

	/** A save that is not evidence: repeated for a short time. */
	async patiently<T>(call: () => Promise<RpcAnswer<T>>): Promise<RpcAnswer<T>> {
		return await retrying(call, {
			clock: this.ports.clock,
			untilMs: this.ports.clock.monotonic() + (this.options.saveBudgetMs ?? SAVE_BUDGET_MS),
		});
	}

	private forget(part: number, matches: (name: string) => boolean): void {
		const kept = this.steps.filter((entry) => entry.part !== part || !matches(entry.step));
		this.steps.splice(0, this.steps.length, ...kept);
	}

	private learn(finding: Finding): void {
		this.evidence.push({
			id: finding.evidenceId,
			intentId: finding.intentId,
			part: finding.part,
			step: finding.step,
			fence: this.claim.fence,
			outcome: finding.outcome,
			remoteId: finding.remoteId ?? null,
			url: finding.url ?? null,
			error: finding.error ?? null,
			payload: finding.payload ?? {},
			at: new Date(this.storeNowAtLeast()).toISOString(),
		});
		if (finding.outcome === 'ambiguous') return;
		for (const intent of this.intents) {
			if (intent.id === finding.intentId && intent.closedBy === null) {
				intent.closedBy = finding.outcome;
			}
		}
	}

	private mediaPath(index: number): string {
		const picture = this.post.content.media?.[index];
		if (picture === undefined)
			throw new MediaMissing(false, `The post has no picture ${index + 1}`);
		return `${this.post.owner}/${picture.hash}`;
	}

	private async media<T>(answer: RpcAnswer<T>): Promise<T> {
		if (answer.kind === 'ok') return answer.value;
		throw new MediaMissing(isUnclear(answer), whyNot(answer));
	}
}
