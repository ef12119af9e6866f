import { createHash, randomBytes } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import { startTestStore, type TestStore } from './with-store';

const BUCKET = 'musekit-social';
const hashOf = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

describe('media routes', () => {
	let store: TestStore;
	beforeAll(async () => {
		store = await startTestStore({ limits: { objectBytes: 100_000 } });
	}, 120_000);
	afterAll(() => store.remove());

	const bucket = () => store.client().storage.from(BUCKET);
	const ask = (path: string, init: RequestInit = {}) =>
		fetch(`${store.url}/storage/v1${path}`, {
			...init,
			headers: { apikey: store.serviceKey, ...(init.headers as Record<string, string>) },
		});
	const upload = async (bytes = randomBytes(500), owner = 'default') => {
		const path = `${owner}/${hashOf(bytes)}`;
		const answer = await bucket().upload(path, bytes, { contentType: 'image/png' });
		expect(answer.error).toBeNull();
		return { path, bytes };
	};
	/** Sends the path as it is; fetch would tidy `..` away. */
	const raw = (path: string, method = 'GET', body?: Uint8Array) =>
		new Promise<{ status: number; text: string }>((resolve, reject) => {
			const outgoing = httpRequest(
				{
					host: '127.0.0.1',
					port: store.gateway.port,
					path,
					method,
					headers: { apikey: store.serviceKey, 'content-type': 'image/png' },
				},
				(response) => {
					let text = '';
					response.on('data', (chunk) => (text += chunk));
					response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
				},
			);
			outgoing.on('error', reject);
			outgoing.end(body);
		});

	test('supabase-js: upload, download, signed URL, remove', async () => {
		const { path, bytes } = await upload();
		const { data } = await bucket().download(path);
		expect(Buffer.from(await data!.arrayBuffer()).equals(bytes)).toBe(true);
		expect(data!.type).toBe('image/png');
		const signed = await bucket().createSignedUrl(path, 60);
		expect(signed.error).toBeNull();
		const got = await fetch(signed.data!.signedUrl);
		expect(got.headers.get('content-type')).toBe('image/png');
		expect(Buffer.from(await got.arrayBuffer()).equals(bytes)).toBe(true);
		expect((await bucket().remove([path, 'default/none'])).data?.map((o) => o.name)).toEqual([
			path,
		]);
		expect((await bucket().download(path)).error).not.toBeNull();
		expect((await fetch(signed.data!.signedUrl)).status).toBe(400);
	});

	test('HEAD and ranges of a signed URL, as platforms ask', async () => {
		const { path, bytes } = await upload();
		const url = (await bucket().createSignedUrl(path, 60)).data!.signedUrl;
		const head = await fetch(url, { method: 'HEAD' });
		expect([
			head.status,
			head.headers.get('content-type'),
			head.headers.get('content-length'),
		]).toEqual([200, 'image/png', '500']);
		const range = await fetch(url, { headers: { range: 'bytes=10-19' } });
		expect(range.status).toBe(206);
		expect(Buffer.from(await range.arrayBuffer()).equals(bytes.subarray(10, 20))).toBe(true);
	});

	test('the same bytes again: refused without upsert, fine with it', async () => {
		const { path, bytes } = await upload();
		const again = await bucket().upload(path, bytes, { contentType: 'image/png' });
		expect(again.error).toMatchObject({
			message: 'The resource already exists',
			statusCode: '409',
		});
		const upsert = await bucket().upload(path, bytes, { contentType: 'image/png', upsert: true });
		expect(upsert.error).toBeNull();
		const many = await Promise.all(
			Array.from({ length: 10 }, () =>
				bucket().upload(path, bytes, { contentType: 'image/png', upsert: true }),
			),
		);
		expect(many.map((answer) => answer.error)).toEqual(many.map(() => null));
		expect(
			Buffer.from(await (await bucket().download(path)).data!.arrayBuffer()).equals(bytes),
		).toBe(true);
	});

	test('expired, changed and missing signatures are 400 InvalidJWT', async () => {
		const { path } = await upload();
		const other = await upload();
		const url = (await bucket().createSignedUrl(path, 1)).data!.signedUrl;
		const swapped = url.replace(path, other.path);
		expect([(await fetch(swapped)).status, await (await fetch(swapped)).json()]).toEqual([
			400,
			expect.objectContaining({ statusCode: '400', error: 'InvalidSignature' }),
		]);
		for (const bad of [
			url.replace(/token=.*/, 'token='),
			`${url.slice(0, -4)}AAAA`,
			url.split('?')[0],
		]) {
			const response = await fetch(bad);
			expect([response.status, await response.json()]).toEqual([
				400,
				expect.objectContaining({ statusCode: '400', error: 'InvalidJWT' }),
			]);
		}
		await new Promise((resolve) => setTimeout(resolve, 1_600));
		const expired = await fetch(url);
		expect([expired.status, await expired.json()]).toEqual([
			400,
			{ statusCode: '400', error: 'InvalidJWT', message: '"exp" claim timestamp check failed' },
		]);
	});

	test('a media token is no API token', async () => {
		const { path } = await upload();
		const url = new URL((await bucket().createSignedUrl(path, 60)).data!.signedUrl);
		const response = await fetch(`${store.url}/rest/v1/rpc/social_ping`, {
			method: 'POST',
			headers: { authorization: `Bearer ${url.searchParams.get('token')}` },
		});
		expect(response.status).toBe(401);
	});

	test('bytes that do not fit their name are refused and not stored', async () => {
		const path = `default/${hashOf(Buffer.from('other'))}`;
		const response = await ask(`/object/${BUCKET}/${path}`, {
			method: 'POST',
			body: 'these bytes',
			headers: { 'content-type': 'image/png' },
		});
		expect([response.status, await response.json()]).toEqual([
			400,
			{ statusCode: '400', error: 'InvalidChecksum', message: expect.stringContaining('SHA-256') },
		]);
		expect((await bucket().download(path)).error).not.toBeNull();
	});

	test('too large: 413, with and without a length, and nothing stays', async () => {
		const bytes = randomBytes(150_000);
		const path = `default/${hashOf(bytes)}`;
		const known = await ask(`/object/${BUCKET}/${path}`, {
			method: 'POST',
			body: bytes,
			headers: { 'content-type': 'image/png' },
		});
		expect([known.status, await known.json()]).toEqual([
			413,
			expect.objectContaining({ statusCode: '413', error: 'Payload too large' }),
		]);
		const stream = new ReadableStream({
			start(controller) {
				for (let n = 0; n < 15; n += 1)
					controller.enqueue(bytes.subarray(n * 10_000, (n + 1) * 10_000));
				controller.close();
			},
		});
		const chunked = await ask(`/object/${BUCKET}/${path}`, {
			method: 'POST',
			body: stream,
			duplex: 'half',
			headers: { 'content-type': 'image/png' },
		} as RequestInit);
		expect(chunked.status).toBe(413);
		expect((await bucket().download(path)).error).not.toBeNull();
		expect((await store.gateway.objects.list(-1)).leftovers).toEqual([]);
	});

	test('paths that want out are refused', async () => {
		for (const path of [
			'default/../../x',
			'default/%2e%2e/x',
			'default/..%2f..%2fetc%2fpasswd',
			'default//x',
			'default/%00',
			'a%5c..%5cb',
			'',
			'%E0%A4%A',
		]) {
			for (const method of ['GET', 'POST']) {
				const answer = await raw(
					`/storage/v1/object/${BUCKET}/${path}`,
					method,
					method === 'POST' ? Buffer.from('x') : undefined,
				);
				expect([path, method, answer.status]).toEqual([path, method, 400]);
				expect(JSON.parse(answer.text).error).toMatch(/InvalidKey|Bucket not found/);
			}
		}
	});

	test('other buckets, types, keys and callers', async () => {
		const { path } = await upload();
		const post = (at: string, headers: Record<string, string>) =>
			ask(`/object/${at}`, {
				method: 'POST',
				body: 'x',
				headers: { 'content-type': 'image/png', ...headers },
			});
		expect(await (await post('other/a/b', {})).json()).toMatchObject({
			statusCode: '404',
			error: 'Bucket not found',
		});
		expect(
			await (await post(`${BUCKET}/a/b`, { 'content-type': 'text/html' })).json(),
		).toMatchObject({ statusCode: '415', error: 'invalid_mime_type' });
		expect(await (await post(`${BUCKET}/a/b`, { apikey: store.anonKey })).json()).toMatchObject({
			statusCode: '403',
			error: 'Unauthorized',
		});
		expect((await post(`${BUCKET}/a/b`, { apikey: 'sb_secret_wrong' })).status).toBe(401);
		expect((await fetch(`${store.url}/storage/v1/object/${BUCKET}/${path}`)).status).toBe(401);
		const anon = await ask(`/object/authenticated/${BUCKET}/${path}`, {
			headers: { apikey: store.anonKey },
		});
		expect([anon.status, await anon.json()]).toEqual([
			400,
			{ statusCode: '404', error: 'not_found', message: 'Object not found' },
		]);
		const sign = await ask(`/object/sign/${BUCKET}/${path}`, {
			method: 'POST',
			body: '{"expiresIn":60}',
			headers: { apikey: store.anonKey, 'content-type': 'application/json' },
		});
		expect(sign.status).toBe(400);
		expect((await store.client('anon').storage.from(BUCKET).remove([path])).data).toEqual([]);
		expect((await bucket().download(path)).error).toBeNull();
	});

	test('objects without a row go when they are old, others stay', async () => {
		const kept = await upload(undefined, 'default');
		let lost = await upload(undefined, 'default');
		const client = await store.connect();
		await client.query(
			`insert into musekit_social.media (owner_id, hash, mime, bytes, width, height) values ('default', $1, 'image/png', 500, 1, 1)`,
			[hashOf(kept.bytes)],
		);
		expect(await store.removeOrphans(3_600_000)).toBe(0);
		// Sent again it is young again.
		const renewed = await upload(kept.bytes, 'other');
		await new Promise((resolve) => setTimeout(resolve, 2_000));
		await bucket().upload(renewed.path, renewed.bytes, { contentType: 'image/png', upsert: true });
		await store.removeOrphans(1_500);
		expect((await bucket().download(renewed.path)).error).toBeNull();
		expect((await bucket().download(lost.path)).error).not.toBeNull();
		lost = await upload(undefined, 'default');
		expect(await store.removeOrphans(-1_000)).toBeGreaterThan(0);
		expect((await bucket().download(kept.path)).error).toBeNull();
		expect((await bucket().download(lost.path)).error).not.toBeNull();
	});
});
