import { type Response, Router } from 'express';
import { z } from 'zod';
import type { RpcAnswer, StorePort } from '../../../core/ports';
import { createStore } from '../../../core/store/client';
import type { NotificationsAnswer, ReadNotificationsAnswer } from '../../shared/notifications';
import { bodyOf } from '../body';
import { sendProblem, sendStoreProblem } from '../problem';
import { sessionOf } from '../session';
import { noticesOf } from './scope';

const query = z.object({ cursor: z.string().min(1).max(200).optional() });

const readBody = z.object({
	ids: z.array(z.uuid('A notice is named by its id.')).max(100).optional(),
});

const PAGE_SIZE = 20;

/** `GET /api/notifications` and `POST /api/notifications/read`: one person's bell. */
export function createNotificationsRouter(port: StorePort): Router {
	const store = createStore(port);
	const router = Router();
	router.get('/api/notifications', async (request, response) => {
		const parsed = query.safeParse(request.query);
		const session = sessionOf(response);
		if (!parsed.success || session === null) {
			sendProblem(response, 400, {
				code: 'input_invalid',
				message: 'This page of the list does not exist.',
				remedy: 'Go back to its beginning.',
			});
			return;
		}
		const answer = await store.call('social_notices', {
			p_user: session.userId,
			p_owner: noticesOf(session),
			p_limit: PAGE_SIZE,
			p_cursor: parsed.data.cursor ?? null,
		});
		send<NotificationsAnswer>(response, answer);
	});
	router.post('/api/notifications/read', async (request, response) => {
		const body = bodyOf(request, response, readBody);
		const session = sessionOf(response);
		if (body === null || session === null) return;
		const answer = await store.call('social_notices_read', {
			p_user: session.userId,
			p_owner: noticesOf(session),
			p_ids: body.ids ?? null,
		});
		send<ReadNotificationsAnswer>(response, answer);
	});
	return router;
}

function send<T>(response: Response, answer: RpcAnswer<T>): void {
	if (answer.kind === 'ok') {
		response.json(answer.value);
		return;
	}
	sendStoreProblem(response, answer);
}
