import { updateDisplayOptions } from 'n8n-workflow';
import type { INodeProperties } from 'n8n-workflow';

import { askStore, readOwner } from '../ask-store';
import { limitFields, option, optionsField } from '../common.descriptions';
import type { ItemOperation } from '../node.type';
import { paired } from '../output';
import { seriesOutput } from './series-output';

const properties: INodeProperties[] = [...limitFields, optionsField([option.owner])];

export const description = updateDisplayOptions(
	{ show: { resource: ['series'], operation: ['getAll'] } },
	properties,
);

/** The owner's series, stopped ones included. */
export const execute: ItemOperation = async (context, itemIndex, session) => {
	const all = await askStore(
		context,
		itemIndex,
		session,
		'social_series_list',
		{ p_owner: readOwner(context, itemIndex) },
		'',
	);
	const most = context.getNodeParameter('returnAll', itemIndex, false)
		? all.length
		: (context.getNodeParameter('limit', itemIndex, 50) as number);
	return all.slice(0, most).map((series) => paired(seriesOutput(series), itemIndex));
};
