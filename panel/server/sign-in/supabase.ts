import { createClient, type SupabaseClient, type User } from '@supabase/supabase-js';
import { z } from 'zod';
import type { Role } from '../../shared/api';
import { AUTH_AWAY, type AuthProvider, type SignInOutcome } from './provider';

export interface SupabaseOptions {
	url: string;
	/** `sb_publishable_…` (or the older anon key). */
	publishableKey: string;
	/** `sb_secret_…`; asks for a person's role while a session lasts. */
	secretKey: string;
}

const LIMIT_MS = 10_000;

const roles = z.object({
	musekit_role: z.enum(['admin', 'viewer']).optional().catch(undefined),
	role: z.enum(['admin', 'viewer']).optional().catch(undefined),
});

/**
 * The role in `app_metadata`, which only the project's owner can write; `user_metadata` is the user's
 * own to change and is never read. `musekit_role` goes first: another app of the same project may
 * mean something else by `role`.
 */
export function roleOf(user: Pick<User, 'app_metadata'>): Role | null {
	const found = roles.safeParse(user.app_metadata);
	return found.success ? (found.data.musekit_role ?? found.data.role ?? null) : null;
}

function clientOf(url: string, key: string): SupabaseClient {
	return createClient(url, key, {
		auth: { persistSession: false, autoRefreshToken: false, detectSessionInUrl: false },
		global: {
			fetch: (input, init) =>
				fetch(input, { ...init, redirect: 'manual', signal: AbortSignal.timeout(LIMIT_MS) }),
		},
	});
}

/**
 * Supabase Auth by its own client. Its tokens are dropped at once: the browser gets our cookie only,
 * and what the person may do is asked for again while the session lasts.
 */
export function supabaseProvider(options: SupabaseOptions): AuthProvider {
	const admin = clientOf(options.url, options.secretKey);
	return {
		kind: 'supabase',
		signIn: async (email, password) => await signIn(options, email, password),
		roleNow: async (userId) => {
			const id = userId.replace(/^supabase:/, '');
			const { data, error } = await admin.auth.admin.getUserById(id);
			if (error !== null) return error.status === 404 ? 'gone' : 'unknown';
			const banned = data.user.banned_until;
			if (banned && Date.parse(banned) > Date.now()) return 'gone';
			return roleOf(data.user) ?? 'gone';
		},
	};
}

async function signIn(
	options: SupabaseOptions,
	email: string,
	password: string,
): Promise<SignInOutcome> {
	// One client for one person: the client keeps the session of whoever signed in last.
	const client = clientOf(options.url, options.publishableKey);
	const { data, error } = await client.auth.signInWithPassword({ email, password });
	if (error !== null) return refusal(error.status ?? 0, error.code);
	const role = roleOf(data.user);
	await client.auth.signOut({ scope: 'local' });
	if (role === null) {
		return {
			kind: 'problem',
			status: 403,
			problem: {
				code: 'panel_role_missing',
				message: 'Your account is right, but it has no role in this panel.',
				remedy:
					'Ask the owner of the Supabase project to set app_metadata {"musekit_role": "admin"} or "viewer" for you.',
			},
		};
	}
	return {
		kind: 'ok',
		person: { userId: `supabase:${data.user.id}`, name: data.user.email ?? email, role },
	};
}

function refusal(status: number, code: string | undefined): SignInOutcome {
	if (code === 'email_not_confirmed') {
		return {
			kind: 'problem',
			status: 403,
			problem: {
				code: 'panel_email_not_confirmed',
				message: 'This e-mail address is not confirmed yet.',
				remedy: 'Open the link in the e-mail that Supabase sent, then sign in.',
			},
		};
	}
	if (status === 429) {
		return {
			kind: 'problem',
			status: 429,
			problem: {
				code: 'panel_sign_in_limited',
				message: 'Supabase Auth has had too many tries and refuses more for now.',
				remedy: 'Wait a few minutes and try again.',
			},
		};
	}
	if (status === 400 && code === 'invalid_credentials') return { kind: 'wrong' };
	if (code === 'user_banned') {
		return {
			kind: 'problem',
			status: 403,
			problem: {
				code: 'panel_user_banned',
				message: 'This account is banned in the Supabase project.',
				remedy: 'Ask the owner of the Supabase project.',
			},
		};
	}
	if (status === 0 || status >= 500) return { kind: 'problem', status: 503, problem: AUTH_AWAY };
	return {
		kind: 'problem',
		status: 502,
		problem: {
			code: 'panel_auth_unreachable',
			message: `Supabase Auth refused the question (${status}${code ? ` ${code}` : ''}).`,
			remedy:
				'Check SUPABASE_URL and SUPABASE_PUBLISHABLE_KEY, and that e-mail sign-in is on in the project.',
		},
	};
}
