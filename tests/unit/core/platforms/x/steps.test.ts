import { X } from '../../../../../core/platforms/x';
import { CHUNK_BYTES } from '../../../../../core/platforms/x/media-steps';
import { freeze } from '../../../../../core/platforms/platform';
import { account, NOW, picture, post, rejected, response, stepContext, stepNamed } from '../posts';

const TEXT_ONLY = { text: 'Hello & <world>' };
const WITH_PICTURE = { text: 'Hello', media: [{ hash: 'a', altText: 'A cat' }] };
const UPLOADED = {
	media_0_start: { mediaId: '11', until: NOW + 80_000_000 },
	media_0_finish: { mediaId: '11', mediaKey: '3_11', processing: null },
};

function given(content = WITH_PICTURE as { text: string; media?: { hash: string }[] }) {
	return { post: post('x', content), account: account('x') };
}

function step(name: string, target = given()) {
	return stepNamed(X.steps(target.post, target.account), name);
}

test('a text is one visible, final call', async () => {
	const target = given(TEXT_ONLY);
	const steps = X.steps(target.post, target.account);
	expect(steps.map(({ name, visible, final }) => [name, visible, final])).toEqual([
		['post', true, true],
	]);
	const prepared = await steps[0]?.prepare(stepContext(target));
	expect(prepared?.request).toMatchObject({ method: 'POST', path: '/2/tweets' });
	expect(JSON.parse(String(prepared?.request.body))).toEqual({ text: 'Hello & <world>' });
	expect(prepared?.recognise).toEqual({
		text: 'Hello & <world>',
		mediaIds: [],
		mediaKeys: [],
		replyTo: null,
	});
});

test('a picture is uploaded and described before the post, and nobody sees it', () => {
	const target = given();
	expect(X.steps(target.post, target.account).map(({ name, visible }) => [name, visible])).toEqual([
		['media_0_start', false],
		['media_0_append_0', false],
		['media_0_finish', false],
		['media_0_ready', false],
		['media_0_alt', false],
		['post', true],
	]);
});

test('without an alternative text there is no call for it, and a large file goes in pieces', () => {
	const large = post('x', { text: '', media: [{ hash: 'a' }] }, [
		picture({ bytes: CHUNK_BYTES * 2 + 1 }),
	]);
	expect(X.steps(large, account('x')).map(({ name }) => name)).toEqual([
		'media_0_start',
		'media_0_append_0',
		'media_0_append_1',
		'media_0_append_2',
		'media_0_finish',
		'media_0_ready',
		'post',
	]);
});

describe('start', () => {
	test('names type, size and category', async () => {
		const { request } = await step('media_0_start').prepare(stepContext(given()));
		expect(request).toMatchObject({ method: 'POST', path: '/2/media/upload/initialize' });
		expect(JSON.parse(String(request.body))).toEqual({
			media_type: 'image/jpeg',
			total_bytes: 12,
			media_category: 'tweet_image',
		});
	});

	test('a GIF has its own category', async () => {
		const target = {
			...given(),
			post: post('x', WITH_PICTURE, [picture({ mime: 'image/gif' })]),
		};
		const { request } = await step('media_0_start', target).prepare(stepContext(target));
		expect(JSON.parse(String(request.body))).toMatchObject({ media_category: 'tweet_gif' });
	});

	test('keeps the id for less than its 24 hours', () => {
		const reading = step('media_0_start').read(
			response(200, { data: { id: '11', media_key: '3_11' } }),
			stepContext(given()),
		);
		expect(reading).toMatchObject({ outcome: 'done', result: { mediaId: '11' } });
		if (reading.outcome !== 'done') return;
		expect(reading.validMs).toBeLessThan(86_400_000);
		expect(reading.validMs).toBeGreaterThan(86_400_000 - 3_600_000);
	});

	test('an answer without an id is tried again', () => {
		const reading = step('media_0_start').read(response(200, {}), stepContext(given()));
		expect(reading).toMatchObject({ outcome: 'rejected', class: 'retry' });
	});
});

test('append sends its piece of the bytes as base64', async () => {
	const bytes = new Uint8Array(CHUNK_BYTES + 3).map((_, at) => at % 251);
	const target = {
		...given(),
		post: post('x', WITH_PICTURE, [picture({ bytes: bytes.length })]),
	};
	const context = stepContext(target, { results: UPLOADED, bytes });
	const pieces = [];
	for (const name of ['media_0_append_0', 'media_0_append_1']) {
		const { request } = await step(name, target).prepare(context);
		expect(request.path).toBe('/2/media/upload/11/append');
		const body = JSON.parse(String(request.body)) as { media: string; segment_index: number };
		expect(body.segment_index).toBe(pieces.length);
		pieces.push(Buffer.from(body.media, 'base64'));
	}
	expect(Buffer.concat(pieces).equals(Buffer.from(bytes))).toBe(true);
});

test('no result about an upload outlives the upload', () => {
	const large = {
		...given(),
		post: post('x', WITH_PICTURE, [picture({ bytes: CHUNK_BYTES + 1 })]),
	};
	const context = stepContext(large, { results: UPLOADED });
	const answers: Record<string, unknown> = {
		media_0_finish: { data: { id: '11' } },
		media_0_ready: { data: { id: '11' } },
	};
	const lives = X.steps(large.post, large.account)
		.filter(({ visible, name }) => !visible && name !== 'media_0_start')
		.map(({ name, read }) => {
			const reading = read(response(200, answers[name] ?? {}), context);
			return reading.outcome === 'done' ? reading.validMs : NaN;
		});
	expect(lives).toHaveLength(5);
	const until = 80_000_000;
	expect([until, ...lives]).toEqual([until, ...lives].sort((a = 0, b = 0) => b - a));
	expect(new Set([until, ...lives]).size).toBe(6);
});

describe('finish and ready', () => {
	const pending = { ...UPLOADED, media_0_finish: { mediaId: '11', processing: 'pending' } };

	test('finish keeps id, key and state', () => {
		const answer = response(200, {
			data: { id: '11', media_key: '3_11', processing_info: { state: 'pending' } },
		});
		expect(
			step('media_0_finish').read(answer, stepContext(given(), { results: UPLOADED })),
		).toMatchObject({
			outcome: 'done',
			result: { mediaId: '11', mediaKey: '3_11', processing: 'pending' },
		});
	});

	test('ready waits as long as X asks for', () => {
		const context = stepContext(given(), { results: pending });
		const state = (info: unknown) => response(200, { data: { id: '11', processing_info: info } });
		const { read } = step('media_0_ready');
		expect(read(state({ state: 'pending', check_after_secs: 5 }), context)).toEqual({
			outcome: 'wait',
			waitMs: 5_000,
			reason: 'container',
		});
		expect(read(state({ state: 'in_progress' }), context)).toMatchObject({ outcome: 'wait' });
		expect(read(state({ state: 'succeeded' }), context)).toMatchObject({ outcome: 'done' });
		expect(
			read(state({ state: 'failed', error: { name: 'InvalidMedia' } }), context),
		).toMatchObject({
			outcome: 'rejected',
			class: 'permanent',
			error: { code: 'x_media_refused', platformCode: 'InvalidMedia' },
		});
	});

	test('ready asks for the state', async () => {
		const { request } = await step('media_0_ready').prepare(
			stepContext(given(), { results: pending }),
		);
		expect(request).toMatchObject({
			method: 'GET',
			path: '/2/media/upload?command=STATUS&media_id=11',
		});
	});

	test('no state of a still picture is no obstacle, of a picture in processing it is', () => {
		const { read } = step('media_0_ready');
		const unknown = response(503, '');
		expect(read(unknown, stepContext(given(), { results: UPLOADED }))).toMatchObject({
			outcome: 'done',
		});
		expect(read(unknown, stepContext(given(), { results: pending }))).toMatchObject({
			outcome: 'rejected',
			class: 'retry',
		});
	});

	test('an upload that X lost starts anew', () => {
		const answer = response(400, { errors: [{ message: 'Invalid media id.' }] });
		const reading = rejected(
			step('media_0_finish').read(answer, stepContext(given(), { results: UPLOADED })),
		);
		expect(reading).toMatchObject({
			class: 'redo',
			redo: ['media_0_start', 'media_0_append_0', 'media_0_finish', 'media_0_ready', 'media_0_alt'],
		});
	});
});

test('the alternative text goes to the uploaded media', async () => {
	const { request } = await step('media_0_alt').prepare(
		stepContext(given(), { results: UPLOADED }),
	);
	expect(request).toMatchObject({ method: 'POST', path: '/2/media/metadata' });
	expect(JSON.parse(String(request.body))).toEqual({
		id: '11',
		metadata: { alt_text: { text: 'A cat' } },
	});
});

describe('post', () => {
	test('names the media and can be frozen without a token', async () => {
		const target = given();
		const prepared = await step('post').prepare(stepContext(target, { results: UPLOADED }));
		expect(JSON.parse(String(prepared.request.body))).toEqual({
			text: 'Hello',
			media: { media_ids: ['11'] },
		});
		expect(prepared.recognise).toMatchObject({ mediaIds: ['11'], mediaKeys: ['3_11'] });
		const frozen = freeze(prepared.request);
		expect(JSON.stringify(frozen)).not.toContain('uthorization');
		const sent = X.authorize(prepared.request, target.account, 'tok');
		expect(sent).toMatchObject({
			url: 'http://127.0.0.1:4010/x/2/tweets',
			body: frozen.body,
			headers: { authorization: 'Bearer tok', 'content-type': 'application/json' },
		});
	});

	test('a picture alone has no text field', async () => {
		const target = given({ text: '', media: [{ hash: 'a' }] });
		const { request } = await step('post', target).prepare(
			stepContext(target, { results: UPLOADED }),
		);
		expect(JSON.parse(String(request.body))).toEqual({ media: { media_ids: ['11'] } });
	});

	test('reads id and address, of the sandbox and of X', () => {
		const answer = response(201, { data: { id: '1900000000000000000', text: 'Hello' } });
		const target = given();
		expect(step('post').read(answer, stepContext(target))).toEqual({
			outcome: 'done',
			remoteId: '1900000000000000000',
			url: 'http://127.0.0.1:4010/x/ada/status/1900000000000000000',
		});
		const live = {
			...target,
			account: account('x', { mode: 'live', baseUrl: 'https://api.x.com' }),
		};
		expect(step('post', live).read(answer, stepContext(live))).toMatchObject({
			url: 'https://x.com/ada/status/1900000000000000000',
		});
	});

	test.each<[string, unknown]>([
		['no id', { data: {} }],
		['an id that is none', { data: { id: 'abc' } }],
		['errors instead of data', { errors: [{ message: 'x' }] }],
		['HTML', '<html></html>'],
	])('HTTP 201 with %s is ambiguous', (_name, body) => {
		expect(step('post').read(response(201, body), stepContext(given()))).toMatchObject({
			outcome: 'ambiguous',
		});
	});

	test('media that X no longer has is uploaded anew', () => {
		const answer = response(400, { errors: [{ message: 'Your media IDs are invalid.' }] });
		expect(rejected(step('post').read(answer, stepContext(given())))).toMatchObject({
			class: 'redo',
			redo: expect.arrayContaining(['media_0_start', 'media_0_alt']) as string[],
		});
	});
});

describe('delete', () => {
	const removal = X.remove?.({ ...given().post, remoteId: '77' }, account('x'));

	test('names the post', () => {
		expect(removal?.request).toMatchObject({ method: 'DELETE', path: '/2/tweets/77' });
	});

	test.each([
		[200, { data: { deleted: true } }, { outcome: 'done' }],
		[404, { title: 'Not Found' }, { outcome: 'done' }],
		[200, { data: { deleted: false } }, { outcome: 'ambiguous' }],
		[503, '', { outcome: 'ambiguous' }],
		[401, {}, { outcome: 'rejected', class: 'refresh' }],
		[403, { detail: 'No.' }, { outcome: 'rejected', class: 'permanent' }],
	])('HTTP %i with %j', (status, body, reading) => {
		expect(removal?.read(response(status, body))).toMatchObject(reading);
	});
});
