import { stripVTControlCharacters } from 'node:util';

/** Reads the JSON reports of jest and Playwright into one shape. */

/** A skipped test says why in its title: `… (skipped: no account of that platform)`. */
const REASON = /skipped: ([^)\]]+)/;

/** Of an error, in the summary: enough to know what it was about and where. */
const ERROR_LINES = 8;
const LINE_LENGTH = 200;

/**
 * @param report jest's `--json` output
 * @param filtered true when the caller chose tests by name: the others are then not skipped tests
 * @returns `{ passed, skipped: [{ title, reason }], failures: [title, below it the error's first lines] }`
 */
export function readJest(report, { filtered = false } = {}) {
	const result = { passed: 0, skipped: [], failures: [] };
	for (const file of report.testResults) {
		if (file.assertionResults.length === 0 && file.status === 'failed') {
			result.failures.push(`${file.name} did not run${because(file.message)}`);
		}
		for (const test of file.assertionResults) {
			if (test.status === 'passed') result.passed += 1;
			else if (test.status === 'failed')
				result.failures.push(test.fullName + because(test.failureMessages?.[0]));
			else if (!filtered) sortSkipped(result, test.fullName, REASON.exec(test.fullName)?.[1]);
		}
	}
	// An error in afterAll or in the environment fails the run without failing any test.
	if (!report.success && result.failures.length === 0) {
		result.failures.push('the run failed outside of its tests, see above');
	}
	return result;
}

/** @param report Playwright's `json` report. A test that passed only when repeated counts as failed. */
export function readPlaywright(report) {
	const result = { passed: 0, skipped: [], failures: [] };
	const visit = (suite, titles) => {
		for (const spec of suite.specs ?? []) {
			const title = [...titles, spec.title].filter(Boolean).join(' › ');
			for (const test of spec.tests) {
				const reason = test.annotations.find(({ type }) => type === 'skip')?.description;
				if (test.status === 'expected') result.passed += 1;
				else if (test.status === 'skipped') {
					sortSkipped(result, title, reason ?? REASON.exec(title)?.[1]);
				} else {
					const { message, location } = test.results?.flatMap(({ errors }) => errors)[0] ?? {};
					const place = location && `at ${location.file}:${location.line}`;
					result.failures.push(`${title} (${test.status})${because(message, place)}`);
				}
			}
		}
		for (const inner of suite.suites ?? []) visit(inner, [...titles, inner.title]);
	};
	for (const suite of report.suites ?? []) visit(suite, [suite.title]);
	for (const error of report.errors ?? []) result.failures.push(error.message ?? 'unknown');
	return result;
}

/** The first lines of an error and where in the tests it was, below the title of its test. */
function because(message = '', at = undefined) {
	const lines = stripVTControlCharacters(message)
		.split('\n')
		.map((line) => line.trim())
		.filter(Boolean);
	const told = lines.filter((line) => !line.startsWith('at ')).slice(0, ERROR_LINES);
	const place = at ?? lines.find((line) => /^at .*\.(test|spec)\.ts:/.test(line));
	if (place) told.push(place);
	return told.map((line) => `\n    ${line.slice(0, LINE_LENGTH)}`).join('');
}

function sortSkipped(result, title, reason) {
	if (reason) result.skipped.push({ title, reason: reason.trim() });
	else result.failures.push(`${title} is skipped without naming a reason`);
}
