import { GUARDS, INSIDE, type Guard, type RunOptions } from './plan';
import { runShare } from './simulate';

interface Proof {
	first: number;
	schedules: number;
	/** What brings the guard into play. */
	focus: Partial<RunOptions>;
}

/** Schedules that show that a guard is needed; the same ones are clean with all guards on. */
const PROOFS: Record<Guard, Proof> = {
	lease: {
		first: 600,
		schedules: 60,
		focus: { visibleFaults: ['question_lost', 'answer_lost'], equalTexts: true },
	},
	fence: { first: 1, schedules: 60, focus: {} },
	'intent-before-call': { first: 1, schedules: 60, focus: {} },
	'look-up': { first: 1, schedules: 60, focus: {} },
	settle: { first: 1, schedules: 100, focus: { visibleFaults: ['slow_connection'] } },
	deadline: { first: 1, schedules: 100, focus: { visibleFaults: ['freeze_before'] } },
};

// A machine may be slow; what is asserted is what was found, never how fast.
jest.setTimeout(600_000);

describe.each(GUARDS)('guard %s', (guard) => {
	it('is needed: without it posts are doubled or lost, with it none is', async () => {
		const { first, focus, schedules } = PROOFS[guard];
		const share = { first, end: first + schedules, step: 1 };
		const options: RunOptions = { ...INSIDE, platform: 'x', duplicateRules: false, ...focus };
		const without = await runShare(share, { ...options, guardsOff: [guard] });
		const all = await runShare(share, options);
		expect(without.total.duplicated + without.total.lost).toBeGreaterThan(0);
		expect(all.violations).toEqual({});
		expect(all.total.schedules).toBe(schedules);
	});
});
