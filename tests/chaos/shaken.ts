import type { ChaosOptions } from './options';
import type { Fault, TrialPlan } from './plan';
import type { DoneTrial, TrialMeans } from './trial';

/** Faults that hit everybody at once: their trials come in groups, in a world of their own. */
export const SHAKEN: ReadonlySet<Fault> = new Set<Fault>([
	'store-restart',
	'redis-kill',
	'redis-flush',
]);

export async function runShaken(
	_means: TrialMeans,
	_plans: TrialPlan[],
	_part: { done: DoneTrial[] },
	_options: ChaosOptions,
): Promise<void> {
	await Promise.resolve();
}
