import type { IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

import type { Session } from '../transport/ports';

/** One item's work. Throws only `NodeOperationError` with the item's index. */
export type ItemOperation = (
	context: IExecuteFunctions,
	itemIndex: number,
	session: Session,
) => Promise<INodeExecutionData[]>;

export const OPERATIONS = [
	'cancel',
	'createDraft',
	'delete',
	'get',
	'getAll',
	'publish',
	'publishDue',
	'retry',
	'schedule',
	'update',
	'validate',
] as const;

export type PostOperation = (typeof OPERATIONS)[number];
