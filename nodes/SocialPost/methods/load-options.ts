import type { ILoadOptionsFunctions, INodePropertyOptions } from 'n8n-workflow';

import { ALL_ACCOUNTS } from '../input/accounts';
import { accountLabel, accountPage } from './account-pages';

const PAGE = 100;
/** A list of choices has no pages: more accounts are given by an expression. */
const MOST = 500;

/** The first 500 accounts of the owner, for "Several Accounts". */
export async function getAccounts(this: ILoadOptionsFunctions): Promise<INodePropertyOptions[]> {
	const options: INodePropertyOptions[] = [
		{
			name: 'All Connected Accounts',
			value: ALL_ACCOUNTS,
			description: 'Every account of the owner that is connected when the node runs',
		},
	];
	let cursor: string | undefined;
	do {
		const page = await accountPage(this, { cursor, limit: PAGE });
		for (const account of page.items) {
			options.push({
				name: accountLabel(account),
				value: account.id,
				description: account.displayName,
			});
		}
		cursor = page.nextCursor ?? undefined;
	} while (cursor !== undefined && options.length < MOST);
	return options;
}
