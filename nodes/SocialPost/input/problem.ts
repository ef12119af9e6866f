import { NodeOperationError } from 'n8n-workflow';
import type { IExecuteFunctions } from 'n8n-workflow';

import type { PostError } from '../../../core/store/contract';

/** A refusal on its way to the person: what happened, and what to do. */
export interface Problem {
	message: string;
	remedy: string;
}

/** What a refused item means for its post, said after every refusal of bad input. */
export const NOTHING_MADE = 'No post was made for this item, and running the node again is safe.';

/**
 * The error n8n shows: the sentence as message, remedy and state of the post below it.
 * `state` says what became of the post, for nobody should have to guess whether it went out.
 */
export function operationError(
	context: Pick<IExecuteFunctions, 'getNode'>,
	problem: Problem,
	itemIndex: number,
	state: string = NOTHING_MADE,
): NodeOperationError {
	return new NodeOperationError(context.getNode(), problem.message, {
		itemIndex,
		description: [problem.remedy, state].filter((part) => part !== '').join(' '),
	});
}

/** Several refusals in one text; each names its field. */
export function joinErrors(errors: PostError[]): Problem {
	const messages = errors.map((error) => error.message);
	const remedies = errors.map((error) => error.remedy);
	return {
		message: [...new Set(messages)].join(' '),
		remedy: [...new Set(remedies)].join(' '),
	};
}
