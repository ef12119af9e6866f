import type { Likeness } from '../../../../core/content/compare-text';
import { PLATFORMS, platformOf } from '../../../../core/platforms';
import { timelineVerdict, tooEarly, type JudgedEntry } from '../../../../core/platforms/timeline';
import type { LookUpContext, LookUpVerdict } from '../../../../core/platforms/platform';
import { intent, iso, lookUpContext, NOW } from './posts';

const SAVED = NOW - 300_000;
const open = intent({ savedAt: iso(SAVED), settledAt: iso(NOW - 200_000) });

function entry(likeness: Likeness, at = SAVED + 1_000, remoteId = '1'): JudgedEntry {
	return { remoteId, url: `https://x.com/ada/status/${remoteId}`, at, likeness };
}

function context(changes: Partial<LookUpContext> = {}): LookUpContext {
	return lookUpContext(PLATFORMS.x, { intent: open, ...changes });
}

async function verdict(
	entries: JudgedEntry[],
	changes: Partial<LookUpContext> = {},
): Promise<LookUpVerdict> {
	return await timelineVerdict(context(changes), { entries });
}

const clear = (at: number) => ({ kind: 'clear', at });

describe('timelineVerdict', () => {
	test('finds the one equal entry that is not older than the intent', async () => {
		expect(await verdict([entry('other'), entry('equal', SAVED, '77')])).toEqual({
			verdict: 'found',
			remoteId: '77',
			url: 'https://x.com/ada/status/77',
			by: 'lookup',
		});
	});

	test('allows the clocks to differ by half a minute and no more', async () => {
		expect(await verdict([entry('equal', SAVED - 30_000)])).toMatchObject({ verdict: 'found' });
		expect(await verdict([entry('equal', SAVED - 30_001)])).toMatchObject({ verdict: 'unknown' });
	});

	test('counts from the earliest intent that is still open', async () => {
		const earlier = intent({ id: 'i0', savedAt: iso(SAVED - 120_000) });
		const changes = { intents: [earlier, open] };
		expect(await verdict([entry('equal', SAVED - 110_000)], changes)).toMatchObject({
			verdict: 'found',
		});
		const closed = { intents: [{ ...earlier, closedBy: 'rejected' as const }, open] };
		expect(await verdict([entry('equal', SAVED - 110_000)], closed)).toMatchObject({
			verdict: 'unknown',
		});
	});

	test('never takes another post of ours, nor lets it stand in the way', async () => {
		const isOurs = (id: string) => Promise.resolve(id === '1');
		expect(await verdict([entry('equal')], { isOurs })).toMatchObject({
			verdict: 'unknown',
			note: { kind: 'clear' },
		});
		expect(await verdict([entry('equal'), entry('equal', SAVED, '2')], { isOurs })).toMatchObject({
			verdict: 'found',
			remoteId: '2',
		});
	});

	test('leaves two equal entries to a person', async () => {
		expect(await verdict([entry('equal'), entry('equal', SAVED, '2')])).toMatchObject({
			verdict: 'unknown',
			waitMs: null,
		});
	});

	test.each<[string, JudgedEntry]>([
		['a near one', entry('near')],
		['an equal one from before the intent', entry('equal', SAVED - 60_000)],
		['an equal one without a time', { ...entry('equal'), at: null }],
	])('is unknown with %s, also after a clear read', async (_name, foreign) => {
		const notes = [clear(NOW - 100_000)];
		expect(await verdict([foreign], { notes })).toMatchObject({
			verdict: 'unknown',
			note: { kind: 'near', at: NOW },
		});
	});

	test('is unknown after one complete read, and asks again after a minute', async () => {
		const first = await verdict([entry('other')]);
		expect(first).toMatchObject({ verdict: 'unknown', note: clear(NOW) });
		expect(first).toHaveProperty('waitMs', 61_000);
	});

	test('is absent after two complete reads that are a minute apart', async () => {
		expect(await verdict([], { notes: [clear(NOW - 60_000)] })).toEqual({
			verdict: 'absent',
			proof: { reads: [NOW - 60_000, NOW], entries: 0 },
		});
	});

	test.each<[string, Record<string, unknown>[]]>([
		['too close together', [clear(NOW - 59_999)]],
		['the first began before the settle time', [clear(NOW - 200_001)]],
		['the first was not complete', [{ kind: 'partial', at: NOW - 100_000 }]],
		['the first has no time', [{ kind: 'clear' }]],
		[
			'a near entry has been there in between',
			[clear(NOW - 150_000), { kind: 'near', at: NOW - 90_000 }],
		],
		['several equal entries have been there', [clear(NOW - 150_000), { kind: 'several', at: 1 }]],
		['notes of something else', [{ class: 'look_up', tried: 'x' }, {}]],
	])('is not absent when %s', async (_name, notes) => {
		expect(await verdict([], { notes })).toMatchObject({ verdict: 'unknown' });
	});

	test('waits out the rest of the minute when asked too soon', async () => {
		const soon = await verdict([], { notes: [clear(NOW - 20_000)] });
		expect(soon).toMatchObject({ verdict: 'unknown', waitMs: 41_000 });
	});

	test('an incomplete read proves nothing, whatever came before', async () => {
		const read = await timelineVerdict(context({ notes: [clear(NOW - 100_000)] }), {
			partial: 'HTTP 503',
		});
		expect(read).toMatchObject({
			verdict: 'unknown',
			tried: 'HTTP 503',
			note: { kind: 'partial' },
		});
	});
});

describe('tooEarly', () => {
	test('forbids to look before the settle time of every open intent', () => {
		const late = intent({ id: 'i2', settledAt: iso(NOW + 5_000) });
		expect(tooEarly(context({ intents: [open, late] }))).toMatchObject({
			verdict: 'unknown',
			waitMs: 5_000,
		});
		expect(tooEarly(context())).toBeNull();
		const over = { ...late, closedBy: 'not_sent' as const };
		expect(tooEarly(context({ intents: [open, over] }))).toBeNull();
	});
});

test.each(['x', 'linkedin', 'instagram'] as const)(
	'%s sends nothing before the settle time',
	async (name) => {
		const early = intent({
			settledAt: iso(NOW + 1),
			recognise: { text: 'a', containerId: '1', author: 'urn:li:organization:1' },
		});
		// The HTTP port of this context throws on any request.
		expect(
			await PLATFORMS[name].lookUp(lookUpContext(PLATFORMS[name], { intent: early })),
		).toMatchObject({ verdict: 'unknown', waitMs: 1 });
	},
);

test('platformOf knows the platforms and nothing that objects inherit', () => {
	expect(platformOf('x')?.displayName).toBe('X');
	expect(platformOf('constructor')).toBeNull();
	expect(platformOf('myspace')).toBeNull();
});
