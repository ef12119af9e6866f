import { updateDisplayOptions } from 'n8n-workflow';
import type { INodeProperties } from 'n8n-workflow';

import { refreshDue } from '../../../../core/accounts/upkeep';
import { drain } from '../../../../core/publishing/drain';
import { operationError } from '../../input/problem';
import { optionsField } from '../common.descriptions';
import type { ItemOperation } from '../node.type';
import { paired, simplifiedPost } from '../output';

/** The shipped template starts a run every 30 s and each watches for 25 s. */
const WATCH_SECONDS = 25;
const INTERVAL_SECONDS = 30;
/** More than X and Instagram take from one account in an hour; the next run goes on. */
const LIMIT = 200;
/** n8n runs the node in one process; eight uploads at once keep memory below 150 MB. */
const CONCURRENCY = 8;

const properties: INodeProperties[] = [
	optionsField([
		{
			displayName: 'Limit',
			name: 'maxPosts',
			type: 'number',
			typeOptions: { minValue: 1 },
			default: LIMIT,
			description: 'How many posts one run may take; the next run goes on with the rest',
		},
		{
			displayName: 'Run Interval (Seconds)',
			name: 'intervalSeconds',
			type: 'number',
			typeOptions: { minValue: 1, maxValue: 3600 },
			default: INTERVAL_SECONDS,
			description:
				'How often your schedule starts this operation. The fallback runner waits this long before it steps in.',
		},
		{
			displayName: 'Watch For (Seconds)',
			name: 'watchForSeconds',
			type: 'number',
			typeOptions: { minValue: 0, maxValue: 3600 },
			default: WATCH_SECONDS,
			description:
				'How long to watch for posts that fall due, so that each goes out within seconds of its time',
		},
	]),
];

export const description = updateDisplayOptions(
	{ show: { resource: ['post'], operation: ['publishDue'] } },
	properties,
);

interface Options {
	maxPosts?: number;
	intervalSeconds?: number;
	watchForSeconds?: number;
}

/** One round of the main carrier: one output item per post that was carried. */
export const execute: ItemOperation = async (context, itemIndex, session) => {
	const options = context.getNodeParameter('options', itemIndex, {}) as Options;
	const watchMs = (options.watchForSeconds ?? WATCH_SECONDS) * 1000;
	const intervalMs = (options.intervalSeconds ?? INTERVAL_SECONDS) * 1000;
	const outcome = await drain(session.ports, {
		...session.carrier,
		watchMs,
		// A single check (no watch) stays one; a watch reaches to the next run.
		lingerMs: watchMs > 0 ? Math.max(0, intervalMs - watchMs) : 0,
		intervalMs,
		concurrency: CONCURRENCY,
		graceMs: 0,
		maxClaims: options.maxPosts ?? LIMIT,
	});
	if (outcome.trouble !== null && outcome.posts.length === 0) {
		throw operationError(
			context,
			{
				message: `No due post could be claimed: ${outcome.trouble}.`,
				remedy:
					'Check that the store is running and that the credential tests well. Nothing was sent; the next run tries again.',
			},
			itemIndex,
			'',
		);
	}
	// Where no runner is up, idle accounts are kept alive here, one a run.
	if (!outcome.backedOff) await refreshDue(session.ports, { ...session.carrier, limit: 1 });
	return outcome.posts.map((post) => paired(simplifiedPost(post), itemIndex));
};
