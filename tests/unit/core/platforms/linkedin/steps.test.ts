import { LINKEDIN } from '../../../../../core/platforms/linkedin';
import { adopt, authorOf, postTimeMs } from '../../../../../core/platforms/linkedin/urns';
import { freeze } from '../../../../../core/platforms/platform';
import {
	account,
	intent,
	iso,
	NOW,
	picture,
	post,
	rejected,
	response,
	stepContext,
	stepNamed,
} from '../posts';

const WITH_PICTURE = { text: 'Hi (all) #News', media: [{ hash: 'a', altText: 'A cat' }] };
const UPLOAD_URL = 'http://127.0.0.1:4010/linkedin/dms-uploads/abc?x=1';
const UPLOADED = {
	media_0_register: { uploadUrl: UPLOAD_URL, image: 'urn:li:image:C4D' },
	media_0_upload: { image: 'urn:li:image:C4D', uploadedAt: NOW - 1_000 },
};

function given(content: typeof WITH_PICTURE | { text: string } = WITH_PICTURE) {
	return { post: post('linkedin', content), account: account('linkedin', { remoteId: 'Ab_C-1' }) };
}

function step(name: string, target = given()) {
	return stepNamed(LINKEDIN.steps(target.post, target.account), name);
}

test('the calls in order', () => {
	const text = given({ text: 'Hi' });
	expect(LINKEDIN.steps(text.post, text.account).map(({ name }) => name)).toEqual(['post']);
	const target = given();
	expect(
		LINKEDIN.steps(target.post, target.account).map(({ name, visible, final }) => [
			name,
			visible,
			final,
		]),
	).toEqual([
		['media_0_register', false, false],
		['media_0_upload', false, false],
		['media_0_ready', false, false],
		['post', true, true],
	]);
});

describe('authorize', () => {
	const target = account('linkedin', { mode: 'live', baseUrl: 'https://api.linkedin.com' });
	const request = { method: 'POST' as const, path: '/rest/posts', headers: {}, limitMs: 1 };

	test('adds token, version and protocol', () => {
		expect(LINKEDIN.authorize(request, target, 'tok')).toMatchObject({
			url: 'https://api.linkedin.com/rest/posts',
			headers: {
				authorization: 'Bearer tok',
				'linkedin-version': '202609',
				'x-restli-protocol-version': '2.0.0',
			},
		});
		const other = { ...target, settings: { linkedinVersion: '202611' } };
		expect(LINKEDIN.authorize(request, other, 'tok').headers['linkedin-version']).toBe('202611');
	});

	test('gives the token to LinkedIn’s upload host and to nobody else', () => {
		const to = (path: string) => LINKEDIN.authorize({ ...request, path }, target, 'tok').headers;
		expect(to('https://www.linkedin.com/dms-uploads/1')).toEqual({ authorization: 'Bearer tok' });
		expect(to('https://evil.example/dms-uploads/1')).toEqual({});
	});
});

describe('register', () => {
	test('names the owner', async () => {
		const { request } = await step('media_0_register').prepare(stepContext(given()));
		expect(request).toMatchObject({
			method: 'POST',
			path: '/rest/images?action=initializeUpload',
			body: '{"initializeUploadRequest":{"owner":"urn:li:person:Ab_C-1"}}',
		});
	});

	test('keeps address and picture until the address ends', () => {
		const value = {
			uploadUrl: UPLOAD_URL,
			image: 'urn:li:image:C4D',
			uploadUrlExpiresAt: NOW + 600_000,
		};
		expect(step('media_0_register').read(response(200, { value }), stepContext(given()))).toEqual({
			outcome: 'done',
			result: { uploadUrl: UPLOAD_URL, image: 'urn:li:image:C4D' },
			validMs: 540_000,
		});
	});

	test.each([
		['sandbox', 'https://www.linkedin.com/dms-uploads/1'],
		['sandbox', 'http://127.0.0.1:4011/dms-uploads/1'],
		['live', 'https://evil.example/dms-uploads/1'],
		['live', 'http://www.linkedin.com/dms-uploads/1'],
		['live', 'http://169.254.169.254/latest'],
	] as const)('%s: refuses the upload address %s for good', (mode, uploadUrl) => {
		const target = { ...given(), account: account('linkedin', { mode }) };
		const answer = response(200, { value: { uploadUrl, image: 'urn:li:image:C4D' } });
		const reading = rejected(step('media_0_register', target).read(answer, stepContext(target)));
		expect(reading).toMatchObject({
			class: 'permanent',
			error: { code: 'linkedin_upload_address_refused' },
		});
		expect(reading.error.message).not.toContain(uploadUrl);
	});

	test('takes LinkedIn’s own upload host for a live account', () => {
		const target = { ...given(), account: account('linkedin', { mode: 'live' }) };
		const uploadUrl = 'https://www.linkedin.com/dms-uploads/1';
		const answer = response(200, { value: { uploadUrl, image: 'urn:li:image:C4D' } });
		expect(step('media_0_register', target).read(answer, stepContext(target))).toMatchObject({
			outcome: 'done',
		});
	});
});

describe('upload', () => {
	test('puts the whole file to the address', async () => {
		const bytes = Uint8Array.of(1, 2, 3);
		const { request } = await step('media_0_upload').prepare(
			stepContext(given(), { results: UPLOADED, bytes }),
		);
		expect(request).toMatchObject({
			method: 'PUT',
			path: UPLOAD_URL,
			headers: { 'content-type': 'image/jpeg' },
			body: bytes,
		});
	});

	test.each([400, 403, 404, 410])('HTTP %i starts the upload anew', (status) => {
		const context = stepContext(given(), { results: UPLOADED });
		expect(rejected(step('media_0_upload').read(response(status, ''), context))).toMatchObject({
			class: 'redo',
			redo: ['media_0_register', 'media_0_upload', 'media_0_ready'],
		});
	});

	test('HTTP 201 is done, 503 is tried again', () => {
		const context = stepContext(given(), { results: UPLOADED });
		expect(step('media_0_upload').read(response(201, ''), context)).toMatchObject({
			outcome: 'done',
			result: { image: 'urn:li:image:C4D', uploadedAt: NOW },
		});
		expect(step('media_0_upload').read(response(503, ''), context)).toMatchObject({
			class: 'retry',
		});
	});
});

describe('ready', () => {
	const read = (status: number, body: unknown, nowMs = NOW) =>
		step('media_0_ready').read(
			response(status, body),
			stepContext(given(), { results: UPLOADED, nowMs }),
		);

	test('asks for the picture', async () => {
		const { request } = await step('media_0_ready').prepare(
			stepContext(given(), { results: UPLOADED }),
		);
		expect(request).toMatchObject({ method: 'GET', path: '/rest/images/urn%3Ali%3Aimage%3AC4D' });
	});

	test('waits while it is processed', () => {
		for (const status of ['PROCESSING', 'WAITING_UPLOAD']) {
			expect(read(200, { status })).toMatchObject({ outcome: 'wait', reason: 'container' });
		}
		expect(read(200, { status: 'AVAILABLE' })).toMatchObject({ outcome: 'done' });
		expect(read(200, { status: 'PROCESSING_FAILED' })).toMatchObject({ class: 'permanent' });
	});

	test('a member, who may not ask, waits three seconds after the upload', () => {
		expect(read(403, {})).toEqual({ outcome: 'wait', waitMs: 2_000, reason: 'container' });
		expect(read(403, {}, NOW + 2_000)).toMatchObject({ outcome: 'done' });
	});
});

describe('post', () => {
	test('sends little text and the picture with its alternative text', async () => {
		const target = given();
		const prepared = await step('post').prepare(stepContext(target, { results: UPLOADED }));
		expect(freeze(prepared.request)).toMatchObject({ method: 'POST', path: '/rest/posts' });
		expect(JSON.parse(String(prepared.request.body))).toEqual({
			author: 'urn:li:person:Ab_C-1',
			commentary: 'Hi \\(all\\) {hashtag|\\#|News}',
			visibility: 'PUBLIC',
			distribution: {
				feedDistribution: 'MAIN_FEED',
				targetEntities: [],
				thirdPartyDistributionChannels: [],
			},
			content: { media: { id: 'urn:li:image:C4D', altText: 'A cat' } },
			lifecycleState: 'PUBLISHED',
			isReshareDisabledByAuthor: false,
		});
		expect(prepared.recognise).toMatchObject({
			author: 'urn:li:person:Ab_C-1',
			text: 'Hi (all) #News',
			images: ['urn:li:image:C4D'],
		});
	});

	test('several pictures are a multi-image post, none have no content', async () => {
		const two = post('linkedin', { text: 'Hi', media: [{ hash: 'a' }, { hash: 'b' }] }, [
			picture(),
			picture(),
		]);
		const target = { ...given(), post: two };
		const context = stepContext(target, {
			results: { ...UPLOADED, media_1_upload: { image: 'urn:li:image:D5E' } },
		});
		const { request } = await step('post', target).prepare(context);
		expect(JSON.parse(String(request.body))).toMatchObject({
			content: {
				multiImage: { images: [{ id: 'urn:li:image:C4D' }, { id: 'urn:li:image:D5E' }] },
			},
		});
		const text = given({ text: 'Hi' });
		const plain = await step('post', text).prepare(stepContext(text));
		expect(JSON.parse(String(plain.request.body))).not.toHaveProperty('content');
	});

	test.each(['urn:li:share:71', 'urn:li:ugcPost:72'])('reads %s from the header', (urn) => {
		const answer = response(201, '', { 'x-restli-id': urn });
		expect(step('post').read(answer, stepContext(given()))).toEqual({
			outcome: 'done',
			remoteId: urn,
			url: `http://127.0.0.1:4010/linkedin/feed/update/${urn}/`,
		});
		const live = { ...given(), account: account('linkedin', { mode: 'live' }) };
		expect(step('post', live).read(answer, stepContext(live))).toMatchObject({
			url: `https://www.linkedin.com/feed/update/${urn}/`,
		});
	});

	test.each(['', 'urn:li:person:Ab', 'share:71'])('HTTP 201 with the id %j is ambiguous', (urn) => {
		const answer = response(201, '', urn === '' ? {} : { 'x-restli-id': urn });
		expect(step('post').read(answer, stepContext(given()))).toMatchObject({ outcome: 'ambiguous' });
	});
});

describe('URNs', () => {
	const at = (ms: number) => `urn:li:share:${BigInt(ms) << 22n}`;

	test('the author is the one chosen for the account, else the member', () => {
		expect(authorOf(account('linkedin', { remoteId: 'x' }))).toBe('urn:li:person:x');
		const page = { authorUrn: 'urn:li:organization:5' };
		expect(authorOf(account('linkedin', { settings: page }))).toBe('urn:li:organization:5');
	});

	test('a post’s id holds its time', () => {
		expect(postTimeMs(at(NOW))).toBe(NOW);
		expect(postTimeMs('urn:li:person:12')).toBeNull();
	});

	test('only a post that is not older than the first intent may be adopted', () => {
		const intents = [intent({ savedAt: iso(NOW) })];
		const adopted = (urn: string) => adopt(urn, intents, account('linkedin'));
		expect(adopted(at(NOW))).toEqual({
			remoteId: at(NOW),
			url: expect.stringContaining(`/feed/update/${at(NOW)}/`),
		});
		expect(adopted(at(NOW - 30_000))).not.toBeNull();
		expect(adopted(at(NOW - 30_001))).toBeNull();
		expect(adopted(at(NOW).replace('share', 'ugcPost'))).not.toBeNull();
		expect(adopted(at(NOW).replace('share', 'activity'))).not.toBeNull();
		expect(adopted(at(NOW).replace('share', 'person'))).toBeNull();
		expect(adopted(`${at(NOW)}x`)).toBeNull();
	});
});

test('delete names the URN, and deleting what is gone is done', () => {
	const removal = LINKEDIN.remove?.(
		{ ...given().post, remoteId: 'urn:li:share:71' },
		account('linkedin'),
	);
	expect(removal?.request).toMatchObject({
		method: 'DELETE',
		path: '/rest/posts/urn%3Ali%3Ashare%3A71',
	});
	expect(removal?.read(response(204, ''))).toEqual({ outcome: 'done' });
	expect(removal?.read(response(404, {}))).toEqual({ outcome: 'done' });
	expect(removal?.read(response(500, ''))).toMatchObject({ outcome: 'ambiguous' });
	expect(removal?.read(response(403, { code: 'ACCESS_DENIED' }))).toMatchObject({
		outcome: 'rejected',
		error: { code: 'linkedin_delete_refused' },
	});
});
