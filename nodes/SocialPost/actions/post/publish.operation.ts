import { updateDisplayOptions } from 'n8n-workflow';
import type { INodeProperties } from 'n8n-workflow';

import { publishNow } from '../../../../core/publishing/publish-now';
import {
	accountFields,
	imagesField,
	option,
	optionsField,
	textField,
} from '../common.descriptions';
import { createdItems, readCreateRequest } from '../create-posts';
import type { ItemOperation } from '../node.type';

const WAIT_FOR_SECONDS = 60;

const properties: INodeProperties[] = [
	...accountFields,
	textField,
	imagesField,
	optionsField([
		option.allowRepeat,
		option.idempotencyKey,
		option.maxLateness,
		option.owner,
		option.waitFor,
	]),
];

export const description = updateDisplayOptions(
	{ show: { resource: ['post'], operation: ['publish'] } },
	properties,
);

/** Creates and publishes in this execution; what is not finished in time says `publishing`. */
export const execute: ItemOperation = async (context, itemIndex, session) => {
	const request = await readCreateRequest(context, itemIndex, session, { as: 'scheduled' });
	const seconds = context.getNodeParameter(
		'options.waitForSeconds',
		itemIndex,
		WAIT_FOR_SECONDS,
	) as number;
	const created = await publishNow(
		session.ports,
		{ ...session.carrier, waitForMs: seconds * 1000 },
		request,
	);
	return createdItems(context, itemIndex, request, created);
};
