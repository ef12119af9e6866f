import type { Ports } from '../ports';
import type { Step } from '../platforms/platform';
import { walkAway, type CarrierOptions, type CarryOutcome, type Held } from './carrier';
import { runInvisible } from './invisible';
import { settleOpenIntents } from './look-up';
import { sendVisible } from './visible';
import { Work } from './work';

/** Steps run in one claim, repeats included: a fence against a definition that never ends. */
const MOST_STEPS = 60;
const PERMALINK_LIMIT_MS = 10_000;

/**
 * Carries one claimed post as far as it can go: open intents are looked up, stored results used,
 * missing steps run, evidence saved at once. Anything that must wait is handed back with its time
 * and never slept on. Never throws; the outcome says how it ended (protocol §4–7).
 */
export async function carryPost(
	ports: Ports,
	options: CarrierOptions,
	held: Held,
): Promise<CarryOutcome> {
	const work = new Work(ports, options, held);
	try {
		const outcome = await carry(work);
		// A clear "no" of the store is about this post: it may rest until its lease ends.
		if (outcome.end === 'store_unreachable' && outcome.backOff) {
			walkAway(options, held.claim.claimId);
		}
		return outcome;
	} catch (thrown) {
		ports.log.warn('carry_broke_off', {
			postId: work.post.id,
			reason: thrown instanceof Error ? thrown.message : 'unknown reason',
		});
		return work.ended('lost_claim');
	}
}

async function carry(work: Work): Promise<CarryOutcome> {
	const unsettled = await settleOpenIntents(work);
	if (unsettled !== null) return unsettled;
	for (let ran = 0; ran < MOST_STEPS; ran++) {
		const step = nextStep(work);
		if (step === null) return await publish(work);
		// The store makes it missed or cancelled, for no intent is open here.
		if (work.claim.tooLate) return await work.park('lookup', 0);
		if (work.claim.cancelRequested) return await work.park('handed_back', 0);
		if (work.options.stopping()) return await work.park('handed_back', 0);
		const ended = step.visible ? await sendVisible(work, step) : await runInvisible(work, step);
		if (ended !== null) return ended;
	}
	return await work.finish({
		to: 'needs_review',
		error: {
			code: 'steps_without_end',
			message: `The post took ${MOST_STEPS} steps without coming to its end.`,
			remedy: 'Report this with the post’s id; decide by hand whether it is live.',
		},
	});
}

/**
 * The first step that is not done. Invisible steps before a visible one that is done are never run
 * again, whatever the age of their results.
 */
function nextStep(work: Work): Step | null {
	const steps = work.definition.steps(work.post, work.account);
	const lastDone = steps.map((step) => step.visible && work.isDone(step)).lastIndexOf(true);
	return steps.slice(lastDone + 1).find((step) => !work.isDone(step)) ?? null;
}

async function publish(work: Work): Promise<CarryOutcome> {
	// Saving the evidence of the live entry has made the post published: there is nothing to add.
	const outcome =
		work.post.state === 'published'
			? work.ended('published')
			: await work.finish({ to: 'published' });
	if (outcome.end !== 'published') return outcome;
	try {
		return await addPermalink(work, outcome);
	} catch {
		return outcome;
	}
}

/** Cosmetic: whatever fails here, the post stays published as it is. */
async function addPermalink(work: Work, outcome: CarryOutcome): Promise<CarryOutcome> {
	const { permalink } = work.definition;
	const { remoteId, url } = outcome.post;
	if (permalink === undefined || remoteId === null || url !== null) return outcome;
	if (work.accessToken === null || work.options.stopping()) return outcome;
	const request = permalink.request(remoteId, work.account);
	const answer = await work.ports.http.send({
		...work.definition.authorize(request, work.account, work.accessToken),
		limitMs: Math.min(request.limitMs, PERMALINK_LIMIT_MS),
	});
	const found = answer.kind === 'response' ? permalink.read(answer) : null;
	if (found === null) return outcome;
	const saved = await work.store.call('social_post_url', { p_post_id: work.post.id, p_url: found });
	return saved.kind === 'ok' ? { ...outcome, post: saved.value } : outcome;
}
