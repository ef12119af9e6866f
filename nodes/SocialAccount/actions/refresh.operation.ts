import { updateDisplayOptions } from 'n8n-workflow';

import { refreshAccount } from '../../../core/accounts/validate';
import { readOwner } from '../../SocialPost/actions/ask-store';
import { option, optionsField } from '../../SocialPost/actions/common.descriptions';
import type { ItemOperation } from '../../SocialPost/actions/node.type';
import { paired } from '../../SocialPost/actions/output';
import { openOptions } from './account-options';
import { checkedOutput } from './checked-output';
import { accountField, readAccountId } from './common';

export const description = updateDisplayOptions({ show: { operation: ['refresh'] } }, [
	accountField,
	optionsField([option.owner]),
]);

/** Renews the access now. Only one process does it at a time, whoever asks. */
export const execute: ItemOperation = async (context, itemIndex, session) => {
	const wanted = {
		accountId: readAccountId(context, itemIndex),
		owner: readOwner(context, itemIndex),
	};
	const options = await openOptions(context, itemIndex, session, wanted);
	const outcome = await refreshAccount(session.ports, options, wanted);
	return [paired(checkedOutput(context, itemIndex, outcome), itemIndex)];
};
