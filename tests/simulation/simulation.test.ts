import { INSIDE, KINDS, type RunOptions } from './plan';
import { shrink, storyOf } from './shrink';
import { runShare, simulate } from './simulate';
import { emptyTally, merge } from './tally';
import { runSchedule } from './world';

jest.setTimeout(600_000);

const share = (first: number, schedules: number) => ({ first, end: first + schedules, step: 1 });

/** A bug to be found: nobody looks before a post is sent again. */
const PLANTED: RunOptions = {
	...INSIDE,
	platform: 'x',
	duplicateRules: false,
	guardsOff: ['look-up'],
};

async function firstFailing(): Promise<number> {
	for (let seed = 1; seed < 200; seed++) {
		const { violations } = await runSchedule(seed, PLANTED);
		if (violations[0]?.kind === 'duplicate') return seed;
	}
	throw new Error('The planted bug was not found');
}

describe('the simulation', () => {
	it.each(KINDS)('finds nothing doubled and nothing lost on %s', async (platform) => {
		const tally = await runShare(share(1, 400), { ...INSIDE, platform });
		expect({ violations: tally.violations, failing: tally.failing }).toEqual({
			violations: {},
			failing: [],
		});
		expect(tally.total.published).toBeGreaterThan(300);
		expect(tally.faults).toBeGreaterThan(400);
		if (platform !== 'bluesky') expect(tally.total.resolvedByLookup).toBeGreaterThan(0);
	});

	it('runs every seed the same way each time, alone or in a row', async () => {
		const [one, other] = [await runShare(share(1, 60), INSIDE), emptyTally()];
		for (let seed = 1; seed <= 60; seed++) merge(other, await runShare(share(seed, 1), INSIDE));
		expect(other).toEqual(one);
		expect(one.trace).not.toBe((await runShare(share(2, 60), INSIDE)).trace);
	});

	it('counts what happens outside the fault model, without duplicate rules', async () => {
		const options: RunOptions = { ...INSIDE, outside: true, duplicateRules: false };
		const tally = await simulate(150, 1, options, 1);
		expect(tally.total.schedules).toBe(150);
		expect(tally.total.published).toBeGreaterThan(0);
	});

	it('shrinks a failing schedule to a short story that fails in the same way', async () => {
		const seed = await firstFailing();
		const whole = await runSchedule(seed, PLANTED);
		const shrunk = await shrink(seed, PLANTED);
		expect(shrunk.outcome.violations.map(({ kind }) => kind)).toContain('duplicate');
		expect(shrunk.outcome.struck.length).toBeLessThanOrEqual(whole.struck.length);
		expect(shrunk.outcome.posts.length).toBeLessThanOrEqual(whole.posts.length);
		for (const { name } of shrunk.outcome.struck) {
			const faults = new Set([...(shrunk.cut.faults ?? [])].filter((other) => other !== name));
			const without = await runSchedule(seed, PLANTED, { ...shrunk.cut, faults });
			expect(without.violations.map(({ kind }) => kind)).not.toContain('duplicate');
		}
		expect(storyOf(shrunk).join('\n')).toMatch(/live 2 times/);
		const again = await runSchedule(seed, PLANTED, shrunk.cut);
		expect(again.trace).toBe(shrunk.outcome.trace);
	});
});
