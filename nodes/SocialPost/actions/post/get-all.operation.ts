import { updateDisplayOptions } from 'n8n-workflow';
import type { IExecuteFunctions, INodeExecutionData, INodeProperties } from 'n8n-workflow';

import type { StoreArgs } from '../../../../core/store/client';
import type { Platform, PostState } from '../../../../core/store/contract';
import { readScheduleTime } from '../../input/schedule-time';
import { operationError } from '../../input/problem';
import { askStore, readOwner } from '../ask-store';
import { limitFields, option, optionsField, simplifyField } from '../common.descriptions';
import { instantOf } from '../instant';
import type { ItemOperation } from '../node.type';
import { fullPost, paired, simplifiedPost } from '../output';
import type { Session } from '../../transport/ports';

/** Largest page of the store. */
const PAGE = 100;

type Filter = NonNullable<StoreArgs<'social_post_list'>['p_filter']>;

const properties: INodeProperties[] = [
	...limitFields,
	{
		displayName: 'Filters',
		name: 'filters',
		type: 'collection',
		placeholder: 'Add Filter',
		default: {},
		options: [
			{
				displayName: 'Account IDs',
				name: 'accountIds',
				type: 'string',
				default: '',
				description: 'Only posts of these accounts. Several IDs are separated by commas.',
			},
			{
				displayName: 'From',
				name: 'from',
				type: 'dateTime',
				default: '',
				description: 'Only posts due at this time or later',
			},
			{
				displayName: 'Platforms',
				name: 'platforms',
				type: 'multiOptions',
				options: [
					{ name: 'Bluesky', value: 'bluesky' },
					{ name: 'Instagram', value: 'instagram' },
					{ name: 'LinkedIn', value: 'linkedin' },
					{ name: 'X', value: 'x' },
				],
				default: [],
				description: 'Only posts for these platforms',
			},
			{
				displayName: 'Search',
				name: 'search',
				type: 'string',
				default: '',
				description: 'Only posts whose text has these words',
			},
			{
				displayName: 'States',
				name: 'states',
				type: 'multiOptions',
				options: [
					{ name: 'Cancelled', value: 'cancelled' },
					{ name: 'Draft', value: 'draft' },
					{ name: 'Failed', value: 'failed' },
					{ name: 'Missed', value: 'missed' },
					{ name: 'Needs Review', value: 'needs_review' },
					{ name: 'Published', value: 'published' },
					{ name: 'Publishing', value: 'publishing' },
					{ name: 'Scheduled', value: 'scheduled' },
				],
				default: [],
				description: 'Only posts in these states',
			},
			{
				displayName: 'To',
				name: 'to',
				type: 'dateTime',
				default: '',
				description: 'Only posts due before this time',
			},
		],
	},
	simplifyField,
	optionsField([option.owner]),
];

export const description = updateDisplayOptions(
	{ show: { resource: ['post'], operation: ['getAll'] } },
	properties,
);

/** The owner's posts, page after page. */
export const execute: ItemOperation = async (context, itemIndex, session) => {
	const returnAll = context.getNodeParameter('returnAll', itemIndex, false) as boolean;
	const limit = returnAll
		? Number.POSITIVE_INFINITY
		: (context.getNodeParameter('limit', itemIndex, 50) as number);
	const simplify = context.getNodeParameter('simplify', itemIndex, true) as boolean;
	const filter = await readFilter(context, itemIndex, session);
	const output: INodeExecutionData[] = [];
	let cursor: string | null = null;
	do {
		const page: { items: Array<Parameters<typeof simplifiedPost>[0]>; nextCursor: string | null } =
			await askStore(context, itemIndex, session, 'social_post_list', {
				p_owner: readOwner(context, itemIndex),
				p_filter: filter,
				p_limit: Math.min(PAGE, limit - output.length),
				p_cursor: cursor,
			});
		for (const post of page.items) {
			output.push(paired(simplify ? simplifiedPost(post) : fullPost(post), itemIndex));
		}
		cursor = page.nextCursor;
	} while (cursor !== null && output.length < limit && !session.carrier.stopping());
	return output;
};

interface FilterInput {
	accountIds?: unknown;
	from?: unknown;
	platforms?: Platform[];
	search?: string;
	states?: PostState[];
	to?: unknown;
}

async function readFilter(
	context: IExecuteFunctions,
	itemIndex: number,
	session: Session,
): Promise<Filter> {
	const input = context.getNodeParameter('filters', itemIndex, {}) as FilterInput;
	const ids = (
		Array.isArray(input.accountIds) ? input.accountIds : String(input.accountIds ?? '').split(',')
	)
		.map((id: unknown) => String(id).trim())
		.filter((id: string) => id !== '');
	return {
		...(ids.length > 0 ? { accountIds: ids } : {}),
		...(input.platforms?.length ? { platforms: input.platforms } : {}),
		...(input.states?.length ? { states: input.states } : {}),
		...(input.search?.trim() ? { search: input.search.trim() } : {}),
		...(await edge(context, itemIndex, session, { name: 'from', value: input.from })),
		...(await edge(context, itemIndex, session, { name: 'to', value: input.to })),
	};
}

/** A border of the time range as an instant; wall time is that of the workflow's zone. */
async function edge(
	context: IExecuteFunctions,
	itemIndex: number,
	session: Session,
	{ name, value }: { name: 'from' | 'to'; value: unknown },
): Promise<Filter> {
	if (value === undefined || value === null || value === '') return {};
	const time = readScheduleTime(value, context.getTimezone());
	if (time.kind === 'instant') return { [name]: time.scheduledAt };
	if (time.kind === 'wall') return { [name]: await instantOf(context, itemIndex, session, time) };
	throw operationError(
		context,
		{
			message: time.message.replace('"Publish At"', name === 'from' ? '"From"' : '"To"'),
			remedy: time.remedy,
		},
		itemIndex,
		'',
	);
}
