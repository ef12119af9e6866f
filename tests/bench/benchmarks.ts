import { claimCost } from './claim-cost';
import { drain, memory } from './drain';
import type { Benchmark } from './metric';
import { panel } from './panel';
import { takeover } from './takeover';
import { throughput } from './throughput';

/** Every benchmark by its name on the command line, in the order in which they run. */
export const BENCHMARKS: Record<string, Benchmark> = {
	throughput,
	drain,
	'claim-cost': claimCost,
	takeover,
	memory,
	panel,
};
