import {
	createConnection,
	createServer,
	type AddressInfo,
	type Server,
	type Socket,
} from 'node:net';

/**
 * Stands in front of a TCP server. Connections after the first `lets` are taken and never answered,
 * as by a server that is too busy, until `open` is called.
 */
export class TcpFront {
	private readonly sockets = new Set<Socket>();
	private taken = 0;

	private constructor(
		private readonly server: Server,
		private readonly target: { host: string; port: number },
		private lets: number,
	) {
		server.on('connection', (socket) => this.take(socket));
	}

	static async start(target: { host: string; port: number }, lets: number): Promise<TcpFront> {
		const server = createServer({ allowHalfOpen: true });
		const front = new TcpFront(server, target, lets);
		await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
		return front;
	}

	get port(): number {
		return (this.server.address() as AddressInfo).port;
	}

	/** Connections that were left without an answer. */
	get held(): number {
		return Math.max(0, this.taken - this.lets);
	}

	/** From now on every new connection is answered. */
	open(): void {
		this.lets = Infinity;
	}

	async stop(): Promise<void> {
		for (const socket of this.sockets) socket.destroy();
		await new Promise<void>((resolve) => this.server.close(() => resolve()));
	}

	private take(socket: Socket): void {
		this.taken += 1;
		this.keep(socket);
		if (this.taken > this.lets) return;
		const onward = this.keep(createConnection(this.target));
		socket.pipe(onward).pipe(socket);
	}

	private keep(socket: Socket): Socket {
		this.sockets.add(socket);
		return socket
			.on('error', () => socket.destroy())
			.on('close', () => this.sockets.delete(socket));
	}
}
