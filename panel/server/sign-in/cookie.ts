import { createHash, createHmac, randomBytes } from 'node:crypto';
import type { CookieOptions, Request, Response } from 'express';

/**
 * The `__Host-` prefix makes the browser refuse the cookie unless it is Secure, for this host alone
 * and for the whole of it, so no neighbour can plant one (RFC 6265bis, 4.1.3.2).
 */
export const COOKIE = '__Host-musekit';

const MAX_AGE_MS = 30 * 24 * 3_600_000;

/**
 * Lax and not Strict: a platform sends the browser back from its consent page by a link from another
 * site, and that request must carry the session, because the consent's state is bound to it. A GET
 * changes nothing here, and every write needs our Origin and the token of the session besides.
 */
const OPTIONS: CookieOptions = { secure: true, httpOnly: true, sameSite: 'lax', path: '/' };

/** 256 random bits for one cookie. */
export function newToken(): string {
	return randomBytes(32).toString('base64url');
}

/** What the store keeps of a token: whoever reads the store cannot sign in with it. */
export function hashOfToken(token: string): string {
	return createHash('sha256').update(token).digest('hex');
}

/** The CSRF token of a session: made from its cookie, which no other site can read. */
export function csrfOf(token: string): string {
	return createHmac('sha256', token).update('musekit csrf').digest('base64url');
}

/** The token in the request's cookie, or null. */
export function tokenOf(request: Request): string | null {
	for (const pair of (request.headers.cookie ?? '').split(';')) {
		const [name, value] = pair.trim().split('=', 2);
		if (name === COOKIE && /^[\w-]{43}$/.test(value ?? '')) return value;
	}
	return null;
}

export function setCookie(response: Response, token: string): void {
	response.cookie(COOKIE, token, { ...OPTIONS, maxAge: MAX_AGE_MS });
}

export function clearCookie(response: Response): void {
	response.clearCookie(COOKIE, OPTIONS);
}
