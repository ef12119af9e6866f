import type { ILoadOptionsFunctions, INodePropertyOptions } from 'n8n-workflow';

import { ALL_ACCOUNTS } from '../input/accounts';
import { accountLabel, accountPage } from './account-pages';

const PAGE = 100;
/** A list of choices has no pages: more accounts are given by an expression. */
const MOST = 500;

/** The first 500 accounts of the owner after "All Connected Accounts", for "Several Accounts". */
export async function getAccounts(this: ILoadOptionsFunctions): Promise<INodePropertyOptions[]> {
	return [
		{
			name: 'All Connected Accounts',
			value: ALL_ACCOUNTS,
			description: 'Every account of the owner that is connected when the node runs',
		},
		...(await accountOptions(this)),
	];
}

/** The first 500 accounts of the owner, where one is to be chosen. */
export async function getSingleAccounts(
	this: ILoadOptionsFunctions,
): Promise<INodePropertyOptions[]> {
	return await accountOptions(this);
}

async function accountOptions(context: ILoadOptionsFunctions): Promise<INodePropertyOptions[]> {
	const options: INodePropertyOptions[] = [];
	let cursor: string | undefined;
	do {
		const page = await accountPage(context, { cursor, limit: PAGE });
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
