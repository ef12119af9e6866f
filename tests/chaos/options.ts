import { parseArgs } from 'node:util';

/** What a run is asked for. Scenarios ignore what they have no use for. */
export interface ChaosOptions {
	/** Name in `scenarios.ts`. */
	scenario: string;
	trials: number;
	seed: number;
	/** First trial of the plan: a trial is made from seed and index alone. */
	index: number;
	/** Only this row, or all. */
	platform: string | null;
	/** Only this column, or all. */
	fault: string | null;
	/** How much faster than the wall clock store, sandbox and carriers live; 1 is the shipped speed. */
	factor: number;
	/** No factor was given: a busy machine may live slower than that. */
	adapt: boolean;
	/** Trials at the same time. */
	concurrency: number;
	/** False: the sandbox's rules against equal posts are switched off. */
	duplicateRules: boolean;
	json: boolean;
	/** Progress for people. */
	say(line: string): void;
	/** What only somebody who looks for a fault wants to read. */
	detail(line: string): void;
	/** Ctrl-C: end all children and return. */
	signal: AbortSignal;
}

/** An option that cannot be used; the message is for people. */
export class OptionRefused extends Error {}

export const USAGE = `npm run chaos -- [options]
  --trials N            trials to run (default 50)
  --seed S              number that decides every trial (default: a new one)
  --index I             first trial of that seed's plan (default 0)
  --platform P          only one platform
  --fault F             only one fault
  --scenario NAME       another scenario than "fast"
  --n8n                 the same as --scenario n8n: a real n8n is killed
  --factor F            how much faster than the wall clock all times run (default 20, less on a
                        busy machine)
  --times default       the shipped times, the same as --factor 1
  --concurrency N       trials at the same time
  --no-duplicate-rules  the sandbox's rules against equal posts are off
  --verbose             a line for each trial
  --json                the last line is one JSON object`;

function wholeNumber(name: string, text: string, least: number): number {
	const value = Number(text);
	if (!/^\d+$/.test(text) || !Number.isSafeInteger(value) || value < least) {
		throw new OptionRefused(`--${name} takes a whole number of at least ${least}, not "${text}".`);
	}
	return value;
}

/** Reads the command line. @throws OptionRefused with a sentence for people */
export function readOptions(
	args: string[],
): Omit<ChaosOptions, 'say' | 'detail' | 'signal'> & { verbose: boolean } {
	const text = { type: 'string' } as const;
	const flag = { type: 'boolean' } as const;
	const { values } = (() => {
		try {
			return parseArgs({
				args,
				options: {
					trials: text,
					seed: text,
					index: text,
					platform: text,
					fault: text,
					scenario: text,
					factor: text,
					times: text,
					concurrency: text,
					n8n: flag,
					json: flag,
					verbose: flag,
					'no-duplicate-rules': flag,
				},
			});
		} catch (error) {
			const said = String((error as { message?: unknown }).message).split('\n')[0];
			throw new OptionRefused(`${said}\n\n${USAGE}`);
		}
	})();
	if (values.times !== undefined && values.times !== 'default') {
		throw new OptionRefused(`--times takes only "default", not "${values.times}".`);
	}
	if (values.times !== undefined && values.factor !== undefined) {
		throw new OptionRefused('--times default is --factor 1: give one of them.');
	}
	if (values.n8n === true && values.scenario !== undefined && values.scenario !== 'n8n') {
		throw new OptionRefused(`--n8n and --scenario ${values.scenario} exclude each other.`);
	}
	const factor = values.times === 'default' ? 1 : Number(values.factor ?? 20);
	if (!(factor >= 1 && factor <= 60)) {
		throw new OptionRefused(`--factor takes a number from 1 to 60, not "${values.factor}".`);
	}
	return {
		scenario: values.n8n === true ? 'n8n' : (values.scenario ?? 'fast'),
		trials: wholeNumber('trials', values.trials ?? '50', 1),
		seed: wholeNumber('seed', values.seed ?? String(Math.floor(Math.random() * 2 ** 31)), 0),
		index: wholeNumber('index', values.index ?? '0', 0),
		platform: values.platform ?? null,
		fault: values.fault ?? null,
		factor,
		adapt: values.times === undefined && values.factor === undefined,
		concurrency: wholeNumber('concurrency', values.concurrency ?? (factor === 1 ? '120' : '24'), 1),
		duplicateRules: values['no-duplicate-rules'] !== true,
		json: values.json === true,
		verbose: values.verbose === true,
	};
}
