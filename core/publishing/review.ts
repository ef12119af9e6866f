import type { CarryOutcome } from './carrier';
import type { Work } from './work';

/** Beginning of every sentence about an answer that was lost and could not be found out. */
export const ANSWER_LOST =
	'The platform’s answer to this post was lost and it cannot be found out for certain whether it is live';

/** Ends the carry in `needs_review`: a person decides. `message` says what is known. */
export async function leaveToPerson(work: Work, message: string): Promise<CarryOutcome> {
	return await work.finish({
		to: 'needs_review',
		error: {
			code: 'outcome_unknown',
			message,
			remedy: 'Look at the account’s page and decide: it is live, publish it, or drop it.',
		},
	});
}
