import type { IDataObject, IExecuteFunctions, INode, WorkflowExecuteMode } from 'n8n-workflow';

import { callKey } from '../../../nodes/SocialPost/input/idempotency';
import { strictContext } from './strict-context';

function context(kept: IDataObject, change: { mode?: WorkflowExecuteMode; run?: number } = {}) {
	return strictContext<IExecuteFunctions>({
		getContext: () => kept,
		getMode: () => change.mode ?? 'trigger',
		getNode: () => ({ id: 'node-1' }) as INode,
		getWorkflow: () => ({ id: 'workflow-1', name: 'w', active: true }),
		evaluateExpression: () => change.run ?? 0,
	});
}

const none = { callerKey: '', allowRepeat: false };

it('is the same for the same item as long as the context is kept', () => {
	const kept = {};
	const first = callKey(context(kept), 2, none);
	const retried = callKey(context(JSON.parse(JSON.stringify(kept)) as IDataObject), 2, none);
	expect(retried).toEqual(first);
	expect(first.key).toMatch(/^n8n:workflow-1:node-1:0:2:/);
});

it('differs by item, by run of a loop, and by execution', () => {
	const kept = {};
	const keys = [
		callKey(context(kept), 0, none),
		callKey(context(kept), 1, none),
		callKey(context(kept, { run: 1 }), 0, none),
		callKey(context({}), 0, none),
	].map(({ key }) => key);
	expect(new Set(keys).size).toBe(4);
});

it('takes the caller’s key as it is, and then nothing but the key counts', () => {
	expect(callKey(context({}), 0, { callerKey: ' order-1042 ', allowRepeat: false })).toEqual({
		key: 'order-1042',
		dedupe: false,
	});
});

it.each<[WorkflowExecuteMode, boolean, boolean]>([
	['trigger', false, true],
	['webhook', false, true],
	['retry', false, true],
	['manual', false, false],
	['trigger', true, false],
])(
	'mode %s, Allow Repeat %p: equal content counts as the same: %p',
	(mode, allowRepeat, dedupe) => {
		expect(callKey(context({}, { mode }), 0, { callerKey: '', allowRepeat }).dedupe).toBe(dedupe);
	},
);
