import type { HttpAnswer } from '../ports';
import type { Prepared, Step, StepContext, StepReading } from '../platforms/platform';
import type { PostError } from '../store/contract';
import { MediaMissing } from './work';

/** A prepared request, or why it cannot be built. */
export type Built =
	| { outcome: 'ok'; prepared: Prepared }
	/** Media could not be read just now. */
	| { outcome: 'later'; error: PostError }
	/** It can never be built as it is. */
	| { outcome: 'impossible'; error: PostError };

/** Runs a step's `prepare`; what it throws becomes an outcome. */
export async function build(step: Step, context: StepContext): Promise<Built> {
	try {
		return { outcome: 'ok', prepared: await step.prepare(context) };
	} catch (thrown) {
		const reason = thrown instanceof Error ? thrown.message : 'unknown reason';
		if (thrown instanceof MediaMissing) {
			const error: PostError = {
				code: 'media_unavailable',
				message: `The picture could not be read from the store (${reason}). Nothing was sent.`,
				remedy: thrown.unclear
					? 'Nothing to do: it is tried again.'
					: 'Create the post again with its picture.',
				field: 'media',
			};
			return { outcome: thrown.unclear ? 'later' : 'impossible', error };
		}
		return {
			outcome: 'impossible',
			error: {
				code: 'step_not_built',
				message: `The request of step "${step.name}" could not be built (${reason}). Nothing was sent.`,
				remedy: 'Check the content and the account, then retry the post; report it if it stays.',
			},
		};
	}
}

/** Reads an answer into an outcome. What a platform's reader cannot read is ambiguous. */
export function readAnswer(
	step: Step,
	answer: Exclude<HttpAnswer, { kind: 'not_sent' }>,
	context: StepContext,
): StepReading {
	if (answer.kind === 'lost') return { outcome: 'ambiguous', error: answerLost(answer.reason) };
	try {
		const reading = step.read(answer, context);
		if (!step.visible) return reading;
		if (reading.outcome === 'wait') {
			return { outcome: 'ambiguous', error: unreadable(answer.status) };
		}
		if (reading.outcome === 'done' && step.final && !reading.remoteId) {
			return { outcome: 'ambiguous', error: unreadable(answer.status) };
		}
		return reading;
	} catch {
		return { outcome: 'ambiguous', error: unreadable(answer.status) };
	}
}

/** The request left, and no complete answer came. */
export function answerLost(reason: string): PostError {
	return {
		code: 'answer_lost',
		message: `The platform's answer did not arrive (${reason}). The post may be live.`,
		remedy: 'Nothing to do: it is looked up at the platform before anything else happens.',
	};
}

/** Nothing was written to the platform. */
export function notSent(reason: string): PostError {
	return {
		code: 'platform_not_reached',
		message: `The platform could not be reached from this carrier (${reason}). Nothing was sent.`,
		remedy: 'Check this machine’s way to the internet; the post is tried again by any carrier.',
	};
}

function unreadable(status: number): PostError {
	return {
		code: 'answer_unreadable',
		message: `The platform answered ${status} with a body that says neither yes nor no. The post may be live.`,
		remedy: 'Nothing to do: it is looked up at the platform before anything else happens.',
		status,
	};
}
