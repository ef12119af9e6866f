import { sealToken, type VaultKey, type VaultRow } from '../core/accounts/vault';
import type { CryptoPort } from '../core/ports';
import type { StoreArgs } from '../core/store/client';
import type { SeededAccount } from '../sandbox/src/accounts';

/**
 * What `social_account_save` is given to connect an account that the sandbox has made, as a sign-in
 * would leave it: its token sealed for this row.
 */
export async function seededConnection(
	vault: { crypto: CryptoPort; key: VaultKey },
	made: SeededAccount,
	{ accountId, owner }: VaultRow,
): Promise<StoreArgs<'social_account_save'>> {
	const row = { accountId, owner };
	const token = await sealToken(vault.crypto, vault.key, row, {
		accessToken: made.accessToken,
		...(made.refreshToken ? { refreshToken: made.refreshToken } : {}),
		...(made.expiresAt === null ? {} : { expiresAt: made.expiresAt }),
		issuedAt: made.issuedAt,
		clientId: made.clientId,
		...(made.clientSecret ? { clientSecret: made.clientSecret } : {}),
	});
	return {
		p_id: accountId,
		p_owner: owner,
		p_platform: made.platform,
		p_mode: 'sandbox',
		p_remote_id: made.accountId,
		p_handle: made.handle,
		p_display_name: made.displayName,
		p_base_url: made.baseUrl,
		p_auth_url: made.authUrl,
		p_profile_url: made.profileUrl,
		p_scopes: made.scopes,
		p_token: token,
		p_token_key_id: vault.key.keyId,
		p_token_expires_at: made.expiresAt === null ? null : new Date(made.expiresAt).toISOString(),
		p_settings: made.urn === null ? {} : { authorUrn: made.urn },
	};
}
