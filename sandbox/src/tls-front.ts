import { generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import http from 'node:http';
import https from 'node:https';
import net, { type AddressInfo, type Socket } from 'node:net';

export interface SelfSigned {
	/** PEM. */
	key: string;
	/** PEM; whoever trusts it as an authority trusts the server. */
	cert: string;
}

function der(tag: number, ...parts: Buffer[]): Buffer {
	const content = Buffer.concat(parts);
	const { length } = content;
	if (length < 128) return Buffer.concat([Buffer.from([tag, length]), content]);
	const size = length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255];
	return Buffer.concat([Buffer.from([tag, ...size]), content]);
}

const sequence = (...parts: Buffer[]): Buffer => der(0x30, ...parts);
const hex = (text: string): Buffer => Buffer.from(text, 'hex');
/** ecdsa-with-SHA256, commonName, basicConstraints, subjectAltName (RFC 5758, 5280). */
const ECDSA_SHA256 = sequence(der(0x06, hex('2a8648ce3d040302')));
const COMMON_NAME = der(0x06, hex('550403'));
const BASIC_CONSTRAINTS = der(0x06, hex('551d13'));
const SUBJECT_ALT_NAME = der(0x06, hex('551d11'));

function time(at: Date): Buffer {
	return der(0x18, Buffer.from(`${at.toISOString().replace(/[-:T]|\.\d+/g, '')}`));
}

/** A certificate for 127.0.0.1, made anew, valid from a day ago for a year (X.509 v3, RFC 5280). */
export function selfSigned(nowMs = Date.now()): SelfSigned {
	const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
	const day = 86_400_000;
	const name = sequence(
		der(0x31, sequence(COMMON_NAME, der(0x0c, Buffer.from('MuseKit sandbox')))),
	);
	const constraints = sequence(
		BASIC_CONSTRAINTS,
		der(0x01, hex('ff')),
		der(0x04, sequence(der(0x01, hex('ff')))),
	);
	const address = sequence(
		SUBJECT_ALT_NAME,
		der(0x04, sequence(der(0x87, Buffer.from([127, 0, 0, 1])))),
	);
	const body = sequence(
		der(0xa0, der(0x02, hex('02'))),
		der(0x02, Buffer.concat([hex('01'), randomBytes(8)])),
		ECDSA_SHA256,
		name,
		sequence(time(new Date(nowMs - day)), time(new Date(nowMs + 365 * day))),
		name,
		publicKey.export({ type: 'spki', format: 'der' }),
		der(0xa3, sequence(constraints, address)),
	);
	const signature = der(0x03, hex('00'), sign('sha256', body, privateKey));
	const lines =
		sequence(body, ECDSA_SHA256, signature)
			.toString('base64')
			.match(/.{1,64}/g) ?? [];
	return {
		key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
		cert: `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`,
	};
}

/**
 * The same service behind TLS, whose handshake can be delayed: the connection stands, the client's
 * first bytes are read, and nothing goes on until `release()`.
 */
export class TlsFront {
	private readonly sockets = new Set<Socket>();
	private holding: ((release: () => void) => void) | null = null;

	private constructor(
		private readonly front: net.Server,
		private readonly behind: https.Server,
	) {}

	/** @param target origin (and path prefix) that requests are handed to */
	static async start(target: string, { key, cert }: SelfSigned): Promise<TlsFront> {
		const base = new URL(target);
		const prefix = base.pathname.replace(/\/$/, '');
		const behind = https.createServer({ key, cert }, (request, response) => {
			const onward = http.request(
				{
					hostname: base.hostname,
					port: base.port,
					method: request.method,
					path: `${prefix}${request.url ?? '/'}`,
					headers: request.headers,
					agent: false,
				},
				(answer) => {
					// A connection for each request, so that each has a handshake.
					response.writeHead(answer.statusCode ?? 502, { ...answer.headers, connection: 'close' });
					answer.pipe(response);
				},
			);
			onward.on('error', () => request.socket.destroy());
			request.pipe(onward);
		});
		await new Promise<void>((resolve) => behind.listen(0, '127.0.0.1', resolve));
		const { port } = behind.address() as AddressInfo;
		const front = net.createServer();
		const made = new TlsFront(front, behind);
		front.on('connection', (socket) => made.pass(socket, port));
		await new Promise<void>((resolve) => front.listen(0, '127.0.0.1', resolve));
		return made;
	}

	get url(): string {
		return `https://127.0.0.1:${(this.front.address() as AddressInfo).port}`;
	}

	/** Holds the next connection in its handshake; resolves when its first bytes are there. */
	async holdNext(): Promise<() => void> {
		return await new Promise((resolve) => {
			this.holding = resolve;
		});
	}

	async stop(): Promise<void> {
		for (const socket of this.sockets) socket.destroy();
		this.behind.closeAllConnections();
		await Promise.all(
			[this.front, this.behind].map(async (server) => {
				await new Promise((resolve) => server.close(resolve));
			}),
		);
	}

	private pass(socket: Socket, port: number): void {
		const held = this.holding;
		this.holding = null;
		this.keep(socket);
		socket.once('data', (first) => {
			socket.pause();
			const goOn = (): void => {
				if (socket.destroyed) return;
				const onward = net.connect(port, '127.0.0.1');
				this.keep(onward);
				onward.write(first);
				socket.pipe(onward);
				onward.pipe(socket);
				socket.on('close', () => onward.destroy());
				onward.on('close', () => socket.destroy());
			};
			if (held === null) goOn();
			else held(goOn);
		});
	}

	private keep(socket: Socket): void {
		this.sockets.add(socket);
		socket.on('error', () => socket.destroy());
		socket.on('close', () => this.sockets.delete(socket));
	}
}
