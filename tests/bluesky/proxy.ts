import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

/**
 * What happens to a request: answered; done by the server and its answer dropped, held back for
 * ever, held back for some seconds, cut in half, or replaced by a 500; dropped, held back for ever
 * or refused with a 429 before it reaches the server.
 */
export type Fate =
	| 'pass'
	| 'drop_answer'
	| 'hold_answer'
	| 'late_answer'
	| 'cut_answer'
	| 'fail_answer'
	| 'drop_request'
	| 'hold_request'
	| 'throttle';

const LATE_ANSWER_MS = 8_000;
const THROTTLED_SECONDS = 20;

export interface Seen {
	method: string;
	/** Name of the XRPC call. */
	call: string;
	body: string;
	fate: Fate;
}

/** Stands between carrier and server, and decides which answers arrive. */
export class Proxy {
	/** Every request in its order. */
	readonly seen: Seen[] = [];
	/** Chosen for each request; the default lets all pass. */
	fate: (call: string, nth: number) => Fate = () => 'pass';
	private waiting: (() => void)[] = [];

	private constructor(
		private readonly target: URL,
		private readonly server: http.Server,
	) {}

	get url(): string {
		return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
	}

	static async start(target: string): Promise<Proxy> {
		const server = http.createServer();
		const proxy = new Proxy(new URL(target), server);
		server.on('request', (request, response) => void proxy.handle(request, response));
		await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
		return proxy;
	}

	/** Requests of one call so far. */
	of(call: string): Seen[] {
		return this.seen.filter((entry) => entry.call === call);
	}

	/** Until a request is held back, with all of its effect done. */
	async held(): Promise<void> {
		await new Promise<void>((resolve) => this.waiting.push(resolve));
	}

	async stop(): Promise<void> {
		this.server.closeAllConnections();
		await new Promise((resolve) => this.server.close(resolve));
	}

	private async handle(request: http.IncomingMessage, response: http.ServerResponse) {
		const chunks: Buffer[] = [];
		for await (const chunk of request) chunks.push(chunk as Buffer);
		const body = Buffer.concat(chunks);
		const { pathname } = new URL(request.url ?? '/', this.target);
		const call = pathname.replace('/xrpc/', '');
		const fate = this.fate(call, this.of(call).length);
		this.seen.push({ method: request.method ?? '', call, body: body.toString(), fate });
		if (fate === 'drop_request') return request.socket.destroy();
		if (fate === 'hold_request') return this.tellHeld();
		if (fate === 'throttle') {
			const headers = { 'retry-after': String(THROTTLED_SECONDS) };
			return refuse(response, 429, 'RateLimitExceeded', headers);
		}
		const answer = await this.forward(request, body);
		if (fate === 'drop_answer') return request.socket.destroy();
		if (fate === 'hold_answer') return this.tellHeld();
		if (fate === 'fail_answer') return refuse(response, 500, 'InternalServerError');
		if (fate === 'late_answer') await pause(LATE_ANSWER_MS);
		const shown =
			fate === 'cut_answer' ? answer.body.subarray(0, answer.body.length / 2) : answer.body;
		response.writeHead(answer.status, { ...answer.headers, 'content-length': shown.length });
		response.end(shown);
	}

	private tellHeld(): void {
		for (const resolve of this.waiting.splice(0)) resolve();
	}

	private async forward(request: http.IncomingMessage, body: Buffer) {
		const { hostname, port } = this.target;
		const headers = { ...request.headers };
		delete headers.connection;
		return await new Promise<{
			status: number;
			headers: http.IncomingHttpHeaders;
			body: Buffer;
		}>((resolve, reject) => {
			const onward = http.request(
				{ hostname, port, method: request.method, path: request.url, headers, agent: false },
				(answer) => {
					const chunks: Buffer[] = [];
					answer.on('data', (chunk: Buffer) => chunks.push(chunk));
					answer.on('end', () => {
						const plain = { ...answer.headers };
						delete plain['transfer-encoding'];
						resolve({
							status: answer.statusCode ?? 0,
							headers: plain,
							body: Buffer.concat(chunks),
						});
					});
				},
			);
			onward.on('error', reject);
			onward.end(body);
		});
	}
}

/** An error as XRPC words it. */
function refuse(
	response: http.ServerResponse,
	status: number,
	error: string,
	headers: Record<string, string> = {},
): void {
	response.writeHead(status, { ...headers, 'content-type': 'application/json' });
	response.end(JSON.stringify({ error, message: error }));
}
