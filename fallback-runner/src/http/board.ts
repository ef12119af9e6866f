import { createBullBoard } from '@bull-board/api';
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import { ExpressAdapter } from '@bull-board/express';
import type { Queue } from 'bullmq';
import type { RequestHandler, Router } from 'express';
import type { WakeQueue } from '../queue/wake-queue';
import { basicPasswordOf, isSecret } from './secrets';

/** The board asks for its own secret at every request; any user name will do. */
export function onlyWithBoardSecret(secret: string | undefined): RequestHandler {
	return (request, response, next) => {
		if (secret === undefined) {
			response.status(404).json({
				code: 'board_off',
				message: 'There is no board: no secret is set for it.',
				hint: 'Set MUSEKIT_BOARD_SECRET to 16 or more random characters and start the runner again.',
			});
			return;
		}
		const foreign = request.get('sec-fetch-site');
		if (foreign === 'cross-site' || foreign === 'same-site') {
			response.status(403).json({ code: 'foreign_page', message: 'Open the board directly.' });
			return;
		}
		if (isSecret(basicPasswordOf(request.get('authorization')), secret)) {
			next();
			return;
		}
		response
			.status(401)
			.set('WWW-Authenticate', 'Basic realm="MuseKit Social queues", charset="UTF-8"')
			.json({ code: 'unauthorized', message: 'Give the board secret as the password.' });
	};
}

/** Bull Board on whatever queue is open now; only for looking, for the store decides everything. */
export function board(path: string, queue: () => WakeQueue | null): RequestHandler {
	let shown: WakeQueue | null = null;
	let router: Router | null = null;
	return (request, response, next) => {
		const open = queue();
		if (open === null) {
			response.status(503).json({
				code: 'queue_lost',
				message: 'No queue is open now; a timer wakes the runner.',
			});
			return;
		}
		if (open !== shown || router === null) {
			const adapter = new ExpressAdapter();
			adapter.setBasePath(path);
			createBullBoard({
				queues: open
					.all()
					.map((entry) => new BullMQAdapter(entry as unknown as Queue, { readOnlyMode: true })),
				serverAdapter: adapter,
			});
			router = adapter.getRouter() as Router;
			shown = open;
		}
		router(request, response, next);
	};
}
