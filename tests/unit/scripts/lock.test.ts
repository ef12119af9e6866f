import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const setup = path.join(__dirname, '..', '..', '..', 'scripts', 'setup', 'lock.mjs');

describe('the lock of set-up', () => {
	let cache: string;

	beforeEach(() => {
		cache = mkdtempSync(path.join(tmpdir(), 'musekit-lock-'));
	});

	afterEach(() => {
		rmSync(cache, { recursive: true, force: true });
	});

	function start(work: string) {
		const code = `const { withLock } = await import(${JSON.stringify(setup)});
			const { appendFileSync, readFileSync, writeFileSync } = await import('node:fs');
			const { setTimeout: sleep } = await import('node:timers/promises');
			${work}`;
		const child = spawn(process.execPath, ['--input-type=module', '-e', code], {
			env: { ...process.env, MUSEKIT_CACHE: cache },
			stdio: ['ignore', 'pipe', 'inherit'],
		});
		const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
		return { child, ended };
	}

	it('lets one process in at a time, also while they fight for it', async () => {
		const counter = path.join(cache, 'counter');
		writeFileSync(counter, '0');
		// Reading, waiting and writing loses counts as soon as two are inside together.
		const work = `for (let round = 0; round < 5; round += 1) {
			await withLock('count', async () => {
				const seen = Number(readFileSync(${JSON.stringify(counter)}, 'utf8'));
				await sleep(3);
				writeFileSync(${JSON.stringify(counter)}, String(seen + 1));
			});
		}`;
		const all = Array.from({ length: 4 }, () => start(work).ended);
		expect(await Promise.all(all)).toEqual([0, 0, 0, 0]);
		expect(readFileSync(counter, 'utf8')).toBe('20');
	});

	it('is taken over from a holder that was killed', async () => {
		const held = start(
			`await withLock('left', async () => { console.log('inside'); await sleep(60000); });`,
		);
		await new Promise((resolve) => held.child.stdout.once('data', resolve));
		held.child.kill('SIGKILL');
		await held.ended;
		expect(await start(`await withLock('left', () => 1);`).ended).toBe(0);
	});

	it('names the holder instead of waiting when told to', async () => {
		const held = start(
			`await withLock('busy', async () => { console.log('inside'); await sleep(60000); });`,
		);
		await new Promise((resolve) => held.child.stdout.once('data', resolve));
		const code = await start(
			`await withLock('busy', () => 1, (pid) => { process.exit(pid === ${held.child.pid} ? 42 : 1); });`,
		).ended;
		held.child.kill('SIGKILL');
		await held.ended;
		expect(code).toBe(42);
	});
});
