import { updateDisplayOptions } from 'n8n-workflow';
import type { IExecuteFunctions, INodeProperties } from 'n8n-workflow';

import { mediaInfos, readMedia, storeImages } from '../../../../core/publishing/images';
import type { MediaInfo, PostContent, PostView } from '../../../../core/store/contract';
import { readImages } from '../../input/images';
import { joinErrors, operationError } from '../../input/problem';
import { storeProblem } from '../../input/store-problem';
import type { Session } from '../../transport/ports';
import { askStore, readOwner, readPostId } from '../ask-store';
import { imagesField, option, optionsField, postIdField } from '../common.descriptions';
import { timeOf } from '../create-posts';
import type { ItemOperation } from '../node.type';
import { paired, simplifiedPost } from '../output';
import { readTime } from '../read-time';

const UNCHANGED = 'The post was not changed, and running the node again is safe.';

const properties: INodeProperties[] = [
	postIdField,
	{
		displayName: 'Update Fields',
		name: 'updateFields',
		type: 'collection',
		placeholder: 'Add Field',
		default: {},
		options: [
			{
				displayName: 'Max Lateness (Minutes)',
				name: 'maxLatenessMinutes',
				type: 'number',
				typeOptions: { minValue: 1 },
				default: 1440,
				description:
					'How late the post may still go out after its time. Later than that it becomes missed.',
			},
			{
				displayName: 'Publish At',
				name: 'publishAt',
				type: 'dateTime',
				default: '',
				description: 'New time of the post. A draft is scheduled by it.',
			},
			{
				displayName: 'Text',
				name: 'text',
				type: 'string',
				typeOptions: { rows: 4 },
				default: '',
				description: 'New text of the post',
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
		],
	},
	{ ...imagesField, description: 'New pictures of the post. Leave it empty to keep those it has.' },
	optionsField([option.owner]),
];

export const description = updateDisplayOptions(
	{ show: { resource: ['post'], operation: ['update'] } },
	properties,
);

interface UpdateFields {
	maxLatenessMinutes?: number;
	publishAt?: unknown;
	text?: unknown;
}

/** Changes a post that no carrier has taken; the new content is checked as at create. */
export const execute: ItemOperation = async (context, itemIndex, session) => {
	const owner = readOwner(context, itemIndex);
	const ids = { p_post_id: readPostId(context, itemIndex), p_owner: owner };
	const fields = context.getNodeParameter('updateFields', itemIndex, {}) as UpdateFields;
	const timed = ![undefined, null, ''].includes(fields.publishAt as string | null | undefined);
	const time = timed
		? readTime(
				context,
				itemIndex,
				{ at: 'updateFields.publishAt', zone: 'updateFields.timeZone' },
				UNCHANGED,
			)
		: undefined;
	const post = await askStore(context, itemIndex, session, 'social_post_get', ids, UNCHANGED);
	const content = await newContent(context, itemIndex, session, post, fields);
	const changes = {
		...(content === undefined ? {} : { content }),
		...timeOf(time),
		...(time === undefined ? {} : { as: 'scheduled' }),
		...(fields.maxLatenessMinutes === undefined
			? {}
			: { maxLatenessMs: fields.maxLatenessMinutes * 60_000 }),
	};
	if (Object.keys(changes).length === 0) {
		throw operationError(
			context,
			{
				message: 'Nothing is given to change.',
				remedy: 'Add a field under "Update Fields", or pictures under "Images".',
			},
			itemIndex,
			UNCHANGED,
		);
	}
	const updated = await askStore(
		context,
		itemIndex,
		session,
		'social_post_update',
		{ ...ids, p_version: post.version, p_changes: changes },
		UNCHANGED,
	);
	return [paired(simplifiedPost(updated), itemIndex)];
};

/** The post's content with the new text and pictures; undefined when neither is given. */
async function newContent(
	context: IExecuteFunctions,
	itemIndex: number,
	session: Session,
	post: PostView,
	fields: UpdateFields,
): Promise<PostContent | undefined> {
	const read = await readImages(context, itemIndex);
	if (read.outcome === 'refused') throw operationError(context, read.problem, itemIndex, UNCHANGED);
	const { images } = read;
	if (fields.text === undefined && images.length === 0) return undefined;
	const text = fields.text === undefined ? post.content.text : String(fields.text ?? '');
	const given = await readMedia(session.ports.crypto, images);
	if (given.errors.length > 0) {
		throw operationError(context, joinErrors(given.errors), itemIndex, UNCHANGED);
	}
	const media = images.length > 0 ? given.refs : post.content.media;
	const infos: MediaInfo[] = images.length > 0 ? (mediaInfos(given, new Map()) ?? []) : post.media;
	const content: PostContent = { text, ...(media === undefined ? {} : { media }) };
	const errors = session.carrier.platforms[post.platform].validate(content, infos);
	if (errors.length > 0) throw operationError(context, joinErrors(errors), itemIndex, UNCHANGED);
	const stored = await storeImages(session.ports, post.owner, given.pictures.values());
	if (stored.kind !== 'ok') {
		throw operationError(context, storeProblem(stored), itemIndex, UNCHANGED);
	}
	return content;
}
