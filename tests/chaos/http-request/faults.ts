import type { FaultInput } from '../../../sandbox/src/faults';

type Part = Omit<FaultInput, 'platform' | 'account' | 'step'>;

/** Longer than the kill takes to come, so that the platform does its work after n8n is dead. */
export const LATE_MS = 60_000;
/** Longer than the node waits. */
const NEVER_MS = 600_000;

export interface ClassicFault {
	name: string;
	/** n8n gets SIGKILL while the request hangs. */
	kills: boolean;
	/** What the sandbox does with the request. */
	parts: Part[];
	/** The same fault of the mode for our node (`tests/chaos/n8n/plan.ts`). */
	ours: string | null;
}

/** The faults of the comparison, each on the one request that makes the post. */
export const CLASSIC_FAULTS: readonly ClassicFault[] = [
	{
		name: 'n8n killed before the commit',
		kills: true,
		parts: [{ kind: 'latency', ms: NEVER_MS, when: 'before' }, { kind: 'drop_before_commit' }],
		ours: 'n8n-killed-before',
	},
	{
		name: 'n8n killed during the commit',
		kills: true,
		parts: [{ kind: 'latency', ms: LATE_MS, when: 'before' }],
		ours: 'n8n-killed-during',
	},
	{
		name: 'n8n killed after the commit',
		kills: true,
		parts: [{ kind: 'latency', ms: NEVER_MS, when: 'after' }],
		ours: 'n8n-killed-after',
	},
	{
		name: 'connection dropped after the commit',
		kills: false,
		parts: [{ kind: 'drop_after_commit' }],
		ours: 'dropped-after-commit',
	},
	{
		name: 'connection reset after the commit',
		kills: false,
		parts: [{ kind: 'reset', when: 'after' }],
		ours: 'reset-after-commit',
	},
	{
		name: 'connection dropped before the commit',
		kills: false,
		parts: [{ kind: 'drop_before_commit' }],
		ours: 'dropped-before-commit',
	},
	{
		name: '500 after the commit',
		kills: false,
		parts: [{ kind: 'status', status: 500, when: 'after' }],
		ours: '500-after-commit',
	},
	{
		name: 'time-out after the commit',
		kills: false,
		parts: [{ kind: 'latency', ms: NEVER_MS, when: 'after' }],
		ours: 'timeout-after-commit',
	},
	{
		name: 'answer cut short',
		kills: false,
		parts: [{ kind: 'truncate' }],
		ours: 'answer-cut-short',
	},
	{
		name: '429 once',
		kills: false,
		parts: [{ kind: 'status', status: 429 }],
		ours: '429',
	},
	{
		name: '429 for longer than the retries',
		kills: false,
		parts: [{ kind: 'status', status: 429, count: null }],
		ours: null,
	},
];
