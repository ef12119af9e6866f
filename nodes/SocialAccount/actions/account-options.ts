import type { IExecuteFunctions } from 'n8n-workflow';

import type { ConnectOptions, KnownAccount } from '../../../core/accounts/connect-types';
import { askStore } from '../../SocialPost/actions/ask-store';
import type { Session } from '../../SocialPost/transport/ports';
import { UNTOUCHED } from './common';

/** The vault key and the rules of the account's platform. */
export async function openOptions(
	context: IExecuteFunctions,
	itemIndex: number,
	session: Session,
	wanted: KnownAccount,
): Promise<ConnectOptions> {
	const account = await askStore(
		context,
		itemIndex,
		session,
		'social_account_get',
		{ p_account_id: wanted.accountId, p_owner: wanted.owner },
		UNTOUCHED,
	);
	const { vaultKey, platforms } = session.carrier;
	return { vaultKey, definition: platforms[account.platform] };
}
