import type { Step } from '../platforms/platform';
import type { Intent } from '../store/contract';
import type { CarryOutcome } from './carrier';
import { retryDelayMs } from './decide';
import { ANSWER_LOST, leaveToPerson } from './review';
import { lookUpLater, sendFrozen, type Answered } from './visible';
import type { Work } from './work';

/**
 * Sends an open step once more, byte for byte, because only the platform's answer to a repeat can
 * tell whether the first sending is live (LinkedIn members, protocol §7). It is a send like any
 * other: under lease and intent. The duplicate refusal names the live entry; an acceptance is the
 * entry itself; every other refusal closes this repeat only, never the sending before it.
 */
export async function sendRepeat(
	work: Work,
	intent: Intent,
	idsOfOurs: string[],
): Promise<CarryOutcome | null> {
	const step = work.definition
		.steps(work.post, work.account)
		.find((entry) => entry.part === intent.part && entry.name === intent.step);
	if (step === undefined) {
		return await leaveToPerson(work, `${ANSWER_LOST}: the step is no longer known.`);
	}
	const frozen = {
		request: intent.request,
		recognise: { ...intent.recognise, repeatOf: intent.id },
	};
	return await sendFrozen(
		work,
		step,
		frozen,
		async (_, __, answered) => await afterRepeat(work, step, answered, idsOfOurs),
	);
}

async function afterRepeat(
	work: Work,
	step: Step,
	{ finding, reading, deadline }: Answered,
	idsOfOurs: string[],
): Promise<CarryOutcome | null> {
	if (reading.outcome === 'done') {
		const unsaved = await work.saveEvidence({
			...finding,
			outcome: 'done',
			remoteId: reading.remoteId ?? null,
			url: reading.url ?? null,
			payload: { repeat: true },
		});
		return unsaved === null
			? await work.finish({ to: 'published' })
			: work.ended('evidence_unsaved', unsaved);
	}
	if (reading.outcome !== 'rejected') {
		const error = reading.outcome === 'ambiguous' ? reading.error : null;
		return await lookUpLater(work, step, { finding, deadline, payload: {} }, error);
	}
	if (reading.class === 'duplicate') {
		return await adoptNamed(work, { finding, reading, deadline }, idsOfOurs);
	}
	const unsaved = await work.saveEvidence({
		...finding,
		outcome: 'rejected',
		error: reading.error,
		payload: { class: reading.class },
	});
	if (unsaved !== null) return work.ended('evidence_unsaved', unsaved);
	const waitMs = Math.max(reading.waitMs ?? 0, retryDelayMs(work.countOf(step, reading.class)));
	return await work.park('lookup', waitMs, reading.error);
}

async function adoptNamed(
	work: Work,
	answered: Answered & { reading: { outcome: 'rejected'; namedId?: string } },
	idsOfOurs: string[],
): Promise<CarryOutcome | null> {
	const { finding, reading } = answered;
	const named = reading.namedId;
	const intents = work.intentsOf({ part: finding.part, name: finding.step });
	const entry =
		named === undefined || idsOfOurs.includes(named)
			? null
			: (work.definition.adopt?.(named, intents, work.account) ?? null);
	if (entry === null) {
		const unsaved = await work.saveEvidence({
			...finding,
			outcome: 'ambiguous',
			payload: { class: 'duplicate', namedId: named ?? null },
		});
		if (unsaved !== null) return work.ended('evidence_unsaved', unsaved);
		const why =
			named === undefined
				? 'the platform refused a repeat as a duplicate and named no entry'
				: `the platform refused a repeat as a duplicate of ${named}, which cannot be this post`;
		return await leaveToPerson(work, `${ANSWER_LOST}: ${why}.`);
	}
	const unsaved = await work.saveEvidence({
		...finding,
		outcome: 'done',
		remoteId: entry.remoteId,
		url: entry.url,
		confirmedBy: 'duplicate',
		payload: { namedId: named },
	});
	if (unsaved !== null) return work.ended('evidence_unsaved', unsaved);
	return await work.finish({ to: 'published' });
}
