import type { IExecuteFunctions } from 'n8n-workflow';

import type { HttpAnswer, HttpPort, HttpRequest } from '../../core/ports';
import { buildPack, type BuiltPack } from './support/built-pack';
import { deferred } from './support/deferred';
import { Engine } from './support/engine';
import { WireServer, type Answer } from './support/wire-server';

type HttpPortModule = { createHttpPort(helpers: IExecuteFunctions['helpers']): HttpPort };

let pack: BuiltPack;
let engine: Engine;
let server: WireServer;
let createHttpPort: HttpPortModule['createHttpPort'];

beforeAll(async () => {
	pack = buildPack();
	engine = await Engine.load(pack.folder);
	({ createHttpPort } = jest.requireActual<HttpPortModule>(
		`${pack.folder}/dist/nodes/SocialPost/transport/http-port.js`,
	));
});

afterAll(() => pack.remove());

beforeEach(async () => {
	server = new WireServer();
	await server.start();
});

afterEach(async () => await server.stop());

async function send(request: Partial<HttpRequest> = {}): Promise<HttpAnswer> {
	return await engine.inside(
		async (context) =>
			await createHttpPort(context.helpers).send({
				method: 'POST',
				url: `${server.url}/2/tweets`,
				headers: { 'content-type': 'application/json' },
				body: '{"text":"once"}',
				limitMs: 5000,
				...request,
			}),
	);
}

const withStatus =
	(status: number, headers: Record<string, string> = {}, body = '{"a":1}'): Answer =>
	(_request, response) => {
		response.writeHead(status, headers).end(body);
	};

describe('one call is one request on the wire', () => {
	it.each([
		[401, {}],
		[307, { location: '/elsewhere' }],
		[429, { 'retry-after': '0' }],
		[500, {}],
	])('status %i is an answer', async (status, headers) => {
		server.answer = withStatus(status, headers);
		const answer = await send();
		expect(answer).toMatchObject({ kind: 'response', status, text: '{"a":1}' });
		expect(server.seen).toHaveLength(1);
	});

	it('a reset is lost', async () => {
		server.answer = (request) => request.socket.resetAndDestroy();
		expect(await send()).toEqual({
			kind: 'lost',
			reason: 'the connection broke before the answer was complete',
		});
		expect(server.seen).toHaveLength(1);
	});

	it('a reset in the middle of the answer is lost', async () => {
		server.answer = (request, response) => {
			response.writeHead(200, { 'content-length': '100' });
			response.write('{"data"', () => request.socket.resetAndDestroy());
		};
		expect(await send()).toMatchObject({ kind: 'lost' });
		expect(server.seen).toHaveLength(1);
	});

	it('an answer that trickles is cut off at the limit', async () => {
		const closed = deferred<boolean>();
		server.answer = (request, response) => {
			response.writeHead(200);
			const timer = setInterval(() => response.write(' '), 50);
			request.socket.on('close', () => {
				clearInterval(timer);
				closed.resolve(true);
			});
		};
		expect(await send({ limitMs: 600 })).toEqual({
			kind: 'lost',
			reason: 'no complete answer came within the time limit',
		});
		expect(server.seen).toHaveLength(1);
		expect(await closed.promise).toBe(true);
	});

	it('nothing is sent when the time to send is over', async () => {
		expect(await send({ mayStillSend: () => false })).toMatchObject({ kind: 'not_sent' });
		expect(server.seen).toHaveLength(0);
	});
});

describe('failures before the first byte', () => {
	it('a refused connection is not sent', async () => {
		const gone = new WireServer();
		const url = await gone.start();
		await gone.stop();
		expect(await send({ url })).toEqual({
			kind: 'not_sent',
			reason: 'the connection was refused',
		});
	});

	it('an unknown host is not sent', async () => {
		const answer = await send({ url: 'http://nowhere.invalid/2/tweets' });
		expect(answer.kind).toBe('not_sent');
	});

	it('a server without TLS behind https is not sent', async () => {
		const answer = await send({ url: `${server.url.replace('http:', 'https:')}/2/tweets` });
		expect(answer).toEqual({
			kind: 'not_sent',
			reason: 'no secure connection could be made (TLS)',
		});
		expect(server.seen).toHaveLength(0);
	});

	it('a proxy that asks for a sign-in is not sent', async () => {
		server.answer = withStatus(407);
		expect(await send()).toMatchObject({ kind: 'not_sent' });
	});
});

describe('bytes and headers', () => {
	it.each([
		['text that only looks like JSON', '  {"b": 1,\n "a":2 }  ', 'application/json'],
		['text in several scripts', '{"text":"Grüße 🚲 日本"}', 'application/json; charset=utf-8'],
		['a form', 'grant_type=refresh_token&refresh_token=a%2Bb', 'application/x-www-form-urlencoded'],
	])('sends %s byte for byte', async (_name, body, type) => {
		await send({ body, headers: { 'content-type': type } });
		expect(server.seen[0].body.toString('utf8')).toBe(body);
		expect(server.seen[0].headers['content-type']).toBe(type);
		expect(server.seen[0].headers['content-length']).toBe(String(Buffer.byteLength(body)));
	});

	it('sends bytes with their length', async () => {
		const body = new Uint8Array([0, 255, 128, 13, 10, 0]);
		await send({ body, headers: { 'content-type': 'image/png' }, method: 'PUT' });
		expect(new Uint8Array(server.seen[0].body)).toEqual(body);
		expect(server.seen[0].headers['content-length']).toBe('6');
	});

	it('gives header names in lower case and the text unread', async () => {
		server.answer = withStatus(
			200,
			{ 'X-Rate-Limit-Reset': '17', 'Content-Type': 'text/html' },
			'[1',
		);
		expect(await send()).toMatchObject({
			kind: 'response',
			text: '[1',
			headers: { 'x-rate-limit-reset': '17', 'content-type': 'text/html' },
		});
	});
});
