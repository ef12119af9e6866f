import type { IExecuteFunctions } from 'n8n-workflow';

import type { StoreArgs, StoreValue } from '../../../core/store/client';
import type { StoreFunctionName } from '../../../core/store/contract';
import { isId } from '../input/accounts';
import { operationError } from '../input/problem';
import { storeProblem } from '../input/store-problem';
import type { Session } from '../transport/ports';

const UNCHANGED = 'The post is as it was, and running the node again is safe.';

/** One store call of an item; a "no" becomes the error of that item. */
export async function askStore<Name extends StoreFunctionName>(
	context: IExecuteFunctions,
	itemIndex: number,
	session: Session,
	name: Name,
	args: StoreArgs<Name>,
	state: string = UNCHANGED,
): Promise<StoreValue<Name>> {
	const answer = await session.store.call(name, args);
	if (answer.kind === 'ok') return answer.value;
	throw operationError(
		context,
		storeProblem(answer),
		itemIndex,
		answer.kind === 'unreachable'
			? 'It is not known whether the store took the call; running the node again is safe.'
			: state,
	);
}

/** The parameter "Post ID", checked. */
export function readPostId(context: IExecuteFunctions, itemIndex: number): string {
	const given = context.getNodeParameter('postId', itemIndex, '') as unknown;
	const id = String(given ?? '').trim();
	if (isId(id)) return id;
	throw operationError(
		context,
		{
			message:
				id === '' ? 'The parameter "Post ID" is empty.' : 'The "Post ID" is not the id of a post.',
			remedy: 'Use the field id that Publish, Schedule or Get Many gives, such as {{ $json.id }}.',
		},
		itemIndex,
		'Nothing was changed.',
	);
}

/** The owner of the item, `default` when none is named. */
export function readOwner(context: IExecuteFunctions, itemIndex: number): string {
	const given = context.getNodeParameter('options.owner', itemIndex, '') as unknown;
	return String(given ?? '').trim() || 'default';
}
