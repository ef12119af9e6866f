import {
	createServer,
	request,
	type IncomingMessage,
	type Server,
	type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/**
 * A call about one post that stands still: the answer to its claim, the answer to its intent (the
 * store has saved it), or its evidence before the store has seen it.
 */
export type StoreCall = 'claim' | 'intent' | 'evidence';

/** n8n's way to the store, on which calls about chosen posts stand still. */
export class StoreWay {
	private readonly holds = new Map<string, StoreCall>();
	private readonly waiting: (() => void)[] = [];
	private readonly standing = new Set<string>();
	/** While true the store takes no claims on this way. */
	refusesClaims = false;

	private constructor(
		private readonly server: Server,
		private readonly target: URL,
	) {}

	static async start(target: string): Promise<StoreWay> {
		const server = createServer();
		const way = new StoreWay(server, new URL(target));
		server.on('request', (incoming, outgoing) => void way.pass(incoming, outgoing));
		await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
		return way;
	}

	get url(): string {
		return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
	}

	hold(postId: string, call: StoreCall): void {
		this.holds.set(postId, call);
	}

	/** A call about this post stands still now. */
	holdsBack(postId: string): boolean {
		return this.standing.has(postId);
	}

	/** Held answers go out, held evidence is lost, and nothing is held any more. */
	open(): void {
		this.holds.clear();
		this.standing.clear();
		for (const go of this.waiting.splice(0)) go();
	}

	async stop(): Promise<void> {
		this.server.closeAllConnections();
		await new Promise((resolve) => this.server.close(resolve));
	}

	private async pass(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
		const call = /^\/rest\/v1\/rpc\/social_(\w+)/.exec(incoming.url ?? '')?.[1];
		if (call === 'claim' && this.refusesClaims) {
			incoming.resume();
			outgoing.writeHead(503, { 'content-type': 'application/json' });
			outgoing.end(JSON.stringify({ code: '57P03', message: 'the database is starting up' }));
			return;
		}
		const isHeld = call !== undefined && [...this.holds.values()].some((held) => held === call);
		if (!isHeld) return this.forward(incoming, incoming, outgoing);
		const body = await text(incoming).catch(() => null);
		if (body === null) return;
		const named = this.heldIn(call, body);
		if (call === 'evidence' && named !== null) {
			this.stand(named, () => outgoing.destroy());
			return;
		}
		this.forward(incoming, body, outgoing, async (answer) => {
			const said = await text(answer);
			const found = named ?? (call === 'claim' ? this.heldIn(call, said) : null);
			const send = () => {
				outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
				outgoing.end(said);
			};
			if (found === null) send();
			else this.stand(found, send);
		});
	}

	private heldIn(call: string, body: string): string | null {
		for (const [id, held] of this.holds) if (held === call && body.includes(id)) return id;
		return null;
	}

	private stand(postId: string, go: () => void): void {
		this.standing.add(postId);
		this.waiting.push(go);
	}

	private forward(
		incoming: IncomingMessage,
		body: IncomingMessage | string,
		outgoing: ServerResponse,
		answered: (answer: IncomingMessage) => Promise<void> = async (answer) => {
			outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
			answer.pipe(outgoing);
			await Promise.resolve();
		},
	): void {
		const { hostname, port } = this.target;
		const { method, url: path, headers } = incoming;
		const onward = request({ host: hostname, port, method, path, headers }, (answer) => {
			answered(answer).catch(() => outgoing.destroy());
		});
		onward.once('error', () => outgoing.destroy());
		if (typeof body === 'string') onward.end(body);
		else body.pipe(onward);
	}
}
