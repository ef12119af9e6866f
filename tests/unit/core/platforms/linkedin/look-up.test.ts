import { LINKEDIN } from '../../../../../core/platforms/linkedin';
import { escapeLittleText } from '../../../../../core/content/little-text';
import type { LookUpContext } from '../../../../../core/platforms/platform';
import type { HttpAnswer } from '../../../../../core/ports';
import { account, intent, iso, lookUpContext, NOW, response, scripted } from '../posts';

const SAVED = NOW - 300_000;
const PAGE = 'urn:li:organization:5';
const TEXT = 'Hi (all) #News & more';
const OURS = { author: PAGE, text: TEXT, images: ['urn:li:image:C4D'] };
const urnAt = (ms: number) => `urn:li:share:${BigInt(ms) << 22n}`;
const URN = urnAt(SAVED + 2_000);
const SHOWN = {
	id: URN,
	author: PAGE,
	commentary: escapeLittleText(TEXT),
	createdAt: SAVED + 2_000,
	lastModifiedAt: SAVED + 2_000,
	content: { media: { id: 'urn:li:image:C4D' } },
};
const OTHER = {
	...SHOWN,
	id: urnAt(SAVED + 9_000),
	commentary: 'Something else entirely',
	createdAt: SAVED + 9_000,
	lastModifiedAt: SAVED + 9_000,
};
const OLD = {
	...OTHER,
	id: urnAt(1),
	createdAt: NOW - 90_000_000,
	lastModifiedAt: NOW - 90_000_000,
};

function page(elements: Record<string, unknown>[], total?: number) {
	return response(200, {
		elements,
		paging: { start: 0, count: 50, ...(total === undefined ? {} : { total }) },
	});
}

async function lookUp(
	answers: HttpAnswer[],
	changes: Partial<LookUpContext> = {},
	recognise: Record<string, unknown> = OURS,
) {
	const http = scripted(...answers);
	const asked = intent({ savedAt: iso(SAVED), recognise });
	const verdict = await LINKEDIN.lookUp(
		lookUpContext(LINKEDIN, { intent: asked, http, ...changes }),
	);
	return { verdict, sent: http.sent };
}

const AFTER_CLEAR = { notes: [{ kind: 'clear', at: NOW - 100_000 }] };

describe('a page', () => {
	test('is asked by the author finder', async () => {
		const { sent } = await lookUp([page([OLD])]);
		expect(sent).toHaveLength(1);
		const url = new URL(sent[0]?.url ?? '');
		expect(url.pathname).toBe('/linkedin/rest/posts');
		expect(Object.fromEntries(url.searchParams)).toEqual({
			q: 'author',
			author: PAGE,
			count: '50',
			start: '0',
			sortBy: 'LAST_MODIFIED',
		});
		expect(sent[0]?.headers).toMatchObject({
			'x-restli-method': 'FINDER',
			'x-restli-protocol-version': '2.0.0',
			'linkedin-version': '202609',
			authorization: 'Bearer secret-token',
		});
	});

	test('shows the post: found', async () => {
		expect((await lookUp([page([OTHER, SHOWN, OLD])])).verdict).toEqual({
			verdict: 'found',
			remoteId: URN,
			url: `http://127.0.0.1:4010/linkedin/feed/update/${URN}/`,
			by: 'lookup',
		});
	});

	test('does not show it in two complete reads: absent', async () => {
		expect((await lookUp([page([OTHER, OLD])])).verdict).toMatchObject({
			verdict: 'unknown',
			note: { kind: 'clear' },
		});
		expect((await lookUp([page([OTHER, OLD])], AFTER_CLEAR)).verdict).toMatchObject({
			verdict: 'absent',
		});
	});

	test('is read to the end of the window, not further', async () => {
		const full = Array.from({ length: 50 }, (_, at) => ({ ...OTHER, id: urnAt(SAVED + at) }));
		const { sent, verdict } = await lookUp([page(full), page([SHOWN, OLD])]);
		expect(sent).toHaveLength(2);
		expect(sent[1]?.url).toContain('start=50');
		expect(verdict).toMatchObject({ verdict: 'found' });
	});

	test('a short page without a total is not the end', async () => {
		const { sent } = await lookUp([page([OTHER]), page([])], AFTER_CLEAR);
		expect(sent).toHaveLength(2);
		expect((await lookUp([page([OTHER], 1)], AFTER_CLEAR)).sent).toHaveLength(1);
	});

	test.each<[string, Record<string, unknown>]>([
		['another picture', { content: { media: { id: 'urn:li:image:X' } } }],
		['no picture', { content: undefined }],
		['an article instead', { content: { article: {} } }],
		['another author', { author: 'urn:li:organization:6' }],
		['a time before the intent', { createdAt: SAVED - 60_000 }],
		['an id from before the intent', { id: urnAt(SAVED - 60_000) }],
		['a text that was cut off', { commentary: 'Hi \\(all\\) {hashtag|\\#|News}' }],
	])('with %s the entry is near: not known', async (_name, change) => {
		const { verdict } = await lookUp([page([{ ...SHOWN, ...change }, OLD])], AFTER_CLEAR);
		expect(verdict).toMatchObject({ verdict: 'unknown', note: { kind: 'near' } });
	});

	test.each<[string, HttpAnswer[]]>([
		['HTTP 403', [response(403, { code: 'ACCESS_DENIED' })]],
		['HTTP 503', [response(503, '')]],
		['no answer', [{ kind: 'lost', reason: 'x' }]],
		['HTML', [response(200, '<html></html>')]],
		['no elements', [response(200, {})]],
		['an entry without an id', [page([{ ...OTHER, id: undefined }, OLD])]],
		['an entry that is no post', [page([{ ...OTHER, id: 'urn:li:person:1' }, OLD])]],
		['an entry without a time', [page([{ ...OTHER, createdAt: undefined }, OLD])]],
		['a second page that is missing', [page([SHOWN]), response(500, '')]],
		['pages without end', Array.from({ length: 10 }, () => page([OTHER]))],
	])('%s is a partial read: not known', async (_name, answers) => {
		const { verdict } = await lookUp(answers, AFTER_CLEAR);
		expect(verdict).toMatchObject({ verdict: 'unknown', note: { kind: 'partial' } });
	});
});

describe('a member', () => {
	const author = 'urn:li:person:4242';

	test('cannot be read: the answer to a repeat tells, not before its time', async () => {
		const first = Date.parse(intent().deadlineAt);
		const early = await lookUp([], { nowMs: first + 119_000 }, { ...OURS, author });
		expect(early.verdict).toMatchObject({ verdict: 'repeat', waitMs: 1_000 });
		const { sent, verdict } = await lookUp([], { nowMs: first + 120_000 }, { ...OURS, author });
		expect(sent).toEqual([]);
		expect(verdict).toMatchObject({ verdict: 'repeat', waitMs: 0 });
	});

	test('waits as long after a repeat whose answer was lost, for that one may be live too', async () => {
		const first = intent({ savedAt: iso(SAVED), recognise: { ...OURS, author } });
		const repeat = intent({
			id: '0190c0de-0000-7000-8000-000000000004',
			savedAt: iso(NOW - 90_000),
			deadlineAt: iso(NOW - 60_000),
			recognise: { ...OURS, author, repeatOf: first.id },
		});
		const intents = [first, repeat];
		const { verdict } = await lookUp([], { intent: first, intents }, { ...OURS, author });
		expect(verdict).toMatchObject({ verdict: 'repeat', waitMs: 60_000 });
	});

	test.each([
		['another post has the same text', { sameTextElsewhere: true }],
		[
			'repeats are switched off',
			{ account: account('linkedin', { settings: { repeatAllowed: false } }) },
		],
	])('goes to a person when %s', async (_, target) => {
		const nowMs = Date.parse(intent().deadlineAt) + 120_000;
		const { verdict } = await lookUp([], { nowMs, ...target }, { ...OURS, author });
		expect(verdict).toMatchObject({ verdict: 'unknown', waitMs: null });
		if (verdict.verdict === 'unknown') expect(verdict.tried).toContain('member');
	});

	test('is read when the app may', async () => {
		const target = { account: account('linkedin', { scopes: ['r_member_social'] }) };
		const answers = [page([{ ...SHOWN, author }, OLD])];
		const { verdict } = await lookUp(answers, target, { ...OURS, author });
		expect(verdict).toMatchObject({ verdict: 'found', remoteId: URN });
	});
});
