import type { IExecuteFunctions } from 'n8n-workflow';

import type { RpcAnswer, StorePort } from '../../core/ports';
import { buildPack, type BuiltPack } from './support/built-pack';
import { deferred } from './support/deferred';
import { Engine } from './support/engine';
import { WireServer } from './support/wire-server';

type StorePortModule = { createStorePort(context: IExecuteFunctions, url: string): StorePort };

const VAULT_KEY = 'ab'.repeat(32);

let pack: BuiltPack;
let engine: Engine;
let server: WireServer;
let createStorePort: StorePortModule['createStorePort'];

beforeAll(async () => {
	pack = buildPack();
	engine = await Engine.load(pack.folder);
	({ createStorePort } = jest.requireActual<StorePortModule>(
		`${pack.folder}/dist/nodes/SocialPost/transport/store-port.js`,
	));
});

afterAll(() => pack.remove());

beforeEach(async () => {
	server = new WireServer();
	await server.start();
});

afterEach(async () => await server.stop());

const credential = (secretKey = 'sb_secret_test') => ({
	url: `${server.url}/`,
	secretKey,
	vaultKey: VAULT_KEY,
});

async function withPort<T>(
	work: (port: StorePort, context: IExecuteFunctions) => Promise<T>,
	secretKey?: string,
): Promise<T> {
	return await engine.inside(
		async (context) => await work(createStorePort(context, `${server.url}/`), context),
		{ credential: credential(secretKey) },
	);
}

const ping = async (port: StorePort) => await port.rpc<unknown>('social_ping', { p_contract: 1 });

describe('calls', () => {
	it('sends the arguments as JSON with the secret key as apikey alone', async () => {
		server.answer = (_request, response) => response.end('{"code":"ok"}');
		expect(await withPort(ping)).toEqual({ kind: 'ok', value: { code: 'ok' } });
		const [seen] = server.seen;
		expect(seen).toMatchObject({ method: 'POST', path: '/rest/v1/rpc/social_ping' });
		expect(JSON.parse(seen.body.toString())).toEqual({ p_contract: 1 });
		expect(seen.headers.apikey).toBe('sb_secret_test');
		expect(seen.headers).not.toHaveProperty('authorization');
	});

	it('sends the JWT key of an older project as Bearer too', async () => {
		await withPort(ping, 'eyJhbGciOiJI.x.y');
		expect(server.seen[0].headers).toMatchObject({
			apikey: 'eyJhbGciOiJI.x.y',
			authorization: 'Bearer eyJhbGciOiJI.x.y',
		});
	});

	it('reads null, text and numbers of large bodies as they are', async () => {
		const value = {
			text: '1 &amp; 2',
			nothing: null,
			list: Array.from({ length: 9000 }, () => 'ü'),
		};
		server.answer = (_request, response) => response.end(JSON.stringify(value));
		expect(await withPort(ping)).toEqual({ kind: 'ok', value });
	});
});

describe('refusals', () => {
	const answerWith = (status: number, body: string) => {
		server.answer = (_request, response) =>
			response.writeHead(status, { 'content-type': 'application/json' }).end(body);
	};

	it('takes our code, sentence, facts and hint', async () => {
		answerWith(
			409,
			JSON.stringify({
				code: 'PT409',
				message: 'idempotency_conflict',
				details: '{"sentence":"The key was used for another post.","postId":"p1"}',
				hint: 'Use another key.',
			}),
		);
		expect(await withPort(ping)).toEqual({
			kind: 'refused',
			refusal: {
				status: 409,
				code: 'idempotency_conflict',
				message: 'The key was used for another post.',
				hint: 'Use another key.',
				details: { postId: 'p1' },
			},
		});
	});

	it.each([
		[401, 'secret_key_refused'],
		[403, 'secret_key_refused'],
		[404, 'store_missing'],
		[429, 'store_busy'],
	])('status %i becomes %s, with one request', async (status, code) => {
		answerWith(status, '{}');
		const answer = await withPort(ping);
		expect(answer).toMatchObject({ kind: 'refused', refusal: { status, code } });
		expect(server.seen).toHaveLength(1);
	});

	it.each([500, 502, 307])(
		'status %i is unreachable: it says nothing about the call',
		async (status) => {
			answerWith(status, '<html>');
			expect(await withPort(ping)).toMatchObject({ kind: 'unreachable' });
			expect(server.seen).toHaveLength(1);
		},
	);

	it('a page instead of JSON is no answer of a store', async () => {
		answerWith(200, '<html>');
		expect(await withPort(ping)).toEqual({
			kind: 'unreachable',
			reason: 'the answer of the Project URL is not that of a store',
		});
	});

	it('a store that is down has no errno name in its reason', async () => {
		await server.stop();
		const answer = await withPort(ping);
		expect(answer).toEqual({ kind: 'unreachable', reason: 'the connection was refused' });
	});
});

describe('pictures', () => {
	const bytes = new Uint8Array([137, 80, 78, 71, 0, 255, 13, 10]);

	it('uploads and reads back the same bytes', async () => {
		const objects = new Map<string, Buffer>();
		server.answer = (_request, response, seen) => {
			if (seen.method === 'POST') objects.set(seen.path, seen.body);
			response.end(seen.method === 'POST' ? '{"Key":"x"}' : objects.get(seen.path));
		};
		const answers = await withPort(async (port) => [
			await port.putObject('default/abc', bytes, 'image/png'),
			await port.getObject('default/abc'),
		]);
		expect(answers[0]).toEqual({ kind: 'ok', value: null });
		expect([...(answers[1] as { value: Uint8Array }).value]).toEqual([...bytes]);
		expect(server.seen[0]).toMatchObject({
			path: '/storage/v1/object/musekit-social/default/abc',
			headers: { 'content-type': 'image/png', 'x-upsert': 'true' },
		});
	});

	it('signs a URL at the public address', async () => {
		server.answer = (_request, response) =>
			response.end('{"signedURL":"/object/sign/musekit-social/default/abc?token=t"}');
		const answer = await withPort(
			async (port) => await port.signObject('default/abc', 60, 'https://media.example.com/'),
		);
		expect(answer).toEqual({
			kind: 'ok',
			value: 'https://media.example.com/storage/v1/object/sign/musekit-social/default/abc?token=t',
		});
	});
});

it('pressing Stop does not abort a call of the store', async () => {
	const began = deferred<void>();
	const stopped = deferred<void>();
	server.answer = (_request, response) => {
		began.resolve();
		void stopped.promise.then(() => response.end('{"saved":true}'));
	};
	let stop = () => {};
	const seen = engine.inside(
		async (context) => {
			const answer: RpcAnswer<unknown> = await createStorePort(context, server.url).rpc(
				'social_evidence',
				{},
			);
			return { answer, aborted: context.getExecutionCancelSignal()?.aborted };
		},
		{ credential: credential(), onStart: (press) => (stop = press) },
	);
	await began.promise;
	stop();
	stopped.resolve();
	expect(await seen).toEqual({ answer: { kind: 'ok', value: { saved: true } }, aborted: true });
});

it('a call with n8n’s own context is aborted by Stop: the reason for ours', async () => {
	const began = deferred<void>();
	server.answer = () => began.resolve();
	let stop = () => {};
	const seen = engine.inside(
		async (context) => {
			try {
				await context.helpers.httpRequestWithAuthentication.call(context, 'museKitSocialApi', {
					url: server.url,
				});
				return 'answered';
			} catch {
				return 'aborted';
			}
		},
		{ credential: credential(), onStart: (press) => (stop = press) },
	);
	await began.promise;
	stop();
	expect(await seen).toBe('aborted');
});
