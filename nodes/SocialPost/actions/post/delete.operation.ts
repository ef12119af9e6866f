import { updateDisplayOptions } from 'n8n-workflow';
import type { INodeProperties } from 'n8n-workflow';

import { removePost } from '../../../../core/publishing/remove';
import { operationError } from '../../input/problem';
import { readOwner, readPostId } from '../ask-store';
import { option, optionsField, postIdField } from '../common.descriptions';
import type { ItemOperation } from '../node.type';
import { paired, simplifiedPost } from '../output';

const properties: INodeProperties[] = [postIdField, optionsField([option.owner])];

export const description = updateDisplayOptions(
	{ show: { resource: ['post'], operation: ['delete'] } },
	properties,
);

/** Deletes a published post at its platform, where the platform has a way to. */
export const execute: ItemOperation = async (context, itemIndex, session) => {
	const outcome = await removePost(session.ports, session.carrier, {
		postId: readPostId(context, itemIndex),
		owner: readOwner(context, itemIndex),
	});
	if (outcome.kind === 'failed') {
		throw operationError(context, outcome.error, itemIndex, 'Running Delete again is safe.');
	}
	return [paired({ ...simplifiedPost(outcome.post), deleted: true }, itemIndex)];
};
