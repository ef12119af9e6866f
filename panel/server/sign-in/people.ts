import { Router, type Response } from 'express';
import { z } from 'zod';
import type { RpcAnswer } from '../../../core/ports';
import type { Store } from '../../../core/store/client';
import type { PanelUser } from '../../../core/store/contract';
import type { UserRow, UsersAnswer } from '../../shared/api';
import { bodyOf } from '../body';
import { sendProblem, sendStoreProblem } from '../problem';
import { requireRole, sessionOf } from '../session';
import { anyPassword, newPassword, personName, role } from './fields';
import { Limiter, NAME_LIMIT } from './limiter';
import { hashPassword, passwordFits } from './passwords';
import type { AuthProvider } from './provider';

const addBody = z.object({ name: personName, password: newPassword, role });
const changeBody = z
	.object({ role: role.optional(), password: newPassword.optional() })
	.refine(
		(body) => body.role !== undefined || body.password !== undefined,
		'Give a new role or a new password.',
	);
const passwordBody = z.object({ current: anyPassword, password: newPassword });
const userId = z.uuid();

/**
 * `/api/users` (admins only) and `/api/password` (one's own), where the panel keeps its people
 * itself. With Supabase Auth both say that people are kept there.
 */
export function createPeopleRouter(store: Store, provider: AuthProvider): Router {
	const router = Router();
	const tries = new Limiter(NAME_LIMIT);

	const row = (user: PanelUser, response: Response): UserRow => ({
		id: user.id,
		name: user.name,
		role: user.role,
		createdAt: user.createdAt,
		lastSignInAt: user.lastSignInAt,
		you: sessionOf(response)?.userId === `local:${user.id}`,
	});

	/** The value of a store call, or null after its problem was sent. */
	const valueOf = <T>(response: Response, answer: RpcAnswer<T>): T | null => {
		if (answer.kind === 'ok') return answer.value;
		sendStoreProblem(response, answer);
		return null;
	};

	/** The id in the path; null after a 404 was sent. */
	const idOf = (response: Response, text: unknown): string | null => {
		const parsed = userId.safeParse(text);
		if (parsed.success) return parsed.data;
		sendProblem(response, 404, {
			code: 'panel_user_unknown',
			message: 'There is nobody with this id. Nothing was changed.',
			remedy: 'Load the list again.',
		});
		return null;
	};

	router.use(['/api/users', '/api/password'], (_request, response, next) => {
		if (provider.kind === 'local') {
			next();
			return;
		}
		sendProblem(response, 409, {
			code: 'panel_people_elsewhere',
			message: 'People and passwords are kept by Supabase Auth. Nothing was changed.',
			remedy: 'Add people and set their app_metadata role in the Supabase dashboard.',
		});
	});

	router.get('/api/users', requireRole('admin'), async (_request, response) => {
		const found = valueOf(response, await store.call('social_panel_user_list', {}));
		if (found === null) return;
		const answer: UsersAnswer = { users: found.users.map((user) => row(user, response)) };
		response.json(answer);
	});

	router.post('/api/users', requireRole('admin'), async (request, response) => {
		const body = bodyOf(request, response, addBody);
		if (body === null) return;
		const made = valueOf(
			response,
			await store.call('social_panel_user_add', {
				p_name: body.name,
				p_role: body.role,
				p_password_hash: await hashPassword(body.password),
			}),
		);
		if (made !== null) response.status(201).json(row(made, response));
	});

	router.patch('/api/users/:id', requireRole('admin'), async (request, response) => {
		const id = idOf(response, request.params.id);
		const body = id === null ? null : bodyOf(request, response, changeBody);
		if (id === null || body === null) return;
		const changed = valueOf(
			response,
			await store.call('social_panel_user_change', {
				p_id: id,
				p_role: body.role ?? null,
				p_password_hash: body.password === undefined ? null : await hashPassword(body.password),
				p_keep_session: sessionOf(response)?.id ?? null,
			}),
		);
		if (changed !== null) response.json(row(changed, response));
	});

	router.delete('/api/users/:id', requireRole('admin'), async (request, response) => {
		const id = idOf(response, request.params.id);
		if (id === null) return;
		const removed = valueOf(
			response,
			await store.call('social_panel_user_change', { p_id: id, p_remove: true }),
		);
		if (removed !== null) response.json(row(removed, response));
	});

	router.post('/api/password', requireRole('viewer'), async (request, response) => {
		const session = sessionOf(response);
		const body = bodyOf(request, response, passwordBody);
		if (session === null || body === null) return;
		const wait = tries.take(session.userId);
		if (wait > 0) {
			response.set('Retry-After', String(wait));
			sendProblem(response, 429, {
				code: 'panel_sign_in_limited',
				message: 'There were too many tries. The password is as it was.',
				remedy: `Wait ${Math.ceil(wait / 60)} min and try again.`,
			});
			return;
		}
		const found = await store.call('social_panel_user_find', { p_name: session.name });
		if (found.kind !== 'ok') {
			valueOf(response, found);
			return;
		}
		if (!(await passwordFits(body.current, found.value?.passwordHash ?? null)) || !found.value) {
			sendProblem(response, 403, {
				code: 'panel_password_wrong',
				message: 'The current password is wrong. The password is as it was.',
				remedy: 'Enter the password that you signed in with.',
				field: 'current',
			});
			return;
		}
		tries.clear(session.userId);
		const changed = valueOf(
			response,
			await store.call('social_panel_user_change', {
				p_id: found.value.id,
				p_password_hash: await hashPassword(body.password),
				p_keep_session: session.id,
			}),
		);
		if (changed !== null) response.json(row(changed, response));
	});
	return router;
}
