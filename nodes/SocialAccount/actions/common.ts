import type { IDataObject, IExecuteFunctions, INodeProperties } from 'n8n-workflow';

import type { AccountView, PostError } from '../../../core/store/contract';
import { plainProblem } from '../../SocialPost/actions/output';
import { isId } from '../../SocialPost/input/accounts';
import { operationError } from '../../SocialPost/input/problem';

/** What is said after a refusal that changed nothing. */
export const UNTOUCHED = 'No account was changed, and running the node again is safe.';

export const accountField: INodeProperties = {
	displayName: 'Account',
	name: 'account',
	type: 'resourceLocator',
	default: { mode: 'list', value: '' },
	required: true,
	modes: [
		{
			displayName: 'From List',
			name: 'list',
			type: 'list',
			placeholder: 'Select an account…',
			typeOptions: { searchListMethod: 'searchAccounts', searchable: true },
		},
		{
			displayName: 'By ID',
			name: 'id',
			type: 'string',
			placeholder: 'e.g. 01935f7a-7c3e-7d2a-9b1f-2f6f0c6b3d11',
		},
	],
	description: 'The connected account',
};

/** The parameter "Account", checked. */
export function readAccountId(context: IExecuteFunctions, itemIndex: number): string {
	const given = context.getNodeParameter('account', itemIndex, '', { extractValue: true });
	const id = String((given as unknown) ?? '').trim();
	if (isId(id)) return id;
	throw operationError(
		context,
		{
			message: id === '' ? 'No account was chosen.' : 'The "Account" is not the id of an account.',
			remedy: 'Choose one from the list, or give the field id that Get Many returns.',
		},
		itemIndex,
		UNTOUCHED,
	);
}

/** An account as item data; warnings only where there are some. */
export function accountOutput(account: AccountView, warnings: PostError[] = []): IDataObject {
	return {
		...(account as unknown as IDataObject),
		...(warnings.length === 0 ? {} : { warnings: warnings.map(plainProblem) }),
	};
}
