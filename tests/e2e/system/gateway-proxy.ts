import {
	createServer,
	request,
	type IncomingMessage,
	type Server,
	type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';

/** A disturbance of store calls on their way through the proxy. */
export interface ProxyRule {
	/** Functions it applies to; all when absent. */
	rpc?: string[];
	/**
	 * `lose_answer`: the store does its work, the caller sees a broken connection.
	 * `refuse`: 503 without reaching the store.
	 * `answer`: this status and body instead of the store's.
	 * `hold_answer`: the store does its work, its answer waits until `release`.
	 */
	action: 'lose_answer' | 'refuse' | 'answer' | 'hold_answer';
	/** Applies so often; for ever when absent. */
	times?: number;
	status?: number;
	body?: unknown;
}

/**
 * Stands before the store's gateway so that a test can break the way between n8n and the store at
 * an exact call. Media and everything else pass through.
 */
export class GatewayProxy {
	private rules: ProxyRule[] = [];
	/** Names of the functions called through it, in order. */
	readonly calls: string[] = [];
	private held: (() => void)[] = [];

	private constructor(
		private readonly server: Server,
		readonly url: string,
	) {}

	static async start(target: string): Promise<GatewayProxy> {
		const server = createServer();
		server.unref();
		await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
		const { port } = server.address() as AddressInfo;
		const proxy = new GatewayProxy(server, `http://127.0.0.1:${port}`);
		server.on('request', (incoming, outgoing) => proxy.pass(new URL(target), incoming, outgoing));
		return proxy;
	}

	set(...rules: ProxyRule[]): void {
		this.rules = rules.map((rule) => ({ ...rule }));
	}

	/** Nothing listens any more, as if the store's machine were switched off. */
	async goDown(): Promise<void> {
		await this.stop();
	}

	async comeUp(): Promise<void> {
		const port = Number(new URL(this.url).port);
		await new Promise<void>((resolve) => this.server.listen(port, '127.0.0.1', resolve));
	}

	/** Answers that are held back now. */
	get holding(): number {
		return this.held.length;
	}

	/** Sends the answers that were held back. */
	release(): void {
		for (const send of this.held.splice(0)) send();
	}

	async stop(): Promise<void> {
		this.server.closeAllConnections();
		await new Promise((resolve) => this.server.close(resolve));
	}

	private take(rpc: string | undefined): ProxyRule | undefined {
		if (rpc === undefined) return undefined;
		const rule = this.rules.find(
			({ rpc: names, times }) => (names?.includes(rpc) ?? true) && times !== 0,
		);
		if (rule?.times !== undefined) rule.times -= 1;
		return rule;
	}

	private pass(target: URL, incoming: IncomingMessage, outgoing: ServerResponse): void {
		const rpc = /^\/rest\/v1\/rpc\/(\w+)/.exec(incoming.url ?? '')?.[1];
		if (rpc !== undefined) this.calls.push(rpc);
		const rule = this.take(rpc);
		if (rule?.action === 'refuse' || rule?.action === 'answer') {
			const body = rule.body ?? { code: '57P03', message: 'the database system is starting up' };
			outgoing.writeHead(rule.status ?? 503, { 'content-type': 'application/json' });
			outgoing.end(JSON.stringify(body));
			incoming.resume();
			return;
		}
		const onward = request(
			{
				host: target.hostname,
				port: target.port,
				method: incoming.method,
				path: incoming.url,
				headers: incoming.headers,
			},
			(answer) => {
				if (rule?.action === 'lose_answer') {
					answer.resume();
					answer.once('end', () => outgoing.socket?.destroy());
					return;
				}
				const send = () => {
					outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
					answer.pipe(outgoing);
				};
				if (rule?.action === 'hold_answer') this.held.push(send);
				else send();
			},
		);
		onward.once('error', () => outgoing.socket?.destroy());
		incoming.pipe(onward);
	}
}
