import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import type { ErrorRequestHandler, Express } from 'express';
import { z } from 'zod';
import { adminRouter } from './admin';
import { readBody } from './body';
import { noteCall } from './calls';
import { applyFaults, FaultList } from './faults';
import { instagramRouter } from './instagram/router';
import { linkedinRouter } from './linkedin/router';
import { sendPage } from './pages/layout';
import { timelinePages } from './pages/timeline';
import { SandboxState } from './state';
import { xRouter } from './x/router';

export interface SandboxOptions {
	/** Append-only file that keeps accounts, tokens and posts over restarts. Default: memory only. */
	dataFile?: string;
	/** Origin in links and upload addresses; default: where the server listens. */
	publicUrl?: string;
	/** More hosts that Instagram may fetch pictures from (e.g. `host.docker.internal`). */
	fetchHosts?: string[];
	/** Unix ms; default the machine's clock. Scripted waits (faults) stay in real ms. */
	clock?: () => number;
}

export interface Sandbox {
	app: Express;
	state: SandboxState;
	faults: FaultList;
}

/** The sandbox as an Express app, without a socket. */
export function createSandbox(options: SandboxOptions = {}): Sandbox {
	const state = new SandboxState(options.dataFile);
	if (options.clock !== undefined) state.clock = options.clock;
	const faults = new FaultList();
	if (options.publicUrl !== undefined) state.publicUrl = options.publicUrl.replace(/\/+$/, '');
	for (const host of options.fetchHosts ?? []) state.fetchHosts.add(host);
	const app = express();
	app.disable('x-powered-by');
	app.disable('etag');
	app.use(readBody);
	app.use(adminRouter(state, faults));
	app.use('/x', noteCall(state, 'x'), applyFaults(faults), xRouter(state));
	app.use('/linkedin', noteCall(state, 'linkedin'), applyFaults(faults), linkedinRouter(state));
	app.use('/instagram', noteCall(state, 'instagram'), applyFaults(faults), instagramRouter(state));
	timelinePages(app, state);
	app.use((_req, res) =>
		sendPage(res, 404, {
			title: 'Not found',
			main: '<h1>Not found</h1><p>There is no such page. <a href="/">See all accounts</a>.</p>',
		}),
	);
	app.use(answerError);
	return { app, state, faults };
}

/** Malformed admin input is 400 with the reason; anything else is the sandbox's own fault. */
const answerError: ErrorRequestHandler = (error: unknown, _req, res, next) => {
	if (res.headersSent) return next(error);
	if (error instanceof z.ZodError) {
		return void res.status(400).json({ message: z.prettifyError(error) });
	}
	const status = (error as { status?: unknown }).status;
	if (status === 413) return void res.status(413).json({ message: 'The request is too large' });
	if (error instanceof SyntaxError) {
		return void res.status(400).json({ message: 'The request is malformed' });
	}
	res.status(typeof status === 'number' ? status : 500).json({
		message: 'The sandbox itself failed',
		sandbox: error instanceof Error ? error.message : 'unknown',
	});
};

export interface StartOptions extends SandboxOptions {
	/** 0 takes a free one. */
	port: number;
	host?: string;
}

export interface RunningSandbox extends Sandbox {
	port: number;
	/** `http://127.0.0.1:<port>`, or the public URL. */
	url: string;
	/** Closes every connection and the data file. */
	stop(): Promise<void>;
}

/**
 * Starts the sandbox. Rejects when the port is taken.
 * Platform base URLs are `<url>/x`, `<url>/linkedin` and `<url>/instagram`.
 */
export async function startSandbox(options: StartOptions): Promise<RunningSandbox> {
	const sandbox = createSandbox(options);
	const host = options.host ?? '127.0.0.1';
	const server = createServer(sandbox.app);
	// Longer than any client keeps a connection, so that no idle one is cut while it is being reused.
	server.keepAliveTimeout = 120_000;
	await new Promise<void>((resolve, reject) => {
		server.once('error', reject);
		server.listen(options.port, host, resolve);
	});
	const { port } = server.address() as AddressInfo;
	const url = options.publicUrl?.replace(/\/+$/, '') ?? `http://127.0.0.1:${port}`;
	sandbox.state.publicUrl = url;
	return {
		...sandbox,
		port,
		url,
		stop: async () => {
			await new Promise<void>((resolve) => {
				server.close(() => resolve());
				server.closeAllConnections();
			});
			sandbox.state.close();
		},
	};
}
