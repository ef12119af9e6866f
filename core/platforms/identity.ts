import type { HttpAnswer, HttpPort, HttpRequest } from '../ports';
import type { CarriedAccount, Mode, PostError } from '../store/contract';
import type { TokenSecret } from './platform';

/** How connecting, validating and disconnecting work on one platform. */
export interface IdentityRules {
	/** Scopes without which nothing can be posted, per kind of account; empty where none exist. */
	requiredScopes(candidate: { kind: CandidateKind; product: string | null }): string[];
	/** Scopes that some work needs (refresh, pictures, numbers); missing ones are a warning. */
	wantedScopes(candidate: { kind: CandidateKind; product: string | null }): string[];
	/**
	 * Turns the token that consent brought into the one to keep (Meta: one hour into 60 days). Null
	 * where the first is the lasting one. Not called for a token that lives a day or more.
	 */
	lengthen: null | ((context: IdentityContext) => Promise<LengthenReading>);
	/** Asks with the cheapest real calls whose token it is. Only reads; never throws. */
	identify(context: IdentityContext): Promise<IdentityReading>;
	/** Signs in with handle and app password; null where people consent on the platform's page. */
	signIn: null | SignInRules;
	/** Requests that end the access, in order; empty where the platform has none. */
	revoke(account: CarriedAccount, secret: TokenSecret): HttpRequest[];
}

export type CandidateKind = 'person' | 'organisation' | 'professional';

export interface IdentityContext {
	http: HttpPort;
	mode: Mode;
	baseUrl: string;
	authUrl: string;
	secret: TokenSecret;
	/** Which of a platform's login products it came from (Instagram: `facebook`); null: the usual. */
	product: string | null;
	/** Set when an account that is there is validated: only this one is asked for. */
	known: { remoteId: string; settings: Record<string, unknown> } | null;
	/** Unix ms. */
	nowMs: number;
}

/** An account that a token can post for. */
export interface AccountCandidate {
	remoteId: string;
	/** Without `@`. */
	handle: string;
	displayName: string;
	kind: CandidateKind;
	/** Page to look at; null where only a sandbox or the platform's own answer knows. */
	profileUrl: string | null;
	/** What a carrier needs besides (`authorUrn`, …). */
	settings: Record<string, unknown>;
	/** Where its calls go when not to the address that was asked. */
	baseUrl?: string;
	/** A token of its own (a Facebook page's); else the one that was asked with. */
	secret?: TokenSecret;
	/** Why it cannot be chosen; null when it can. */
	unavailable: PostError | null;
}

export type LengthenReading =
	| { outcome: 'ok'; secret: TokenSecret; scopes: string[] | null }
	| IdentityFailure;

export type IdentityReading =
	| {
			outcome: 'ok';
			candidates: AccountCandidate[];
			/** What was granted, where the platform tells. */
			scopes: string[] | null;
	  }
	| IdentityFailure;

export type IdentityFailure =
	/** The platform refuses this token or app; asking again brings nothing. */
	| { outcome: 'refused'; error: PostError; tokenRefused: boolean }
	/** Not known: no answer, limit, server error. */
	| { outcome: 'later'; error: PostError };

export interface SignInRules {
	request(authUrl: string, identifier: string, password: string): HttpRequest;
	/** `server`: where the account's calls go, by the platform's own word. */
	read(
		answer: HttpAnswer,
		nowMs: number,
	):
		| { outcome: 'ok'; secret: TokenSecret; server: string | null }
		| { outcome: 'refused'; error: PostError };
}
