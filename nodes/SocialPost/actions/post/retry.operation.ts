import { updateDisplayOptions } from 'n8n-workflow';
import type { INodeProperties } from 'n8n-workflow';

import { askStore, readOwner, readPostId } from '../ask-store';
import { option, optionsField, postIdField } from '../common.descriptions';
import { instantOf } from '../instant';
import type { ItemOperation } from '../node.type';
import { paired, simplifiedPost } from '../output';
import { readTime } from '../read-time';

const properties: INodeProperties[] = [
	postIdField,
	optionsField([
		option.owner,
		{
			displayName: 'Publish At',
			name: 'publishAt',
			type: 'dateTime',
			default: '',
			description: 'New time of the post. Empty means at once.',
		},
		{
			displayName: 'Time Zone',
			name: 'timeZone',
			type: 'string',
			default: '',
			placeholder: 'e.g. Europe/Berlin',
			description:
				'IANA name of the zone of "Publish At". Empty means the time zone of the workflow.',
		},
	]),
];

export const description = updateDisplayOptions(
	{ show: { resource: ['post'], operation: ['retry'] } },
	properties,
);

/** failed, missed or cancelled → scheduled, due now or at the given time. */
export const execute: ItemOperation = async (context, itemIndex, session) => {
	const given = context.getNodeParameter('options.publishAt', itemIndex, '') as unknown;
	const time =
		given === '' || given === null
			? undefined
			: readTime(context, itemIndex, { at: 'options.publishAt', zone: 'options.timeZone' });
	const scheduledAt =
		time === undefined
			? null
			: time.kind === 'instant'
				? time.scheduledAt
				: await instantOf(context, itemIndex, session, time);
	const post = await askStore(context, itemIndex, session, 'social_post_retry', {
		p_post_id: readPostId(context, itemIndex),
		p_owner: readOwner(context, itemIndex),
		p_scheduled_at: scheduledAt,
	});
	return [paired(simplifiedPost(post), itemIndex)];
};
