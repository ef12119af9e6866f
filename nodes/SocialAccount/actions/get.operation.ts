import { updateDisplayOptions } from 'n8n-workflow';

import { askStore, readOwner } from '../../SocialPost/actions/ask-store';
import { option, optionsField } from '../../SocialPost/actions/common.descriptions';
import type { ItemOperation } from '../../SocialPost/actions/node.type';
import { paired } from '../../SocialPost/actions/output';
import { readWarnings, warningsField } from '../../SocialPost/actions/warnings';
import { accountField, accountOutput, readAccountId, UNTOUCHED } from './common';

export const description = updateDisplayOptions({ show: { operation: ['get'] } }, [
	accountField,
	optionsField([option.owner]),
]);

/** One account as it stands in the store; asks no platform. With the warnings about its posts. */
export const execute: ItemOperation = async (context, itemIndex, session) => {
	const account = await askStore(
		context,
		itemIndex,
		session,
		'social_account_get',
		{
			p_account_id: readAccountId(context, itemIndex),
			p_owner: readOwner(context, itemIndex),
		},
		UNTOUCHED,
	);
	const warnings = await readWarnings(session, { p_account_id: account.id });
	return [paired({ ...accountOutput(account), ...warningsField(warnings) }, itemIndex)];
};
