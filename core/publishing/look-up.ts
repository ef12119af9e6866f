import type { LookUpVerdict } from '../platforms/platform';
import type { Intent, PostError, Siblings } from '../store/contract';
import { ensureToken } from './access';
import type { CarryOutcome } from './carrier';
import { LOOKUP_LIMIT, lookUpDelayMs } from './decide';
import { sendRepeat } from './repeat';
import { ANSWER_LOST, leaveToPerson } from './review';
import type { Work } from './work';

/** A look-up reads up to a few pages; the lease must outlast them. */
const LOOKUP_LIMIT_MS = 60_000;
/** Whoever claims at the very instant would ask a moment too early by the store's clock. */
const SETTLED_RESERVE_MS = 250;

/**
 * Settles every open intent of a claim by asking the platform, never before its settle time. Null:
 * all are closed and the carry may go on; else how it ended.
 */
export async function settleOpenIntents(work: Work): Promise<CarryOutcome | null> {
	for (;;) {
		const open = work.openIntents();
		if (open.length === 0) return null;
		const early = Math.max(
			...open.map((intent) => Date.parse(intent.settledAt) - work.storeNowAtLeast()),
		);
		if (early > 0) return await work.park('lookup', early + SETTLED_RESERVE_MS);
		if (work.options.stopping()) return await work.park('lookup', 0);
		const ended = await settle(work, open[0]);
		if (ended !== null) return ended;
	}
}

async function settle(work: Work, intent: Intent): Promise<CarryOutcome | null> {
	const tokenless = await ensureToken(work);
	if (tokenless !== null) return tokenless;
	const lease = await work.holdLease(LOOKUP_LIMIT_MS);
	if (lease !== 'held') {
		return work.ended(lease === 'lost' ? 'lost_claim' : 'store_unreachable');
	}
	const siblings = await work.patiently(
		async () => await work.store.call('social_post_siblings', { p_post_id: work.post.id }),
	);
	if (siblings.kind !== 'ok') return work.refusedBy(siblings);
	const verdict = await ask(work, intent, siblings.value);
	switch (verdict.verdict) {
		case 'found':
			return await adopt(work, intent, verdict);
		case 'absent':
			return await closeAbsent(work, intent, verdict.proof);
		case 'repeat':
			// The store takes no further intent of a cancelled post, and nothing else can tell.
			if (work.claim.cancelRequested) {
				return await leaveToPerson(
					work,
					`${ANSWER_LOST}: ${verdict.tried}, and the post was cancelled, so it is not sent once more to find out.`,
				);
			}
			if (work.claim.tooLate || verdict.waitMs > 0) return await askAgain(work, intent, verdict);
			return await sendRepeat(work, intent, siblings.value.remoteIds);
		case 'unknown':
			// A person looked and said that it is not live: one unclear look-up more counts as absent,
			// if it was asked when nothing could be under way any more.
			return work.claim.sendAnyway && settled(work, intent)
				? await closeAbsent(work, intent, { decidedBy: 'person', tried: verdict.tried })
				: await askAgain(work, intent, verdict);
	}
}

/** Every open attempt of the step has had its time to show up. */
function settled(work: Work, { part, step }: Intent): boolean {
	const now = work.storeNowAtLeast();
	return work
		.openIntents()
		.filter((open) => open.part === part && open.step === step)
		.every((open) => Date.parse(open.settledAt) <= now);
}

async function ask(work: Work, intent: Intent, siblings: Siblings): Promise<LookUpVerdict> {
	const accessToken = work.accessToken ?? '';
	try {
		return await work.definition.lookUp({
			post: work.post,
			account: work.account,
			intent,
			intents: work.intentsOf({ part: intent.part, name: intent.step }),
			http: work.ports.http,
			authorize: (request) => work.definition.authorize(request, work.account, accessToken),
			nowMs: work.storeNowAtLeast(),
			isOurs: async (remoteId) => await Promise.resolve(siblings.remoteIds.includes(remoteId)),
			sameTextElsewhere: siblings.sameText,
			notes: work.evidence
				.filter((entry) => entry.intentId === intent.id && entry.outcome === 'ambiguous')
				.map((entry) => entry.payload),
		});
	} catch (thrown) {
		const reason = thrown instanceof Error ? thrown.message : 'unknown reason';
		return { verdict: 'unknown', waitMs: 0, tried: `The look-up broke off (${reason})` };
	}
}

async function adopt(
	work: Work,
	intent: Intent,
	verdict: Extract<LookUpVerdict, { verdict: 'found' }>,
): Promise<CarryOutcome | null> {
	const step = work.definition
		.steps(work.post, work.account)
		.find((entry) => entry.part === intent.part && entry.name === intent.step);
	const unsaved = await work.saveEvidence({
		evidenceId: work.ports.crypto.uuid(),
		intentId: intent.id,
		part: intent.part,
		step: intent.step,
		outcome: 'done',
		final: step?.final ?? true,
		remoteId: verdict.remoteId,
		url: verdict.url,
		confirmedBy: verdict.by,
	});
	if (unsaved !== null) return work.ended('evidence_unsaved', unsaved);
	for (const other of work.intentsOf({ part: intent.part, name: intent.step })) {
		other.closedBy ??= 'done';
	}
	return null;
}

async function closeAbsent(
	work: Work,
	intent: Intent,
	proof: Record<string, unknown>,
): Promise<CarryOutcome | null> {
	const step = { part: intent.part, name: intent.step };
	if (work.countOf(step, 'duplicate') > 0 && !work.claim.sendAnyway) {
		return await leaveToPerson(
			work,
			`${ANSWER_LOST}. The platform refused a repeat as a duplicate, but no such entry was found in the account’s list.`,
		);
	}
	const answer = await work.patiently(
		async () =>
			await work.store.call('social_intents_absent', {
				p_post_id: work.post.id,
				p_fence: work.claim.fence,
				p_part: intent.part,
				p_step: intent.step,
				p_proof: proof,
			}),
	);
	if (answer.kind !== 'ok') return work.refusedBy(answer);
	if (!answer.value.ok) return work.ended('lost_claim');
	for (const entry of work.intentsOf(step)) entry.closedBy ??= 'absent';
	return null;
}

async function askAgain(
	work: Work,
	intent: Intent,
	verdict: Extract<LookUpVerdict, { verdict: 'unknown' | 'repeat' }>,
): Promise<CarryOutcome> {
	const earlier = work.evidence.filter(
		(entry) => entry.intentId === intent.id && entry.payload.class === 'look_up',
	).length;
	const error: PostError = {
		code: 'look_up_unknown',
		message: `It is not known yet whether the post is live. Tried: ${verdict.tried}.`,
		remedy: 'Nothing to do: the platform is asked again.',
	};
	const unsaved = await work.saveEvidence({
		evidenceId: work.ports.crypto.uuid(),
		intentId: intent.id,
		part: intent.part,
		step: intent.step,
		outcome: 'ambiguous',
		final: false,
		error,
		payload: {
			...(verdict.verdict === 'unknown' ? verdict.note : {}),
			class: 'look_up',
			tried: verdict.tried,
		},
	});
	if (unsaved !== null) return work.ended('evidence_unsaved', unsaved);
	if (verdict.waitMs === null || earlier + 1 >= LOOKUP_LIMIT) {
		return await leaveToPerson(
			work,
			`${ANSWER_LOST}. Tried ${earlier + 1} times, at last: ${verdict.tried}.`,
		);
	}
	return await work.park('lookup', lookUpDelayMs(earlier, verdict.waitMs), error);
}
