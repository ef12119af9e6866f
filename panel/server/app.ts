import path from 'node:path';
import express, { type Express, type NextFunction, type Request, type Response } from 'express';
import helmet from 'helmet';
import { z } from 'zod';
import type { StorePort } from '../../core/ports';
import { onlyOurHosts, onlyReads } from './guard';
import { messagePage, postsPage } from './page';
import { readPosts, STATES } from './posts-view';

export interface PanelOptions {
	store: StorePort;
	/** Names besides localhost under which the panel may be reached. */
	hosts?: string[];
	/** Told of errors that a request ran into; never a secret. */
	onError?: (error: unknown) => void;
}

const query = z.object({
	owner: z.string().min(1).max(200).default('default'),
	state: z.enum(STATES as [string, ...string[]]).optional(),
	cursor: z.string().min(1).max(500).optional(),
});

/**
 * The panel's routes: `GET /` (posts; `owner`, `state`, `cursor` in the query), `GET /healthz`, and its
 * style and script. Pages are made on the server and hold no secret.
 */
export function createPanel(options: PanelOptions): Express {
	const app = express();
	app.disable('x-powered-by');
	app.set('etag', false);
	app.set('query parser', 'simple');
	app.use(
		helmet({
			contentSecurityPolicy: {
				useDefaults: false,
				directives: {
					defaultSrc: ["'none'"],
					scriptSrc: ["'self'"],
					styleSrc: ["'self'"],
					imgSrc: ["'self'", 'data:'],
					connectSrc: ["'self'"],
					baseUri: ["'none'"],
					formAction: ["'none'"],
					frameAncestors: ["'none'"],
				},
			},
			// Plain http on this machine: there is nothing to upgrade to.
			strictTransportSecurity: false,
			referrerPolicy: { policy: 'no-referrer' },
		}),
	);
	app.use(onlyOurHosts(options.hosts ?? []));
	app.use(onlyReads);
	app.get('/healthz', (_request, response) => {
		response.type('text').send('ok');
	});
	app.use(
		'/assets',
		express.static(path.join(__dirname, 'public'), { index: false, redirect: false, maxAge: 0 }),
	);
	app.get('/', async (request, response) => {
		const parsed = query.safeParse(request.query);
		if (!parsed.success) {
			response
				.status(400)
				.type('html')
				.send(
					messagePage('Unknown filter', 'This address asks for something that does not exist.'),
				);
			return;
		}
		const wanted = {
			owner: parsed.data.owner,
			state: (parsed.data.state ?? null) as (typeof STATES)[number] | null,
			cursor: parsed.data.cursor ?? null,
		};
		const view = await readPosts(options.store, wanted);
		response
			.status(view.kind === 'posts' ? 200 : 503)
			.set('Cache-Control', 'no-store')
			.type('html')
			.send(postsPage(view, wanted, new Date()));
	});
	app.use((_request, response) => {
		response
			.status(404)
			.type('html')
			.send(messagePage('Nothing here', 'There is no page at this address.'));
	});
	// Express tells error handlers by their four parameters.
	app.use((error: unknown, _request: Request, response: Response, next: NextFunction) => {
		options.onError?.(error);
		if (response.headersSent) {
			next(error);
			return;
		}
		response
			.status(500)
			.type('html')
			.send(
				messagePage(
					'The panel stumbled',
					'The cause is in .musekit/logs/panel.log. No post is affected: the panel only shows them.',
				),
			);
	});
	return app;
}
