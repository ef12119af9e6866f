import { randomBytes } from 'node:crypto';
import type { Request, Response } from 'express';
import { sessionOf } from '../session';
import { hashOf } from './context';

/** 32 random bytes in base64url. */
const TOKEN = /^[A-Za-z0-9_-]{43}$/;

/** As the session's cookie (`../sign-in/cookie`): for this host alone, and no neighbour can set it. */
const COOKIE = '__Host-musekit-connect';

/** The value that binds flows of people without a session to their browser, set when there is none. */
export function flowCookie(request: Request, response: Response): string {
	const known = knownCookie(request);
	if (known !== null) return hashOf('browser', known);
	const value = randomBytes(32).toString('base64url');
	response.cookie(COOKIE, value, {
		httpOnly: true,
		// The platform sends people back by a link from its site, which `strict` would not take along.
		sameSite: 'lax',
		secure: true,
		path: '/',
		maxAge: 3_600_000,
	});
	return hashOf('browser', value);
}

/** What flows begun in this session are bound to. */
export function sessionBrowser(response: Response): string | null {
	const session = sessionOf(response);
	return session === null ? null : hashOf('session', session.id);
}

/** Everything that a flow of this browser may be bound to; never empty. */
export function browsersOf(request: Request, response: Response): string[] {
	const known = knownCookie(request);
	return [
		sessionBrowser(response),
		known === null ? null : hashOf('browser', known),
		hashOf('browser', 'none'),
	].filter((value) => value !== null);
}

function knownCookie(request: Request): string | null {
	for (const part of (request.headers.cookie ?? '').split(';')) {
		const at = part.indexOf('=');
		if (at < 0 || part.slice(0, at).trim() !== COOKIE) continue;
		const value = part.slice(at + 1).trim();
		if (TOKEN.test(value)) return value;
	}
	return null;
}
