import type { Step, StepReading } from '../platforms/platform';
import type { PostError, StepResult } from '../store/contract';
import { endWithDead, ensureToken, renewToken } from './access';
import type { CarryOutcome } from './carrier';
import { decide, retryDelayMs, unclearInvisible } from './decide';
import { answerLost, build, notSent, readAnswer } from './outcomes';
import type { Finding, Work } from './work';

/** Notes of invisible steps are worth a few tries, not a wait. */
const NOTE_BUDGET_MS = 5_000;

/**
 * Runs one invisible step: nobody can see its effect, so it may be repeated freely. Null: go on;
 * else how the carry ended.
 */
export async function runInvisible(work: Work, step: Step): Promise<CarryOutcome | null> {
	const tokenless = await ensureToken(work);
	if (tokenless !== null) return tokenless;
	const lease = await work.holdLease(step.limitMs);
	if (lease !== 'held') {
		return work.ended(lease === 'lost' ? 'lost_claim' : 'store_unreachable');
	}
	const context = work.context(step);
	const built = await build(step, context);
	if (built.outcome === 'later') return await work.park('retry', retryDelayMs(0), built.error);
	if (built.outcome === 'impossible') {
		return await work.finish({ to: 'failed', error: built.error });
	}
	const received = await work.ports.http.send({
		...work.definition.authorize(built.prepared.request, work.account, work.accessToken ?? ''),
		limitMs: step.limitMs,
		mayStillSend: () => work.leaseRuns(),
	});
	if (received.kind === 'not_sent') {
		const error = notSent(received.reason);
		await note(work, step, { outcome: 'not_sent', error });
		return await work.park('not_sent', 0, error, true);
	}
	if (received.kind === 'lost') {
		return await unclear(work, step, answerLost(received.reason), false);
	}
	const reading = readAnswer(step, received, context);
	switch (reading.outcome) {
		case 'done':
			return await keep(work, step, reading);
		case 'wait':
			return await work.park(reading.reason, reading.waitMs);
		case 'ambiguous':
			return await unclear(work, step, reading.error, received.status >= 500);
		case 'rejected':
			return await afterRejection(work, step, reading);
	}
}

async function keep(
	work: Work,
	step: Step,
	reading: Extract<StepReading, { outcome: 'done' }>,
): Promise<CarryOutcome | null> {
	const result = reading.result ?? (reading.remoteId ? { id: reading.remoteId } : {});
	const answer = await work.patiently(
		async () =>
			await work.store.call('social_step_result', {
				p_post_id: work.post.id,
				p_fence: work.claim.fence,
				p_part: step.part,
				p_step: step.name,
				p_result: result,
				p_valid_ms: reading.validMs === undefined ? null : Math.floor(reading.validMs),
			}),
	);
	if (answer.kind !== 'ok') return work.refusedBy(answer);
	if (!answer.value.ok) return work.ended('lost_claim');
	const validUntil =
		reading.validMs === undefined
			? null
			: new Date(work.storeNowAtLeast() + reading.validMs).toISOString();
	const stored: StepResult = { part: step.part, step: step.name, result, validUntil };
	work.keepResult(stored);
	return null;
}

async function unclear(
	work: Work,
	step: Step,
	error: PostError,
	platformDown: boolean,
): Promise<CarryOutcome> {
	const earlier = work.countOf(step, 'unclear');
	await note(work, step, { outcome: 'ambiguous', error, payload: { class: 'unclear' } });
	return await work.finish(unclearInvisible(error, earlier, platformDown).result);
}

async function afterRejection(
	work: Work,
	step: Step,
	rejection: Extract<StepReading, { outcome: 'rejected' }>,
): Promise<CarryOutcome | null> {
	const earlier = work.countOf(step, rejection.class);
	const { refreshed, redone } = work;
	const decision = decide({ rejection, earlier, refreshed, redone, unclearBefore: false });
	const { error } = rejection;
	await note(work, step, { outcome: 'rejected', error, payload: { class: rejection.class } });
	if (decision.next === 'refresh') return await renewToken(work, { error, earlier });
	if (decision.next === 'redo') {
		work.redo(step, decision.steps);
		return null;
	}
	if (decision.next === 'look_up') return await work.finish({ to: 'failed', error });
	const proof = rejection.class === 'reconnect' ? 'word' : 'refusal';
	return await endWithDead(work, decision, { error: error, proof });
}

/** Kept for counting tries and for people; a save that fails changes nothing. */
async function note(
	work: Work,
	step: Step,
	finding: Pick<Finding, 'outcome' | 'error' | 'payload'>,
): Promise<void> {
	await work.saveEvidence(
		{
			...finding,
			evidenceId: work.ports.crypto.uuid(),
			intentId: null,
			part: step.part,
			step: step.name,
			final: false,
		},
		NOTE_BUDGET_MS,
	);
}
