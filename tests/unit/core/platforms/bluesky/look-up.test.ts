import { lookUp } from '../../../../../core/platforms/bluesky/look-up';
import { recordKey } from '../../../../../core/platforms/bluesky/record-key';
import type { Intent } from '../../../../../core/store/contract';
import { account, answer, DID, intentOf, lookUpContext, NOW, POST_ID } from './fixtures';

const GET = 'com.atproto.repo.getRecord';
const STATUS = 'com.atproto.sync.getRepoStatus';
const RKEY = recordKey(POST_ID);
const URI = `at://${DID}/app.bsky.feed.post/${RKEY}`;
const missing = answer(400, {
	error: 'RecordNotFound',
	message: `Could not locate record: ${URI}`,
});
const here = answer(200, { did: DID, active: true, rev: '3lbh' });

const recordOf = (intent: Intent) =>
	(JSON.parse(intent.request.body) as { record: Record<string, unknown> }).record;
const entry = (value: unknown, uri = URI) => answer(200, { uri, cid: 'bafy', value });

describe('look-up', () => {
	test('found: the content that was frozen, whatever the order of its fields', async () => {
		const intent = await intentOf('Hello #tag');
		const reversed = Object.fromEntries(Object.entries(recordOf(intent)).reverse());
		const context = lookUpContext([intent], { [GET]: entry(reversed) });
		expect(await lookUp(context)).toEqual({
			verdict: 'found',
			remoteId: URI,
			url: `https://bsky.app/profile/${account.handle}/post/${RKEY}`,
			by: 'lookup',
		});
		const query = new URLSearchParams({
			repo: DID,
			collection: 'app.bsky.feed.post',
			rkey: RKEY,
		});
		expect(context.sent.map(({ url, method }) => [method, url])).toEqual([
			['GET', `${account.baseUrl}/xrpc/${GET}?${query.toString()}`],
		]);
	});

	test('found: the content of an earlier intent of the step', async () => {
		const earlier: Intent = { ...(await intentOf('Hello', 'i0')), closedBy: 'absent' };
		const later = await intentOf('Hello');
		later.request.body = later.request.body.replace(/"createdAt":"[^"]+"/, '"createdAt":"later"');
		const context = lookUpContext([later, earlier], { [GET]: entry(recordOf(earlier)) });
		expect(await lookUp(context)).toMatchObject({ verdict: 'found' });
	});

	test.each([
		['another text', { text: 'Hello!' }],
		['another time', { createdAt: '2026-11-22T10:00:00.001Z' }],
		['one field more', { langs: ['en'] }],
	])('%s under our key is for a person', async (_title, change) => {
		const intent = await intentOf('Hello');
		const context = lookUpContext([intent], { [GET]: entry({ ...recordOf(intent), ...change }) });
		expect(await lookUp(context)).toMatchObject({
			verdict: 'unknown',
			waitMs: null,
			tried: expect.stringContaining(URI),
		});
	});

	test('absent: no such record on the server that holds the account', async () => {
		const context = lookUpContext([await intentOf('Hello')], { [GET]: missing, [STATUS]: here });
		expect(await lookUp(context)).toEqual({
			verdict: 'absent',
			proof: { uri: URI, rev: '3lbh', at: NOW },
		});
	});

	test.each([
		['a server that does not hold the account', answer(400, { error: 'RepoNotFound' })],
		['another account', answer(200, { did: 'did:plc:other' })],
		['a fault', answer(502, '<html>')],
		['no answer', { kind: 'lost', reason: 'cut off' } as const],
	])('not found is not absent when the status is %s', async (_title, status) => {
		const context = lookUpContext([await intentOf('Hello')], { [GET]: missing, [STATUS]: status });
		const verdict = await lookUp(context);
		expect(verdict).toMatchObject({ verdict: 'unknown' });
		expect(verdict).not.toMatchObject({ waitMs: null });
	});

	test.each([
		['a fault', answer(500, { error: 'InternalServerError' })],
		['a limit', answer(429, { error: 'RateLimitExceeded' })],
		['an expired token', answer(400, { error: 'ExpiredToken' })],
		['another 400', answer(400, { error: 'InvalidRequest' })],
		['a page', answer(200, '<html>RecordNotFound</html>')],
		['a record without content', answer(200, { uri: URI, cid: 'bafy' })],
		['a record at another address', entry({}, `at://${DID}/app.bsky.feed.post/other`)],
		['a redirect', answer(302, '')],
		['nothing', { kind: 'lost', reason: 'cut off' } as const],
		['no connection', { kind: 'not_sent', reason: 'refused' } as const],
	])('%s says nothing', async (_title, given) => {
		const context = lookUpContext([await intentOf('Hello')], { [GET]: given });
		const verdict = await lookUp(context);
		expect(verdict).toMatchObject({ verdict: 'unknown' });
		expect(verdict).not.toMatchObject({ waitMs: null });
	});

	test('asks nothing while the request may still be under way', async () => {
		const intent = await intentOf('Hello');
		intent.settledAt = new Date(NOW + 2000).toISOString();
		const context = lookUpContext([intent], {});
		expect(await lookUp(context)).toMatchObject({ verdict: 'unknown', waitMs: 2000 });
		expect(context.sent).toEqual([]);
	});

	test('a request for another account is for a person', async () => {
		const intent = await intentOf('Hello');
		intent.request.body = intent.request.body.replace(DID, 'did:plc:other');
		expect(await lookUp(lookUpContext([intent], {}))).toMatchObject({
			verdict: 'unknown',
			waitMs: null,
		});
	});
});
