import { randomUUID } from 'node:crypto';
import { seedAccount } from '../../../sandbox/src/accounts';
import { readLedger } from '../../../sandbox/src/ledger';
import type { RunningSandbox } from '../../../sandbox/src/server';
import type { ClassicFault } from './faults';
import type { PostOrder } from './workflows';

/** A column of the table: a platform, with its rule against equal posts or without. */
export interface Column {
	name: string;
	platform: 'x' | 'linkedin' | 'instagram';
	/** False: the platform takes the same text twice. Instagram has no such rule. */
	rule: boolean;
}

export const COLUMNS: readonly Column[] = [
	{ name: 'x', platform: 'x', rule: true },
	{ name: 'x, no duplicate rule', platform: 'x', rule: false },
	{ name: 'linkedin', platform: 'linkedin', rule: true },
	{ name: 'linkedin, no duplicate rule', platform: 'linkedin', rule: false },
	{ name: 'instagram', platform: 'instagram', rule: false },
];

const STEP = { x: 'tweet.create', linkedin: 'post.create', instagram: 'publish' } as const;

/** How n8n says that a run ended; `cut`: it was killed in the middle. */
export type RunEnd = 'success' | 'error' | 'cut';

/** One post, sent by one run of the workflow, on an account of its own. */
export interface ClassicPost {
	column: Column;
	fault: ClassicFault;
	sandbox: RunningSandbox;
	handle: string;
	order: PostOrder;
	end: RunEnd;
}

let made = 0;

/** An account on which the create call meets the fault, and the order for one post on it. */
export function classicPost(
	column: Column,
	fault: ClassicFault,
	sandbox: RunningSandbox,
	imageUrl: string,
): ClassicPost {
	made += 1;
	const { platform } = column;
	const handle = `classic${made}`;
	const account = seedAccount(sandbox.state, { platform, handle });
	for (const part of fault.parts) {
		sandbox.faults.add({ ...part, platform, account: handle, step: STEP[platform] });
	}
	return {
		column,
		fault,
		sandbox,
		handle,
		order: {
			api: account.baseUrl,
			token: account.accessToken,
			author: account.urn ?? account.accountId,
			text: `Post ${randomUUID()}`,
			imageUrl,
		},
		end: 'cut',
	};
}

/** The create call has met its fault. */
export function hasMetFault({ sandbox, handle }: ClassicPost): boolean {
	return sandbox.faults.list().some(({ account, hits }) => account === handle && hits > 0);
}

/** How often the post is live. */
export function timesLive({ sandbox, column, handle }: ClassicPost): number {
	return readLedger(sandbox.state, { platform: column.platform, account: handle }).length;
}
