import { OptionRefused, type ChaosOptions } from './options';
import type { ChaosReport } from './report';

/** What a scenario says that is about something else than posts. */
export interface OwnReport {
	/** The last line of `--json`. */
	json: Record<string, unknown>;
	/** For people. */
	lines: string[];
	broken: boolean;
}

/** One way to run trials. Ends every process it has started, also when `signal` fires. */
export type Scenario = (options: ChaosOptions) => Promise<ChaosReport | OwnReport>;

/** Loaded when asked for; `npm run chaos -- --scenario <name>`. */
const SCENARIOS: Record<string, () => Promise<Scenario>> = {
	/** Carriers as processes, all times scaled by one factor. */
	fast: async () => (await import('./fast')).runFast,
	/** A real n8n with the packed node is killed, frozen and cut off, at the shipped times. */
	n8n: async () => (await import('./n8n/run')).runN8n,
	/** n8n's HTTP Request node with Retry On Fail under the same faults. */
	'http-request': async () => (await import('./http-request/run')).runHttpRequest,
	/** Fifty processes refresh one X account at once; one of them is killed on the way. */
	'refresh-race': async () => (await import('./refresh-race/scenario')).refreshRace,
};

export const SCENARIO_NAMES = Object.keys(SCENARIOS);

/** @throws OptionRefused when there is no such scenario */
export async function runScenario(options: ChaosOptions): Promise<ChaosReport | OwnReport> {
	const load = SCENARIOS[options.scenario];
	if (!Object.hasOwn(SCENARIOS, options.scenario)) {
		throw new OptionRefused(
			`There is no scenario "${options.scenario}". Known: ${SCENARIO_NAMES.join(', ')}.`,
		);
	}
	const run = await load();
	return await run(options);
}
