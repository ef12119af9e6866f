import type { Ports } from '../ports';
import type { PlatformDefinition } from '../platforms/platform';
import { createStore, isUnclear, retrying, whyNot } from '../store/client';
import {
	PROTOCOL,
	type CarrierKind,
	type Claim,
	type ClaimRequest,
	type Outcome,
	type Platform,
	type PostState,
	type PostView,
	type WaitReason,
} from '../store/contract';
import type { VaultKey } from '../accounts/vault';
import { mark, type Mark } from './elapsed';

/** Who publishes, with what, and when it has to stop. */
export interface CarrierOptions {
	/** Stable name of the carrier process, e.g. `n8n:main-1`. */
	carrier: string;
	kind: CarrierKind;
	vaultKey: VaultKey;
	platforms: Record<Platform, PlatformDefinition>;
	/** True once the carrier shall end. Read between steps, never during a request. */
	stopping(): boolean;
	/**
	 * Largest fence this process has seen, kept by its owner from round to round. A store that gives
	 * smaller ones was set back in time and is told so. `walkedAway`: claims that ended because the
	 * store did not answer; the next claim tells them, so that they do not count as deaths.
	 */
	fences?: { highest: number; walkedAway?: Set<string> };
	/** How long one piece of evidence is retried. Default ten minutes. */
	evidenceBudgetMs?: number;
	/** How long other saves (results, releases) are retried. Default 30 s. */
	saveBudgetMs?: number;
}

/** A claim with the instants between which the store answered it. */
export interface Held {
	claim: Claim;
	/** Before the claim was asked for: the lease counts from here. */
	askedAt: Mark;
	/** After the answer came: "not before" rules count from here. */
	answeredAt: Mark;
}

/** How a carry ended. `lost_claim`: another carrier has the post now. */
export type CarryEnd = PostState | 'lost_claim' | 'store_unreachable' | 'evidence_unsaved';

/** A definite or unclear answer that could not be saved; for the carrier's log and output. */
export interface UnsavedEvidence {
	evidenceId: string;
	intentId: string | null;
	step: string;
	outcome: Outcome;
	remoteId: string | null;
}

export interface CarryOutcome {
	/** Newest state of the post that this carrier saw. */
	post: PostView;
	end: CarryEnd;
	/** While `scheduled`: when it may be claimed again, from now. */
	waitMs: number | null;
	reason: WaitReason | null;
	/** The trouble is this carrier's own (no way out, wrong vault key, store gone): pause claiming. */
	backOff: boolean;
	unsaved?: UnsavedEvidence;
}

/** What asking for a claim brought. */
export type ClaimOutcome =
	| { kind: 'held'; held: Held }
	| { kind: 'none'; reason: string; nextDueMs: number | null }
	| { kind: 'refused'; code: string; message: string }
	| { kind: 'unreachable'; reason: string };

export interface ClaimWish {
	/** This post only; otherwise the oldest due one of any free account. */
	postId?: string;
	/** Only what is overdue by more than this; without it the store sets the kind's own grace. */
	graceMs?: number;
}

/** A lost answer is asked for again for this long; the lease runs meanwhile. */
const CLAIM_RETRY_MS = 5_000;

/** A claim request of this carrier with a new id. */
export function claimRequest(ports: Ports, options: CarrierOptions): ClaimRequest {
	const seen = options.fences?.highest ?? 0;
	const left = [...(options.fences?.walkedAway ?? [])];
	return {
		...(seen > 0 ? { lastFence: seen } : {}),
		...(left.length > 0 ? { walkedAway: left } : {}),
		claimId: ports.crypto.uuid(),
		carrier: options.carrier,
		kind: options.kind,
		protocol: PROTOCOL,
	};
}

/** Notes a claim that nobody works on any more, for the next claim to tell. */
export function walkAway(options: CarrierOptions, claimId: string): void {
	if (options.fences === undefined) return;
	options.fences.walkedAway ??= new Set();
	options.fences.walkedAway.add(claimId);
}

/** What a call for several claims brought: those, and why there are no more when it is fewer than asked. */
export interface ClaimsOutcome {
	held: Held[];
	end: Exclude<ClaimOutcome, { kind: 'held' }> | null;
}

/**
 * Claims one post. A lost answer is repeated under the same claim id, so no post stays claimed by
 * an answer that nobody read; the lease is counted from the first call.
 */
export async function claimPost(
	ports: Ports,
	options: CarrierOptions,
	wish: ClaimWish,
): Promise<ClaimOutcome> {
	const { held, end } = await claimPosts(ports, options, wish);
	return end ?? { kind: 'held', held: held[0] };
}

/**
 * Claims up to `count` posts by one call, each under an id of its own; see `claimPost`. The carrier
 * starts all of them at once.
 */
export async function claimPosts(
	ports: Ports,
	options: CarrierOptions,
	wish: ClaimWish,
	count = 1,
): Promise<ClaimsOutcome> {
	const store = createStore(ports.store);
	const request = claimRequest(ports, options);
	const more = Array.from({ length: count - 1 }, () => ports.crypto.uuid());
	const asked = { at: mark(ports.clock) };
	const answer = await retrying(
		async () => {
			asked.at = mark(ports.clock);
			return await store.call('social_claim', {
				p_claim: request,
				p_post_id: wish.postId ?? null,
				...(wish.graceMs === undefined ? {} : { p_grace_ms: wish.graceMs }),
				...(more.length === 0 ? {} : { p_more: more }),
			});
		},
		{ clock: ports.clock, untilMs: ports.clock.monotonic() + CLAIM_RETRY_MS },
	);
	if (answer.kind !== 'ok') {
		// The claims may stand, and nobody will work under them.
		if (isUnclear(answer)) for (const id of [request.claimId, ...more]) walkAway(options, id);
		const end: ClaimsOutcome['end'] =
			answer.kind === 'unreachable' || answer.refusal.status >= 500
				? { kind: 'unreachable', reason: whyNot(answer) }
				: { kind: 'refused', code: answer.refusal.code, message: answer.refusal.message };
		return { held: [], end };
	}
	for (const told of request.walkedAway ?? []) options.fences?.walkedAway?.delete(told);
	const { claim, reason, nextDueMs } = answer.value;
	const claims = [claim, ...(answer.value.more ?? [])].filter((one) => one !== null);
	const answeredAt = mark(ports.clock);
	if (options.fences !== undefined) {
		options.fences.highest = Math.max(options.fences.highest, ...claims.map(({ fence }) => fence));
	}
	return {
		held: claims.map((one) => ({ claim: one, askedAt: asked.at, answeredAt })),
		end:
			claims.length === count ? null : { kind: 'none', reason: reason ?? 'nothing_due', nextDueMs },
	};
}
