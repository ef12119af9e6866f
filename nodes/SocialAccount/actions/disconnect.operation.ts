import { updateDisplayOptions } from 'n8n-workflow';

import { disconnectAccount } from '../../../core/accounts/disconnect';
import { readOwner } from '../../SocialPost/actions/ask-store';
import { option, optionsField } from '../../SocialPost/actions/common.descriptions';
import type { ItemOperation } from '../../SocialPost/actions/node.type';
import { paired } from '../../SocialPost/actions/output';
import { operationError } from '../../SocialPost/input/problem';
import { openOptions } from './account-options';
import { accountField, accountOutput, readAccountId, UNTOUCHED } from './common';

export const description = updateDisplayOptions({ show: { operation: ['disconnect'] } }, [
	accountField,
	optionsField([option.owner]),
]);

/** Takes the access back at the platform and wipes it here; posts of the account wait. */
export const execute: ItemOperation = async (context, itemIndex, session) => {
	const wanted = {
		accountId: readAccountId(context, itemIndex),
		owner: readOwner(context, itemIndex),
	};
	const options = await openOptions(context, itemIndex, session, wanted);
	const outcome = await disconnectAccount(session.ports, options, wanted);
	if (outcome.outcome !== 'disconnected') {
		throw operationError(context, outcome.error, itemIndex, UNTOUCHED);
	}
	return [paired(accountOutput(outcome.account, outcome.warnings), itemIndex)];
};
