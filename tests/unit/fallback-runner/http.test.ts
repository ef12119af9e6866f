import { createServer, type RequestListener, type Server } from 'node:http';
import {
	connect,
	createServer as createTcp,
	type AddressInfo,
	type Server as Tcp,
	type Socket,
} from 'node:net';
import { gzipSync } from 'node:zlib';
import type { HttpRequest } from '../../../core/ports';
import { createHttpPort } from '../../../fallback-runner/src/ports/http';

const port = createHttpPort({ maxAnswerBytes: 10_000 });
const open: (Server | Tcp)[] = [];
const sockets = new Set<Socket>();

async function listen<Kind extends Server | Tcp>(server: Kind): Promise<string> {
	open.push(server);
	server.on('connection', (socket: Socket) => sockets.add(socket));
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function serve(listener: RequestListener): Promise<{ url: string; count(): number }> {
	let requests = 0;
	const url = await listen(
		createServer((request, response) => {
			requests += 1;
			listener(request, response);
		}),
	);
	return { url, count: () => requests };
}

const post = (url: string, more: Partial<HttpRequest> = {}): HttpRequest => ({
	method: 'POST',
	url: `${url}/2/tweets?a=b`,
	headers: { 'content-type': 'application/json' },
	body: '{"text":"Grüße"}',
	limitMs: 5_000,
	...more,
});

afterEach(async () => {
	for (const socket of sockets) socket.destroy();
	sockets.clear();
	await Promise.all(
		open.splice(0).map(async (server) => await new Promise((resolve) => server.close(resolve))),
	);
});

describe('one call is one request', () => {
	it.each([200, 307, 401, 429, 500, 503])('with status %s', async (status) => {
		const target = await serve((_request, response) => {
			response.writeHead(status, { location: '/elsewhere', 'Retry-After': '1', 'X-A': 'b' });
			response.end('{"a":1}');
		});
		const answer = await port.send(post(target.url));
		expect(answer).toMatchObject({ kind: 'response', status, text: '{"a":1}' });
		expect(answer).toHaveProperty('headers.x-a', 'b');
		expect(target.count()).toBe(1);
	});

	it('sends text with its length and the given headers, each on its own connection', async () => {
		const seen: string[] = [];
		const ports = new Set<number | undefined>();
		const target = await serve((request, response) => {
			ports.add(request.socket.remotePort);
			let body = '';
			request.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
			request.on('end', () => {
				seen.push(`${request.method} ${request.url} ${request.headers['content-length']} ${body}`);
				response.end('ok');
			});
		});
		await port.send(post(target.url));
		await port.send(post(target.url));
		expect(seen).toEqual(Array(2).fill('POST /2/tweets?a=b 18 {"text":"Grüße"}'));
		expect(ports.size).toBe(2);
	});

	it('unpacks gzip, and calls a broken one lost', async () => {
		const packed = gzipSync('{"data":{"id":"1"}}');
		const target = await serve((request, response) => {
			response.writeHead(201, { 'content-encoding': 'gzip' });
			response.end(request.headers['x-break'] ? packed.subarray(0, 12) : packed);
		});
		expect(await port.send(post(target.url))).toMatchObject({ text: '{"data":{"id":"1"}}' });
		const broken = await port.send(post(target.url, { headers: { 'x-break': '1' } }));
		expect(broken.kind).toBe('lost');
	});
});

describe('lost: bytes may have arrived', () => {
	it('when the connection is reset after the request', async () => {
		const target = await serve((request) => request.socket.resetAndDestroy());
		expect(await port.send(post(target.url))).toMatchObject({ kind: 'lost' });
		expect(target.count()).toBe(1);
	});

	it('when the connection is closed before any byte was read', async () => {
		let connections = 0;
		const url = await listen(
			createTcp((socket) => {
				connections += 1;
				socket.once('data', () => socket.end());
			}),
		);
		expect(await port.send(post(url))).toMatchObject({ kind: 'lost' });
		expect(connections).toBe(1);
	});

	it('when the answer is cut off', async () => {
		const target = await serve((request, response) => {
			response.writeHead(201, { 'content-length': '100' });
			response.write('{"data"');
			setImmediate(() => request.socket.destroy());
		});
		expect(await port.send(post(target.url))).toMatchObject({ kind: 'lost' });
		expect(target.count()).toBe(1);
	});

	it('when the answer trickles past the limit of the whole exchange', async () => {
		const target = await serve((_request, response) => {
			response.writeHead(200);
			const drip = setInterval(() => response.write(' '), 20);
			response.on('close', () => clearInterval(drip));
		});
		expect(await port.send(post(target.url, { limitMs: 300 }))).toMatchObject({ kind: 'lost' });
		expect(target.count()).toBe(1);
	});

	it('when there is no answer within the limit', async () => {
		const target = await serve(() => undefined);
		expect(await port.send(post(target.url, { limitMs: 200 }))).toMatchObject({ kind: 'lost' });
	});

	it('when the answer is longer than allowed', async () => {
		const target = await serve((_request, response) => response.end('x'.repeat(50_000)));
		expect(await port.send(post(target.url))).toMatchObject({ kind: 'lost' });
		const packed = await serve((_request, response) => {
			response.writeHead(200, { 'content-encoding': 'gzip' });
			response.end(gzipSync('x'.repeat(50_000)));
		});
		expect(await port.send(post(packed.url))).toMatchObject({ kind: 'lost' });
	});
});

describe('not sent: nothing was written', () => {
	it('when the connection is refused', async () => {
		const url = await listen(createTcp());
		const [server] = open.splice(0);
		await new Promise((resolve) => server.close(resolve));
		const answer = await port.send(post(url));
		expect(answer).toEqual({ kind: 'not_sent', reason: 'the connection was refused' });
	});

	it('when the name is not known or the address is none', async () => {
		expect((await port.send(post('http://no-such-host.invalid'))).kind).toBe('not_sent');
		expect((await port.send(post('nonsense'))).kind).toBe('not_sent');
	});

	it('when TLS is not spoken at the other end', async () => {
		const url = await listen(createTcp((socket) => socket.end('HTTP/1.1 200 OK\r\n\r\n')));
		expect((await port.send(post(url.replace('http:', 'https:')))).kind).toBe('not_sent');
	});

	it('when TLS takes longer than the limit', async () => {
		const url = await listen(createTcp(() => undefined));
		const answer = await port.send(post(url.replace('http:', 'https:'), { limitMs: 200 }));
		expect(answer.kind).toBe('not_sent');
	});

	it('when the last question says no: asked once, after the connection stands', async () => {
		let bytes = 0;
		let connected = false;
		const server = createTcp((socket) => {
			connected = true;
			socket.on('data', (chunk) => (bytes += chunk.length));
		});
		const url = await listen(server);
		const asked: boolean[] = [];
		const answer = await port.send(
			post(url, {
				mayStillSend: () => {
					asked.push(true);
					return false;
				},
			}),
		);
		expect(answer.kind).toBe('not_sent');
		expect(asked).toHaveLength(1);
		// A second connection answered after it: everything the first one sent has been read by then.
		await new Promise<void>((resolve) => {
			const probe = connect((server.address() as AddressInfo).port, '127.0.0.1', () => {
				probe.end();
				resolve();
			});
		});
		expect([connected, bytes]).toEqual([true, 0]);
	});
});
