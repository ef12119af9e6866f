import { OptionRefused, readOptions } from './options';
import { matrix } from './report';
import { runScenario } from './scenarios';

/** After Ctrl-C, for stopping stores and servers in order. */
const LAST_WORDS_MS = 40_000;
/** What shells say of a command that Ctrl-C has ended. */
const CUT_SHORT = 130;

/** `npm run chaos` behind its set-up. Exit code 1 on any duplicate or loss. */
async function main(): Promise<number> {
	const ending = new AbortController();
	for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
		process.on(signal, () => {
			ending.abort();
			// Whatever does not end by itself is ended by the caller, who knows all processes.
			setTimeout(() => process.exit(CUT_SHORT), LAST_WORDS_MS).unref();
		});
	}
	try {
		const options = readOptions(process.argv.slice(2));
		const say = (line: string): void => void process.stderr.write(`${line}\n`);
		say(`seed ${options.seed}, ${options.trials} trials, factor ${options.factor}`);
		const detail = (line: string): void => (options.verbose ? say(line) : undefined);
		const report = await runScenario({ ...options, say, detail, signal: ending.signal });
		if ('json' in report) {
			for (const line of report.lines) process.stdout.write(`${line}\n`);
			if (options.json) process.stdout.write(`${JSON.stringify(report.json)}\n`);
			if (ending.signal.aborted) return CUT_SHORT;
			return report.broken ? 1 : 0;
		}
		for (const { platform, fault, what, replay } of report.failures) {
			process.stdout.write(`FOUND: ${platform}, ${fault}: ${what}\n  replay: ${replay}\n`);
		}
		process.stdout.write(`${matrix(report)}\n`);
		for (const note of report.notes) process.stdout.write(`${note}\n`);
		const minutes = report.seconds / 60;
		process.stdout.write(
			`${report.trials} trials in ${report.seconds.toFixed(0)} s (${(report.trials / minutes).toFixed(0)} per minute), seed ${report.seed}\n`,
		);
		if (options.json) process.stdout.write(`${JSON.stringify(report)}\n`);
		if (ending.signal.aborted) return CUT_SHORT;
		return report.duplicated + report.lost + report.brokenOff > 0 ? 1 : 0;
	} catch (error) {
		if (ending.signal.aborted) return CUT_SHORT;
		if (!(error instanceof OptionRefused)) throw error;
		process.stderr.write(`${error.message}\n`);
		return 2;
	}
}

void main().then((code) => {
	process.exitCode = code;
});
