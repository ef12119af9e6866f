import type { AccountCandidate } from '../platforms/identity';
import type { PlatformDefinition, TokenSecret } from '../platforms/platform';
import type { AccountView, Mode, PostError } from '../store/contract';
import type { VaultKey } from './vault';

/** A token fresh from consent, and where its platform is. */
export interface ConsentedToken {
	mode: Mode;
	/** API origin with path prefix, as in the account's row; see `definition.liveBaseUrl`. */
	baseUrl: string;
	authUrl: string;
	/** With client id and secret of the app that issued it. */
	secret: TokenSecret;
	/** What was granted; null when not known. */
	grantedScopes: string[] | null;
	/** Instagram: `facebook` for Facebook Login; null or absent: the platform's usual login. */
	product?: string | null;
}

export interface ConnectOptions {
	vaultKey: VaultKey;
	definition: PlatformDefinition;
}

export interface ConnectRequest extends ConsentedToken {
	owner: string;
	/** Which of several candidates; absent: the only one. */
	remoteId?: string;
	/** Reconnect of this account: another one is refused, and a failure leaves it as it was. */
	accountId?: string;
}

export interface AppPasswordSignIn {
	owner: string;
	mode: Mode;
	identifier: string;
	password: string;
	/** Origin of the account's own server; the platform's default when empty (live only). */
	server?: string;
	accountId?: string;
}

/** Candidates of a token. `secret` is the lasting one: keep it for the choice. */
export type IdentifyOutcome =
	| {
			outcome: 'ok';
			candidates: AccountCandidate[];
			secret: TokenSecret;
			grantedScopes: string[] | null;
	  }
	| { outcome: 'refused'; error: PostError; tokenRefused: boolean }
	| { outcome: 'later'; error: PostError };

export type ConnectOutcome =
	| { outcome: 'connected'; account: AccountView; warnings: PostError[] }
	/** More than one account could be meant: ask and call again with `remoteId`. */
	| {
			outcome: 'choose';
			candidates: AccountCandidate[];
			secret: TokenSecret;
			grantedScopes: string[] | null;
	  }
	| { outcome: 'refused'; error: PostError }
	/** Not known or not reachable now; nothing was changed. */
	| { outcome: 'later'; error: PostError };

export type ValidateOutcome =
	| { outcome: 'valid'; account: AccountView; warnings: PostError[] }
	/** The person must connect again. */
	| { outcome: 'dead'; account: AccountView | null; error: PostError }
	/** Not known; nothing was changed. */
	| { outcome: 'later'; account: AccountView | null; error: PostError }
	| { outcome: 'refused'; error: PostError };

export type DisconnectOutcome =
	| { outcome: 'disconnected'; account: AccountView; warnings: PostError[] }
	| { outcome: 'refused'; error: PostError }
	| { outcome: 'later'; error: PostError };

export interface KnownAccount {
	accountId: string;
	/** Refuses accounts of others; absent: any owner. */
	owner?: string;
}
