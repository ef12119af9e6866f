import { createHash, randomUUID, timingSafeEqual } from 'node:crypto';
import { opaque } from './ids';
import type { Account, Client, Code, Platform, Token } from './records';
import type { SandboxState } from './state';

export interface TokenGrant {
	account: Account;
	clientId: string;
	scopes: string[];
	family?: string;
}

/** Makes one token; `lifeMs` null never expires, negative is already expired. */
export function issueToken(
	state: SandboxState,
	grant: TokenGrant,
	use: Token['use'],
	lifeMs: number | null,
	kind?: Token['kind'],
): Token {
	const now = state.now();
	const value = opaque(use === 'access' ? 48 : 40);
	return state.tokens.put(value, {
		value,
		use,
		platform: grant.account.platform,
		accountId: grant.account.id,
		clientId: grant.clientId,
		family: grant.family ?? randomUUID(),
		scopes: grant.scopes,
		issuedAt: now,
		expiresAt: lifeMs === null ? null : now + lifeMs,
		status: 'live',
		...(kind === undefined ? {} : { kind }),
	});
}

export type TokenProblem = 'missing' | 'invalid' | 'revoked' | 'expired';

/** What is wrong with a token, or null when it may be used. */
export function tokenProblem(
	state: SandboxState,
	token: Token | null | undefined,
): TokenProblem | null {
	if (!token) return 'invalid';
	if (token.status !== 'live') return 'revoked';
	if (token.expiresAt !== null && token.expiresAt <= state.now()) return 'expired';
	return null;
}

/** Revokes every token of one consent. */
export function revokeFamily(state: SandboxState, family: string): void {
	for (const token of state.tokens.values()) {
		if (token.family === family && token.status === 'live') {
			state.tokens.put(token.value, { ...token, status: 'revoked' });
		}
	}
}

/** Revokes every token of an account, as the person does in the platform's settings. */
export function revokeAccount(state: SandboxState, platform: Platform, accountId: string): void {
	for (const token of state.tokens.values()) {
		if (token.platform === platform && token.accountId === accountId && token.status === 'live') {
			state.tokens.put(token.value, { ...token, status: 'revoked' });
		}
	}
}

export function findClient(
	state: SandboxState,
	platform: Platform,
	id: string | null | undefined,
): Client | undefined {
	return id ? state.clients.get(`${platform}:${id}`) : undefined;
}

/** True when the client has this secret. */
export function secretFits(client: Client, secret: string | null | undefined): boolean {
	if (client.secret === null || !secret) return false;
	const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
	return timingSafeEqual(digest(client.secret), digest(secret));
}

/** True when the URI is registered exactly; `loopback` clients take any http URI on this machine. */
export function redirectAllowed(client: Client, redirectUri: string): boolean {
	if (client.redirectUris.includes(redirectUri)) return true;
	if (!client.redirectUris.includes('loopback')) return false;
	if (!URL.canParse(redirectUri)) return false;
	const url = new URL(redirectUri);
	return (
		url.hash === '' &&
		url.protocol === 'http:' &&
		['127.0.0.1', 'localhost', '[::1]'].includes(url.hostname)
	);
}

export function issueCode(
	state: SandboxState,
	grant: TokenGrant,
	redirectUri: string,
	challenge: Code['challenge'],
	lifeMs: number,
): Code {
	const value = opaque(40);
	return state.codes.put(value, {
		value,
		platform: grant.account.platform,
		accountId: grant.account.id,
		clientId: grant.clientId,
		redirectUri,
		scopes: grant.scopes,
		challenge,
		expiresAt: state.now() + lifeMs,
		used: false,
		family: randomUUID(),
	});
}

export type CodeProblem = 'unknown' | 'expired' | 'used' | 'client' | 'redirect_uri' | 'verifier';

/**
 * Takes a code for an exchange. A second exchange is refused and revokes what the first one gave
 * (RFC 6749 §4.1.2).
 */
export function takeCode(
	state: SandboxState,
	platform: Platform,
	value: string | null | undefined,
	clientId: string,
	redirectUri: string | null | undefined,
	verifier: string | null | undefined,
): { code: Code; problem: null } | { code: null; problem: CodeProblem } {
	const code = state.codes.get(value ?? '');
	if (!code || code.platform !== platform) return { code: null, problem: 'unknown' };
	if (code.used) {
		revokeFamily(state, code.family);
		return { code: null, problem: 'used' };
	}
	if (code.expiresAt <= state.now()) return { code: null, problem: 'expired' };
	if (code.clientId !== clientId) return { code: null, problem: 'client' };
	if (code.redirectUri !== redirectUri) return { code: null, problem: 'redirect_uri' };
	if (code.challenge && !verifierFits(code.challenge, verifier)) {
		return { code: null, problem: 'verifier' };
	}
	return { code: state.codes.put(code.value, { ...code, used: true }), problem: null };
}

function verifierFits(
	challenge: NonNullable<Code['challenge']>,
	verifier: string | null | undefined,
): boolean {
	if (!verifier) return false;
	if (challenge.method === 'plain') return challenge.value === verifier;
	return createHash('sha256').update(verifier).digest('base64url') === challenge.value;
}
