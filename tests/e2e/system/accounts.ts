import { randomUUID } from 'node:crypto';
import { loadVaultKey } from '../../../core/accounts/vault';
import type { Platform } from '../../../core/store/contract';
import { createCryptoPort } from '../../../nodes/SocialPost/transport/crypto-port';
import { seededConnection } from '../../../scripts/seeded-connection';
import type { SandboxClient } from './sandbox-client';
import type { StoreClient } from './store-client';

/** An account of the sandbox that is connected in the store. */
export interface ConnectedAccount {
	id: string;
	owner: string;
	platform: Platform;
	handle: string;
	displayName: string;
}

/** Consents in the sandbox and saves the account with its sealed token, as connecting does. */
export async function connectAccount(
	system: { sandbox: SandboxClient; store: StoreClient; vaultKey: string },
	wanted: {
		platform: Exclude<Platform, 'bluesky'>;
		handle: string;
		displayName?: string;
		owner?: string;
		/** LinkedIn: `organization` connects a page. */
		kind?: 'person' | 'organization' | 'business';
	},
): Promise<ConnectedAccount> {
	const owner = wanted.owner ?? 'default';
	const seeded = await system.sandbox.addAccount({
		platform: wanted.platform,
		handle: wanted.handle,
		displayName: wanted.displayName ?? wanted.handle,
		...(wanted.kind === undefined ? {} : { kind: wanted.kind }),
	});
	const crypto = createCryptoPort();
	const loaded = await loadVaultKey(system.vaultKey, crypto);
	if (loaded.outcome !== 'ok') throw new Error(loaded.error.message);
	const id = randomUUID();
	const vault = { crypto, key: loaded.key };
	const save = await seededConnection(vault, seeded, { accountId: id, owner });
	await system.store.call('social_account_save', save);
	const { handle, displayName } = seeded;
	return { id, owner, platform: wanted.platform, handle, displayName };
}
