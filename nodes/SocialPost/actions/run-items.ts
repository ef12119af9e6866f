import { NodeOperationError } from 'n8n-workflow';
import type { IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

import { openSession, type Session } from '../transport/ports';
import type { ItemOperation } from './node.type';

export interface ItemRules {
	/** Run only the first so many items. */
	count?: number;
	/** What running the node again means for the items that were carried out. */
	again?: string;
}

/**
 * Runs an operation for every item, or for the first `count`. A bad item does not stop the others:
 * with "Continue" it becomes an item with `error`, otherwise the first refusal is thrown when all
 * items are done.
 */
export async function runItems(
	context: IExecuteFunctions,
	execute: ItemOperation,
	rules: ItemRules = {},
): Promise<INodeExecutionData[][]> {
	const { count = context.getInputData().length } = rules;
	const opened = await open(context);
	const output: INodeExecutionData[] = [];
	const refusals: NodeOperationError[] = [];
	for (let itemIndex = 0; itemIndex < count; itemIndex++) {
		// Stop was pressed: what is on its way was finished above, the rest is not begun.
		if (!(opened instanceof NodeOperationError) && opened.carrier.stopping()) break;
		try {
			if (opened instanceof NodeOperationError) throw opened;
			output.push(...(await execute(context, itemIndex, opened)));
		} catch (error) {
			const refusal = asRefusal(context, error, itemIndex);
			refusals.push(refusal);
			output.push(refusedItem(refusal, itemIndex));
		}
	}
	if (refusals.length > 0 && !context.continueOnFail()) {
		throw withCount(context, refusals, count, rules.again);
	}
	return [output];
}

/** Store and credential are checked once; a refusal then holds for every item. */
async function open(context: IExecuteFunctions): Promise<Session | NodeOperationError> {
	try {
		return await openSession(context);
	} catch (error) {
		return asRefusal(context, error, 0);
	}
}

function asRefusal(
	context: IExecuteFunctions,
	error: unknown,
	itemIndex: number,
): NodeOperationError {
	return new NodeOperationError(context.getNode(), error as Error, { itemIndex });
}

function refusedItem(refusal: NodeOperationError, itemIndex: number): INodeExecutionData {
	return {
		json: { error: refusal.message, remedy: refusal.description ?? '' },
		pairedItem: { item: itemIndex },
	};
}

/** The first refusal; of several items it also says what became of the others. */
function withCount(
	context: IExecuteFunctions,
	refusals: NodeOperationError[],
	count: number,
	repeating?: string,
): NodeOperationError {
	const [first] = refusals;
	if (count === 1) return first;
	const others = count - refusals.length;
	if (others === 0 && refusals.every((refusal) => refusal === first)) return first;
	// A manual run has a new idempotency key each time; every other run finds its posts again.
	const again =
		repeating ??
		(context.getMode() === 'manual'
			? 'Running it by hand again carries them out again, unless you give an Idempotency Key.'
			: 'They are not repeated when it runs again.');
	const carried =
		others === 0
			? 'none was carried out.'
			: `${others === 1 ? 'the other one was' : `the other ${others} were`} carried out. ${again}`;
	const rest = `${refusals.length} of ${count} items ${refusals.length === 1 ? 'was' : 'were'} refused, ${carried}`;
	return new NodeOperationError(context.getNode(), first.message, {
		itemIndex: first.context.itemIndex as number,
		description: `${first.description ?? ''} ${rest}`.trim(),
	});
}
