import { NodeOperationError } from 'n8n-workflow';
import type { ILoadOptionsFunctions } from 'n8n-workflow';

import { PLATFORMS } from '../../../core/platforms';
import { createStore } from '../../../core/store/client';
import type { AccountView, Page } from '../../../core/store/contract';
import { createStorePort, CREDENTIAL, type StoreContext } from '../transport/store-port';
import { credentialProblem, type SocialCredential } from '../transport/ports';
import { storeProblem } from '../input/store-problem';

/** One page of the owner's accounts for the editor's lists; throws in our words. */
export async function accountPage(
	context: ILoadOptionsFunctions,
	query: { search?: string; cursor?: string; limit: number },
): Promise<Page<AccountView>> {
	const credential = await context.getCredentials<SocialCredential>(CREDENTIAL);
	const problem = credentialProblem(credential);
	if (problem) throw listError(context, problem);
	const store = createStore(createStorePort(context as unknown as StoreContext, credential.url));
	const answer = await store.call('social_account_list', {
		p_owner: ownerOf(context),
		p_search: query.search?.trim() || null,
		p_limit: query.limit,
		p_cursor: query.cursor ?? null,
	});
	if (answer.kind === 'ok') return answer.value;
	throw listError(context, storeProblem(answer));
}

/**
 * `X · @handle`, with a word when the account is a sandbox or must be connected again, and its name,
 * for n8n's list shows nothing but this and people look for the name.
 */
export function accountLabel(account: AccountView): string {
	const marks = [
		account.mode === 'sandbox' ? 'sandbox' : '',
		account.status === 'connected' ? '' : 'connect again',
	].filter((mark) => mark !== '');
	const name = `${PLATFORMS[account.platform].displayName} · @${account.handle}`;
	const marked = marks.length > 0 ? `${name} (${marks.join(', ')})` : name;
	return account.displayName === account.handle ? marked : `${marked} · ${account.displayName}`;
}

function ownerOf(context: ILoadOptionsFunctions): string {
	const options = context.getCurrentNodeParameter('options') as { owner?: unknown } | undefined;
	const owner = String(options?.owner ?? '').trim();
	if (owner.startsWith('=')) {
		throw listError(context, {
			message: 'The list cannot be shown while "Owner" is an expression.',
			remedy: 'Choose "By ID" and give the account id by an expression too.',
		});
	}
	return owner === '' ? 'default' : owner;
}

function listError(
	context: ILoadOptionsFunctions,
	problem: { message: string; remedy: string },
): NodeOperationError {
	// The editor shows only the message of a list, so the remedy stands in it too.
	return new NodeOperationError(context.getNode(), `${problem.message} ${problem.remedy}`.trim());
}
