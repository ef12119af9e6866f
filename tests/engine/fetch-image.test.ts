import type { IExecuteFunctions } from 'n8n-workflow';

import { buildPack, type BuiltPack } from './support/built-pack';
import { Engine } from './support/engine';
import { WireServer, type Answer } from './support/wire-server';

type Fetched =
	| { outcome: 'ok'; bytes: Uint8Array }
	| { outcome: 'refused'; problem: { message: string; remedy: string } };
type FetchModule = {
	fetchImage(
		helpers: IExecuteFunctions['helpers'],
		url: string,
		limitMs?: number,
	): Promise<Fetched>;
	IMAGE_BYTES_MAX: number;
};

let pack: BuiltPack;
let engine: Engine;
let server: WireServer;
let fetchModule: FetchModule;
const before = process.env.N8N_SSRF_ALLOWED_HOSTNAMES;

beforeAll(async () => {
	// The protection stays off as n8n has it by default; only its list of allowed names is set, so
	// that a server of this test may stand for a public one.
	process.env.N8N_SSRF_ALLOWED_HOSTNAMES = 'localhost';
	pack = buildPack();
	engine = await Engine.load(pack.folder);
	fetchModule = jest.requireActual<FetchModule>(
		`${pack.folder}/dist/nodes/SocialPost/transport/fetch-image.js`,
	);
});

afterAll(() => {
	pack.remove();
	if (before === undefined) delete process.env.N8N_SSRF_ALLOWED_HOSTNAMES;
	else process.env.N8N_SSRF_ALLOWED_HOSTNAMES = before;
});

beforeEach(async () => {
	server = new WireServer();
	await server.start();
});

afterEach(async () => await server.stop());

const fetchImage = async (url: string, limitMs?: number) =>
	await engine.inside(
		async (context) => await fetchModule.fetchImage(context.helpers, url, limitMs),
	);

const allowed = () => `${server.url.replace('127.0.0.1', 'localhost')}/picture.jpg`;

it('fetches the bytes once, with the host name of the URL', async () => {
	const bytes = Buffer.from([255, 216, 255, 0, 10, 13, 128]);
	server.answer = (_request, response) => response.end(bytes);
	const fetched = await fetchImage(allowed());
	expect(fetched).toMatchObject({ outcome: 'ok' });
	expect([...(fetched as { bytes: Uint8Array }).bytes]).toEqual([...bytes]);
	expect(server.seen).toHaveLength(1);
	expect(server.seen[0].headers.host).toBe(new URL(allowed()).host);
});

it.each([
	['loopback', () => `${server.url}/picture.jpg`],
	['loopback in other words', () => server.url.replace('127.0.0.1', '2130706433')],
	['IPv6 loopback', () => 'http://[::1]/picture.jpg'],
	['IPv4 inside IPv6', () => 'http://[::ffff:127.0.0.1]/picture.jpg'],
	['private range', () => 'http://10.0.0.1/picture.jpg'],
	['cloud metadata', () => 'http://169.254.169.254/latest/meta-data'],
])('refuses an address of the kind %s without asking it', async (_name, url) => {
	expect(await fetchImage(url())).toMatchObject({
		outcome: 'refused',
		problem: { message: expect.stringMatching(/private network/) },
	});
	expect(server.seen).toHaveLength(0);
});

it.each([
	'file:///etc/passwd',
	'ftp://example.com/a.jpg',
	'picture.jpg',
	'http://a:b@example.com/',
])('refuses %s', async (url) => {
	expect(await fetchImage(url)).toMatchObject({
		outcome: 'refused',
		problem: { message: expect.stringMatching(/not an address/) },
	});
});

it.each<[string, Answer, RegExp]>([
	[
		'a redirect',
		(_request, response) => response.writeHead(302, { location: '/other.jpg' }).end(),
		/redirects/,
	],
	['a missing picture', (_request, response) => response.writeHead(404).end('no'), /status 404/],
	[
		'a length above 16 MB',
		(_request, response) => {
			response.writeHead(200, { 'content-length': String(17 * 1024 * 1024) });
			response.write('x');
		},
		/larger than 16 MB/,
	],
	[
		'more than 16 MB without a length',
		(_request, response) => {
			const megabyte = Buffer.alloc(1024 * 1024);
			const more = () => {
				while (!response.destroyed && response.write(megabyte));
			};
			response.on('drain', more).on('error', () => undefined);
			more();
		},
		/larger than 16 MB/,
	],
	['a reset', (request) => request.socket.resetAndDestroy(), /could not be fetched/],
])('refuses %s', async (_name, answer, message) => {
	server.answer = answer;
	expect(await fetchImage(allowed())).toMatchObject({
		outcome: 'refused',
		problem: { message: expect.stringMatching(message) },
	});
	expect(server.seen).toHaveLength(1);
});

it('gives up on a picture that trickles', async () => {
	server.answer = (request, response) => {
		response.writeHead(200);
		const timer = setInterval(() => response.write('x'), 30);
		request.socket.on('close', () => clearInterval(timer));
	};
	expect(await fetchImage(allowed(), 500)).toMatchObject({
		outcome: 'refused',
		problem: { message: expect.stringMatching(/time limit/) },
	});
});

it('says so when the host does not exist', async () => {
	expect(await fetchImage('http://nowhere.invalid/picture.jpg')).toMatchObject({
		outcome: 'refused',
		problem: { message: 'The host of the image URL cannot be found.' },
	});
});
