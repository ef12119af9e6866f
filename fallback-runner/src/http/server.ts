import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import express, { type ErrorRequestHandler, type Express } from 'express';
import { z } from 'zod';
import type { LogPort } from '../../../core/ports';
import type { DrainLoop } from '../drain-loop';
import type { Health } from '../health';
import type { Metrics } from '../metrics';
import type { Wakeups } from '../queue/wakeups';
import { refuseTick, tick, type TickDoor } from '../tick';
import { board, onlyWithBoardSecret } from './board';

export interface ServerParts {
	health(): Promise<Health>;
	metrics: Metrics;
	loop: DrainLoop;
	wakeups: Wakeups;
	tickSecret: string | undefined;
	boardSecret: string | undefined;
	log: LogPort;
}

/** Cron services give up after 30 s or later. */
const TICK_LIMIT_MS = 30_000;
const BOARD_PATH = '/queues';
const wish = z.strictObject({ postId: z.uuid() });

/** The runner's addresses as an Express app, without a socket. */
export function createApp(parts: ServerParts): Express {
	const door: TickDoor = { secret: parts.tickSecret, limitMs: TICK_LIMIT_MS };
	const app = express();
	app.disable('x-powered-by');
	app.disable('etag');
	app.use((_request, response, next) => {
		response.set({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' });
		next();
	});
	app.get('/health', async (_request, response) => {
		const health = await parts.health();
		response.status(health.status === 'down' ? 503 : 200).json(health);
	});
	app.get('/metrics', async (_request, response) => {
		const text = await parts.metrics.registry.metrics();
		response.set('content-type', parts.metrics.registry.contentType).send(text);
	});
	app.post('/tick', async (request, response) => {
		const reply = await tick(parts.loop, door, request.get('authorization'));
		response.status(reply.status).json(reply.body);
	});
	app.post('/wake', express.json({ limit: '4kb' }), async (request, response) => {
		const refusal = refuseTick(door, request.get('authorization'));
		if (refusal !== null) {
			response.status(refusal.status).json(refusal.body);
			return;
		}
		const checked = wish.safeParse(request.body);
		if (!checked.success) {
			response.status(400).json({
				code: 'wake_invalid',
				message: 'The body is not {"postId": "<uuid>"}. Nothing was done.',
			});
			return;
		}
		const answer = await parts.wakeups.ask(checked.data);
		if (answer === 'full') {
			response.status(429).set('Retry-After', '30').json({
				code: 'queue_full',
				message: 'Too many wake-ups wait. The post stays scheduled and is drained in its turn.',
			});
			return;
		}
		response.status(202).json({ accepted: answer });
	});
	app.use(
		BOARD_PATH,
		onlyWithBoardSecret(parts.boardSecret),
		board(BOARD_PATH, () => parts.wakeups.open),
	);
	app.use((_request, response) => {
		response.status(404).json({
			code: 'unknown_address',
			message: 'There are GET /health, GET /metrics, POST /tick, POST /wake and /queues.',
		});
	});
	app.use(onError(parts.log));
	return app;
}

function onError(log: LogPort): ErrorRequestHandler {
	return (error: unknown, request, response, next) => {
		if (response.headersSent) {
			next(error);
			return;
		}
		const status = (error as { status?: unknown }).status;
		const code = typeof status === 'number' && status >= 400 && status < 500 ? status : 500;
		if (code === 500) {
			const reason = error instanceof Error ? error.message : 'unknown reason';
			log.warn('request_failed', { path: request.path, reason });
		}
		response.status(code).json({
			code: code === 500 ? 'runner_failed' : 'request_invalid',
			message: code === 500 ? 'The runner itself failed.' : 'The request cannot be read.',
		});
	};
}

export interface RunningServer {
	url: string;
	port: number;
	stop(): Promise<void>;
}

/** Listens. Rejects when the port is taken. */
export async function listen(
	app: Express,
	at: { port: number; listen: string },
): Promise<RunningServer> {
	const server: Server = createServer({ requestTimeout: 30_000, headersTimeout: 10_000 }, app);
	await new Promise<void>((resolve, reject) => {
		server.once('error', reject);
		server.listen(at.port, at.listen, resolve);
	});
	const { port } = server.address() as AddressInfo;
	const host = at.listen.includes(':') ? `[${at.listen}]` : at.listen;
	return {
		url: `http://${host}:${port}`,
		port,
		stop: async () => {
			await new Promise<void>((resolve) => {
				server.close(() => resolve());
				server.closeAllConnections();
			});
		},
	};
}
