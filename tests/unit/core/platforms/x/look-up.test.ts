import { X } from '../../../../../core/platforms/x';
import { snowflakeMs } from '../../../../../core/platforms/x/look-up';
import type { LookUpContext, LookUpVerdict } from '../../../../../core/platforms/platform';
import type { HttpAnswer } from '../../../../../core/ports';
import { intent, iso, lookUpContext, NOW, response, scripted } from '../posts';

const SAVED = NOW - 300_000;
const idAt = (ms: number, nth = 1) => String((BigInt(ms - 1_288_834_974_657) << 22n) + BigInt(nth));
const ID = idAt(SAVED + 1_000);

const OURS = {
	text: 'Look & <see> example.com/a by e\u0301',
	mediaIds: [] as string[],
	replyTo: null as string | null,
};
/** The same as X gives it back. */
const SHOWN = {
	id: ID,
	text: 'Look &amp; &lt;see&gt; https://t.co/AAAAAAAAAA by \u00e9',
	author_id: '4242',
	entities: { urls: [{ url: 'https://t.co/AAAAAAAAAA', expanded_url: 'http://example.com/a' }] },
};

function page(posts: Record<string, unknown>[], meta: Record<string, unknown> = {}) {
	return response(200, {
		...(posts.length === 0 ? {} : { data: posts }),
		meta: { result_count: posts.length, ...meta },
	});
}

async function lookUp(
	answers: HttpAnswer[],
	recognise: Record<string, unknown> = OURS,
	changes: Partial<LookUpContext> = {},
): Promise<{ verdict: LookUpVerdict; urls: URL[]; headers: Record<string, string>[] }> {
	const http = scripted(...answers);
	const asked = intent({ savedAt: iso(SAVED), recognise });
	const verdict = await X.lookUp(lookUpContext(X, { intent: asked, http, ...changes }));
	return {
		verdict,
		urls: http.sent.map(({ url }) => new URL(url)),
		headers: http.sent.map(({ headers }) => headers),
	};
}

test('snowflakeMs reads the time inside an id', () => {
	expect(snowflakeMs('1991234567890123456')).toBe(
		Number((1991234567890123456n >> 22n) + 1288834974657n),
	);
	expect(snowflakeMs(ID)).toBe(SAVED + 1_000);
	expect(snowflakeMs('abc')).toBeNull();
});

test('reads the account’s own timeline from ten minutes before the intent', async () => {
	const { headers, urls } = await lookUp([page([])]);
	expect(urls).toHaveLength(1);
	expect(urls[0]?.pathname).toBe('/x/2/users/4242/tweets');
	expect(urls[0]?.searchParams.get('start_time')).toBe('2026-11-22T09:45:00Z');
	expect(urls[0]?.searchParams.get('max_results')).toBe('100');
	expect(headers[0]?.authorization).toBe('Bearer secret-token');
});

test('finds the post although X escaped, composed and shortened its text', async () => {
	const { verdict } = await lookUp([page([{ id: idAt(SAVED), text: 'Other' }, SHOWN])]);
	expect(verdict).toEqual({
		verdict: 'found',
		remoteId: ID,
		url: `http://127.0.0.1:4010/x/ada/status/${ID}`,
		by: 'lookup',
	});
});

test('finds it on the second page', async () => {
	const { urls, verdict } = await lookUp([
		page([{ id: idAt(SAVED, 2), text: 'Other' }], { next_token: 'more' }),
		page([SHOWN]),
	]);
	expect(verdict).toMatchObject({ verdict: 'found', remoteId: ID });
	expect(urls[1]?.searchParams.get('pagination_token')).toBe('more');
});

test('reads the full text of a long post', async () => {
	const note = { text: SHOWN.text, entities: SHOWN.entities };
	const { verdict } = await lookUp([page([{ id: ID, text: 'Look &amp; …', note_tweet: note }])]);
	expect(verdict).toMatchObject({ verdict: 'found' });
});

describe('pictures', () => {
	const recognise = { ...OURS, text: 'A cat', mediaIds: ['11'] };
	const link = 'https://t.co/PICTURE000';
	const urls = [
		{ url: link, expanded_url: 'https://x.com/ada/status/1/photo/1', media_key: '3_11' },
	];
	const shown = {
		id: ID,
		text: `A cat ${link}`,
		entities: { urls },
		attachments: { media_keys: ['3_11'] },
	};

	test('the link of the picture is no part of the text', async () => {
		expect((await lookUp([page([shown])], recognise)).verdict).toMatchObject({ verdict: 'found' });
		const bare = { ...shown, entities: undefined };
		expect((await lookUp([page([bare])], recognise)).verdict).toMatchObject({ verdict: 'found' });
	});

	test('another number of pictures is near, never equal', async () => {
		for (const entry of [
			{ ...shown, text: 'A cat', attachments: undefined, entities: undefined },
			{ ...shown, attachments: { media_keys: ['3_11', '3_12'] } },
		]) {
			expect((await lookUp([page([entry])], recognise)).verdict).toMatchObject({
				verdict: 'unknown',
				note: { kind: 'near' },
			});
		}
	});

	test('without words only our own picture counts', async () => {
		const wordless = { ...recognise, text: '' };
		const entry = { ...shown, text: link };
		expect((await lookUp([page([entry])], wordless)).verdict).toMatchObject({ verdict: 'found' });
		const foreign = { ...entry, attachments: { media_keys: ['3_99'] } };
		expect((await lookUp([page([foreign])], wordless)).verdict).toMatchObject({
			verdict: 'unknown',
			note: { kind: 'near' },
		});
	});
});

test.each<[string, Record<string, unknown>]>([
	[
		'another address behind the link',
		{ entities: { urls: [{ url: 'x', expanded_url: 'http://example.com/b' }] } },
	],
	['a reply', { referenced_tweets: [{ type: 'replied_to', id: '5' }] }],
	['a quote', { referenced_tweets: [{ type: 'quoted', id: '5' }] }],
	['another author', { author_id: '1' }],
	['an id from before the intent', { id: idAt(SAVED - 60_000) }],
	['another letter', { text: SHOWN.text.replace('Look', 'Looks') }],
])('%s makes it near, which is not known', async (_name, change) => {
	const notes = [{ kind: 'clear', at: NOW - 100_000 }];
	const { verdict } = await lookUp([page([{ ...SHOWN, ...change }])], OURS, { notes });
	expect(verdict).toMatchObject({ verdict: 'unknown', note: { kind: 'near' } });
});

test('a repost of the same text is something else', async () => {
	const repost = { ...SHOWN, referenced_tweets: [{ type: 'retweeted', id: '5' }] };
	const notes = [{ kind: 'clear', at: NOW - 100_000 }];
	expect((await lookUp([page([repost])], OURS, { notes })).verdict).toMatchObject({
		verdict: 'absent',
	});
});

test('a reply of ours is found as the reply it is', async () => {
	const recognise = { ...OURS, replyTo: '5' };
	const reply = { ...SHOWN, referenced_tweets: [{ type: 'replied_to', id: '5' }] };
	expect((await lookUp([page([reply])], recognise)).verdict).toMatchObject({ verdict: 'found' });
});

test.each<[string, HttpAnswer[]]>([
	['no answer', [{ kind: 'lost', reason: 'x' }]],
	['no connection', [{ kind: 'not_sent', reason: 'x' }]],
	['HTTP 503', [response(503, '')]],
	['HTTP 401', [response(401, {})]],
	['HTML', [response(200, '<html></html>')]],
	[
		'errors beside the data',
		[response(200, { data: [SHOWN], errors: [{}], meta: { result_count: 1 } })],
	],
	['no count', [response(200, { data: [] })]],
	['a count that does not fit', [page([], { result_count: 3 })]],
	['an entry without a text', [page([{ id: ID }])]],
	['an entry without an id', [page([{ text: 'x' }])]],
	['data that is no list', [response(200, { data: {}, meta: { result_count: 0 } })]],
	['a second page that is missing', [page([SHOWN], { next_token: 'more' }), response(429, {})]],
	['pages without end', Array.from({ length: 10 }, () => page([SHOWN], { next_token: 'more' }))],
])('%s is a partial read: not known, even after a clear one', async (_name, answers) => {
	const notes = [{ kind: 'clear', at: NOW - 100_000 }];
	const { verdict } = await lookUp(answers, OURS, { notes });
	expect(verdict).toMatchObject({ verdict: 'unknown', note: { kind: 'partial' } });
});

test('asks nothing for an account without a numeric id', async () => {
	const changed = {
		account: { ...lookUpContext(X, { intent: intent() }).account, remoteId: 'ada' },
	};
	const { urls, verdict } = await lookUp([], OURS, changed);
	expect(urls).toEqual([]);
	expect(verdict).toMatchObject({ verdict: 'unknown', waitMs: null });
});
