import { randomUUID } from 'crypto';
import type { IExecuteFunctions } from 'n8n-workflow';

/** The idempotency key of one item's create call, and whether equal content counts as the same. */
export interface CallKey {
	key: string;
	dedupe: boolean;
}

/** Names of the two parameters, as the caller filled them. */
export interface CallKeyInput {
	callerKey: string;
	allowRepeat: boolean;
}

const SEED = 'museKitSocialSeed';

/**
 * Key of item `itemIndex`. Without one of the caller it is made of workflow, node, run and item and
 * of a seed in the node's context: n8n keeps that context with the execution, so Retry On Fail and
 * Retry from the executions list find it again, while an execution id is new at each retry
 * (n8n 2.41 `ExecutionService.retry` runs on the stored `executionData`).
 *
 * A manual run is a deliberate repeat; in all other modes equal content within 12 h is one post.
 */
export function callKey(
	context: IExecuteFunctions,
	itemIndex: number,
	input: CallKeyInput,
): CallKey {
	const callerKey = input.callerKey.trim();
	if (callerKey !== '') return { key: callerKey, dedupe: false };
	const workflow = context.getWorkflow().id ?? 'unsaved';
	const run = Number(context.evaluateExpression('{{ $runIndex }}', itemIndex));
	return {
		key: ['n8n', workflow, context.getNode().id, run, itemIndex, seedOf(context)].join(':'),
		dedupe: !input.allowRepeat && context.getMode() !== 'manual',
	};
}

/** Call once before anything can fail, so that the first attempt already leaves the seed behind. */
export function seedOf(context: IExecuteFunctions): string {
	const kept = context.getContext('node');
	if (typeof kept[SEED] !== 'string') kept[SEED] = randomUUID();
	return kept[SEED] as string;
}
