import { NodeConnectionTypes } from 'n8n-workflow';
import type {
	IExecuteFunctions,
	INodeExecutionData,
	INodeType,
	INodeTypeDescription,
} from 'n8n-workflow';

import { postDescription } from './actions/post/post.resource';
import { router } from './actions/router';
import { seriesDescription } from './actions/series/series.resource';
import { searchAccounts } from './methods/list-search';
import { getAccounts, getSingleAccounts } from './methods/load-options';

/** Publishes, schedules and looks after posts. Only describes and delegates. */
export class SocialPost implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Social Post',
		name: 'socialPost',
		icon: { light: 'file:social-post.svg', dark: 'file:social-post.dark.svg' },
		group: ['output'],
		version: 1,
		subtitle: '={{$parameter["operation"] + ": " + $parameter["resource"]}}',
		description:
			'Publish and schedule posts on X, LinkedIn, Instagram and Bluesky, each exactly once',
		defaults: { name: 'Social Post' },
		usableAsTool: true,
		inputs: [NodeConnectionTypes.Main],
		outputs: [NodeConnectionTypes.Main],
		credentials: [{ name: 'museKitSocialApi', required: true }],
		properties: [
			{
				displayName: 'Resource',
				name: 'resource',
				type: 'options',
				noDataExpression: true,
				options: [
					{ name: 'Post', value: 'post' },
					{ name: 'Series', value: 'series' },
				],
				default: 'post',
			},
			...postDescription,
			...seriesDescription,
		],
	};

	methods = {
		listSearch: { searchAccounts },
		loadOptions: { getAccounts, getSingleAccounts },
	};

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		return await router(this);
	}
}
