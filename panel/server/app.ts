import path from 'node:path';
import express, { type Express, type NextFunction, type Request, type Response } from 'express';
import { createStore } from '../../core/store/client';
import type { ConnectOptions } from './connect/context';
import { createConnectRouter } from './connect/router';
import type { FetchPicture } from './compose/fetch-picture';
import { createComposeRouter } from './compose/router';
import { createFeaturesRouter } from './features/router';
import type { Surroundings } from './features/surroundings';
import { onlyOurHosts } from './guard';
import { createKpisRouter } from './kpis/router';
import { sendMessage } from './message-page';
import { createEventsRouter, endStreams } from './notifications/events';
import { createNotificationsRouter } from './notifications/router';
import { Streams, type StreamTimes } from './notifications/streams';
import { createOverviewRouter } from './overview/router';
import { createPagesRouter, pagePolicy } from './pages';
import { createPostsRouter } from './posts/router';
import { sendProblem } from './problem';
import { createSettingsRouter } from './settings/router';
import { gate, loadSession, neverStored, onlyOurPages } from './sign-in/gate';
import { createPeopleRouter } from './sign-in/people';
import { localProvider } from './sign-in/local';
import { createSignInRouter } from './sign-in/router';
import { Sessions } from './sign-in/sessions';
import { supabaseProvider, type SupabaseOptions } from './sign-in/supabase';
import { createWizardRouter } from './wizard/router';

export interface PanelOptions extends ConnectOptions {
	vaultKey: string;
	/** What is around the panel, for its checks and links. */
	around?: Surroundings;
	/** People sign in by Supabase Auth; else the panel keeps them itself. */
	supabase?: SupabaseOptions;
	/** Names besides localhost under which the panel may be reached. */
	hosts?: string[];
	/** Where `vite build` put the pages. */
	webFolder?: string;
	version?: string;
	/** How an import gets pictures by their addresses; public ones only unless told otherwise. */
	fetchPicture?: FetchPicture;
	/** Told of errors that a request ran into; never a secret. */
	onError?: (error: unknown) => void;
	/** Clock of the sign-in limits. */
	now?: () => number;
	/** How often live updates look into the store. */
	streamTimes?: StreamTimes;
}

/** A request of the pages is small; media never come this way. */
const BODY_LIMIT = '64kb';

/**
 * The panel: pages at `/`, their API at `/api` (behind sign-in, roles and CSRF, see `sign-in/gate`),
 * the platforms' way back at `/connect/callback`, `GET /healthz`.
 */
export function createPanel(options: PanelOptions): Express {
	const store = createStore(options.store);
	const provider = options.supabase ? supabaseProvider(options.supabase) : localProvider(store);
	const sessions = new Sessions(store, provider);
	const streams = new Streams(store, sessions, options.streamTimes);
	const app = express();
	app.disable('x-powered-by');
	app.set('etag', false);
	app.set('query parser', 'simple');
	// A TLS proxy on this machine says whom it speaks for; anybody else is believed their own address.
	app.set('trust proxy', 'loopback');
	app.use(pagePolicy());
	app.use(onlyOurHosts([new URL(options.publicUrl).host, ...(options.hosts ?? [])]));
	app.get('/healthz', (_request, response) => {
		response.type('text').send('ok');
	});
	app.use(['/api', '/connect'], neverStored, onlyOurPages, loadSession(sessions));
	app.use('/api', gate, express.json({ limit: BODY_LIMIT }), endStreams(streams));
	app.use(
		createSignInRouter({
			store,
			provider,
			sessions,
			version: options.version ?? '',
			...(options.now ? { now: options.now } : {}),
		}),
	);
	app.use(createPeopleRouter(store, provider));
	app.use(createOverviewRouter(options.store));
	app.use(createKpisRouter(options.store));
	app.use(createNotificationsRouter(options.store));
	app.use(createEventsRouter(streams));
	app.use(createPostsRouter(options));
	app.use(createComposeRouter(options.ports, options.fetchPicture));
	app.use(createConnectRouter(options));
	app.use(createFeaturesRouter(options));
	app.use(
		createSettingsRouter({
			store: options.store,
			...(options.around?.storeUrl ? { storeUrl: options.around.storeUrl } : {}),
		}),
	);
	app.use(createWizardRouter(options));
	app.use('/api', (_request, response) => {
		sendProblem(response, 404, {
			code: 'not_found',
			message: 'The panel has nothing at this address.',
			remedy: 'Load the page again; the panel may have been updated meanwhile.',
		});
	});
	app.use(createPagesRouter(options.webFolder ?? path.join(__dirname, '../dist')));
	app.use((_request, response) => {
		sendMessage(response, 404, {
			title: 'Nothing here',
			lines: ['There is no page at this address.'],
		});
	});
	app.use(errorAnswer(options.onError));
	return app;
}

/** Express tells error handlers by their four parameters. */
function errorAnswer(onError: PanelOptions['onError']) {
	return (error: unknown, request: Request, response: Response, next: NextFunction) => {
		const status = (error as { status?: unknown }).status;
		const unreadable = typeof status === 'number' && status >= 400 && status < 500;
		if (!unreadable) onError?.(error);
		if (response.headersSent) {
			next(error);
			return;
		}
		if (!request.path.startsWith('/api')) {
			sendMessage(response, unreadable ? status : 500, {
				title: unreadable ? 'Not understood' : 'The panel stumbled',
				lines: [
					unreadable
						? 'This address cannot be read.'
						: 'The cause is in .musekit/logs/panel.log. No post is affected.',
				],
			});
			return;
		}
		sendProblem(
			response,
			unreadable ? status : 500,
			unreadable
				? {
						code: 'request_unreadable',
						message: 'The request cannot be read, or it is too large. Nothing was changed.',
						remedy: 'Load the page again and repeat what you did.',
					}
				: {
						code: 'panel_failed',
						message: 'The panel stumbled over this request. No post is affected.',
						remedy: 'Try again; the cause is in .musekit/logs/panel.log.',
					},
		);
	};
}
