import { GUARDS, type Guard, type RunOptions } from './plan';
import { runShare } from './simulate';

/** Schedules that show that a guard is needed; the same ones are clean with all guards on. */
const PROOFS: Record<Guard, { first: number; schedules: number; platform: RunOptions['platform'] }> =
	{
		lease: { first: 1, schedules: 400, platform: 'x' },
		fence: { first: 1, schedules: 400, platform: 'x' },
		'intent-before-call': { first: 1, schedules: 400, platform: 'x' },
		'look-up': { first: 1, schedules: 400, platform: 'x' },
		settle: { first: 1, schedules: 400, platform: 'x' },
		deadline: { first: 1, schedules: 400, platform: 'x' },
	};

describe.each(GUARDS)('guard %s', (guard) => {
	it('is needed: without it posts are doubled or lost, with it none is', async () => {
		const { first, platform, schedules } = PROOFS[guard];
		const share = { first, end: first + schedules, step: 1 };
		const options = { platform, outside: false, duplicateRules: false };
		const without = await runShare(share, { ...options, guardsOff: [guard] });
		const all = await runShare(share, { ...options, guardsOff: [] });
		expect(without.total.duplicated + without.total.lost).toBeGreaterThan(0);
		expect(all.violations).toEqual({});
		expect(all.total.schedules).toBe(schedules);
	});
});
