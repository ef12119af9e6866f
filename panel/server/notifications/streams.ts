import type { Request, Response } from 'express';
import type { Store } from '../../../core/store/client';
import type { Notice } from '../../../core/store/contract';
import type { LiveNotice, StoreEvent } from '../../shared/notifications';
import type { Session } from '../session';
import type { Sessions } from '../sign-in/sessions';
import { noticesOf } from './scope';

export interface StreamTimes {
	/** Between two looks into the store, for all clients together. */
	pollMs: number;
	/** Between two signs of life, each with a look whether the session still stands. */
	aliveMs: number;
}

const TIMES: StreamTimes = { pollMs: 2_000, aliveMs: 15_000 };
/** A browser opens six connections to a host (HTTP/1.1); its pages need some of them for answers. */
const PER_SESSION = 3;
const AT_MOST = 200;
/** A client that takes nothing while so much waits for it has gone without a word. */
const WAITING_BYTES = 1_000_000;

interface Client {
	request: Request;
	response: Response;
	session: Session;
}

/**
 * Streams of events to the pages. One poller asks the store for all of them, and only while somebody
 * listens.
 */
export class Streams {
	readonly #clients = new Set<Client>();
	#poll: NodeJS.Timeout | null = null;
	#alive: NodeJS.Timeout | null = null;
	/** Where the next look goes on; null: not known since the store could not be asked. */
	#place: string | null = null;
	#looking = false;
	#reachable = true;

	constructor(
		private readonly store: Store,
		private readonly sessions: Sessions,
		private readonly times: StreamTimes = TIMES,
	) {}

	/** How many are open. */
	get size(): number {
		return this.#clients.size;
	}

	/** Whether one more may be opened by this session. */
	hasRoom(session: Session): boolean {
		let own = 0;
		for (const client of this.#clients) if (client.session.id === session.id) own++;
		return own < PER_SESSION && this.#clients.size < AT_MOST;
	}

	/** Opens a stream; it ends with the session, or when the client goes. */
	async open(request: Request, response: Response, session: Session): Promise<void> {
		// Gone while its session was looked up: no `close` would come any more to take it off.
		if (response.closed) return;
		const client: Client = { request, response, session };
		response.writeHead(200, {
			'Content-Type': 'text/event-stream',
			// Some proxies hold answers back until they are whole.
			'X-Accel-Buffering': 'no',
		});
		response.write('retry: 3000\n\n');
		response.on('close', () => this.#leave(client));
		// A client that is gone shows as an error of its socket; `close` follows.
		response.on('error', () => undefined);
		this.#clients.add(client);
		this.#start();
		const after = request.headers['last-event-id'];
		const missed = typeof after === 'string' && /^\d{1,20}$/.test(after) ? after : null;
		const answer = await this.store.call('social_notices_since', { p_after: missed });
		if (!this.#clients.has(client)) return;
		if (answer.kind === 'ok') {
			this.#place ??= answer.value.next;
			for (const notice of answer.value.items) this.#tell(client, notice);
			this.#send(client, 'ready', {}, answer.value.next);
		} else {
			this.#send(client, 'store', { reachable: false } satisfies StoreEvent);
		}
	}

	/** Looks whether the sessions still stand, such as after somebody signed out. */
	async recheck(): Promise<void> {
		await Promise.all(
			[...this.#clients].map(async (client) => {
				const found = await this.sessions.find(client.request);
				// While the store cannot be asked nobody is signed out.
				if (found.kind === 'unknown') return;
				const same =
					found.kind === 'session' &&
					found.session.role === client.session.role &&
					found.session.owner === client.session.owner;
				if (!same) this.#end(client);
			}),
		);
	}

	#start(): void {
		this.#poll ??= setInterval(() => void this.#look(), this.times.pollMs).unref();
		this.#alive ??= setInterval(() => {
			for (const { response } of this.#clients) response.write(': alive\n\n');
			void this.recheck();
		}, this.times.aliveMs).unref();
	}

	#leave(client: Client): void {
		this.#clients.delete(client);
		if (this.#clients.size > 0) return;
		if (this.#poll) clearInterval(this.#poll);
		if (this.#alive) clearInterval(this.#alive);
		this.#poll = null;
		this.#alive = null;
		this.#place = null;
		this.#reachable = true;
	}

	async #look(): Promise<void> {
		if (this.#looking) return;
		this.#looking = true;
		try {
			const answer = await this.store.call('social_notices_since', { p_after: this.#place });
			const reachable = answer.kind === 'ok';
			if (reachable !== this.#reachable) {
				this.#reachable = reachable;
				for (const client of this.#clients) {
					this.#send(client, 'store', { reachable } satisfies StoreEvent);
				}
			}
			if (answer.kind !== 'ok' || this.#clients.size === 0) return;
			this.#place = answer.value.next;
			for (const notice of answer.value.items) {
				for (const client of this.#clients) this.#tell(client, notice, answer.value.next);
			}
		} finally {
			this.#looking = false;
		}
	}

	#tell(client: Client, notice: Notice, place?: string): void {
		const owner = noticesOf(client.session);
		if (owner !== null && notice.owner !== null && notice.owner !== owner) return;
		const live: LiveNotice & { unread?: boolean } = { ...notice };
		delete live.unread;
		this.#send(client, 'notice', live, place);
	}

	#send({ response }: Client, event: string, data: object, place?: string): void {
		if (response.writableEnded) return;
		if (response.writableLength > WAITING_BYTES) {
			response.destroy();
			return;
		}
		const id = place === undefined ? '' : `id: ${place}\n`;
		response.write(`${id}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
	}

	#end(client: Client): void {
		this.#send(client, 'end', {});
		client.response.end();
	}
}
