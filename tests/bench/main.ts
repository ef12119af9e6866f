import { BENCHMARKS } from './benchmarks';
import { table, type Metric, type Scale } from './metric';

interface Wish {
	names: string[];
	json: boolean;
	scale: Scale;
}

const NAMES = Object.keys(BENCHMARKS);
const USAGE = `npm run bench [-- --only ${NAMES.join('|')}] [--runs N] [--tiny] [--json]`;

/** @throws Error with the usage */
function wishOf(args: string[]): Wish {
	const names: string[] = [];
	let json = false;
	let tiny = false;
	let runs = 20;
	for (let at = 0; at < args.length; at++) {
		const [flag, glued] = args[at].split('=');
		const value = () => glued ?? args[++at] ?? '';
		if (flag === '--json') json = true;
		else if (flag === '--tiny') tiny = true;
		else if (flag === '--only') names.push(...value().split(','));
		else if (flag === '--runs') runs = Number(value());
		else throw new Error(USAGE);
	}
	const known = names.every((name) => NAMES.includes(name));
	if (!known || !Number.isInteger(runs) || runs < 1) throw new Error(USAGE);
	const say = (text: string) => void process.stderr.write(`${text}\n`);
	return { names: names.length === 0 ? NAMES : names, json, scale: { tiny, runs, say } };
}

/** Runs the chosen benchmarks one after another; ends with 1 only when one could not run. */
async function main(): Promise<void> {
	const { names, json, scale } = wishOf(process.argv.slice(2));
	const metrics: Metric[] = [];
	for (const name of names) metrics.push(...(await BENCHMARKS[name](scale)));
	process.stdout.write(`\n${table(metrics)}\n`);
	if (json) process.stdout.write(`${JSON.stringify({ metrics })}\n`);
}

main().then(
	() => process.exit(0),
	(error: unknown) => {
		process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
		process.exit(1);
	},
);
