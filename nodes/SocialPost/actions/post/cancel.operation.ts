import { updateDisplayOptions } from 'n8n-workflow';
import type { INodeProperties } from 'n8n-workflow';

import { askStore, readOwner, readPostId } from '../ask-store';
import { option, optionsField, postIdField } from '../common.descriptions';
import type { ItemOperation } from '../node.type';
import { paired, simplifiedPost } from '../output';

const properties: INodeProperties[] = [postIdField, optionsField([option.owner])];

export const description = updateDisplayOptions(
	{ show: { resource: ['post'], operation: ['cancel'] } },
	properties,
);

/** Cancels a post; while it is being published this is a wish for the next step. */
export const execute: ItemOperation = async (context, itemIndex, session) => {
	const { post, done } = await askStore(context, itemIndex, session, 'social_post_cancel', {
		p_post_id: readPostId(context, itemIndex),
		p_owner: readOwner(context, itemIndex),
	});
	const output = simplifiedPost(post);
	if (!done) {
		output.reason = 'The post is being published; it is cancelled only if nothing was sent yet.';
		output.remedy = 'Look at the post again in a minute with Get.';
	}
	return [paired(output, itemIndex)];
};
