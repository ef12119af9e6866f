import type { IntentAnswer, Siblings, StoreFunctions } from '../../core/store/contract';
import { noteServerFailure } from './outages';
import { refuse, violation } from './refusal';
import type { EvidenceRow, IntentRow, PostRow } from './rows';
import { offReason } from './switches';
import {
	accountRow,
	countOpen,
	lastMoment,
	liveKey,
	MISSED,
	numberOf,
	openIncident,
	PLATFORMS,
	postRow,
	refreshDue,
	save,
	type Call,
} from './tables';
import { copy, postView } from './views';

type Args<Name extends keyof StoreFunctions> = StoreFunctions[Name]['args'];

const DAY_MS = 86_400_000;

/** JSON with sorted keys: equal exactly when the jsonb values are. */
function canonical(value: unknown): string {
	if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
	if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
	return `{${Object.entries(value)
		.filter(([, item]) => item !== undefined)
		.sort(([left], [right]) => (left < right ? -1 : 1))
		.map(([key, item]) => `${JSON.stringify(key)}:${canonical(item)}`)
		.join(',')}}`;
}

const carries = (call: Call, p: PostRow, fence: number) =>
	p.state === 'publishing' && (p.fence === fence || !call.guards.fence);

const leaseOver = (call: Call, p: PostRow) => call.guards.lease && (p.leaseUntil ?? 0) <= call.now;

function refusalOfIntent(
	call: Call,
	p: PostRow,
	i: IntentRow | undefined,
	args: Args<'social_intent'>,
): { refusal: string; message: string } | null {
	const { t, now, guards } = call;
	const { p_fence: fence, p_part: part, p_step: step } = args;
	const no = (refusal: string, message: string) => ({ refusal, message });
	if (!carries(call, p, fence)) {
		return no('stale_fence', 'Another carrier has this post now, or it is settled.');
	}
	if (leaseOver(call, p)) return no('lease_over', 'The lease ended before the intent was saved.');
	if (i !== undefined) {
		return i.closedBy === null ? null : no('newer_evidence', 'This intent is closed already.');
	}
	const newer = (e: EvidenceRow) =>
		(guards.fence &&
			(e.fence > fence || (e.fence !== fence && e.at >= (p.claimedAt ?? Infinity)))) ||
		(e.part === part && e.step === step && e.outcome === 'done') ||
		e.intentId === args.p_intent_id;
	if (p.evidence.some(newer)) {
		return no('newer_evidence', 'An answer to an earlier attempt has arrived since.');
	}
	const ofStep = p.intents.filter((o) => o.part === part && o.step === step);
	const repeats = args.p_recognise.repeatOf !== undefined && args.p_recognise.repeatOf !== null;
	const request = canonical(args.p_request);
	const blocks = (o: IntentRow) =>
		o.closedBy === null && (!repeats || canonical(o.request) !== request);
	if (guards.openIntent && ofStep.some(blocks)) {
		return no('open_intent', 'An earlier attempt may be live and has not been looked up.');
	}
	if (p.cancelRequested) {
		if (p.openIntents === 0) save(call, p, { state: 'cancelled' });
		return no('cancelled', 'The post was cancelled before this step.');
	}
	if (now > lastMoment(p)) {
		if (p.openIntents === 0) save(call, p, { state: 'missed', error: { ...MISSED } });
		return no('too_late', 'The post is past its maximum lateness.');
	}
	if (accountRow(t, p.accountId).status !== 'connected') {
		return no('account_dead', 'The account has to be connected again.');
	}
	const off = offReason(t, p.owner, 'publish', p.platform);
	if (off !== null) return no('off', off);
	const absent = ofStep.filter((o) => o.closedBy === 'absent').length;
	const asked = p.resolutions.filter(({ decision }) => decision.to === 'publish').length;
	return absent > PLATFORMS[p.platform].resends + asked
		? no('resend_limit', 'The step was sent again as often as this platform allows.')
		: null;
}

export function intent(call: Call, args: Args<'social_intent'>): IntentAnswer {
	const { t, now } = call;
	const p = postRow(call, args.p_post_id);
	const { dueAt } = p;
	let i = t.intents.get(args.p_intent_id);
	const another =
		i !== undefined &&
		(i.postId !== p.id ||
			i.part !== args.p_part ||
			i.step !== args.p_step ||
			i.fence !== args.p_fence);
	if (another) refuse(409, 'intent_is_another', 'This intent id was used for another step.');
	const refused = refusalOfIntent(call, p, i, args);
	if (refused === null && i === undefined) {
		const margin = numberOf(t, 'timing', 'marginMs');
		i = {
			id: args.p_intent_id,
			postId: p.id,
			part: args.p_part,
			step: args.p_step,
			fence: args.p_fence,
			request: copy(args.p_request),
			recognise: copy(args.p_recognise),
			repeatOf: p.intents.filter((o) => o.part === args.p_part && o.step === args.p_step).length,
			savedAt: now,
			deadlineAt: now + args.p_limit_ms,
			settledAt: now + args.p_limit_ms + args.p_settle_ms + margin,
			closedBy: null,
			closedAt: null,
			proof: null,
		};
		t.intents.set(i.id, i);
		p.intents.push(i);
		save(call, p, {
			openIntents: p.openIntents + 1,
			leaseUntil: Math.max(p.leaseUntil ?? 0, now + args.p_limit_ms + margin),
		});
	}
	if (p.dueAt !== dueAt) refreshDue(call, p.accountId);
	return {
		ok: refused === null,
		refusal: refused?.refusal ?? null,
		message: refused?.message ?? null,
		deadlineMsLeft: refused === null && i !== undefined ? i.deadlineAt - now : 0,
		leaseMsLeft: Math.max((p.leaseUntil ?? now) - now, 0),
		post: postView(t, p),
	};
}

export function stepResult(call: Call, args: Args<'social_step_result'>) {
	const p = postRow(call, args.p_post_id);
	if (!carries(call, p, args.p_fence)) return { ok: false, refusal: 'stale_fence' };
	const valid = args.p_valid_ms ?? null;
	p.steps = p.steps.filter(({ part, step }) => part !== args.p_part || step !== args.p_step);
	p.steps.push({
		part: args.p_part,
		step: args.p_step,
		result: copy(args.p_result),
		validUntil: valid === null ? null : call.now + valid,
		savedAt: call.now,
	});
	return { ok: true, refusal: null };
}

/**
 * `musekit_social.settle_published`: makes the post published by what is known now. Answers true
 * for a second live entry and for an id that belongs to another post.
 */
export function settlePublished(
	call: Call,
	p: PostRow,
	known: {
		remoteId: string;
		url: string | null;
		confirmedBy: EvidenceRow['confirmedBy'];
		at: number;
	},
): boolean {
	const { t } = call;
	if (p.remoteId !== null) {
		if (p.remoteId === known.remoteId) return false;
		const both = `The post is live as ${p.remoteId} and also as ${known.remoteId}.`;
		openIncident(call, 'second_live_entry', p, both);
		return true;
	}
	const other = t.live.get(liveKey(p.remoteAccount, known.remoteId));
	if (other !== undefined) {
		const whose = `The platform named ${known.remoteId}, which belongs to post ${other.id}.`;
		openIncident(call, 'id_of_another_post', p, whose);
		if (p.state === 'scheduled' || p.state === 'publishing') {
			save(call, p, {
				state: 'needs_review',
				error: {
					code: 'id_of_another_post',
					message: `The platform named ${known.remoteId} for this post, but that entry belongs to post ${other.id}.`,
					remedy: 'Look at the account and say where this post is, publish it or drop it.',
				},
			});
		}
		return true;
	}
	save(call, p, {
		state: 'published',
		remoteId: known.remoteId,
		url: known.url,
		confirmedBy: known.confirmedBy,
		publishedAt: known.at,
		error: null,
		barrenClaims: 0,
		openIntents: countOpen(p),
	});
	accountRow(t, p.accountId).lastSuccessAt = known.at;
	refreshDue(call, p.accountId);
	for (const outage of t.outages) {
		if (outage.platform === p.platform && outage.mode === p.mode) outage.endedAt ??= known.at;
	}
	return false;
}

function close(call: Call, i: IntentRow, by: NonNullable<IntentRow['closedBy']>): void {
	i.closedBy = by;
	i.closedAt = call.now;
}

/** Closes what is open of one step, or of the whole post. */
export function closeOpen(
	call: Call,
	p: PostRow,
	by: NonNullable<IntentRow['closedBy']>,
	of: { part: number; step: string } | null,
	proof: Record<string, unknown> | null = null,
): void {
	for (const i of p.intents) {
		if (i.closedBy !== null) continue;
		if (of !== null && (i.part !== of.part || i.step !== of.step)) continue;
		close(call, i, by);
		if (proof !== null) i.proof = copy(proof);
	}
}

export function evidence(call: Call, args: Args<'social_evidence'>) {
	const { t, now } = call;
	const p = postRow(call, args.p_post_id);
	const remoteId = args.p_remote_id ?? null;
	if (args.p_final && args.p_outcome === 'done' && remoteId === null) violation('check');
	let second = false;
	if (!t.evidence.has(args.p_evidence_id)) {
		const intentId = args.p_intent_id ?? null;
		const settles = args.p_outcome === 'done' && args.p_final && remoteId !== null;
		const confirmedBy = args.p_confirmed_by ?? 'answer';
		if (settles && p.state === 'draft') refuseDraft(call, p, remoteId);
		const row: EvidenceRow = {
			id: args.p_evidence_id,
			postId: p.id,
			intentId,
			part: args.p_part,
			step: args.p_step,
			fence: args.p_fence,
			carrier: args.p_carrier,
			outcome: args.p_outcome,
			final: args.p_final,
			confirmedBy,
			remoteId,
			url: args.p_url ?? null,
			error: copy(args.p_error ?? null),
			payload: copy(args.p_payload ?? {}),
			at: now,
		};
		t.evidence.set(row.id, row);
		p.evidence.push(row);
		const named = p.intents.find((i) => i.id === intentId);
		if (named !== undefined && named.closedBy === null && row.outcome !== 'ambiguous') {
			close(call, named, row.outcome);
		}
		if (row.outcome === 'done' && confirmedBy !== 'answer') closeOpen(call, p, 'done', row);
		if (settles) {
			second = settlePublished(call, p, { remoteId, url: row.url, confirmedBy, at: now });
		}
		const openIntents = countOpen(p);
		if (p.barrenClaims !== 0 || p.openIntents !== openIntents) {
			save(call, p, { barrenClaims: 0, openIntents });
		}
		noteServerFailure(call, p, row.outcome, row.error);
		if (second) refreshDue(call, p.accountId);
	}
	return { post: postView(t, p), secondEntry: second };
}

/** A draft never started: no transition leads from it to published, so the whole call is undone. */
function refuseDraft(call: Call, p: PostRow, remoteId: string): void {
	if (call.t.live.has(liveKey(p.remoteAccount, remoteId))) return;
	save(call, p, { state: 'published' });
}

export function intentsAbsent(call: Call, args: Args<'social_intents_absent'>) {
	const p = postRow(call, args.p_post_id);
	if (!carries(call, p, args.p_fence) || leaseOver(call, p)) {
		return { ok: false, refusal: 'stale_fence' };
	}
	const of = { part: args.p_part, step: args.p_step };
	const early = p.intents.some(
		(i) =>
			i.part === of.part && i.step === of.step && i.closedBy === null && i.settledAt > call.now,
	);
	if (early && call.guards.settle) return { ok: false, refusal: 'too_early' };
	closeOpen(call, p, 'absent', of, args.p_proof);
	save(call, p, { barrenClaims: 0, sendAnyway: false, openIntents: countOpen(p) });
	return { ok: true, refusal: null };
}

export function result(call: Call, args: Args<'social_result'>) {
	const { t, now } = call;
	const p = postRow(call, args.p_post_id);
	const said = args.p_result;
	if (!['published', 'failed', 'needs_review', 'scheduled'].includes(said.to)) {
		refuse(400, 'result_invalid', 'A result is published, failed, needs_review or scheduled.');
	}
	const attempt = p.claims.find(({ fence }) => fence === args.p_fence);
	const held = carries(call, p, args.p_fence);
	const error = copy('error' in said ? (said.error ?? null) : null);
	const open = p.openIntents > 0;
	let refusal: string | null = null;
	if (attempt !== undefined && attempt.endedAt !== null) {
		if (p.state === 'publishing' && p.fence === args.p_fence) refusal = 'stale_fence';
	} else if (p.state === 'published' && said.to === 'published') {
		refusal = null;
	} else if (!held) {
		refusal = 'stale_fence';
	} else if (said.to === 'published') {
		refusal = 'no_evidence';
	} else if (said.to === 'failed' && !open) {
		save(call, p, { state: 'failed', error, barrenClaims: 0 });
	} else if (said.to === 'scheduled' && p.cancelRequested && !open) {
		save(call, p, { state: 'cancelled', barrenClaims: 0 });
	} else if (said.to === 'scheduled') {
		save(call, p, {
			state: 'scheduled',
			waitReason: said.reason,
			nextAt: now + Math.max(said.waitMs ?? 0, 0),
			error: error ?? p.error,
			barrenClaims: 0,
		});
	} else {
		save(call, p, { state: 'needs_review', error, barrenClaims: 0 });
	}
	if (refusal === null && attempt !== undefined) attempt.endedAt ??= now;
	refreshDue(call, p.accountId);
	return { ok: refusal === null, refusal, post: postView(t, p) };
}

export function siblings(call: Call, args: Args<'social_post_siblings'>): Siblings {
	const p = call.t.posts.get(args.p_post_id);
	if (p === undefined) return refuse(404, 'post_unknown', `There is no post ${args.p_post_id}.`);
	const first = p.intents.length === 0 ? call.now : Math.min(...p.intents.map((i) => i.savedAt));
	const remoteIds: string[] = [];
	let sameText = false;
	for (const o of call.t.byRemoteAccount.get(p.remoteAccount) ?? []) {
		if (o === p) continue;
		if (o.remoteId !== null && (o.publishedAt ?? 0) > first - 7 * DAY_MS)
			remoteIds.push(o.remoteId);
		const at = o.publishedAt ?? o.claimedAt ?? o.scheduledAt;
		sameText ||=
			o.textKey === p.textKey &&
			(o.remoteId !== null || o.intents.length > 0) &&
			Math.abs(at - first) <= 2 * DAY_MS;
	}
	return { remoteIds, sameText };
}

export function postUrl(call: Call, args: Args<'social_post_url'>) {
	const p = postRow(call, args.p_post_id);
	if (p.state === 'published' && p.url === null) {
		const named = args.p_remote_id ?? null;
		const renames = named !== null && p.remoteId?.startsWith('container:') === true;
		const remoteId = renames ? named : p.remoteId;
		const taken =
			remoteId !== p.remoteId &&
			remoteId !== null &&
			call.t.live.has(liveKey(p.remoteAccount, remoteId));
		if (taken) {
			refuse(
				409,
				'id_in_use',
				`${remoteId} is another post of ours already. Nothing was changed.`,
				'Give the address of the entry that belongs to this post.',
			);
		}
		save(call, p, { url: args.p_url, remoteId });
	}
	return postView(call.t, p);
}
