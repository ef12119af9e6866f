import type {
	Claim,
	ClaimAnswer,
	ClaimRequest,
	PostError,
	StoreFunctions,
} from '../../core/store/contract';
import { refuse } from './refusal';
import type { AccountRow, PostRow } from './rows';
import { postOffReason } from './switches';
import {
	byDue,
	lastMoment,
	MISSED,
	nextFence,
	numberOf,
	openIncident,
	postRow,
	accountRow,
	refreshDue,
	save,
	type Call,
} from './tables';
import { claimView } from './views';

type ClaimArgs = StoreFunctions['social_claim']['args'];

/** A look at the accounts ends after so many (`social_claim`). */
const MOST_ACCOUNTS = 50;
/** So many posts of an account are tried in one claim. */
const MOST_POSTS = 20;
/** Further claims of one call. */
const MOST_MORE = 15;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

export function checkClaim(claim: ClaimRequest): void {
	const fits =
		Boolean(claim.carrier) &&
		['n8n', 'runner'].includes(claim.kind) &&
		UUID.test(claim.claimId) &&
		/^\d+$/.test(String(claim.protocol));
	if (fits) return;
	refuse(
		400,
		'claim_invalid',
		'The claim lacks claimId (uuid), carrier, kind (n8n or runner) or protocol. Nothing was claimed.',
	);
}

/** The answer to a claim call that came before: the same claim while it stands. */
export function repeatedClaim(call: Call, claim: ClaimRequest): ClaimAnswer | null {
	const attempt = call.t.attempts.get(claim.claimId);
	if (attempt === undefined) return null;
	const p = call.t.posts.get(attempt.postId);
	const stands =
		p !== undefined &&
		p.fence === attempt.fence &&
		p.state === 'publishing' &&
		(p.leaseUntil ?? 0) > call.now;
	if (!stands) return { claim: null, reason: 'claim_over', nextDueMs: null };
	return { claim: claimView(call, p), reason: null, nextDueMs: null };
}

/** How long a runner leaves a due post to an n8n that reports. */
export function graceMs(call: Call, kind: string): number {
	if (kind !== 'runner') return 0;
	let grace = 0;
	for (const beat of call.t.heartbeats.values()) {
		const own = beat.intervalMs + 15_000;
		if (beat.kind !== 'n8n' || beat.lastAt <= call.now - own) continue;
		const wanted = call.t.settings.timing?.graceMs as number | null | undefined;
		grace = Math.max(grace, wanted ?? own);
	}
	return grace;
}

interface Take {
	reason: string | null;
	againAt: number | null;
}

const not = (reason: string, againAt: number | null = null): Take => ({ reason, againAt });

/** `musekit_social.take_post`: gives one post to a carrier, or settles what needs none any more. */
export function takePost(call: Call, p: PostRow, claim: ClaimRequest): Take {
	const { t, now } = call;
	if (p.dueAt === null || p.dueAt > now) {
		return not(p.state === 'publishing' ? 'busy' : 'not_claimable');
	}
	const open = p.openIntents > 0;
	if (!open && p.cancelRequested) {
		save(call, p, { state: 'cancelled' });
		return not('not_claimable');
	}
	if (!open && now > lastMoment(p)) {
		save(call, p, { state: 'missed', error: { ...MISSED } });
		return not('not_claimable');
	}
	if (p.barrenClaims >= numberOf(t, 'timing', 'barrenClaims')) {
		save(call, p, { state: 'needs_review', error: carrierDied(p.barrenClaims) });
		openIncident(call, 'poison_post', p, 'A post stopped every carrier that took it.');
		return not('not_claimable');
	}
	if (p.protocol > Number(claim.protocol)) return not('not_claimable');
	if (!open && postOffReason(t, p) !== null) return not('off', now + 5_000);
	const pause = t.outages.find(
		(one) =>
			one.platform === p.platform &&
			one.mode === p.mode &&
			one.endedAt === null &&
			one.pausedUntil > now,
	);
	if (pause !== undefined) return not('paused', pause.pausedUntil);
	const last = accountRow(t, p.accountId).lastSuccessAt;
	if (!open && last !== null && now > p.scheduledAt + numberOf(t, 'burst', 'lateMs')) {
		const free = last + numberOf(t, 'burst', 'gapMs');
		if (free > now) return not('spread', free);
	}
	if (!open && openTwin(call, p)) return not('busy', now + 2_000);
	const flying = t.inFlight.get(p.remoteAccount);
	const blocked = flying !== undefined && flying !== p && call.guards.lease;
	if (blocked || call.busy.has(p.accountId)) {
		const own = blocked && flying.accountId === p.accountId;
		return not(own ? 'busy' : 'account_busy', now + 2_000);
	}
	const fence = nextFence(call);
	save(call, p, {
		state: 'publishing',
		fence,
		claimId: claim.claimId,
		claimedAt: now,
		carrier: claim.carrier,
		leaseUntil: now + numberOf(t, 'timing', 'leaseMs'),
		attempts: p.attempts + 1,
		barrenClaims: p.barrenClaims + 1,
		waitReason: null,
		nextAt: null,
	});
	const attempt = {
		claimId: claim.claimId,
		postId: p.id,
		fence,
		carrier: claim.carrier,
		kind: claim.kind,
		startedAt: now,
		endedAt: null,
	};
	t.attempts.set(claim.claimId, attempt);
	p.claims.push(attempt);
	return { reason: null, againAt: null };
}

/** A post whose outcome is open could be taken for another one with the same text. */
function openTwin(call: Call, p: PostRow): boolean {
	return accountRow(call.t, p.accountId).posts.some(
		(o) =>
			o !== p &&
			o.openIntents > 0 &&
			o.textKey === p.textKey &&
			(o.state === 'scheduled' || o.state === 'publishing'),
	);
}

function carrierDied(claims: number): PostError {
	return {
		code: 'carrier_died',
		message: `${claims} carriers in a row stopped while they worked on this post and left no word.`,
		remedy: 'Look at the account: if the post is there, say so; if not, publish it or drop it.',
	};
}

/** `musekit_social.store_went_back`: posts due by now are held, once. */
function storeWentBack(call: Call, lastFence: number | undefined): boolean {
	const { t, now } = call;
	if (lastFence === undefined || lastFence <= t.fence.last) return false;
	t.fence = { last: lastFence + 1000, given: true };
	for (const p of t.posts.values()) {
		if (p.state === 'scheduled' && p.scheduledAt <= now) save(call, p, { held: true });
	}
	for (const p of [...t.inFlight.values()]) {
		save(call, p, {
			state: 'needs_review',
			error: {
				code: 'store_went_back',
				message: 'The store was set back in time while this post was being published.',
				remedy: 'Look at the account: if the post is there, say so; if not, publish it or drop it.',
			},
		});
	}
	for (const a of t.accounts.values()) if (a.nextDueAt !== null) refreshDue(call, a.id);
	openIncident(
		call,
		'store_went_back',
		null,
		'The store was set back in time. Posts that were due are held until somebody releases them.',
	);
	return true;
}

/** Earliest account by its next due time among those that may be taken, in the order of the index. */
function nextAccount(call: Call, until: number, seen: Set<string>): AccountRow | null {
	let first: AccountRow | null = null;
	for (const a of call.t.accounts.values()) {
		if (a.nextDueAt === null || a.nextDueAt > until || seen.has(a.id)) continue;
		if (call.locked.has(a.id)) continue;
		const earlier =
			first === null ||
			a.nextDueAt < (first.nextDueAt ?? 0) ||
			(a.nextDueAt === first.nextDueAt && a.id < first.id);
		if (earlier) first = a;
	}
	return first;
}

/** Frees what a living carrier says to work on no more. */
export function giveBack(call: Call, claim: ClaimRequest): void {
	for (const attempt of call.t.attempts.values()) {
		if (!claim.walkedAway?.includes(attempt.claimId)) continue;
		if (attempt.carrier !== claim.carrier || attempt.endedAt !== null) continue;
		const p = call.t.posts.get(attempt.postId);
		if (p === undefined || call.locked.has(p.accountId)) continue;
		if (p.state !== 'publishing' || p.fence !== attempt.fence) continue;
		save(call, p, {
			state: 'scheduled',
			nextAt: call.now,
			barrenClaims: 0,
			waitReason: p.openIntents > 0 ? 'lookup' : 'handed_back',
		});
		attempt.endedAt = call.now;
		refreshDue(call, p.accountId);
	}
}

export function claim(call: Call, args: ClaimArgs): ClaimAnswer {
	checkClaim(args.p_claim);
	const further = furtherClaims(args);
	giveBack(call, args.p_claim);
	if (further === null) return claimOne(call, args);
	return oneAfterAnother([args.p_claim, ...further], (p_claim) =>
		claimOne(call, { ...args, p_claim }),
	);
}

/** Answers to several claims as one answer: they end with the first that brings nothing. */
export function oneAfterAnother(
	[first, ...further]: ClaimRequest[],
	claimOf: (request: ClaimRequest) => ClaimAnswer,
): ClaimAnswer {
	const answer = claimOf(first);
	const more: Claim[] = [];
	let { reason, nextDueMs } = answer;
	for (const request of further) {
		if (reason !== null && reason !== 'claim_over') break;
		const next = claimOf(request);
		if (next.claim !== null) more.push(next.claim);
		({ reason, nextDueMs } = next);
	}
	return { claim: answer.claim, reason, nextDueMs, more };
}

/** What `p_more` asks for; null without it. Refused before anything is done, for SQL takes it back. */
function furtherClaims(args: ClaimArgs): ClaimRequest[] | null {
	if ((args.p_more ?? null) === null) return null;
	const ids = args.p_more ?? [];
	if ((args.p_post_id ?? null) !== null || ids.length > MOST_MORE) {
		refuse(
			400,
			'claim_invalid',
			'A claim of one post stands alone; others take up to 15 further ids. Nothing was claimed.',
		);
	}
	const further = ids.map((claimId) => ({ ...args.p_claim, walkedAway: undefined, claimId }));
	for (const one of further) checkClaim(one);
	return further;
}

/** `musekit_social.claim_one`. */
function claimOne(call: Call, args: ClaimArgs): ClaimAnswer {
	const { t, now } = call;
	const wanted = args.p_claim;
	const repeated = repeatedClaim(call, wanted);
	if (repeated !== null) return repeated;
	if (storeWentBack(call, wanted.lastFence)) {
		return { claim: null, reason: 'store_went_back', nextDueMs: null };
	}
	const postId = args.p_post_id ?? null;
	if (postId !== null) {
		const p = postRow(call, postId);
		const { reason } = takePost(call, p, wanted);
		refreshDue(call, p.accountId);
		return {
			claim: reason === null ? claimView(call, p) : null,
			reason: reason === 'account_busy' ? 'busy' : reason,
			nextDueMs: null,
		};
	}

	const until = now - (args.p_grace_ms ?? graceMs(call, wanted.kind));
	const seen = new Set<string>();
	for (let round = 0; round < MOST_ACCOUNTS; round += 1) {
		const a = nextAccount(call, until, seen);
		if (a === null) break;
		seen.add(a.id);
		let again: number | null = null;
		const due = a.posts.filter((p) => p.dueAt !== null && p.dueAt <= until).sort(byDue);
		const left = due.filter(({ state }) => state === 'publishing');
		const others = due.filter(({ state }) => state !== 'publishing').slice(0, MOST_POSTS);
		for (const p of [...left, ...others]) {
			const { reason, againAt } = takePost(call, p, wanted);
			if (reason === null) {
				refreshDue(call, a.id);
				return { claim: claimView(call, p), reason: null, nextDueMs: null };
			}
			if (againAt !== null) again = Math.min(again ?? Infinity, againAt);
			if (reason === 'account_busy') break;
		}
		a.holdUntil = again;
		refreshDue(call, a.id);
	}
	let next: number | null = null;
	for (const { nextDueAt } of t.accounts.values()) {
		if (nextDueAt === null || nextDueAt <= until || nextDueAt >= until + 60_000) continue;
		next = Math.min(next ?? Infinity, nextDueAt);
	}
	return {
		claim: null,
		reason: 'nothing_due',
		nextDueMs: next === null ? null : Math.max(next - until, 0),
	};
}

export function leaseExtend(call: Call, args: StoreFunctions['social_lease_extend']['args']) {
	const p = postRow(call, args.p_post_id);
	const holds =
		p.state === 'publishing' &&
		(p.fence === args.p_fence || !call.guards.fence) &&
		((p.leaseUntil ?? 0) > call.now || !call.guards.lease);
	if (!holds) return { ok: false, leaseMsLeft: 0 };
	const until = Math.max(p.leaseUntil ?? 0, call.now + numberOf(call.t, 'timing', 'leaseMs'));
	save(call, p, { leaseUntil: until });
	refreshDue(call, p.accountId);
	return { ok: true, leaseMsLeft: until - call.now };
}
