import { toHex } from '../accounts/encoding';
import { canonicalJson } from '../content/fingerprint';
import { freeze, type Prepared, type Step, type StepReading } from '../platforms/platform';
import { isUnclear } from '../store/client';
import type { FrozenRequest, Intent, IntentAnswer, PostError } from '../store/contract';
import { endWithDead, ensureToken, renewToken } from './access';
import type { CarryOutcome } from './carrier';
import { RESENDS, decide, retryDelayMs } from './decide';
import { Countdown, mark } from './elapsed';
import { build, notSent, readAnswer } from './outcomes';
import { leaveToPerson } from './review';
import type { Finding, Work } from './work';

/** Room for saving the intent and opening the connection, besides the request's own limit. */
const SEND_SLACK_MS = 5_000;
/** Toggles and accounts are switched by people; five minutes later is soon enough to ask again. */
const OFF_MS = 300_000;
const ACCOUNT_MS = 3_600_000;

/**
 * Sends one visible step: token, intent under the fence, the frozen request, evidence at once.
 * Null: go on (the step is done or may be tried again); else how the carry ended.
 */
export async function sendVisible(work: Work, step: Step): Promise<CarryOutcome | null> {
	const tokenless = await ensureToken(work);
	if (tokenless !== null) return tokenless;
	const resends = work.intents.filter((intent) => intent.closedBy === 'absent').length;
	const allowed = work.claim.sendAnyway || resends <= RESENDS[work.post.platform];
	if (!allowed) return await outOfResends(work);
	const context = work.context(step);
	const built = await build(step, context);
	if (built.outcome === 'later') return await work.park('retry', retryDelayMs(0), built.error);
	if (built.outcome === 'impossible') {
		return await work.finish({ to: 'failed', error: built.error });
	}
	const frozen = await choose(work, step, built.prepared);
	if (frozen === null) return await work.finish({ to: 'failed', error: notFreezable(step) });
	if (work.options.stopping()) return await work.park('handed_back', 0);
	return await sendFrozen(work, step, frozen, afterAnswer);
}

/** A visible request as it is saved and sent. */
export interface Frozen {
	request: FrozenRequest;
	recognise: Record<string, unknown>;
}

/**
 * Saves the intent, sends the request once, and hands the answer on; every way in which nothing was
 * sent ends here.
 */
export async function sendFrozen(
	work: Work,
	step: Step,
	frozen: Frozen,
	then: (work: Work, step: Step, answered: Answered) => Promise<CarryOutcome | null>,
): Promise<CarryOutcome | null> {
	const { clock, crypto, http } = work.ports;
	const intentId = crypto.uuid();
	const finding = {
		evidenceId: crypto.uuid(),
		intentId,
		part: step.part,
		step: step.name,
		final: step.final,
	};
	const asked = mark(clock);
	const answer = await work.store.call('social_intent', {
		p_post_id: work.post.id,
		p_fence: work.claim.fence,
		p_intent_id: intentId,
		p_part: step.part,
		p_step: step.name,
		p_request: frozen.request,
		p_recognise: frozen.recognise,
		p_limit_ms: step.limitMs + SEND_SLACK_MS,
		p_settle_ms: step.settleMs,
	});
	if (isUnclear(answer)) return await intentUnsure(work, finding);
	if (answer.kind !== 'ok') return work.refusedBy(answer);
	work.post = answer.value.post;
	if (!answer.value.ok) return await intentRefused(work, answer.value);
	const deadline = new Countdown(clock, asked, answer.value.deadlineMsLeft);
	work.leaseGranted(asked, answer.value.leaseMsLeft);
	work.intents.push(savedIntent(work, step, frozen, intentId));
	const sendable = work.definition.authorize(
		{ ...frozen.request, limitMs: step.limitMs },
		work.account,
		work.accessToken ?? '',
	);
	const received = await http.send({
		...sendable,
		limitMs: Math.max(1, Math.min(step.limitMs, deadline.left())),
		mayStillSend: () => deadline.left() > 0,
	});
	if (received.kind === 'not_sent') {
		const error = notSent(received.reason);
		const unsaved = await work.saveEvidence({ ...finding, outcome: 'not_sent', error });
		if (unsaved !== null) return work.ended('evidence_unsaved', unsaved);
		return await work.park('not_sent', 0, error, true);
	}
	const reading = readAnswer(step, received, work.context(step));
	return await then(work, step, { finding, reading, deadline });
}

/** What came back on a visible request. */
export interface Answered {
	finding: Pick<Finding, 'evidenceId' | 'intentId' | 'part' | 'step' | 'final'>;
	reading: StepReading;
	deadline: Countdown;
}

async function afterAnswer(
	work: Work,
	step: Step,
	{ finding, reading, deadline }: Answered,
): Promise<CarryOutcome | null> {
	switch (reading.outcome) {
		case 'done': {
			const unsaved = await work.saveEvidence({
				...finding,
				outcome: 'done',
				remoteId: reading.remoteId ?? null,
				url: reading.url ?? null,
				payload: reading.result === undefined ? {} : { result: reading.result },
			});
			return unsaved === null ? null : work.ended('evidence_unsaved', unsaved);
		}
		case 'rejected':
			return await afterRejection(work, step, { finding, reading, deadline });
		case 'wait':
			return await lookUpLater(work, step, { finding, deadline, payload: {} }, null);
		case 'ambiguous':
			return await lookUpLater(work, step, { finding, deadline, payload: {} }, reading.error);
	}
}

async function afterRejection(
	work: Work,
	step: Step,
	answered: Answered & { reading: Extract<StepReading, { outcome: 'rejected' }> },
): Promise<CarryOutcome | null> {
	const { finding, reading, deadline } = answered;
	const earlier = work.countOf(step, reading.class);
	const unclearBefore = work
		.intentsOf(step)
		.some((intent) => intent.closedBy === 'absent' && intent.id !== finding.intentId);
	const { refreshed, redone } = work;
	const decision = decide({ rejection: reading, earlier, refreshed, redone, unclearBefore });
	const payload: Record<string, unknown> = { class: reading.class };
	if (reading.namedId !== undefined) payload.namedId = reading.namedId;
	if (decision.next === 'look_up') {
		return await lookUpLater(work, step, { finding, deadline, payload }, reading.error);
	}
	const unsaved = await work.saveEvidence({
		...finding,
		outcome: 'rejected',
		error: reading.error,
		payload,
	});
	if (unsaved !== null) return work.ended('evidence_unsaved', unsaved);
	if (decision.next === 'refresh') {
		return await renewToken(work, { error: reading.error, earlier });
	}
	if (decision.next === 'redo') {
		work.redo(step, decision.steps);
		return null;
	}
	const proof = reading.class === 'reconnect' ? 'word' : 'refusal';
	return await endWithDead(work, decision, { error: reading.error, proof });
}

/** Nobody looks before the request may no longer be under way and its effect would show. */
export async function lookUpLater(
	work: Work,
	step: Step,
	sent: Pick<Answered, 'finding' | 'deadline'> & { payload: Record<string, unknown> },
	error: PostError | null,
): Promise<CarryOutcome> {
	const unsaved = await work.saveEvidence({
		...sent.finding,
		outcome: 'ambiguous',
		error,
		payload: sent.payload,
	});
	if (unsaved !== null) return work.ended('evidence_unsaved', unsaved);
	const waitMs = Math.max(0, sent.deadline.left()) + work.claim.marginMs + step.settleMs;
	return await work.park('lookup', waitMs, error ?? undefined);
}

/**
 * Whether the intent was saved is unknown, so nothing is sent; saying so closes it if it was. A
 * delayed intent that arrives after this finds its own evidence and is refused.
 */
async function intentUnsure(work: Work, finding: Answered['finding']): Promise<CarryOutcome> {
	const error: PostError = {
		code: 'store_unsure',
		message: 'The store did not confirm the decision to send. Nothing was sent.',
		remedy: 'Nothing to do: the post is tried again.',
	};
	await work.saveEvidence({ ...finding, outcome: 'not_sent', error });
	return await work.park('handed_back', 0, undefined, true);
}

async function intentRefused(work: Work, answer: IntentAnswer): Promise<CarryOutcome> {
	const error: PostError = {
		code: `publish_${answer.refusal ?? 'refused'}`,
		message: answer.message ?? 'The store refused to send this post now. Nothing was sent.',
		remedy: 'Switch publishing on again or mend the account; the post goes out by itself then.',
	};
	switch (answer.refusal) {
		case 'cancelled':
		case 'too_late':
			return answer.post.state === 'publishing'
				? await work.park('lookup', 0)
				: work.ended(answer.post.state);
		case 'off':
			return await work.park('handed_back', OFF_MS, error);
		case 'account_dead':
			return await work.park('account_dead', ACCOUNT_MS, error);
		case 'newer_evidence':
		case 'open_intent':
			return await work.park('lookup', 0);
		case 'resend_limit':
			return await outOfResends(work);
		default:
			return work.ended('lost_claim');
	}
}

/**
 * The request to send: byte for byte the one of the last intent, unless its invisible parts were
 * made anew since; all earlier intents are closed here, or the look-up would have had the post.
 */
async function choose(work: Work, step: Step, prepared: Prepared): Promise<Frozen | null> {
	const inputs = toHex(
		await work.ports.crypto.sha256(
			canonicalJson(
				Object.fromEntries(
					work.steps
						.filter((stored) => stored.part === step.part)
						.map((stored) => [stored.step, stored.result]),
				),
			),
		),
	);
	const last = work.intentsOf(step).at(-1);
	if (last !== undefined && last.recognise.inputs === inputs) {
		return { request: last.request, recognise: last.recognise };
	}
	if (typeof prepared.request.body !== 'string' || prepared.request.method === 'GET') return null;
	return { request: freeze(prepared.request), recognise: { ...prepared.recognise, inputs } };
}

function savedIntent(work: Work, step: Step, frozen: Frozen, id: string): Intent {
	const now = new Date(work.storeNowAtLeast()).toISOString();
	return {
		id,
		part: step.part,
		step: step.name,
		fence: work.claim.fence,
		request: frozen.request,
		recognise: frozen.recognise,
		savedAt: now,
		deadlineAt: now,
		settledAt: now,
		closedBy: null,
		repeatOf: work.intentsOf(step).length,
	};
}

async function outOfResends(work: Work): Promise<CarryOutcome> {
	const sent = RESENDS[work.post.platform] + 1;
	return await leaveToPerson(
		work,
		`This post was sent ${sent} times without a clear answer and was not found at the platform. It is not sent again by itself.`,
	);
}

function notFreezable(step: Step): PostError {
	return {
		code: 'step_not_built',
		message: `The request of step "${step.name}" cannot be kept for a repeat. Nothing was sent.`,
		remedy: 'Report this: it is a mistake in the platform definition.',
	};
}
