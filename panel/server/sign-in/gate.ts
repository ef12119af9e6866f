import { timingSafeEqual } from 'node:crypto';
import type { NextFunction, Request, RequestHandler, Response } from 'express';
import { sendProblem } from '../problem';
import { PUBLIC_API, requireRole, sessionOf } from '../session';
import type { Sessions } from './sessions';

const isRead = (request: Request) => request.method === 'GET' || request.method === 'HEAD';

/** What people with any role may write: about their own session and password, and what they have read. */
const OWN_WRITES = new Set([
	'/api/sign-out',
	'/api/sign-out-everywhere',
	'/api/password',
	'/api/notifications/read',
]);

/** The whole path, below whatever the middleware is mounted, without a slash at its end. */
const pathOf = (request: Request) => (request.baseUrl + request.path).replace(/\/+$/, '');

const isPublic = (request: Request) => PUBLIC_API.some((pattern) => pattern.test(pathOf(request)));

/** True when the request comes from a page of this panel, by what the browser says of it. */
function fromOurPage(request: Request): boolean {
	const site = request.headers['sec-fetch-site'];
	if (site !== undefined && site !== 'same-origin') return false;
	const { origin, host } = request.headers;
	return origin !== undefined && URL.canParse(origin) && new URL(origin).host === host;
}

function same(given: unknown, wanted: string): boolean {
	if (typeof given !== 'string') return false;
	const [a, b] = [Buffer.from(given), Buffer.from(wanted)];
	return a.length === b.length && timingSafeEqual(a, b);
}

/** Every answer of the API is for one person and one moment. */
export function neverStored(_request: Request, response: Response, next: NextFunction): void {
	response.set('Cache-Control', 'no-store');
	next();
}

/** Writes from other sites' pages end here, signed in or not. */
export function onlyOurPages(request: Request, response: Response, next: NextFunction): void {
	if (isRead(request) || fromOurPage(request)) {
		next();
		return;
	}
	sendProblem(response, 403, {
		code: 'origin_refused',
		message: 'This request does not come from a page of this panel. Nothing was changed.',
		remedy: 'Open the panel under its own address and try again.',
	});
}

/** Puts the session of the cookie into `response.locals`, where there is one. */
export function loadSession(sessions: Sessions): RequestHandler {
	return async (request: Request, response: Response, next: NextFunction) => {
		const found = await sessions.find(request);
		if (found.kind === 'unknown') {
			sendProblem(response, found.status, found.problem);
			return;
		}
		if (found.kind === 'session') response.locals.session = found.session;
		next();
	};
}

const signedIn = requireRole('viewer');
const admin = requireRole('admin');

/**
 * The rule for all of `/api`: public routes pass; the others need a session; writes need its CSRF
 * token and the role admin. A router may ask for more, never for less.
 */
export function gate(request: Request, response: Response, next: NextFunction): void {
	if (isPublic(request)) {
		next();
		return;
	}
	const session = sessionOf(response);
	if (session === null || isRead(request)) {
		signedIn(request, response, next);
		return;
	}
	if (!same(request.headers['x-csrf-token'], session.csrf)) {
		sendProblem(response, 403, {
			code: 'csrf_refused',
			message: 'This page belongs to another session. Nothing was changed.',
			remedy: 'Load the page again and repeat what you did.',
		});
		return;
	}
	(OWN_WRITES.has(pathOf(request)) ? signedIn : admin)(request, response, next);
}
