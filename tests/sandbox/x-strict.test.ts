import { picture, sandboxUnderTest } from './fixtures';
import type { SandboxUnderTest } from './fixtures';

let sandbox: SandboxUnderTest;
let token: string;

beforeAll(async () => {
	sandbox = await sandboxUnderTest();
});
afterAll(async () => await sandbox.stop());
beforeEach(async () => {
	await sandbox.reset();
	token = (await sandbox.seed({ platform: 'x', handle: 'ada' })).accessToken;
});

interface Answer {
	status: number;
	type: string | null;
	body: Record<string, unknown>;
}

async function call(method: string, path: string, body?: unknown, as = token): Promise<Answer> {
	const response = await fetch(`${sandbox.url}/x${path}`, {
		method,
		headers: { authorization: `Bearer ${as}`, 'content-type': 'application/json' },
		...(body === undefined ? {} : { body: JSON.stringify(body) }),
	});
	return {
		status: response.status,
		type: response.headers.get('content-type'),
		body: (await response.json()) as Record<string, unknown>,
	};
}

async function upload(bytes: Buffer, mime = 'image/png', as = token): Promise<string> {
	const answer = await call(
		'POST',
		'/2/media/upload',
		{ media: bytes.toString('base64'), media_category: 'tweet_image', media_type: mime },
		as,
	);
	expect(answer.status).toBe(200);
	return (answer.body.data as { id: string }).id;
}

test('an unknown field is refused and named', async () => {
	const answer = await call('POST', '/2/tweets', { text: 'hi', idempotency_key: 'k' });
	expect(answer.status).toBe(400);
	expect(answer.type).toContain('application/problem+json');
	expect(answer.body).toEqual({
		errors: [
			{
				parameters: { '$.idempotency_key': [] },
				message:
					'$.idempotency_key: is not defined in the schema and the schema does not allow additional properties',
			},
		],
		title: 'Invalid Request',
		detail: 'One or more parameters to your request was invalid.',
		type: 'https://api.twitter.com/2/problems/invalid-request',
	});
	expect((await call('POST', '/2/tweets', { media: { media_ids: [] } })).status).toBe(400);
	expect((await call('POST', '/2/tweets', {})).status).toBe(400);
	expect(await sandbox.ledger()).toEqual([]);
});

test.each([
	['280 Latin letters', 'a'.repeat(280), 201],
	['281 Latin letters', 'a'.repeat(281), 400],
	['140 Japanese letters', 'あ'.repeat(140), 201],
	['141 Japanese letters', 'あ'.repeat(141), 400],
	['family emoji count 2 each', '👨‍👩‍👧‍👦'.repeat(140), 201],
	['a long address counts 23', `${'a'.repeat(256)} https://example.com/${'b'.repeat(200)}`, 201],
	['a bare domain counts 23', `${'a'.repeat(258)} example.com`, 400],
	['an ellipsis counts 2', `${'a'.repeat(279)}…`, 400],
])('weighted length: %s', async (_name, text, status) => {
	expect((await call('POST', '/2/tweets', { text })).status).toBe(status);
});

test('one cashtag is fine, two are not', async () => {
	expect((await call('POST', '/2/tweets', { text: 'only $TSLA today' })).status).toBe(201);
	const two = await call('POST', '/2/tweets', { text: '$TSLA and $AAPL' });
	expect(two.status).toBe(403);
	expect(two.body.title).toBe('Forbidden');
});

test('quotes are refused, replies need a summons', async () => {
	const other = await sandbox.seed({ platform: 'x', handle: 'bob' });
	const make = async (text: string, as: string): Promise<string> =>
		((await call('POST', '/2/tweets', { text }, as)).body.data as { id: string }).id;
	const plain = await make('nothing to see', other.accessToken);
	const summons = await make('what do you say, @ada?', other.accessToken);
	const reply = (id: string) => ({ text: `re ${id}`, reply: { in_reply_to_tweet_id: id } });
	expect((await call('POST', '/2/tweets', reply(plain))).status).toBe(403);
	expect((await call('POST', '/2/tweets', reply(summons))).status).toBe(201);
	const quote = await call('POST', '/2/tweets', { text: 'look', quote_tweet_id: plain });
	expect(quote.status).toBe(403);
});

test('media ids must exist, be ours, be young, and be at most four', async () => {
	const bytes = await picture('png');
	const other = await sandbox.seed({ platform: 'x', handle: 'bob' });
	const foreign = await upload(bytes, 'image/png', other.accessToken);
	const refused = async (ids: string[]): Promise<Answer> =>
		await call('POST', '/2/tweets', { text: 'pic', media: { media_ids: ids } });
	for (const ids of [['123'], [foreign]]) {
		const answer = await refused(ids);
		expect(answer.status).toBe(400);
		expect(answer.body).toMatchObject({
			errors: [{ message: 'Your media IDs are invalid.' }],
			type: 'https://api.twitter.com/2/problems/invalid-request',
		});
	}
	const own = await Promise.all([1, 2, 3, 4, 5].map(async () => await upload(bytes)));
	expect((await refused(own)).status).toBe(400);
	await sandbox.set({ clockOffsetMs: 86_400_001 });
	token = (await sandbox.seed({ platform: 'x', handle: 'ada' })).accessToken;
	expect((await refused(own.slice(0, 4))).status).toBe(400);
	await sandbox.set({ clockOffsetMs: 0 });
	expect((await refused(own.slice(0, 4))).status).toBe(201);
	expect((await sandbox.ledger())[0]?.media).toHaveLength(4);
});

test('uploads are checked by their bytes', async () => {
	const once = async (media: Buffer, mime: string): Promise<Answer> =>
		await call('POST', '/2/media/upload', {
			media: media.toString('base64'),
			media_category: 'tweet_image',
			media_type: mime,
		});
	const png = await picture('png');
	expect((await once(Buffer.from('no picture at all'), 'image/png')).status).toBe(400);
	expect((await once(png.subarray(0, png.length - 20), 'image/png')).status).toBe(400);
	expect((await once(png, 'image/svg+xml')).status).toBe(400);
	expect((await once(Buffer.alloc(5 * 1024 * 1024 + 1), 'image/png')).status).toBe(400);
	for (const format of ['jpeg', 'png', 'webp', 'gif'] as const) {
		expect((await once(await picture(format), `image/${format}`)).status).toBe(200);
	}
});

test('pieces that do not add up are refused, JSON pieces work', async () => {
	const bytes = await picture('png');
	const half = Math.floor(bytes.length / 2);
	const open = await call('POST', '/2/media/upload/initialize', {
		media_type: 'image/png',
		media_category: 'tweet_image',
		total_bytes: bytes.length,
	});
	expect(open.body.data).toMatchObject({ expires_after_secs: 1_295_999 });
	const { id } = open.body.data as { id: string };
	const piece = (index: number, part: Buffer) =>
		call('POST', `/2/media/upload/${id}/append`, {
			segment_index: index,
			media: part.toString('base64'),
		});
	expect((await piece(0, bytes.subarray(0, half))).body.data).toHaveProperty('expires_at');
	expect((await call('POST', `/2/media/upload/${id}/finalize`)).status).toBe(400);
	await piece(1, bytes.subarray(half));
	const done = await call('POST', `/2/media/upload/${id}/finalize`);
	expect(done.body.data).toEqual({
		id,
		media_key: `3_${id}`,
		size: bytes.length,
		expires_after_secs: 86_400,
	});
	expect((await call('POST', `/2/media/upload/${id}/finalize`)).status).toBe(400);
});

test('the timeline lags, pages, and checks its parameters', async () => {
	await sandbox.set({ indexLagMs: { x: 60_000 } });
	const ids: string[] = [];
	for (let at = 0; at < 7; at += 1) {
		const made = await call('POST', '/2/tweets', { text: `post ${at}` });
		ids.unshift((made.body.data as { id: string }).id);
	}
	const { id: userId } = (await call('GET', '/2/users/me')).body.data as { id: string };
	const read = async (query: string): Promise<Answer> =>
		await call('GET', `/2/users/${userId}/tweets?${query}`);
	expect((await read('max_results=5')).body).toEqual({ meta: { result_count: 0 } });
	expect((await call('GET', `/2/tweets/${ids[0]}`)).body.data).toMatchObject({ text: 'post 6' });
	await sandbox.set({ indexLagMs: { x: 0 } });
	const first = (await read('max_results=5')).body as {
		data: { id: string }[];
		meta: { next_token: string };
	};
	const second = (await read(`max_results=5&pagination_token=${first.meta.next_token}`)).body as {
		data: { id: string }[];
		meta: Record<string, unknown>;
	};
	expect([...first.data, ...second.data].map(({ id }) => id)).toEqual(ids);
	expect(second.meta).not.toHaveProperty('next_token');
	const since = (await read(`since_id=${ids[2]}&max_results=5`)).body as { data: unknown[] };
	expect(since.data).toHaveLength(2);
	for (const query of [
		'max_results=4',
		'max_results=101',
		'start_time=yesterday',
		'since_id=abc',
		'pagination_token=xyz',
		'tweet.fields=secret',
	]) {
		expect((await read(query)).status).toBe(400);
	}
});

test('a post of somebody else cannot be deleted, a missing one is not found', async () => {
	const other = await sandbox.seed({ platform: 'x', handle: 'bob' });
	const made = await call('POST', '/2/tweets', { text: 'mine' }, other.accessToken);
	const { id } = made.body.data as { id: string };
	expect((await call('DELETE', `/2/tweets/${id}`)).status).toBe(403);
	expect((await call('DELETE', '/2/tweets/1')).status).toBe(404);
	expect((await call('GET', '/2/nowhere')).status).toBe(404);
});
