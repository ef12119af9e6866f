import type { ApiProblem, Role } from '../../shared/api';

export interface Person {
	/** `local:<uuid>` or `supabase:<uuid>`. */
	userId: string;
	name: string;
	role: Role;
}

/** Said while Supabase Auth gives no answer of its own. */
export const AUTH_AWAY: ApiProblem = {
	code: 'panel_auth_unreachable',
	message: 'Supabase Auth does not answer, so nobody can sign in for now. No post is affected.',
	remedy: 'Look at the status of the Supabase project, and check SUPABASE_URL; then try again.',
};

export type SignInOutcome =
	| { kind: 'ok'; person: Person }
	/** Wrong name or password, not told apart. */
	| { kind: 'wrong' }
	/** Known, but may not use the panel; or nobody can tell now. */
	| { kind: 'problem'; status: number; problem: ApiProblem };

/** Where people and their passwords are: our own table, or Supabase Auth. */
export interface AuthProvider {
	kind: 'local' | 'supabase';
	signIn(name: string, password: string): Promise<SignInOutcome>;
	/**
	 * What the person may do now: a role, `gone` for certain, or `unknown` when nobody answers. Null
	 * where the store itself keeps the role and every session follows it at once.
	 */
	roleNow: null | ((userId: string) => Promise<Role | 'gone' | 'unknown'>);
}
