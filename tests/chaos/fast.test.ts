import { spawn } from 'node:child_process';
import path from 'node:path';
import { pdsFolder } from '../bluesky/pds-folder';
import { noRedis } from '../runner/redis';
import { FAULTS, ROWS } from './plan';
import type { ChaosReport } from './report';

const TRIALS = 200;
const hasPds = 'folder' in pdsFolder();

/** The command itself, as people run it. */
async function chaos(args: string[]): Promise<{ code: number | null; report: ChaosReport }> {
	const child = spawn(
		process.execPath,
		['--import', 'tsx', path.join(__dirname, 'main.ts'), '--json', ...args],
		{ stdio: ['ignore', 'pipe', 'inherit'], cwd: path.resolve(__dirname, '../..') },
	);
	let said = '';
	child.stdout.on('data', (chunk: Buffer) => {
		said += chunk.toString();
	});
	const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
	const last = said.trim().split('\n').at(-1) ?? '';
	if (!last.startsWith('{')) throw new Error(`No report:\n${said}`);
	return { code, report: JSON.parse(last) as ChaosReport };
}

test(
	`${TRIALS} trials: nothing twice, nothing lost, no person asked`,
	async () => {
		const seed = process.env.MUSEKIT_CHAOS_SEED ?? String(Date.now() % 1_000_000);
		const { code, report } = await chaos(['--trials', String(TRIALS), '--seed', seed]);
		expect(report.failures).toEqual([]);
		expect(report).toMatchObject({ trials: TRIALS, duplicated: 0, lost: 0, needsReview: 0 });
		expect(code).toBe(0);
		const rows = ROWS.filter((row) => hasPds || row !== 'bluesky');
		const faults = FAULTS.filter((fault) => noRedis === null || !fault.startsWith('redis-'));
		expect(new Set(report.cells.map(({ platform }) => platform))).toEqual(new Set(rows));
		expect(new Set(report.cells.map(({ fault }) => fault))).toEqual(new Set(faults));
		expect(report.resolvedByLookup).toBeGreaterThan(0);
		expect(report.publishedOnce).toBeGreaterThan(0);
	},
	30 * 60_000,
);

if (!hasPds) test.skip('on Bluesky (skipped: no Bluesky server here)', () => undefined);
if (noRedis !== null) test.skip(`on Redis (skipped: ${noRedis})`, () => undefined);
