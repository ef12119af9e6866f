import http from 'node:http';
import type { AddressInfo } from 'node:net';

/** What happens to one request on its way to the store or to Bluesky's server. */
export type Fate =
	/** Reaches nobody; the connection breaks. */
	| { do: 'drop_before' }
	/** Takes effect; the connection breaks instead of the answer. */
	| { do: 'drop_after' }
	/** Takes effect (or not, `before`); this status is answered. */
	| {
			do: 'status';
			status: number;
			before: boolean;
			body: string;
			headers?: Record<string, string>;
	  }
	/** Waits so many real ms before it is handed on, or before its answer is. */
	| { do: 'delay'; ms: number; before: boolean }
	/** The first half of the true answer, complete as HTTP. */
	| { do: 'truncate' };

/** Hits the nth request whose method and path fit. */
export interface WireFault {
	/** Ending of the path, e.g. `/rpc/social_intent` or `.putRecord`. */
	path: string;
	nth: number;
	fate: Fate;
	/** Called when it hits, at the moment in which the fate begins to be felt. */
	onHit?(): void;
}

/**
 * Stands in front of a server under addresses of its own, `<url>/<name>/…`: each name has its own
 * faults, so that trials do not meet those of others.
 */
export class Wire {
	private readonly faults = new Map<string, { fault: WireFault; seen: number }[]>();

	private constructor(
		private readonly target: URL,
		private readonly server: http.Server,
		private readonly agent: http.Agent,
	) {}

	static async start(target: string): Promise<Wire> {
		const server = http.createServer();
		server.keepAliveTimeout = 120_000;
		const agent = new http.Agent({ keepAlive: true, maxSockets: 256 });
		const wire = new Wire(new URL(target), server, agent);
		server.on('request', (request, response) => {
			wire.handle(request, response).catch(() => request.socket.destroy());
		});
		await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
		return wire;
	}

	/** Address under which this name's requests come. */
	at(name: string): string {
		return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/${name}`;
	}

	fault(name: string, fault: WireFault): void {
		this.faults.set(name, [...(this.faults.get(name) ?? []), { fault, seen: 0 }]);
	}

	/** How often the faults of this name have hit. */
	hits(name: string): number {
		return (this.faults.get(name) ?? []).filter(({ fault, seen }) => seen >= fault.nth).length;
	}

	clear(name: string): void {
		this.faults.delete(name);
	}

	async stop(): Promise<void> {
		this.server.closeAllConnections();
		this.agent.destroy();
		await new Promise((resolve) => this.server.close(resolve));
	}

	private take(name: string, path: string): WireFault | null {
		let taken: WireFault | null = null;
		for (const entry of this.faults.get(name) ?? []) {
			if (!path.endsWith(entry.fault.path)) continue;
			entry.seen += 1;
			if (entry.seen === entry.fault.nth) taken ??= entry.fault;
		}
		return taken;
	}

	private async handle(request: http.IncomingMessage, response: http.ServerResponse) {
		const chunks: Buffer[] = [];
		for await (const chunk of request) chunks.push(chunk as Buffer);
		const [, name = '', rest = '/'] = /^\/([^/]+)(\/.*)$/.exec(request.url ?? '') ?? [];
		const fault = this.take(name, rest.split('?')[0]);
		const fate = fault?.fate ?? null;
		if (fate?.do === 'drop_before') {
			fault?.onHit?.();
			return void request.socket.destroy();
		}
		if (fate?.do === 'status' && fate.before) {
			fault?.onHit?.();
			return void response
				.writeHead(fate.status, { 'content-type': 'application/json', ...fate.headers })
				.end(fate.body);
		}
		if (fate?.do === 'delay' && fate.before) {
			fault?.onHit?.();
			await wait(fate.ms);
		}
		const answer = await this.forward(request, rest, Buffer.concat(chunks));
		if (fate !== null && !(fate.do === 'delay' && fate.before)) fault?.onHit?.();
		if (fate?.do === 'drop_after') return void request.socket.destroy();
		if (fate?.do === 'delay' && !fate.before) await wait(fate.ms);
		if (fate?.do === 'status') {
			return void response
				.writeHead(fate.status, { 'content-type': 'application/json', ...fate.headers })
				.end(fate.body);
		}
		const body =
			fate?.do === 'truncate'
				? answer.body.subarray(0, Math.floor(answer.body.length / 2))
				: answer.body;
		const headers = { ...answer.headers, 'content-length': String(body.length) };
		response.writeHead(answer.status, headers).end(body);
	}

	private async forward(request: http.IncomingMessage, path: string, body: Buffer) {
		const { hostname, port } = this.target;
		const headers = { ...request.headers };
		delete headers.connection;
		delete headers['transfer-encoding'];
		headers['content-length'] = String(body.length);
		return await new Promise<{
			status: number;
			headers: http.IncomingHttpHeaders;
			body: Buffer;
		}>((resolve, reject) => {
			const onward = http.request(
				{ hostname, port, method: request.method, path, headers, agent: this.agent },
				(answer) => {
					const chunks: Buffer[] = [];
					answer.on('data', (chunk: Buffer) => chunks.push(chunk));
					answer.on('error', reject);
					answer.on('end', () => {
						const plain = { ...answer.headers };
						for (const name of ['transfer-encoding', 'connection', 'keep-alive']) {
							delete plain[name];
						}
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

async function wait(ms: number): Promise<void> {
	await new Promise<void>((resolve) => setTimeout(resolve, ms));
}
