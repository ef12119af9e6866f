import { createServer, type Server } from 'node:http';
import express, { type NextFunction, type Request, type Response } from 'express';
import { rateLimit } from 'express-rate-limit';
import { Pool } from 'pg';
import type { Logger } from 'pino';
import { once } from './once';
import { changesKeys, KeyRing, mayCall } from './issued-keys';
import { createKeyCheck, type GatewayKeys, type Refusal } from './keys';
import { pgrstError } from './rpc-errors';
import { RpcRunner } from './rpc';
import { storageRoutes } from './storage';
import { ObjectStore } from './stored-objects';

export interface GatewayLimits {
	/** Body of an rpc call, bytes. */
	rpcBytes: number;
	/** One media object, bytes. */
	objectBytes: number;
	/** A call's work in the database. */
	statementMs: number;
	/** From the first byte of a request to its last. */
	requestMs: number;
	/** Requests per client address and window. */
	rate: { requests: number; windowMs: number };
	/** Connections to the database. */
	connections: number;
}

export const DEFAULT_LIMITS: GatewayLimits = {
	rpcBytes: 1024 * 1024,
	objectBytes: 16 * 1024 * 1024,
	statementMs: 8_000, // Supabase's own for its API roles
	requestMs: 60_000,
	rate: { requests: 20_000, windowMs: 10_000 },
	connections: 16,
};

export interface GatewayOptions {
	keys: GatewayKeys;
	/** As `authenticator`, who may only become one of the API roles. */
	databaseUrl: string;
	mediaFolder: string;
	bucket: string;
	host: string;
	/** 0 takes a free one. */
	port: number;
	portVariable?: string;
	log: Logger;
	limits?: Partial<GatewayLimits>;
}

export interface RunningGateway {
	/** `http://<host>:<port>`. */
	url: string;
	port: number;
	objects: ObjectStore;
	/** Finishes what is under way, for at most a few seconds. */
	stop(): Promise<void>;
}

const STOP_LIMIT_MS = 5_000;

function refuse(response: Response, refusal: Refusal): void {
	response
		.set(refusal.headers ?? {})
		.status(refusal.status)
		.json(refusal.body);
}

/** What may stand in a log: never a query, a header or a body. */
function routeOf(request: Request): string {
	const path = request.originalUrl.split('?')[0];
	return path.startsWith('/storage/') ? path.split('/').slice(0, 5).join('/') : path.slice(0, 120);
}

function requestLog(log: Logger) {
	return (request: Request, response: Response, next: NextFunction) => {
		const from = performance.now();
		response.once('close', () => {
			const facts = {
				method: request.method,
				route: routeOf(request),
				status: response.statusCode,
				ms: Math.round(performance.now() - from),
				role: response.locals.role as string | undefined,
				code: response.locals.code as string | undefined,
			};
			if (response.statusCode >= 500) log.warn(facts, 'request failed');
			else if (response.statusCode === 401 || response.statusCode === 429) {
				log.warn(facts, 'request refused');
			} else log.debug(facts, 'request');
		});
		next();
	};
}

/** `application/json` in any spelling, or nothing said. */
function isJson(contentType: string | undefined): boolean {
	return contentType === undefined || /^application\/json\s*(;|$)/i.test(contentType);
}

function acceptOf(request: Request): 'json' | 'single' | null {
	const accept = request.get('accept') ?? '*/*';
	if (/application\/vnd\.pgrst\.object\+json/i.test(accept)) return 'single';
	return /\*\/\*|application\/(\*|json|vnd\.pgrst\.array\+json)/i.test(accept) ? 'json' : null;
}

/** The app without a socket; `startGateway` gives it one. */
function createApp(
	options: GatewayOptions,
	limits: GatewayLimits,
	pool: Pool,
	objects: ObjectStore,
) {
	const runner = new RpcRunner(pool);
	const ring = new KeyRing(runner);
	const check = createKeyCheck(options.keys, ring);
	const app = express();
	app.disable('x-powered-by');
	app.set('etag', false);
	app.set('query parser', 'simple');
	app.use(requestLog(options.log));
	app.use((_request, response, next) => {
		response.set('x-content-type-options', 'nosniff');
		response.set('cache-control', 'no-store');
		next();
	});

	app.get('/health', async (_request, response) => {
		const up = await pool.query('select 1').then(
			() => true,
			() => false,
		);
		response.status(up ? 200 : 503).json({ status: up ? 'ok' : 'database_down' });
	});

	app.use(
		rateLimit({
			windowMs: limits.rate.windowMs,
			limit: limits.rate.requests,
			standardHeaders: 'draft-6',
			legacyHeaders: false,
			handler: (_request, response) => {
				refuse(
					response,
					pgrstError(429, 'too_many_requests', 'Too many requests: wait and try again.', {
						hint: 'See the Retry-After header.',
					}),
				);
			},
		}),
	);

	app.all('/rest/v1/rpc/:name', async (request, response, next) => {
		const checked = await check(request);
		if ('refusal' in checked) return refuse(response, checked.refusal);
		response.locals.role = checked.role;
		response.locals.caller = checked;
		if (checked.keyId !== undefined && !mayCall(request.params.name)) {
			return refuse(
				response,
				pgrstError(403, 'key_not_allowed', 'A key for n8n may not do this.', {
					hint: 'Use the panel.',
				}),
			);
		}
		if (request.method !== 'POST') {
			return refuse(
				response,
				pgrstError(405, 'PGRST101', `Cannot use the ${request.method} method on RPC`),
			);
		}
		if (!isJson(request.get('content-type'))) {
			return refuse(
				response,
				pgrstError(
					400,
					'PGRST102',
					`Content-Type not acceptable: ${request.get('content-type')?.split(';')[0]}`,
				),
			);
		}
		if (!acceptOf(request)) {
			return refuse(
				response,
				pgrstError(
					406,
					'PGRST107',
					`None of these media types are available: ${request.get('accept')?.slice(0, 200)}`,
				),
			);
		}
		if (Object.keys(request.query).length > 0) {
			return refuse(
				response,
				pgrstError(400, 'PGRST127', 'Feature not implemented', {
					details: 'The embedded store takes no query parameters on functions.',
				}),
			);
		}
		next();
	});

	app.post(
		'/rest/v1/rpc/:name',
		express.text({ type: () => true, limit: limits.rpcBytes, defaultCharset: 'utf-8' }),
		async (request, response) => {
			const reply = await runner.run({
				name: String(request.params.name),
				body: typeof request.body === 'string' ? request.body : '',
				caller: response.locals.caller,
				single: acceptOf(request) === 'single',
			});
			if (changesKeys(String(request.params.name))) ring.forget();
			if (reply.kind === 'refused') {
				response.locals.code = reply.refusal.body.code;
				return refuse(response, reply.refusal);
			}
			if (reply.json === null) return response.status(204).end();
			response.set('content-type', 'application/json; charset=utf-8');
			response.set('content-range', reply.rows > 0 ? `0-${reply.rows - 1}/*` : '*/*');
			return response.status(200).send(reply.json);
		},
	);

	app.use(
		'/storage/v1',
		storageRoutes({
			store: objects,
			bucket: options.bucket,
			jwtSecret: options.keys.jwtSecret,
			check,
		}),
	);

	app.use(async (request, response) => {
		const checked = await check(request);
		if ('refusal' in checked) return refuse(response, checked.refusal);
		refuse(response, pgrstError(404, 'PGRST125', 'Invalid path specified in request URL'));
	});

	app.use((error: unknown, request: Request, response: Response, next: NextFunction) => {
		// What the client still sends is thrown away, or it would see a reset instead of the answer.
		request.resume();
		if (response.headersSent) return next(error);
		const status = (error as { status?: number }).status ?? 500;
		if (status === 413) {
			return refuse(
				response,
				pgrstError(413, 'payload_too_large', 'The request body is too large.', {
					hint: `At most ${limits.rpcBytes} bytes.`,
				}),
			);
		}
		if (status < 500) {
			return refuse(response, pgrstError(status, 'PGRST102', 'The request could not be read'));
		}
		const { name, code } = error as { name?: string; code?: string };
		options.log.error({ name, code }, 'unexpected error');
		return refuse(response, pgrstError(500, 'PGRSTX00', 'Unexpected error of the embedded store'));
	});
	return app;
}

function listen(server: Server, options: GatewayOptions): Promise<number> {
	return new Promise((resolve, reject) => {
		server.once('error', (error: NodeJS.ErrnoException) => {
			if (error.code !== 'EADDRINUSE') return reject(error);
			const remedy = options.portVariable
				? `, or choose another port with ${options.portVariable}=<port>.`
				: ', or choose another port.';
			reject(
				new Error(
					`Port ${options.port} for the store is taken by another program. Stop that program${remedy}`,
				),
			);
		});
		server.listen(options.port, options.host, () => {
			const address = server.address();
			resolve(typeof address === 'object' && address ? address.port : options.port);
		});
	});
}

/**
 * Serves `/rest/v1/rpc/:fn` as PostgREST and `/storage/v1/object/…` as Supabase Storage would, for
 * callers with a key. A database that is away is answered with 503 until it is back.
 */
export async function startGateway(options: GatewayOptions): Promise<RunningGateway> {
	const limits: GatewayLimits = { ...DEFAULT_LIMITS, ...options.limits };
	const pool = new Pool({
		connectionString: options.databaseUrl,
		max: limits.connections,
		connectionTimeoutMillis: 10_000,
		idleTimeoutMillis: 60_000,
		statement_timeout: limits.statementMs,
		idle_in_transaction_session_timeout: 30_000,
		application_name: 'musekit-social gateway',
	});
	pool.on('error', (error: Error & { code?: string }) => {
		options.log.warn({ code: error.code }, 'database connection lost');
	});
	// A connection that dies between two statements of a call says so here and nowhere else.
	pool.on('connect', (client) => client.on('error', () => undefined));
	const objects = new ObjectStore(options.mediaFolder, limits.objectBytes);
	const server = createServer(createApp(options, limits, pool, objects));
	server.requestTimeout = limits.requestMs;
	server.headersTimeout = 15_000;
	// Longer than clients keep idle sockets, or a request meets a closing one.
	server.keepAliveTimeout = 90_000;
	let port: number;
	try {
		port = await listen(server, options);
	} catch (error) {
		await pool.end();
		throw error;
	}
	const host = options.host.includes(':') ? `[${options.host}]` : options.host;
	return {
		url: `http://${host}:${port}`,
		port,
		objects,
		stop: once(async () => {
			const closed = new Promise<void>((resolve) => server.close(() => resolve()));
			server.closeIdleConnections();
			const cut = setTimeout(() => server.closeAllConnections(), STOP_LIMIT_MS);
			await closed;
			clearTimeout(cut);
			await pool.end();
		}),
	};
}
