import { updateDisplayOptions } from 'n8n-workflow';
import type { IExecuteFunctions, INodeProperties } from 'n8n-workflow';

import { resolvePost, type PersonsDecision } from '../../../../core/publishing/resolve';
import { callKey } from '../../input/idempotency';
import { operationError } from '../../input/problem';
import { readOwner, readPostId } from '../ask-store';
import { option, optionsField, postIdField } from '../common.descriptions';
import { instantOf } from '../instant';
import type { ItemOperation } from '../node.type';
import { paired, simplifiedPost } from '../output';
import { readTime } from '../read-time';
import type { Session } from '../../transport/ports';

const UNCHANGED = 'The post is as it was, and running the node again is safe.';

const properties: INodeProperties[] = [
	postIdField,
	{
		displayName: 'Decision',
		name: 'decision',
		type: 'options',
		noDataExpression: true,
		options: [
			{
				name: 'It Is Live at This URL',
				value: 'live',
				description: 'The post is on the platform; it becomes published with this address',
			},
			{
				name: 'Publish It',
				value: 'publish',
				description: 'It is not live: it is looked up once more and then sent',
			},
			{
				name: 'Drop It',
				value: 'drop',
				description: 'It is not sent any more; the post becomes cancelled',
			},
		],
		default: 'live',
		description: 'What you found when you looked at the account on the platform',
	},
	{
		displayName: 'URL or ID',
		name: 'url',
		type: 'string',
		default: '',
		required: true,
		placeholder: 'e.g. https://x.com/name/status/1234567890123456789',
		displayOptions: { show: { decision: ['live'] } },
		description:
			'Address of the live entry, or its ID at the platform. It must be an entry of the account of the post that no other post has.',
	},
	{
		displayName: 'Publish At',
		name: 'publishAt',
		type: 'dateTime',
		default: '',
		displayOptions: { show: { decision: ['publish'] } },
		description: 'New time of the post. Empty means at once.',
	},
	{
		displayName: 'Time Zone',
		name: 'timeZone',
		type: 'string',
		default: '',
		placeholder: 'e.g. Europe/Berlin',
		displayOptions: { show: { decision: ['publish'] } },
		description:
			'IANA name of the zone of "Publish At". Empty means the time zone of the workflow.',
	},
	optionsField([option.owner]),
];

export const description = updateDisplayOptions(
	{ show: { resource: ['post'], operation: ['resolve'] } },
	properties,
);

/** needs_review → published, scheduled or cancelled, as the person says. */
export const execute: ItemOperation = async (context, itemIndex, session) => {
	const outcome = await resolvePost(
		session.ports,
		{ platforms: session.carrier.platforms, vaultKey: session.carrier.vaultKey },
		{
			// Kept through Retry On Fail and Retry from the list, as the key of a create call.
			key: callKey(context, itemIndex, { callerKey: '', allowRepeat: false }).key,
			postId: readPostId(context, itemIndex),
			owner: readOwner(context, itemIndex),
			decision: await readDecision(context, itemIndex, session),
		},
	);
	if (outcome.kind === 'resolved') return [paired(simplifiedPost(outcome.post), itemIndex)];
	throw operationError(
		context,
		outcome.error,
		itemIndex,
		outcome.kind === 'refused' ? UNCHANGED : '',
	);
};

async function readDecision(
	context: IExecuteFunctions,
	itemIndex: number,
	session: Session,
): Promise<PersonsDecision> {
	const to = context.getNodeParameter('decision', itemIndex) as PersonsDecision['to'];
	if (to === 'live') {
		const given = context.getNodeParameter('url', itemIndex, '') as unknown;
		return { to, address: String(given ?? '') };
	}
	if (to === 'drop') return { to };
	const given = context.getNodeParameter('publishAt', itemIndex, '') as unknown;
	if (given === '' || given === null) return { to };
	const time = readTime(context, itemIndex, { at: 'publishAt', zone: 'timeZone' }, UNCHANGED);
	return {
		to,
		scheduledAt:
			time.kind === 'instant'
				? time.scheduledAt
				: await instantOf(context, itemIndex, session, time, UNCHANGED),
	};
}
