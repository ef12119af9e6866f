import { INSTAGRAM } from '../../../../../core/platforms/instagram';
import { graphTimeMs } from '../../../../../core/platforms/instagram/steps';
import { freeze } from '../../../../../core/platforms/platform';
import { account, NOW, post, rejected, response, stepContext, stepNamed } from '../posts';

const HOUR = 3_600_000;
const CONTENT = { text: 'Hi & #News', media: [{ hash: 'a', altText: 'A cat' }] };
const MADE = { container: { containerId: '1789', until: NOW + 10 * HOUR } };

function given(content: { text: string; media: { hash: string; altText?: string }[] } = CONTENT) {
	return { post: post('instagram', content), account: account('instagram') };
}

function step(name: string, target = given()) {
	return stepNamed(INSTAGRAM.steps(target.post, target.account), name);
}

test('the calls in order', () => {
	const target = given();
	expect(
		INSTAGRAM.steps(target.post, target.account).map(({ name, visible, final }) => [
			name,
			visible,
			final,
		]),
	).toEqual([
		['container', false, false],
		['container_status', false, false],
		['media_publish', true, true],
	]);
});

test('the token goes into a header, never into the address', () => {
	const request = { method: 'GET' as const, path: '/v26.0/1', headers: {}, limitMs: 1 };
	expect(INSTAGRAM.authorize(request, account('instagram'), 'tok')).toEqual({
		method: 'GET',
		url: 'http://127.0.0.1:4010/instagram/v26.0/1',
		headers: { authorization: 'Bearer tok' },
		limitMs: 1,
	});
});

describe('container', () => {
	test('names the public address, caption and alternative text', async () => {
		const mediaUrl = 'https://media.example/a.jpg?token=1&x=2';
		const { request } = await step('container').prepare(stepContext(given(), { mediaUrl }));
		expect(request).toMatchObject({
			method: 'POST',
			path: '/v26.0/4242/media',
			headers: { 'content-type': 'application/x-www-form-urlencoded' },
		});
		expect(Object.fromEntries(new URLSearchParams(String(request.body)))).toEqual({
			image_url: mediaUrl,
			caption: 'Hi & #News',
			alt_text: 'A cat',
		});
	});

	test('leaves out what there is not', async () => {
		const target = given({ text: '', media: [{ hash: 'a' }] });
		const { request } = await step('container', target).prepare(
			stepContext(target, { mediaUrl: 'https://media.example/a' }),
		);
		expect(request.body).toBe('image_url=https%3A%2F%2Fmedia.example%2Fa');
	});

	test('keeps the container for less than its 24 hours', () => {
		const reading = step('container').read(response(200, { id: '1789' }), stepContext(given()));
		expect(reading).toEqual({
			outcome: 'done',
			result: { containerId: '1789', until: NOW + 23 * HOUR },
			validMs: 23 * HOUR,
		});
	});

	test('an answer without an id is tried again', () => {
		expect(step('container').read(response(200, {}), stepContext(given()))).toMatchObject({
			outcome: 'rejected',
			class: 'retry',
		});
	});
});

describe('container_status', () => {
	const read = (body: unknown, status = 200) =>
		step('container_status').read(response(status, body), stepContext(given(), { results: MADE }));

	test('asks the container', async () => {
		const { request } = await step('container_status').prepare(
			stepContext(given(), { results: MADE }),
		);
		expect(request).toMatchObject({
			method: 'GET',
			path: '/v26.0/1789?fields=status_code%2Cstatus',
		});
	});

	test('waits while it is in progress or says nothing', () => {
		expect(read({ status_code: 'IN_PROGRESS' })).toEqual({
			outcome: 'wait',
			waitMs: 3_000,
			reason: 'container',
		});
		expect(read({})).toMatchObject({ outcome: 'wait' });
	});

	test('is done when finished, and ends before its container', () => {
		const reading = read({ status_code: 'FINISHED', id: '1789' });
		expect(reading).toMatchObject({ outcome: 'done', result: { containerId: '1789' } });
		if (reading.outcome === 'done') expect(reading.validMs).toBeLessThan(10 * HOUR);
	});

	test.each([
		['ERROR without words', { status_code: 'ERROR' }],
		[
			'a picture that could not be fetched',
			{ status_code: 'ERROR', status: 'Error: Media download has failed 2207052' },
		],
		['2207082', { status_code: 'ERROR', status: 'Error: … with error code 2207082' }],
		['an unknown subcode', { status_code: 'ERROR', status: 'Error: 2207999' }],
		['EXPIRED', { status_code: 'EXPIRED' }],
	])('%s makes a new container', (_name, body) => {
		expect(rejected(read(body))).toMatchObject({
			class: 'redo',
			redo: ['container', 'container_status'],
		});
	});

	test.each([
		['2207009', 'instagram_image_ratio'],
		['2207085', 'instagram_media_unprocessable'],
	])('ERROR with %s is permanent', (subcode, code) => {
		expect(
			rejected(read({ status_code: 'ERROR', status: `Error: code ${subcode}` })),
		).toMatchObject({ class: 'permanent', error: { code } });
	});

	test('a broken read (100/33) is read again', () => {
		const body = { error: { code: 100, error_subcode: 33, message: 'x' } };
		expect(rejected(read(body, 400))).toMatchObject({ class: 'retry' });
	});
});

describe('media_publish', () => {
	test('is a frozen form that names the container', async () => {
		const prepared = await step('media_publish').prepare(stepContext(given(), { results: MADE }));
		expect(freeze(prepared.request)).toMatchObject({
			method: 'POST',
			path: '/v26.0/4242/media_publish',
			headers: { 'content-type': 'application/x-www-form-urlencoded' },
			body: 'creation_id=1789',
		});
		expect(prepared.recognise).toEqual({ containerId: '1789', caption: 'Hi & #News' });
	});

	test('reads the id of the media', () => {
		const { read } = step('media_publish');
		expect(read(response(200, { id: '1790' }), stepContext(given()))).toEqual({
			outcome: 'done',
			remoteId: '1790',
		});
		for (const body of [{}, { id: '' }, { id: 17 }, '<html></html>', { success: true }]) {
			expect(read(response(200, body), stepContext(given()))).toMatchObject({
				outcome: 'ambiguous',
			});
		}
	});

	test('a missing container is looked up, for it may have been published', () => {
		const body = { error: { code: 24, error_subcode: 2207006, message: 'x' } };
		expect(step('media_publish').read(response(400, body), stepContext(given()))).toMatchObject({
			outcome: 'ambiguous',
		});
	});
});

describe('permalink', () => {
	test('asks the media', () => {
		expect(INSTAGRAM.permalink?.request('1790', account('instagram')).path).toBe(
			'/v26.0/1790?fields=permalink',
		);
	});

	test.each([
		[200, { permalink: 'https://www.instagram.com/p/abc/' }, 'https://www.instagram.com/p/abc/'],
		[200, { permalink: 'javascript:alert(1)' }, null],
		[200, { permalink: 'https://' }, null],
		[200, {}, null],
		[400, { permalink: 'https://www.instagram.com/p/abc/' }, null],
	])('HTTP %i with %j', (status, body, link) => {
		expect(INSTAGRAM.permalink?.read(response(status, body))).toBe(link);
	});
});

test('graphTimeMs reads Meta’s time format', () => {
	expect(graphTimeMs('2026-11-22T10:00:00+0000')).toBe(NOW);
	expect(graphTimeMs('2026-11-22T11:00:00+01:00')).toBe(NOW);
	expect(graphTimeMs('soon')).toBeNull();
});

test('nothing can be deleted by the API', () => {
	expect(INSTAGRAM.remove).toBeNull();
	expect(INSTAGRAM.capabilities.canDelete).toBe(false);
});
