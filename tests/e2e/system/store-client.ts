import { CONTRACT } from '../../../core/store/contract';
import type { PostView } from '../../../core/store/contract';
import type { StoreArgs, StoreValue } from '../../../core/store/client';
import type { StoreFunctionName } from '../../../core/store/contract';
import type { SystemAccess } from './access';

/** The store over HTTP with the secret key. */
export class StoreClient {
	constructor(private readonly access: SystemAccess['store']) {}

	async call<Name extends StoreFunctionName>(
		name: Name,
		args: StoreArgs<Name>,
	): Promise<StoreValue<Name>> {
		const response = await fetch(`${this.access.url}/rest/v1/rpc/${name}`, {
			method: 'POST',
			headers: { apikey: this.access.secretKey, 'content-type': 'application/json' },
			body: JSON.stringify({ ...args, p_contract: CONTRACT }),
		});
		const text = await response.text();
		if (!response.ok) throw new Error(`store ${name}: ${response.status} ${text}`);
		return JSON.parse(text) as StoreValue<Name>;
	}

	/** Every post of an account, oldest first. */
	async posts(account: { id: string; owner: string }): Promise<PostView[]> {
		const page = await this.call('social_post_list', {
			p_owner: account.owner,
			p_filter: { accountIds: [account.id] },
			p_limit: 100,
		});
		return page.items.sort((a, b) => a.createdAt.localeCompare(b.createdAt));
	}

	async post(id: string, owner = 'default'): Promise<PostView> {
		return await this.call('social_post_get', { p_post_id: id, p_owner: owner });
	}
}
