import { Router, type Request, type Response } from 'express';
import { z } from 'zod';
import type { Store } from '../../../core/store/client';
import type { SessionAnswer } from '../../shared/api';
import { bodyOf } from '../body';
import { sendProblem, sendStoreProblem, storeProblem } from '../problem';
import { sessionOf, type Session } from '../session';
import { hashOfToken } from './cookie';
import { anyPassword, newPassword, personName } from './fields';
import { ADDRESS_LIMIT, Limiter, NAME_LIMIT } from './limiter';
import { hashPassword } from './passwords';
import type { AuthProvider } from './provider';
import type { Sessions } from './sessions';

export interface SignInOptions {
	store: Store;
	provider: AuthProvider;
	sessions: Sessions;
	version: string;
	/** Clock of the limits; the real one unless a test says otherwise. */
	now?: () => number;
}

const setupBody = z.object({
	token: z.string('The set-up token is missing.').max(200),
	name: personName,
	password: newPassword,
});

const signInBody = z.object({ name: personName, password: anyPassword });

/** `/api/session`, `/api/setup`, `/api/sign-in`, `/api/sign-out`, `/api/sign-out-everywhere`. */
export function createSignInRouter(options: SignInOptions): Router {
	const { store, provider, sessions } = options;
	const byName = new Limiter(NAME_LIMIT, options.now);
	const byAddress = new Limiter(ADDRESS_LIMIT, options.now);
	const router = Router();
	let registered = provider.kind === 'supabase';

	const describe = (session: Session | null): SessionAnswer => ({
		user: session && { name: session.name, role: session.role, owner: session.owner },
		csrfToken: session && session.csrf,
		signIn: registered ? provider.kind : 'setup',
		version: options.version,
	});

	/** Refuses what comes too often; true when it may go on. */
	const admitted = (request: Request, response: Response, name: string | null): boolean => {
		const wait = Math.max(
			byAddress.take(request.ip ?? ''),
			name === null ? 0 : byName.take(name.toLowerCase()),
		);
		if (wait === 0) return true;
		response.set('Retry-After', String(wait));
		sendProblem(response, 429, {
			code: 'panel_sign_in_limited',
			message: 'There were too many tries to sign in.',
			remedy: `Wait ${Math.ceil(wait / 60)} min and try again.`,
		});
		return false;
	};

	router.get('/api/session', async (_request, response) => {
		if (!registered) {
			const answer = await store.call('social_panel_registered', {});
			if (answer.kind !== 'ok') {
				sendStoreProblem(response, answer);
				return;
			}
			registered = answer.value.registered;
		}
		response.json(describe(sessionOf(response)));
	});

	router.post('/api/setup', async (request, response) => {
		if (provider.kind !== 'local') {
			sendProblem(response, 409, {
				code: 'panel_setup_over',
				message: 'People sign in by Supabase Auth here. Nobody was added.',
				remedy: 'Sign in with your account of the Supabase project.',
			});
			return;
		}
		const body = bodyOf(request, response, setupBody);
		if (body === null || !admitted(request, response, null)) return;
		const made = await store.call('social_panel_setup', {
			p_token_hash: hashOfToken(body.token),
			p_name: body.name,
			p_password_hash: await hashPassword(body.password),
		});
		if (made.kind !== 'ok') {
			const { status, problem } = storeProblem(made);
			// 403 is the store's word on the token, not on our key.
			const refused = made.kind === 'refused' && made.refusal.code === 'panel_setup_token_refused';
			sendProblem(response, refused ? 403 : status, problem);
			return;
		}
		registered = true;
		const { id, name, role } = made.value;
		const session = await sessions.open(request, response, { userId: `local:${id}`, name, role });
		if (session !== null) response.status(201).json(describe(session));
	});

	router.post('/api/sign-in', async (request, response) => {
		const body = bodyOf(request, response, signInBody);
		if (body === null || !admitted(request, response, body.name)) return;
		const outcome = await provider.signIn(body.name, body.password);
		if (outcome.kind === 'problem') {
			sendProblem(response, outcome.status, outcome.problem);
			return;
		}
		if (outcome.kind === 'wrong') {
			sendProblem(response, 401, {
				code: 'panel_sign_in_wrong',
				message: 'Name or password is wrong.',
				remedy: 'Check both and try again.',
			});
			return;
		}
		byName.clear(body.name.toLowerCase());
		registered = true;
		const session = await sessions.open(request, response, outcome.person);
		if (session !== null) response.json(describe(session));
	});

	for (const [path, everywhere] of [
		['/api/sign-out', false],
		['/api/sign-out-everywhere', true],
	] as const) {
		router.post(path, async (request, response) => {
			if (await sessions.close(request, response, everywhere)) response.json(describe(null));
		});
	}
	return router;
}
