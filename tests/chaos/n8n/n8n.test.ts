import { noRedis } from '../../runner/redis';
import { noBluesky, KINDS } from '../../takeover/system/world';
import { FAULTS, plan, ROWS } from './plan';
import { ELSEWHERE, endOf, runN8n, type N8nChaosReport } from './run';

const missing = [noBluesky(), noRedis].filter((reason) => reason !== null);
for (const reason of missing) {
	test.skip(`a part of the faults (skipped: ${reason.replace(/[()[\]]/g, ' ')})`, () => undefined);
}

describe('a plan', () => {
	const everything = { seed: 7, index: 0, platform: null, fault: null };

	test('names each fault once in its first trials, and then each on every platform', () => {
		const options = { ...everything, without: [], withoutActs: [] };
		const first = plan({ ...options, trials: FAULTS.length }).map(({ fault }) => fault.name);
		expect(new Set(first).size).toBe(FAULTS.length);
		const all = plan({ ...options, trials: FAULTS.length * KINDS.length });
		const cells = new Set(all.map(({ fault, kind }) => `${fault.name} on ${kind}`));
		const wanted = FAULTS.flatMap((fault) =>
			KINDS.filter((kind) => fault.notOn?.includes(kind) !== true).map(
				(kind) => `${fault.name} on ${kind}`,
			),
		);
		expect([...cells].sort()).toEqual(wanted.sort());
	});

	test('leaves out what cannot be had, and keeps to one platform and one fault', () => {
		const options = { ...everything, trials: 4 };
		const of = (change: Partial<Parameters<typeof plan>[0]>) =>
			plan({ ...options, without: [], withoutActs: [], ...change });
		expect(of({ trials: 500, without: ['bluesky'] }).some(({ kind }) => kind === 'bluesky')).toBe(
			false,
		);
		expect(of({ trials: 500, withoutActs: ['queue'] }).some((t) => t.fault.act === 'queue')).toBe(
			false,
		);
		for (const trial of of({ platform: 'x', fault: 'n8n-killed-after' })) {
			expect([trial.kind, trial.fault.name]).toEqual(['x', 'n8n-killed-after']);
		}
		expect(of({ platform: 'bluesky', fault: 'n8n-killed-during' })).toEqual([]);
	});
});

describe('the count', () => {
	const live = (...ids: string[]) => ids.map((id) => ({ id, url: null }));
	const published = { state: 'published', remoteId: '1' } as const;

	test.each([
		['live once and known', published, live('1'), 'published_once'],
		['live twice', published, live('1', '2'), 'duplicated'],
		[
			'live twice and in review',
			{ state: 'needs_review', remoteId: null },
			live('1', '2'),
			'duplicated',
		],
		['live under another id', published, live('2'), 'lost'],
		['stored as published, not live', published, [], 'lost'],
		['live and stored as failed', { state: 'failed', remoteId: null }, live('1'), 'lost'],
		['due and not published', { state: 'scheduled', remoteId: null }, [], 'lost'],
		['left to a person', { state: 'needs_review', remoteId: null }, live('1'), 'needs_review'],
	] as const)('%s', (_name, post, entries, end) => {
		expect(endOf(post, [...entries])).toBe(end);
	});
});

describe('every fault once, on a real n8n', () => {
	let report: N8nChaosReport;

	beforeAll(async () => {
		report = await runN8n({
			trials: FAULTS.length - (noRedis === null ? 0 : 1),
			seed: 0,
			index: 0,
			platform: null,
			fault: null,
			duplicateRules: true,
			say: () => undefined,
			signal: new AbortController().signal,
		});
	}, 1_200_000);

	test('no post is published twice, none is lost, none needs a person', () => {
		expect(report.failures).toEqual([]);
		const { duplicated, lost, needsReview, publishedOnce } = report;
		expect({ duplicated, lost, needsReview }).toEqual({ duplicated: 0, lost: 0, needsReview: 0 });
		expect(publishedOnce).toBe(report.trials);
		expect(report.trials).toBeGreaterThanOrEqual(12);
	});

	test('each fault and each platform had its trial', () => {
		const without = noRedis === null ? [] : ['redis-killed-and-flushed'];
		const names = FAULTS.map(({ name }) => name).filter((name) => !without.includes(name));
		const met = report.cells.map(({ fault }) => fault.replace(ELSEWHERE, ''));
		expect(new Set(met)).toEqual(new Set(names));
		const rows = KINDS.filter((kind) => kind !== 'bluesky' || noBluesky() === null);
		expect(new Set(report.cells.map(({ platform }) => platform))).toEqual(
			new Set(rows.map((kind) => ROWS[kind])),
		);
	});

	test('answers that got lost were found by asking the platform', () => {
		expect(report.resolvedByLookup).toBeGreaterThan(0);
	});
});
