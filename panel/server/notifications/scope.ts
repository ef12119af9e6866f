import type { Session } from '../session';

/** Whose notices a person is told of: an admin of everybody's (null), others of their own owner's. */
export function noticesOf(session: Session): string | null {
	return session.role === 'admin' ? null : session.owner;
}
