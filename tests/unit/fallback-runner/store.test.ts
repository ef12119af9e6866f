import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createStorePort } from '../../../fallback-runner/src/ports/store';

let server: Server | null = null;

async function serve(listener: RequestListener) {
	const seen: string[] = [];
	const made = createServer((request, response) => {
		seen.push(`${request.method} ${request.url}`);
		listener(request, response);
	});
	server = made;
	await new Promise<void>((resolve) => made.listen(0, '127.0.0.1', resolve));
	const url = `http://127.0.0.1:${(made.address() as AddressInfo).port}`;
	return { seen, url, port: createStorePort({ url, key: 'sb_secret_test', limitMs: 500 }) };
}

afterEach(async () => {
	server?.closeAllConnections();
	await new Promise((resolve) => (server === null ? resolve(null) : server.close(resolve)));
	server = null;
});

const json =
	(status: number, body: unknown): RequestListener =>
	(_request, response) => {
		response.writeHead(status, { 'content-type': 'application/json' });
		response.end(JSON.stringify(body));
	};

describe('a store call of the companion', () => {
	it('is one POST with its value', async () => {
		const { port, seen } = await serve(json(200, { set: true }));
		expect(await port.rpc('social_vault_init', { p_contract: 1 })).toEqual({
			kind: 'ok',
			value: { set: true },
		});
		expect(seen).toEqual(['POST /rest/v1/rpc/social_vault_init']);
	});

	it('brings our own refusal with code, sentence, hint and facts', async () => {
		const details = JSON.stringify({ sentence: 'Used before.', ordinal: 2 });
		const body = { code: 'PT409', message: 'idempotency_conflict', details, hint: 'New key.' };
		const { port } = await serve(json(409, body));
		expect(await port.rpc('social_create', {})).toEqual({
			kind: 'refused',
			refusal: {
				status: 409,
				code: 'idempotency_conflict',
				message: 'Used before.',
				hint: 'New key.',
				details: { ordinal: 2 },
			},
		});
	});

	it('keeps the code of a database error', async () => {
		const body = { code: '23503', message: 'violates foreign key', details: null, hint: null };
		const { port } = await serve(json(409, body));
		expect(await port.rpc('social_evidence', {})).toMatchObject({
			kind: 'refused',
			refusal: { status: 409, code: '23503', message: 'violates foreign key' },
		});
	});

	it.each([429, 503, 504, 520])('is never repeated by the client on %s', async (status) => {
		const { port, seen } = await serve(json(status, { message: 'busy' }));
		expect(await port.rpc('social_claim', {})).toMatchObject({
			kind: 'refused',
			refusal: { status },
		});
		expect(seen).toHaveLength(1);
	});

	it('is unreachable when the connection breaks, the answer is no JSON or never comes', async () => {
		const broken = await serve((request) => request.socket.destroy());
		expect(await broken.port.rpc('social_ping', {})).toMatchObject({ kind: 'unreachable' });
		expect(broken.seen).toHaveLength(1);
		server?.close();
		const silent = await serve(() => undefined);
		expect(await silent.port.rpc('social_ping', {})).toMatchObject({ kind: 'unreachable' });
		server?.closeAllConnections();
		server?.close();
		const redirecting = await serve((_request, response) => {
			response.writeHead(307, { location: '/elsewhere' });
			response.end();
		});
		expect((await redirecting.port.rpc('social_ping', {})).kind).not.toBe('ok');
		expect(redirecting.seen).toHaveLength(1);
	});

	it('signs media for another origin when one is given', async () => {
		const { port } = await serve(
			json(200, { signedURL: '/object/sign/musekit-social/default/aa?token=t' }),
		);
		expect(await port.signObject('default/aa', 60, 'https://media.example/')).toEqual({
			kind: 'ok',
			value: 'https://media.example/storage/v1/object/sign/musekit-social/default/aa?token=t',
		});
	});

	it('brings bytes back as they are, and a missing object as a refusal', async () => {
		const bytes = new Uint8Array([0, 255, 10, 13]);
		const { port } = await serve((request, response) => {
			if (request.url?.includes('missing'))
				return json(400, { statusCode: '404', error: 'not_found', message: 'Object not found' })(
					request,
					response as never,
				);
			response.end(Buffer.from(bytes));
		});
		expect(await port.getObject('default/aa')).toEqual({ kind: 'ok', value: bytes });
		expect(await port.getObject('default/missing')).toMatchObject({ kind: 'refused' });
	});
});
