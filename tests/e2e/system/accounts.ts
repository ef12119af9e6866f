import { randomUUID } from 'node:crypto';
import { loadVaultKey, sealToken } from '../../../core/accounts/vault';
import type { Platform } from '../../../core/store/contract';
import { createCryptoPort } from '../../../nodes/SocialPost/transport/crypto-port';
import type { SandboxClient, SeededAccount } from './sandbox-client';
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
	const token = await sealToken(crypto, loaded.key, { accountId: id, owner }, secretOf(seeded));
	await system.store.call('social_account_save', {
		p_id: id,
		p_owner: owner,
		p_platform: wanted.platform,
		p_mode: 'sandbox',
		p_remote_id: seeded.accountId,
		p_handle: seeded.handle,
		p_display_name: seeded.displayName,
		p_base_url: seeded.baseUrl,
		p_auth_url: seeded.authUrl,
		p_profile_url: seeded.profileUrl,
		p_scopes: seeded.scopes,
		p_token: token,
		p_token_key_id: loaded.key.keyId,
		p_token_expires_at: seeded.expiresAt === null ? null : new Date(seeded.expiresAt).toISOString(),
		p_settings: seeded.urn === null ? {} : { authorUrn: seeded.urn },
	});
	const { handle, displayName } = seeded;
	return { id, owner, platform: wanted.platform, handle, displayName };
}

function secretOf(seeded: SeededAccount) {
	return {
		accessToken: seeded.accessToken,
		refreshToken: seeded.refreshToken ?? undefined,
		clientId: seeded.clientId,
		clientSecret: seeded.clientSecret ?? undefined,
		issuedAt: seeded.issuedAt,
		expiresAt: seeded.expiresAt ?? undefined,
	};
}
