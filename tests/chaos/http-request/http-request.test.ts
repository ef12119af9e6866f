import { COLUMNS } from './posts';
import { runHttpRequest, type HttpRequestReport } from './run';
import { markdown } from './table';

const POSTS = 3;
const FAULT = 'connection dropped after the commit';

let report: HttpRequestReport;

/** The answer to every first create call gets lost; Retry On Fail does what it does. */
beforeAll(async () => {
	report = await runHttpRequest({
		trials: POSTS,
		seed: 0,
		index: 0,
		platform: null,
		fault: 'dropped-after-commit',
		duplicateRules: true,
		say: () => undefined,
		signal: new AbortController().signal,
	});
}, 900_000);

const rowOf = (column: string, recovery = 'nothing') => {
	const found = report.comparison.find(
		(row) => row.column === column && row.recovery === recovery && row.fault === FAULT,
	);
	if (found === undefined) throw new Error(`No row of ${column}`);
	return found;
};

test('every column is measured, before and after "Retry" in the executions list', () => {
	const cells = report.comparison.map(({ column, recovery }) => `${column}, ${recovery}`);
	const recoveries = ['nothing', 'retried from the executions list'];
	const wanted = COLUMNS.flatMap(({ name }) => recoveries.map((one) => `${name}, ${one}`));
	expect(cells.sort()).toEqual(wanted.sort());
	for (const row of report.comparison) expect(row.posts).toBe(POSTS);
	expect(markdown(report.comparison).split('\n')).toHaveLength(4);
});

test('Retry On Fail publishes every such post twice where nothing else prevents it', () => {
	for (const column of ['x, no duplicate rule', 'linkedin, no duplicate rule']) {
		expect(rowOf(column)).toMatchObject({ duplicatesPer100: 100, lossesPer100: 0 });
	}
});

test('where the platform refuses equal texts, the live post is reported as a failure', () => {
	for (const column of ['x', 'linkedin']) {
		expect(rowOf(column)).toMatchObject({
			duplicatesPer100: 0,
			lossesPer100: 0,
			liveButFailedPer100: 100,
		});
	}
});

test('our node under the same fault, in the same n8n: once each', () => {
	expect(report.failures).toEqual([]);
	const ours = report.cells.filter(({ outside }) => !outside);
	const posts = ours.reduce((sum, { trials }) => sum + trials, 0);
	expect(posts).toBeGreaterThan(0);
	expect(report.publishedOnce).toBe(posts);
	expect({ duplicated: report.duplicated, lost: report.lost }).toEqual({ duplicated: 0, lost: 0 });
});
