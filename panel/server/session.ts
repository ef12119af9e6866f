import type { NextFunction, Request, RequestHandler, Response } from 'express';
import type { ApiProblem, Role } from '../shared/api';
import { sendProblem } from './problem';

/** Who asks. In `response.locals.session` of every `/api` route, but for `PUBLIC_API`. */
export interface Session {
	/** Id of the session's row; binds what belongs to one browser, such as an OAuth state. */
	id: string;
	/** `local:<uuid>` or `supabase:<uuid>`. */
	userId: string;
	name: string;
	role: Role;
	/** What the header `x-csrf-token` of every write must say; checked before the routers. */
	csrf: string;
	/** The owner whose data are shown unless another one is asked for. */
	owner: string;
}

/**
 * Routes of `/api` that need no sign-in: the session itself, and the pages of a client who came by a
 * connect link (`/l/:token`). What they do is bound to the token in the path. Writes still need our
 * own Origin.
 */
export const PUBLIC_API: readonly RegExp[] = [
	/^\/api\/(session|setup|sign-in)$/,
	/^\/api\/connect-links\/[\w-]{16,}(\/[\w-]+)*$/,
];

/** The session of a request, or null where a route is public and nobody is signed in. */
export function sessionOf(response: Response): Session | null {
	return (response.locals.session as Session | undefined) ?? null;
}

/** Nobody is signed in where somebody must be; its status is 401. */
export const SIGNED_OUT: ApiProblem = {
	code: 'signed_out',
	message: 'You are not signed in, or the session has ended. Nothing was changed.',
	remedy: 'Sign in and try again.',
};

const RANK: Record<Role, number> = { viewer: 0, admin: 1 };

/** Lets a request pass that is signed in with at least this role; else 401 or 403 as `ApiProblem`. */
export function requireRole(role: Role): RequestHandler {
	return (_request: Request, response: Response, next: NextFunction) => {
		const session = sessionOf(response);
		if (session === null) {
			sendProblem(response, 401, SIGNED_OUT);
			return;
		}
		if (RANK[session.role] < RANK[role]) {
			sendProblem(response, 403, {
				code: 'role_missing',
				message: `This needs the role ${role}; you are signed in as ${session.role}. Nothing was changed.`,
				remedy: 'Ask an admin to do it, or to change your role.',
			});
			return;
		}
		next();
	};
}

/**
 * The owner a request is about: the one it asks for, else the session's own. Null when a viewer asks
 * for another owner's data, which only an admin may see.
 */
export function ownerFor(response: Response, asked: unknown): string | null {
	const session = sessionOf(response);
	if (session === null) return null;
	if (typeof asked !== 'string' || asked === '') return session.owner;
	return asked === session.owner || session.role === 'admin' ? asked : null;
}
