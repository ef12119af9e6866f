import { INSTAGRAM } from '../../../../../core/platforms/instagram';
import type { LookUpContext } from '../../../../../core/platforms/platform';
import type { HttpAnswer } from '../../../../../core/ports';
import { intent, iso, lookUpContext, NOW, response, scripted } from '../posts';

const SAVED = NOW - 300_000;
const stamp = (ms: number) => iso(ms).replace(/\.\d+Z$/, '+0000');
const MEDIA = {
	id: '1790',
	caption: 'Hi & e\u0301',
	timestamp: stamp(SAVED + 2_000),
	permalink: 'https://www.instagram.com/p/abc/',
	username: 'ada',
	owner: { id: '4242' },
};

const status = (code: string) => response(200, { status_code: code, id: '1789' });
const list = (...data: unknown[]) => response(200, { data });

async function lookUp(
	answers: HttpAnswer[],
	changes: Partial<LookUpContext> = {},
	recognise: Record<string, unknown> = { containerId: '1789', caption: 'Hi & \u00e9' },
) {
	const http = scripted(...answers);
	const asked = intent({ savedAt: iso(SAVED), step: 'media_publish', recognise });
	const verdict = await INSTAGRAM.lookUp(
		lookUpContext(INSTAGRAM, { intent: asked, http, ...changes }),
	);
	return { verdict, urls: http.sent.map(({ url }) => url) };
}

const WITHOUT_MEDIA = {
	verdict: 'found',
	remoteId: 'container:1789',
	url: null,
	by: 'lookup',
};

test('asks the container, then the newest media', async () => {
	const { urls } = await lookUp([status('PUBLISHED'), list(MEDIA)]);
	expect(urls).toEqual([
		'http://127.0.0.1:4010/instagram/v26.0/1789?fields=status_code%2Cstatus',
		'http://127.0.0.1:4010/instagram/v26.0/4242/media?fields=id%2Ccaption%2Ctimestamp%2Cpermalink%2Cusername%2Cowner&limit=50',
	]);
});

test('PUBLISHED with exactly one fitting media is found with its address', async () => {
	const { verdict } = await lookUp([
		status('PUBLISHED'),
		list({ ...MEDIA, id: '1', caption: 'Other' }, MEDIA),
	]);
	expect(verdict).toEqual({
		verdict: 'found',
		remoteId: '1790',
		url: 'https://www.instagram.com/p/abc/',
		by: 'lookup',
	});
});

test.each<[string, HttpAnswer]>([
	['none fits', list({ ...MEDIA, caption: 'Other' })],
	['two fit', list(MEDIA, { ...MEDIA, id: '1791' })],
	['the only one is older', list({ ...MEDIA, timestamp: stamp(SAVED - 31_000) })],
	['the only one is newer than the request could be', list({ ...MEDIA, timestamp: stamp(NOW) })],
	['the only one is of another owner', list({ ...MEDIA, owner: { id: '1' } })],
	['the only one is of another name', list({ ...MEDIA, username: 'bob' })],
	['the only one has no time', list({ ...MEDIA, timestamp: undefined })],
	['the list cannot be read', response(500, '')],
	['the list is lost', { kind: 'lost', reason: 'x' }],
	['the list is none', response(200, { data: 'x' })],
])('PUBLISHED is proof also when %s; the address stays empty', async (_name, answer) => {
	expect((await lookUp([status('PUBLISHED'), answer])).verdict).toEqual(WITHOUT_MEDIA);
});

test('another post of ours with the same caption is not taken', async () => {
	const isOurs = (id: string) => Promise.resolve(id === '1790');
	expect((await lookUp([status('PUBLISHED'), list(MEDIA)], { isOurs })).verdict).toEqual(
		WITHOUT_MEDIA,
	);
	const twin = { ...MEDIA, id: '1791' };
	expect(
		(await lookUp([status('PUBLISHED'), list(MEDIA, twin)], { isOurs })).verdict,
	).toMatchObject({ remoteId: '1791' });
});

test('an empty caption fits an absent one', async () => {
	const bare: Partial<typeof MEDIA> = { ...MEDIA };
	delete bare.caption;
	const recognise = { containerId: '1789', caption: '' };
	expect((await lookUp([status('PUBLISHED'), list(bare)], {}, recognise)).verdict).toMatchObject({
		remoteId: '1790',
	});
});

test.each(['FINISHED', 'ERROR'])('%s is absent', async (code) => {
	expect((await lookUp([status(code)])).verdict).toEqual({
		verdict: 'absent',
		proof: { containerId: '1789', status: code, at: NOW },
	});
});

test('IN_PROGRESS is asked again', async () => {
	expect((await lookUp([status('IN_PROGRESS')])).verdict).toMatchObject({
		verdict: 'unknown',
		waitMs: 60_000,
	});
});

test('EXPIRED after an intent is for a person', async () => {
	expect((await lookUp([status('EXPIRED')])).verdict).toMatchObject({
		verdict: 'unknown',
		waitMs: null,
	});
});

test.each<[string, HttpAnswer]>([
	['100/33', response(400, { error: { code: 100, error_subcode: 33 } })],
	['HTTP 500', response(500, '')],
	['HTTP 401', response(401, {})],
	['HTML', response(200, '<html></html>')],
	['no status', response(200, { id: '1789' })],
	['a status nobody knows', status('ARCHIVED')],
	['no answer', { kind: 'lost', reason: 'x' }],
	['no connection', { kind: 'not_sent', reason: 'x' }],
])('%s is unreadable: not known, asked again', async (_name, answer) => {
	const { verdict } = await lookUp([answer]);
	expect(verdict).toMatchObject({ verdict: 'unknown', note: { kind: 'unreadable' } });
	if (verdict.verdict === 'unknown') expect(verdict.waitMs).not.toBeNull();
});

test('an intent without a container asks nothing', async () => {
	const { urls, verdict } = await lookUp([], {}, { caption: 'Hi' });
	expect(urls).toEqual([]);
	expect(verdict).toMatchObject({ verdict: 'unknown', waitMs: null });
});
