import type { INodeProperties } from 'n8n-workflow';

import * as cancel from './cancel.operation';
import * as createDraft from './create-draft.operation';
import * as remove from './delete.operation';
import * as getAll from './get-all.operation';
import * as get from './get.operation';
import * as publishDue from './publish-due.operation';
import * as publish from './publish.operation';
import * as resolve from './resolve.operation';
import * as retry from './retry.operation';
import * as schedule from './schedule.operation';
import * as update from './update.operation';
import * as validate from './validate.operation';

export const postDescription: INodeProperties[] = [
	{
		displayName: 'Operation',
		name: 'operation',
		type: 'options',
		noDataExpression: true,
		displayOptions: { show: { resource: ['post'] } },
		options: [
			{
				name: 'Cancel',
				value: 'cancel',
				description: 'Stop a draft or scheduled post from going out',
				action: 'Cancel a post',
			},
			{
				name: 'Create Draft',
				value: 'createDraft',
				description: 'Keep a post without a time',
				action: 'Create a draft post',
			},
			{
				name: 'Delete',
				value: 'delete',
				description: 'Delete a published post at the platform, where it allows that',
				action: 'Delete a post',
			},
			{
				name: 'Get',
				value: 'get',
				description: 'Get one post',
				action: 'Get a post',
			},
			{
				name: 'Get Many',
				value: 'getAll',
				description: 'Get many posts',
				action: 'Get many posts',
			},
			{
				name: 'Publish',
				value: 'publish',
				description: 'Publish a post now, exactly once',
				action: 'Publish a post',
			},
			{
				name: 'Publish Due',
				value: 'publishDue',
				description: 'Publish every scheduled post whose time has come',
				action: 'Publish due posts',
			},
			{
				name: 'Resolve',
				value: 'resolve',
				description: 'Decide a post of which nobody could tell whether it is live',
				action: 'Resolve a post',
			},
			{
				name: 'Retry',
				value: 'retry',
				description: 'Put a failed, missed or cancelled post on its way again',
				action: 'Retry a post',
			},
			{
				name: 'Schedule',
				value: 'schedule',
				description: 'Schedule a post for later',
				action: 'Schedule a post',
			},
			{
				name: 'Update',
				value: 'update',
				description: 'Change a draft or scheduled post that no carrier has taken yet',
				action: 'Update a post',
			},
			{
				name: 'Validate',
				value: 'validate',
				description: 'Check a post against the limits of its platform without making it',
				action: 'Validate a post',
			},
		],
		default: 'publish',
	},
	...publish.description,
	...schedule.description,
	...createDraft.description,
	...update.description,
	...cancel.description,
	...retry.description,
	...resolve.description,
	...remove.description,
	...publishDue.description,
	...get.description,
	...getAll.description,
	...validate.description,
];
