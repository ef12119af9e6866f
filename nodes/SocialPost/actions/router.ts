import type { IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

import { seedOf } from '../input/idempotency';
import type { ItemOperation, Operation, Resource } from './node.type';
import * as cancel from './post/cancel.operation';
import * as createDraft from './post/create-draft.operation';
import * as remove from './post/delete.operation';
import * as getAll from './post/get-all.operation';
import * as get from './post/get.operation';
import * as publishDue from './post/publish-due.operation';
import * as publish from './post/publish.operation';
import * as resolve from './post/resolve.operation';
import * as retry from './post/retry.operation';
import * as schedule from './post/schedule.operation';
import * as update from './post/update.operation';
import * as validate from './post/validate.operation';
import { runItems } from './run-items';
import * as getAllSeries from './series/get-all.operation';
import * as saveSeries from './series/save.operation';
import * as stopSeries from './series/stop.operation';

const EXECUTE: { [Of in Resource]: Record<Operation<Of>, ItemOperation> } = {
	post: {
		cancel: cancel.execute,
		createDraft: createDraft.execute,
		delete: remove.execute,
		get: get.execute,
		getAll: getAll.execute,
		publish: publish.execute,
		publishDue: publishDue.execute,
		resolve: resolve.execute,
		retry: retry.execute,
		schedule: schedule.execute,
		update: update.execute,
		validate: validate.execute,
	},
	series: {
		getAll: getAllSeries.execute,
		save: saveSeries.execute,
		stop: stopSeries.execute,
	},
};

/** Operations that do one thing per run, however many items come in. */
const ONCE = new Set(['publishDue']);

/** Runs the operation that the node's parameters name. */
export async function router(context: IExecuteFunctions): Promise<INodeExecutionData[][]> {
	seedOf(context);
	const resource = context.getNodeParameter('resource', 0) as Resource;
	const operation = context.getNodeParameter('operation', 0) as string;
	const execute = (EXECUTE[resource] as Record<string, ItemOperation>)[operation];
	return await runItems(context, execute, ONCE.has(operation) ? { count: 1 } : {});
}
