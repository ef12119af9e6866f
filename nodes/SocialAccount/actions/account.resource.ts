import type { INodeProperties } from 'n8n-workflow';

import * as connect from './connect.operation';
import * as disconnect from './disconnect.operation';
import * as getAll from './get-all.operation';
import * as getConnectLink from './get-connect-link.operation';
import * as get from './get.operation';
import * as refresh from './refresh.operation';
import * as validate from './validate.operation';

export const accountDescription: INodeProperties[] = [
	{
		displayName: 'Operation',
		name: 'operation',
		type: 'options',
		noDataExpression: true,
		options: [
			{
				name: 'Connect',
				value: 'connect',
				description: 'Store what a sign-in brought in the vault, checked by a real call',
				action: 'Connect an account',
			},
			{
				name: 'Disconnect',
				value: 'disconnect',
				description: 'Take the access back at the platform and forget it; its posts wait',
				action: 'Disconnect an account',
			},
			{
				name: 'Get',
				value: 'get',
				description: 'Get an account with its status, scopes and warnings',
				action: 'Get an account',
			},
			{
				name: 'Get Connect Link',
				value: 'getConnectLink',
				description:
					'Make a link with which a client connects an account without a password of yours',
				action: 'Get a connect link',
			},
			{
				name: 'Get Many',
				value: 'getAll',
				description: 'Get many accounts of an owner',
				action: 'Get many accounts',
			},
			{
				name: 'Refresh',
				value: 'refresh',
				description: 'Renew the access now instead of ahead of its end',
				action: 'Refresh an account',
			},
			{
				name: 'Validate',
				value: 'validate',
				description: 'Ask the platform whether the access still works',
				action: 'Validate an account',
			},
		],
		default: 'connect',
	},
	...connect.description,
	...validate.description,
	...refresh.description,
	...disconnect.description,
	...get.description,
	...getAll.description,
	...getConnectLink.description,
];
