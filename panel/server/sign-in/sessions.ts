import type { Request, Response } from 'express';
import { isUnclear, type Store } from '../../../core/store/client';
import type { PanelSession } from '../../../core/store/contract';
import { sendStoreProblem, storeProblem } from '../problem';
import type { Session } from '../session';
import { clearCookie, csrfOf, hashOfToken, newToken, setCookie, tokenOf } from './cookie';
import { AUTH_AWAY, type AuthProvider, type Person } from './provider';

/** A role that was taken away at Supabase is gone here after at most so long. */
const CONFIRM_AFTER_MS = 5 * 60_000;
/**
 * While Supabase cannot be asked a session goes on for so long: an outage signs nobody out, and a role
 * that was taken away does not last as long as a key that no longer fits.
 */
const UNCONFIRMED_MS = 60 * 60_000;

export type Found =
	| { kind: 'session'; session: Session }
	| { kind: 'none' }
	| { kind: 'unknown'; status: number; problem: ReturnType<typeof storeProblem>['problem'] };

/** Sessions in the store, found by the cookie. */
export class Sessions {
	constructor(
		private readonly store: Store,
		private readonly provider: AuthProvider,
	) {}

	/** The session of the request's cookie. "The store does not answer" is not "signed out". */
	async find(request: Request): Promise<Found> {
		const token = tokenOf(request);
		if (token === null) return { kind: 'none' };
		const answer = await this.store.call('social_panel_session_use', {
			p_token_hash: hashOfToken(token),
		});
		if (answer.kind !== 'ok') return { kind: 'unknown', ...storeProblem(answer) };
		if (answer.value === null) return { kind: 'none' };
		return await this.#confirmed(answer.value, token);
	}

	async #confirmed(row: PanelSession, token: string): Promise<Found> {
		const session = { ...sessionOfRow(row), csrf: csrfOf(token) };
		// A session of the other kind is left from before the panel was set up differently.
		if (!row.userId.startsWith(`${this.provider.kind}:`)) return { kind: 'none' };
		if (this.provider.roleNow === null || row.checkedMsAgo < CONFIRM_AFTER_MS) {
			return { kind: 'session', session };
		}
		const role = await this.provider.roleNow(row.userId);
		if (role === 'unknown') {
			return row.checkedMsAgo < UNCONFIRMED_MS
				? { kind: 'session', session }
				: { kind: 'unknown', status: 503, problem: AUTH_AWAY };
		}
		const saved = await this.store.call('social_panel_session_confirm', {
			p_user_id: row.userId,
			p_role: role === 'gone' ? null : role,
		});
		if (saved.kind !== 'ok' && isUnclear(saved)) return { kind: 'unknown', ...storeProblem(saved) };
		return role === 'gone' ? { kind: 'none' } : { kind: 'session', session: { ...session, role } };
	}

	/** Opens a session for a person who proved who they are; ends the one the browser had. */
	async open(request: Request, response: Response, person: Person): Promise<Session | null> {
		const before = tokenOf(request);
		const token = newToken();
		const answer = await this.store.call('social_panel_session_open', {
			p_token_hash: hashOfToken(token),
			p_user_id: person.userId,
			p_name: person.name,
			p_role: person.role,
		});
		if (answer.kind !== 'ok') {
			sendStoreProblem(response, answer);
			return null;
		}
		if (before !== null) {
			await this.store.call('social_panel_session_close', { p_token_hash: hashOfToken(before) });
		}
		setCookie(response, token);
		return { ...sessionOfRow(answer.value), csrf: csrfOf(token) };
	}

	/** Ends the request's session, or all of its person; answers whether the store did it. */
	async close(request: Request, response: Response, everywhere: boolean): Promise<boolean> {
		const token = tokenOf(request);
		if (token !== null) {
			const answer = await this.store.call('social_panel_session_close', {
				p_token_hash: hashOfToken(token),
				p_everywhere: everywhere,
			});
			if (answer.kind !== 'ok') {
				sendStoreProblem(response, answer);
				return false;
			}
		}
		clearCookie(response);
		return true;
	}
}

function sessionOfRow({ id, userId, name, role, owner }: PanelSession): Omit<Session, 'csrf'> {
	return { id, userId, name, role, owner };
}
