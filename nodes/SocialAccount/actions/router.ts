import type { IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

import type { ItemOperation } from '../../SocialPost/actions/node.type';
import { runItems } from '../../SocialPost/actions/run-items';
import * as connect from './connect.operation';
import * as disconnect from './disconnect.operation';
import * as getAll from './get-all.operation';
import * as getConnectLink from './get-connect-link.operation';
import * as get from './get.operation';
import * as refresh from './refresh.operation';
import * as validate from './validate.operation';

/** Every operation by the name it has in the editor. */
export const OPERATIONS: Record<string, ItemOperation> = {
	connect: connect.execute,
	disconnect: disconnect.execute,
	get: get.execute,
	getAll: getAll.execute,
	getConnectLink: getConnectLink.execute,
	refresh: refresh.execute,
	validate: validate.execute,
};

/** Said when some of several items were refused. */
const AGAIN = 'Running it again does no harm to them.';

/** Runs the operation that the node's parameters name. */
export async function router(context: IExecuteFunctions): Promise<INodeExecutionData[][]> {
	const operation = context.getNodeParameter('operation', 0) as string;
	return await runItems(context, OPERATIONS[operation], { again: AGAIN });
}
