import { type NextFunction, type Request, type Response, Router } from 'express';
import { sendProblem } from '../problem';
import { sessionOf } from '../session';
import type { Streams } from './streams';

/** After these a session may have ended or may show something else. */
const ENDS_SESSIONS = /^\/api\/(sign-out|sign-out-everywhere|sign-in|password|users(\/|$))/;

/** Before the routers: a sign-out ends the streams of its session at once. */
export function endStreams(streams: Streams) {
	return (request: Request, response: Response, next: NextFunction) => {
		if (request.method !== 'GET' && ENDS_SESSIONS.test(request.originalUrl)) {
			response.once('finish', () => void streams.recheck());
		}
		next();
	};
}

/** `GET /api/events`: what happens, while it happens (see `shared/notifications`). */
export function createEventsRouter(streams: Streams): Router {
	const router = Router();
	router.get('/api/events', async (request, response) => {
		const session = sessionOf(response);
		if (session === null) return;
		if (!streams.hasRoom(session)) {
			response.set('Retry-After', '60');
			sendProblem(response, 429, {
				code: 'events_limited',
				message: 'There are too many open pages for live updates in each of them.',
				remedy: 'This page asks from time to time instead. Close other pages of the panel.',
			});
			return;
		}
		await streams.open(request, response, session);
	});
	return router;
}
