import { execFileSync } from 'node:child_process';
import path from 'node:path';

const module_ = path.join(__dirname, '..', '..', '..', 'scripts', 'test', 'reports.mjs');

/** The scripts are ES modules that run without any build, so each call is a Node of its own. */
function read(name: 'readJest' | 'readPlaywright', report: unknown, options: unknown = {}) {
	const code = `
		const [file, name, report, options] = process.argv.slice(1);
		const reports = await import(file);
		console.log(JSON.stringify(reports[name](JSON.parse(report), JSON.parse(options))));`;
	const args = [module_, name, JSON.stringify(report), JSON.stringify(options)];
	return JSON.parse(
		execFileSync(process.execPath, ['--input-type=module', '-e', code, '--', ...args], {
			encoding: 'utf8',
		}),
	) as { passed: number; failures: string[]; skipped: { title: string; reason: string }[] };
}

const jestFile = (tests: [string, string][], status = 'passed') => ({
	name: '/x.test.ts',
	status,
	assertionResults: tests.map(([fullName, result]) => ({ fullName, status: result })),
});

describe('the counts of npm test', () => {
	it('takes the reason of a skipped test from its title', () => {
		const report = {
			success: true,
			testResults: [
				jestFile([
					['works', 'passed'],
					['on Supabase (skipped: SUPABASE_URL is not set)', 'pending'],
				]),
			],
		};
		expect(read('readJest', report)).toEqual({
			passed: 1,
			failures: [],
			skipped: [
				{
					title: 'on Supabase (skipped: SUPABASE_URL is not set)',
					reason: 'SUPABASE_URL is not set',
				},
			],
		});
	});

	it('fails a test that is skipped without a reason, unless the caller chose by name', () => {
		const report = { success: true, testResults: [jestFile([['silent', 'pending']])] };
		expect(read('readJest', report).failures).toEqual([
			'silent is skipped without naming a reason',
		]);
		expect(read('readJest', report, { filtered: true }).failures).toEqual([]);
	});

	it('counts a file that does not even load, and a run that fails outside of its tests', () => {
		const broken = { success: false, testResults: [jestFile([], 'failed')] };
		expect(read('readJest', broken).failures).toEqual(['/x.test.ts did not run']);
		const torn = { success: false, testResults: [jestFile([['a', 'passed']])] };
		expect(read('readJest', torn).failures).toHaveLength(1);
	});

	it('reads nested Playwright suites and does not accept a flaky test', () => {
		const spec = (title: string, status: string, annotations: unknown[] = []) => ({
			title,
			tests: [{ status, annotations }],
		});
		const report = {
			errors: [],
			suites: [
				{
					title: 'editor.spec.ts',
					specs: [spec('top', 'expected')],
					suites: [
						{
							title: 'inner',
							specs: [
								spec('flips', 'flaky'),
								spec('breaks', 'unexpected'),
								spec('waits', 'skipped', [{ type: 'skip', description: 'no Chromium' }]),
							],
						},
					],
				},
			],
		};
		expect(read('readPlaywright', report)).toEqual({
			passed: 1,
			failures: [
				'editor.spec.ts › inner › flips (flaky)',
				'editor.spec.ts › inner › breaks (unexpected)',
			],
			skipped: [{ title: 'editor.spec.ts › inner › waits', reason: 'no Chromium' }],
		});
	});

	it('says below a failed test what its error was and where', () => {
		const jest = {
			success: false,
			testResults: [
				{
					name: '/x.test.ts',
					status: 'failed',
					assertionResults: [
						{
							fullName: 'adds',
							status: 'failed',
							failureMessages: [
								'Error: \u001b[31mExpected: 2\u001b[39m\n\n  Received: 3\n    at eq (/lib.js:1:1)\n    at /x.test.ts:4:2',
							],
						},
					],
				},
			],
		};
		expect(read('readJest', jest).failures).toEqual([
			'adds\n    Error: Expected: 2\n    Received: 3\n    at /x.test.ts:4:2',
		]);
		const many = Array.from({ length: 40 }, (_, line) => `line ${line}`).join('\n');
		const test = {
			status: 'unexpected',
			annotations: [],
			results: [{ errors: [{ message: many, location: { file: '/y.spec.ts', line: 9 } }] }],
		};
		const [failure] = read('readPlaywright', {
			suites: [{ title: 'y.spec.ts', specs: [{ title: 'shows', tests: [test] }] }],
		}).failures;
		expect(failure.split('\n')).toHaveLength(10);
		expect(failure).toMatch(/^y\.spec\.ts › shows \(unexpected\)\n {4}line 0\n/);
		expect(failure).toMatch(/\n {4}at \/y\.spec\.ts:9$/);
	});
});
