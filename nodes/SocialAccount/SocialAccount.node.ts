import { NodeConnectionTypes } from 'n8n-workflow';
import type {
	IExecuteFunctions,
	INodeExecutionData,
	INodeType,
	INodeTypeDescription,
} from 'n8n-workflow';

import { searchAccounts } from '../SocialPost/methods/list-search';
import { accountDescription } from './actions/account.resource';
import { router } from './actions/router';

/** Connects accounts and keeps them in order. Only describes and delegates. */
export class SocialAccount implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Social Account',
		name: 'socialAccount',
		icon: { light: 'file:social-account.svg', dark: 'file:social-account.dark.svg' },
		group: ['output'],
		version: 1,
		subtitle: '={{$parameter["operation"]}}',
		description: 'Connect accounts of X, LinkedIn, Instagram and Bluesky, and keep them connected',
		defaults: { name: 'Social Account' },
		usableAsTool: true,
		inputs: [NodeConnectionTypes.Main],
		outputs: [NodeConnectionTypes.Main],
		credentials: [
			{ name: 'museKitSocialApi', required: true },
			{
				name: 'museKitSocialXOAuth2Api',
				required: true,
				displayOptions: { show: { operation: ['connect'], platform: ['x'] } },
			},
			{
				name: 'museKitSocialLinkedInOAuth2Api',
				required: true,
				displayOptions: { show: { operation: ['connect'], platform: ['linkedin'] } },
			},
			{
				name: 'museKitSocialInstagramOAuth2Api',
				required: true,
				displayOptions: { show: { operation: ['connect'], platform: ['instagram'] } },
			},
			{
				name: 'museKitSocialBlueskyApi',
				required: true,
				// n8n 2.41's editor takes a field for the choice of an authentication, and shows it nowhere,
				// when credentials are shown for each of its options; so one is hidden for the others.
				displayOptions: {
					show: { operation: ['connect'] },
					hide: { platform: ['x', 'linkedin', 'instagram'] },
				},
			},
		],
		properties: accountDescription,
	};

	methods = { listSearch: { searchAccounts } };

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		return await router(this);
	}
}
