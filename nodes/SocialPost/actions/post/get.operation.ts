import { updateDisplayOptions } from 'n8n-workflow';
import type { INodeProperties } from 'n8n-workflow';

import { askStore, readOwner, readPostId } from '../ask-store';
import { option, optionsField, postIdField, simplifyField } from '../common.descriptions';
import type { ItemOperation } from '../node.type';
import { fullPost, paired, simplifiedPost } from '../output';
import { readWarnings, warningsField } from '../warnings';

const properties: INodeProperties[] = [postIdField, simplifyField, optionsField([option.owner])];

export const description = updateDisplayOptions(
	{ show: { resource: ['post'], operation: ['get'] } },
	properties,
);

/** States in which a warning ahead can still be heeded. */
const AHEAD = new Set(['scheduled', 'publishing']);

/** One post as it stands in the store, with the warnings that concern it. */
export const execute: ItemOperation = async (context, itemIndex, session) => {
	const post = await askStore(context, itemIndex, session, 'social_post_get', {
		p_post_id: readPostId(context, itemIndex),
		p_owner: readOwner(context, itemIndex),
	});
	const simplify = context.getNodeParameter('simplify', itemIndex, true) as boolean;
	const warnings = AHEAD.has(post.state) ? await readWarnings(session, { p_post_id: post.id }) : [];
	const output = simplify ? simplifiedPost(post) : fullPost(post);
	return [paired({ ...output, ...warningsField(warnings) }, itemIndex)];
};
