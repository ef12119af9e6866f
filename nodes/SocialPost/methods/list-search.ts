import type { ILoadOptionsFunctions, INodeListSearchResult } from 'n8n-workflow';

import { accountLabel, accountPage } from './account-pages';

/** Fills the visible list once; the next page comes with scrolling. */
const PAGE = 30;

/** Accounts of the owner, by handle or name, page after page. */
export async function searchAccounts(
	this: ILoadOptionsFunctions,
	filter?: string,
	paginationToken?: string,
): Promise<INodeListSearchResult> {
	const page = await accountPage(this, { search: filter, cursor: paginationToken, limit: PAGE });
	return {
		results: page.items.map((account) => ({
			name: accountLabel(account),
			value: account.id,
			description: account.displayName,
			...(account.profileUrl ? { url: account.profileUrl } : {}),
		})),
		...(page.nextCursor === null ? {} : { paginationToken: page.nextCursor }),
	};
}
