import { updateDisplayOptions } from 'n8n-workflow';
import type { INodeProperties } from 'n8n-workflow';

import { createPosts } from '../../../../core/publishing/create';
import {
	accountFields,
	imagesField,
	option,
	optionsField,
	textField,
} from '../common.descriptions';
import { createdItems, readCreateRequest } from '../create-posts';
import type { ItemOperation } from '../node.type';

const properties: INodeProperties[] = [
	...accountFields,
	textField,
	imagesField,
	optionsField([option.allowRepeat, option.idempotencyKey, option.owner]),
];

export const description = updateDisplayOptions(
	{ show: { resource: ['post'], operation: ['createDraft'] } },
	properties,
);

/** Keeps posts without a time; Update gives them one. */
export const execute: ItemOperation = async (context, itemIndex, session) => {
	const request = await readCreateRequest(context, itemIndex, session, { as: 'draft' });
	const created = await createPosts(session.ports, session.carrier.platforms, request);
	return createdItems(context, itemIndex, request, created);
};
