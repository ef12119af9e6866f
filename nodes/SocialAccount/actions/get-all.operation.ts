import { updateDisplayOptions } from 'n8n-workflow';
import type { INodeExecutionData, INodeProperties } from 'n8n-workflow';

import { PLATFORMS } from '../../../core/platforms';
import type { Platform } from '../../../core/store/contract';
import { askStore, readOwner } from '../../SocialPost/actions/ask-store';
import { limitFields, option, optionsField } from '../../SocialPost/actions/common.descriptions';
import type { ItemOperation } from '../../SocialPost/actions/node.type';
import { paired } from '../../SocialPost/actions/output';
import { readWarnings, warningsField } from '../../SocialPost/actions/warnings';
import { accountOutput, UNTOUCHED } from './common';

const PAGE = 100;

const properties: INodeProperties[] = [
	...limitFields,
	optionsField([
		option.owner,
		{
			displayName: 'Platform',
			name: 'platform',
			type: 'options',
			options: [
				{ name: 'All', value: '' },
				...Object.values(PLATFORMS).map((platform) => ({
					name: platform.displayName,
					value: platform.name,
				})),
			],
			default: '',
			description: 'Only accounts of this platform',
		},
		{
			displayName: 'Search',
			name: 'search',
			type: 'string',
			default: '',
			description: 'Only accounts whose handle or name holds this text',
		},
	]),
];

export const description = updateDisplayOptions({ show: { operation: ['getAll'] } }, properties);

/** The owner's accounts by handle, page after page, with the warnings about their posts. */
export const execute: ItemOperation = async (context, itemIndex, session) => {
	const most = context.getNodeParameter('returnAll', itemIndex, false)
		? Infinity
		: (context.getNodeParameter('limit', itemIndex, 50) as number);
	const platform = context.getNodeParameter('options.platform', itemIndex, '') as Platform | '';
	const search = String(context.getNodeParameter('options.search', itemIndex, '')).trim();
	const warnings = await readWarnings(session, { p_owner: readOwner(context, itemIndex) });
	const found: INodeExecutionData[] = [];
	let cursor: string | null = null;
	do {
		const page: { items: Parameters<typeof accountOutput>[0][]; nextCursor: string | null } =
			await askStore(
				context,
				itemIndex,
				session,
				'social_account_list',
				{
					p_owner: readOwner(context, itemIndex),
					p_search: search === '' ? null : search,
					p_platform: platform === '' ? null : platform,
					p_limit: Math.min(PAGE, most - found.length),
					p_cursor: cursor,
				},
				UNTOUCHED,
			);
		found.push(
			...page.items.map((account) => {
				const about = warnings.filter(({ accountId }) => accountId === account.id);
				return paired({ ...accountOutput(account), ...warningsField(about) }, itemIndex);
			}),
		);
		cursor = page.nextCursor;
	} while (cursor !== null && found.length < most);
	return found;
};
