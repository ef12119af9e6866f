import type { IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

import type { Session } from '../transport/ports';

/** One item's work. Throws only `NodeOperationError` with the item's index. */
export type ItemOperation = (
	context: IExecuteFunctions,
	itemIndex: number,
	session: Session,
) => Promise<INodeExecutionData[]>;

/** Every operation by its resource. */
export const OPERATIONS = {
	post: [
		'cancel',
		'createDraft',
		'delete',
		'get',
		'getAll',
		'publish',
		'publishDue',
		'resolve',
		'retry',
		'schedule',
		'update',
		'validate',
	],
	series: ['getAll', 'save', 'stop'],
} as const;

export type Resource = keyof typeof OPERATIONS;

export type Operation<Of extends Resource> = (typeof OPERATIONS)[Of][number];
