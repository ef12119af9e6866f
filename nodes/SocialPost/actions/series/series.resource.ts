import type { INodeProperties } from 'n8n-workflow';

import * as getAll from './get-all.operation';
import * as save from './save.operation';
import * as stop from './stop.operation';

export const seriesDescription: INodeProperties[] = [
	{
		displayName: 'Operation',
		name: 'operation',
		type: 'options',
		noDataExpression: true,
		displayOptions: { show: { resource: ['series'] } },
		options: [
			{
				name: 'Get Many',
				value: 'getAll',
				description: 'Get many series',
				action: 'Get many series',
			},
			{
				name: 'Save',
				value: 'save',
				description: 'Create a series, or change one by its ID',
				action: 'Save a series',
			},
			{
				name: 'Stop',
				value: 'stop',
				description: 'End a series and take back its posts that are not out yet',
				action: 'Stop a series',
			},
		],
		default: 'save',
	},
	...save.description,
	...stop.description,
	...getAll.description,
];
