import { BLUESKY } from '../../../../../core/platforms/bluesky';
import { recordKey } from '../../../../../core/platforms/bluesky/record-key';
import type { CarriedAccount } from '../../../../../core/store/contract';
import { account, answer, context, DID, lastStep, NOW, picture, post, POST_ID } from './fixtures';

const RKEY = recordKey(POST_ID);
const URI = `at://${DID}/app.bsky.feed.post/${RKEY}`;
const blob = { $type: 'blob', ref: { $link: 'bafkrei' }, mimeType: 'image/png', size: 1000 };
const named = (name: string, view = post({ text: '@a.com @b.com @a.com' }, [picture()])) => {
	const step = BLUESKY.steps(view, account).find((entry) => entry.name === name);
	if (step === undefined) throw new Error(`no step ${name}`);
	return step;
};

describe('steps', () => {
	test('each handle once, each picture, then the one visible call', () => {
		const view = post({ text: '@a.com @b.com @a.com' }, [picture(), picture()]);
		expect(
			BLUESKY.steps(view, account).map(({ name, visible, final }) => [name, visible, final]),
		).toEqual([
			['mention_0', false, false],
			['mention_1', false, false],
			['image_0', false, false],
			['image_1', false, false],
			['post', true, true],
		]);
	});

	test('a handle is asked for, and one that is unknown is no obstacle', async () => {
		const step = named('mention_1');
		expect((await step.prepare(context())).request.path).toBe(
			'/xrpc/com.atproto.identity.resolveHandle?handle=b.com',
		);
		expect(step.read(answer(200, { did: 'did:plc:b' }), context())).toEqual({
			outcome: 'done',
			result: { handle: 'b.com', did: 'did:plc:b' },
		});
		const unknown = answer(400, { error: 'InvalidRequest', message: 'Unable to resolve handle' });
		expect(step.read(unknown, context())).toEqual({
			outcome: 'done',
			result: { handle: 'b.com', did: null },
		});
		expect(step.read(answer(503, ''), context())).toMatchObject({ class: 'retry' });
		expect(step.read(answer(200, { did: 'b' }), context())).not.toMatchObject({ outcome: 'done' });
	});

	test('a picture is uploaded as it is, and kept as the server describes it', async () => {
		const step = named('image_0');
		const bytes = new Uint8Array([1, 2, 3]);
		const { request } = await step.prepare(
			context({
				mediaBytes: async (index) => await Promise.resolve(index === 0 ? bytes : bytes.slice(1)),
			}),
		);
		expect(request).toMatchObject({
			method: 'POST',
			path: '/xrpc/com.atproto.repo.uploadBlob',
			headers: { 'content-type': 'image/jpeg' },
			body: bytes,
		});
		expect(step.read(answer(200, { blob }), context())).toEqual({
			outcome: 'done',
			result: { blob },
			validMs: 3_600_000,
		});
		expect(step.read(answer(200, {}), context())).not.toMatchObject({ outcome: 'done' });
		expect(
			step.read(answer(413, { error: 'PayloadTooLarge', message: 'too large' }), context()),
		).toMatchObject({ class: 'permanent' });
	});

	test('the record: text, marks, pictures, time; only if nothing is there', async () => {
		const view = post({ text: '@a.com @b.com', media: [{ hash: 'a', altText: 'Alt' }] }, [
			picture(),
		]);
		const results: Record<string, Record<string, unknown>> = {
			mention_0: { handle: 'a.com', did: 'did:plc:a' },
			mention_1: { handle: 'b.com', did: null },
			image_0: { blob },
		};
		const { request, recognise } = await lastStep(view).prepare(
			context({ result: (name) => results[name] }),
		);
		expect(recognise).toEqual({ uri: URI, rkey: RKEY });
		expect(request.path).toBe('/xrpc/com.atproto.repo.putRecord');
		expect(JSON.parse(String(request.body))).toEqual({
			repo: DID,
			collection: 'app.bsky.feed.post',
			rkey: RKEY,
			swapRecord: null,
			record: {
				$type: 'app.bsky.feed.post',
				text: '@a.com @b.com',
				createdAt: new Date(NOW).toISOString(),
				facets: [
					{
						index: { byteStart: 0, byteEnd: 6 },
						features: [{ $type: 'app.bsky.richtext.facet#mention', did: 'did:plc:a' }],
					},
				],
				embed: {
					$type: 'app.bsky.embed.images',
					images: [{ alt: 'Alt', image: blob, aspectRatio: { width: 40, height: 30 } }],
				},
			},
		});
		expect(JSON.stringify(request.headers)).not.toContain('authorization');
	});

	test('a picture that was never uploaded stops the post before it is sent', async () => {
		const step = lastStep(post({ text: '' }, [picture()]));
		await expect(
			async () => await step.prepare(context({ result: () => undefined })),
		).rejects.toThrow('Picture 1');
	});

	test('done only with our own address in the answer', () => {
		const step = lastStep(post({ text: 'x' }));
		expect(step.read(answer(200, { uri: URI, cid: 'bafy' }), context())).toEqual({
			outcome: 'done',
			remoteId: URI,
			url: `https://bsky.app/profile/alice.bsky.social/post/${RKEY}`,
			result: { cid: 'bafy' },
		});
		for (const body of [{}, { uri: `${URI}x` }, 'not json', '']) {
			expect(step.read(answer(200, body), context())).toMatchObject({ outcome: 'ambiguous' });
		}
	});

	test('a sandbox post has its record as its page', () => {
		const local: CarriedAccount = { ...account, mode: 'sandbox', baseUrl: 'http://127.0.0.1:2583' };
		const step = BLUESKY.steps(post({ text: 'x' }), local).at(-1);
		const query = new URLSearchParams({ repo: DID, collection: 'app.bsky.feed.post', rkey: RKEY });
		expect(step?.read(answer(200, { uri: URI, cid: 'bafy' }), context())).toMatchObject({
			url: `http://127.0.0.1:2583/xrpc/com.atproto.repo.getRecord?${query.toString()}`,
		});
	});

	test.each([
		[500, 'InternalServerError'],
		[502, 'UpstreamFailure'],
		[504, ''],
		[408, ''],
		[302, ''],
		[400, 'InvalidSwap'],
	])('%i %s may be live', (status, error) => {
		expect(lastStep(post({ text: 'x' })).read(answer(status, { error }), context())).toMatchObject({
			outcome: 'ambiguous',
		});
	});

	test('a limit is waited for as long as the server says', () => {
		const read = (headers: Record<string, string>) =>
			lastStep(post({ text: 'x' })).read(
				answer(429, { error: 'RateLimitExceeded' }, headers),
				context(),
			);
		const reset = String(NOW / 1000 + 90);
		expect(read({ 'retry-after': '7', 'ratelimit-reset': reset })).toMatchObject({
			class: 'rate_limit',
			waitMs: 7000,
		});
		expect(read({ 'ratelimit-reset': reset })).toMatchObject({ waitMs: 90_000 });
		expect(read({ 'ratelimit-reset': '5' })).toMatchObject({ waitMs: 300_000 });
		expect(read({})).toMatchObject({ waitMs: 300_000 });
	});

	test('a picture that is gone is uploaded again', () => {
		const view = post({ text: 'x' }, [picture(), picture()]);
		expect(
			lastStep(view).read(answer(400, { error: 'BlobNotFound' }), context({ post: view })),
		).toMatchObject({ class: 'redo', redo: ['image_0', 'image_1'] });
	});
});

test('deleting names the record of the address', () => {
	const removal = BLUESKY.remove?.({ ...post({ text: 'x' }), remoteId: URI }, account);
	expect(JSON.parse(String(removal?.request.body))).toEqual({
		repo: DID,
		collection: 'app.bsky.feed.post',
		rkey: RKEY,
	});
	expect(removal?.read(answer(200, {}))).toEqual({ outcome: 'done' });
	expect(removal?.read(answer(500, ''))).toMatchObject({ outcome: 'ambiguous' });
});

describe('validate', () => {
	test.each([
		['', [], ['bluesky_text_missing']],
		['', [picture()], []],
		['ä'.repeat(300), [], []],
		['ä'.repeat(301), [], ['bluesky_text_too_long']],
		['👨‍👩‍👧‍👦'.repeat(120), [], []],
		['👨‍👩‍👧‍👦'.repeat(121), [], ['bluesky_text_too_many_bytes']],
		['x', Array.from({ length: 5 }, () => picture()), ['bluesky_too_many_images']],
		['x', [picture({ bytes: 2_000_001 })], ['bluesky_image_too_large']],
		['x', [picture({ mime: 'image/tiff' })], ['bluesky_image_type']],
	])('%j with pictures %#', (text, media, codes) => {
		const content = { text, media: media.map(({ hash }) => ({ hash })) };
		expect(BLUESKY.validate(content, media).map(({ code }) => code)).toEqual(codes);
	});
});
