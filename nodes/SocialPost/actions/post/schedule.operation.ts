import { updateDisplayOptions } from 'n8n-workflow';
import type { INodeProperties } from 'n8n-workflow';

import { createPosts } from '../../../../core/publishing/create';
import {
	accountFields,
	imagesField,
	option,
	optionsField,
	textField,
	timeFields,
} from '../common.descriptions';
import { createdItems, readCreateRequest } from '../create-posts';
import type { ItemOperation } from '../node.type';
import { readTime } from '../read-time';

const properties: INodeProperties[] = [
	...accountFields,
	textField,
	imagesField,
	...timeFields,
	optionsField([
		option.allowRepeat,
		option.idempotencyKey,
		option.ifMissed,
		option.owner,
		option.lateWithin,
	]),
];

export const description = updateDisplayOptions(
	{ show: { resource: ['post'], operation: ['schedule'] } },
	properties,
);

/** Puts posts on their way for a time; a carrier publishes them. */
export const execute: ItemOperation = async (context, itemIndex, session) => {
	const time = readTime(context, itemIndex, { at: 'publishAt', zone: 'timeZone' });
	const request = await readCreateRequest(context, itemIndex, session, { as: 'scheduled', time });
	const created = await createPosts(session.ports, session.carrier.platforms, request);
	return createdItems(context, itemIndex, request, created);
};
