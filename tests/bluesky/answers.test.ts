import sharp from 'sharp';
import { BLUESKY } from '../../core/platforms/bluesky';
import { recordKey } from '../../core/platforms/bluesky/record-key';
import { readRefresh } from '../../core/platforms/bluesky/refresh';
import { readSession, sessionRequest } from '../../core/platforms/bluesky/session';
import type { Step, StepReading } from '../../core/platforms/platform';
import type { CarriedAccount, MediaInfo, PostView } from '../../core/store/contract';
import { createHttpPort } from '../../fallback-runner/src/ports/http';
import { describeWithPds } from './pds-folder';
import { Pds, type Person, type Reply } from './pds';

const PUT = 'com.atproto.repo.putRecord';
const POST_ID = '01939b7c-8a00-7a3b-9c4d-5e6f708192a3';
const MISSING_BLOB = 'bafkreibme22gw2h7y2h7tg2fhqotaqjucnbc24deqo72b6mkl2egezxhvy';

const record = (change: Record<string, unknown> = {}) => ({
	$type: 'app.bsky.feed.post',
	text: 'x',
	createdAt: '2026-01-01T00:00:00.000Z',
	...change,
});

const media = (mime: string, bytes: number): MediaInfo => ({
	hash: 'a'.repeat(64),
	mime,
	bytes,
	width: 4,
	height: 4,
});

describeWithPds('answers of the real server', (folder) => {
	let pds: Pds;
	let person: Person;
	beforeAll(async () => {
		pds = await Pds.start(folder);
		person = await pds.person('reader');
	}, 120_000);
	afterAll(() => pds?.stop());

	/** Reads an answer as the last step of a post of this person would. */
	function asPost({ status, headers, text }: Reply): StepReading {
		const steps = BLUESKY.steps(
			{ id: POST_ID, content: { text: 'x' }, media: [] } as unknown as PostView,
			{ remoteId: person.did, handle: person.handle, mode: 'live' } as unknown as CarriedAccount,
		);
		const last = steps.at(-1) as Step;
		const context = { nowMs: Date.now() } as Parameters<Step['read']>[1];
		return last.read({ kind: 'response', status, headers, text }, context);
	}

	const put = async (
		input: Record<string, unknown>,
		token: string | undefined = person.accessJwt,
	) =>
		await pds.call(
			PUT,
			{
				repo: person.did,
				collection: 'app.bsky.feed.post',
				rkey: recordKey(POST_ID),
				record: record(),
				swapRecord: null,
				...input,
			},
			token === '' ? {} : { token },
		);

	const blob = (mimeType: string) => ({
		$type: 'app.bsky.embed.images',
		images: [
			{ alt: '', image: { $type: 'blob', ref: { $link: MISSING_BLOB }, mimeType, size: 5 } },
		],
	});

	test.each<[string, () => Promise<Reply>, string, string]>([
		['expired', () => put({}, pds.expired(person.accessJwt)), 'refresh', 'bluesky_session_expired'],
		['garbage', () => put({}, 'garbage'), 'refresh', 'bluesky_session_expired'],
		['wrong kind', () => put({}, person.refreshJwt), 'refresh', 'bluesky_session_expired'],
		['no token', () => put({}, ''), 'refresh', 'bluesky_session_expired'],
		[
			'301 characters',
			() => put({ record: record({ text: 'ä'.repeat(301) }) }),
			'permanent',
			'bluesky_text_too_long',
		],
		[
			'3001 bytes',
			() => put({ record: record({ text: '👨‍👩‍👧‍👦'.repeat(121) }) }),
			'permanent',
			'bluesky_text_too_long',
		],
		['no TID', () => put({ rkey: 'not-a-tid' }), 'permanent', 'bluesky_refused'],
		[
			'missing picture',
			() => put({ record: record({ embed: blob('image/png') }) }),
			'redo',
			'bluesky_image_gone',
		],
	])('%s', async (_title, ask, kind, code) => {
		expect(asPost(await ask())).toMatchObject({
			outcome: 'rejected',
			class: kind,
			error: { code, message: expect.stringContaining('Nothing was published') },
		});
	});

	test('somebody else’s account', async () => {
		const other = await pds.person('other');
		expect(asPost(await put({ repo: other.did }))).toMatchObject({
			outcome: 'rejected',
			class: 'reconnect',
		});
	});

	test('an unknown account', async () => {
		expect(asPost(await put({ repo: 'did:plc:aaaaaaaaaaaaaaaaaaaaaaaa' }))).toMatchObject({
			outcome: 'rejected',
			class: 'account',
			error: { code: 'bluesky_account_unknown' },
		});
	});

	test('done, the same again is done, another content under the key is looked up', async () => {
		const uri = `at://${person.did}/app.bsky.feed.post/${recordKey(POST_ID)}`;
		const done = { outcome: 'done', remoteId: uri };
		expect(asPost(await put({}))).toMatchObject(done);
		expect(asPost(await put({}))).toMatchObject(done);
		const other = await put({ record: record({ text: 'y' }) });
		expect(other.body.error).toBe('InvalidSwap');
		expect(asPost(other)).toMatchObject({
			outcome: 'ambiguous',
			error: { code: 'bluesky_key_taken' },
		});
	});

	test('an account that was taken down waits, and its session is dead', async () => {
		const gone = await pds.person('gone');
		await pds.call(
			'com.atproto.admin.updateSubjectStatus',
			{
				subject: { $type: 'com.atproto.admin.defs#repoRef', did: gone.did },
				takedown: { applied: true, ref: 'test' },
			},
			{ admin: true },
		);
		expect(asPost(await put({ repo: gone.did }, gone.accessJwt))).toMatchObject({
			outcome: 'rejected',
			class: 'account',
			error: { code: 'bluesky_account_taken_down' },
		});
		const { status, headers, text } = await pds.call(
			'com.atproto.server.refreshSession',
			undefined,
			{ token: gone.refreshJwt },
		);
		expect(
			readRefresh(
				{ kind: 'response', status, headers, text },
				{ accessToken: gone.accessJwt, refreshToken: gone.refreshJwt },
				Date.now(),
			),
		).toMatchObject({ outcome: 'dead' });
	});

	test('refresh tokens: a new pair, the old one works on, a revoked one is dead', async () => {
		const guest = await pds.person('guest');
		const secret = { accessToken: guest.accessJwt, refreshToken: guest.refreshJwt };
		const refresh = async (token: string) => {
			const { status, headers, text } = await pds.call(
				'com.atproto.server.refreshSession',
				undefined,
				{ token },
			);
			return readRefresh({ kind: 'response', status, headers, text }, secret, 1_000_000);
		};
		const fresh = await refresh(guest.refreshJwt);
		expect(fresh).toMatchObject({
			outcome: 'done',
			secret: { issuedAt: 1_000_000, expiresAt: 1_000_000 + 2 * 3_600_000 },
		});
		expect(await refresh(guest.refreshJwt)).toMatchObject({ outcome: 'done' });
		await pds.call('com.atproto.server.deleteSession', undefined, { token: guest.refreshJwt });
		expect(await refresh(guest.refreshJwt)).toMatchObject({ outcome: 'dead' });
		expect(await refresh('garbage')).toMatchObject({ outcome: 'dead' });
		expect(await refresh(guest.accessJwt)).toMatchObject({ outcome: 'dead' });
	});

	test('sign-in: a session with the account’s server, a wrong password, the limit of 30', async () => {
		const guest = await pds.person('signer');
		const http = createHttpPort();
		const signIn = async (password: string) =>
			readSession(await http.send(sessionRequest(pds.url, guest.handle, password)), Date.now());
		expect(await signIn(guest.password)).toMatchObject({
			outcome: 'ok',
			session: { did: guest.did, handle: guest.handle, server: pds.url },
		});
		expect(await signIn('wrong')).toMatchObject({
			outcome: 'refused',
			error: { code: 'bluesky_sign_in', status: 401 },
		});
		let last: Reply = await pds.call('com.atproto.server.createSession', {
			identifier: guest.handle,
			password: 'wrong',
		});
		for (let n = 0; n < 40 && last.status !== 429; n++) {
			last = await pds.call('com.atproto.server.createSession', {
				identifier: guest.handle,
				password: 'wrong',
			});
		}
		expect(asPost(last)).toMatchObject({ outcome: 'rejected', class: 'rate_limit' });
		const { waitMs } = asPost(last) as { waitMs: number };
		expect(waitMs).toBeGreaterThan(0);
		expect(waitMs).toBeLessThanOrEqual(300_000);
	}, 60_000);

	test.each([
		['300 characters', 'ä'.repeat(300)],
		['301 characters', 'ä'.repeat(301)],
		['300 of two code points', 'e\u0301'.repeat(300)],
		['3000 bytes', '👨‍👩‍👧‍👦'.repeat(120)],
		['3025 bytes', '👨‍👩‍👧‍👦'.repeat(121)],
		['line breaks', 'a\r\nb\r\n'.repeat(75)],
		['a link that is none', 'https:///nothing https://'],
	])('our rules and the server’s agree on %s', async (_title, text) => {
		const [first] = BLUESKY.validate({ text }, []);
		const step = BLUESKY.steps(
			{ id: POST_ID, content: { text }, media: [] } as unknown as PostView,
			{ remoteId: person.did } as unknown as CarriedAccount,
		).at(-1) as Step;
		const prepared = await step.prepare({
			nowMs: Date.now(),
			result: () => undefined,
		} as unknown as Parameters<Step['prepare']>[0]);
		const sent = JSON.parse(String(prepared.request.body)) as Record<string, unknown>;
		const { repo, collection, record: made } = sent;
		const reply = await pds.call(
			'com.atproto.repo.createRecord',
			{ repo, collection, record: made },
			{ token: person.accessJwt },
		);
		expect([reply.status, first?.code]).toEqual(
			first === undefined ? [200, undefined] : [400, expect.stringMatching(/^bluesky_text/)],
		);
	});

	test.each([
		['jpeg', 'image/jpeg', 2_000_000, true],
		['jpeg', 'image/jpeg', 2_000_001, false],
		['png', 'image/png', 1000, true],
		['webp', 'image/webp', 1000, true],
		['gif', 'image/gif', 1000, true],
	] as const)('our rules and the server’s agree on a %s (%s) of %i bytes', async (...row) => {
		const [format, mime, size, good] = row;
		const small = await sharp({
			create: { width: 4, height: 4, channels: 3, background: 'red' },
		})
			.toFormat(format)
			.toBuffer();
		const body = Buffer.concat([small, Buffer.alloc(size - small.length)]);
		const content = { text: '', media: [{ hash: 'a'.repeat(64), altText: 'red' }] };
		expect(BLUESKY.validate(content, [media(mime, size)]).length === 0).toBe(good);
		const upload = await pds.call('com.atproto.repo.uploadBlob', undefined, {
			token: person.accessJwt,
			bytes: { body, mime },
		});
		expect(upload.status).toBe(200);
		const { blob: image } = upload.body as { blob: { mimeType: string } };
		expect(image.mimeType).toBe(mime);
		const embed = {
			$type: 'app.bsky.embed.images',
			images: [{ alt: 'red', image, aspectRatio: { width: 4, height: 4 } }],
		};
		const reply = await pds.call(
			'com.atproto.repo.createRecord',
			{ repo: person.did, collection: 'app.bsky.feed.post', record: record({ embed }) },
			{ token: person.accessJwt },
		);
		expect([reply.status, reply.text]).toEqual([good ? 200 : 400, expect.any(String)]);
		if (!good) {
			expect(asPost(reply)).toMatchObject({
				outcome: 'rejected',
				class: 'permanent',
				error: { code: 'bluesky_image_too_large' },
			});
		}
	});
});
