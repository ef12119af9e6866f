import { updateDisplayOptions } from 'n8n-workflow';
import type { INodeProperties } from 'n8n-workflow';

import { seriesId } from '../../../../core/publishing/series';
import { operationError } from '../../input/problem';
import { askStore, readOwner } from '../ask-store';
import { option, optionsField } from '../common.descriptions';
import type { ItemOperation } from '../node.type';
import { paired } from '../output';
import { seriesOutput } from './series-output';

const properties: INodeProperties[] = [
	{
		displayName: 'Series ID',
		name: 'seriesId',
		type: 'string',
		default: '',
		required: true,
		placeholder: 'e.g. weekly-tip',
		description: 'ID of the series as Save gives it, or the name that you gave to Save',
	},
	optionsField([option.owner]),
];

export const description = updateDisplayOptions(
	{ show: { resource: ['series'], operation: ['stop'] } },
	properties,
);

/** Ends a series; saving it again starts it again. */
export const execute: ItemOperation = async (context, itemIndex, session) => {
	const given = String((context.getNodeParameter('seriesId', itemIndex, '') as unknown) ?? '');
	const owner = readOwner(context, itemIndex);
	if (given.trim() === '') {
		throw operationError(
			context,
			{
				message: 'The parameter "Series ID" is empty.',
				remedy: 'Use the field id that Save or Get Many of Series gives.',
			},
			itemIndex,
			'Nothing was changed.',
		);
	}
	const series = await askStore(
		context,
		itemIndex,
		session,
		'social_series_stop',
		{ p_id: await seriesId(session.ports.crypto, owner, given.trim()), p_owner: owner },
		'Nothing was changed, and running the node again is safe.',
	);
	return [paired(seriesOutput(series), itemIndex)];
};
