import { fstatSync } from 'node:fs';
import pino from 'pino';
import { ConfigRefused, readRunnerConfig } from './config';
import { createLogger } from './ports/log';
import { startRunner, type RunningRunner } from './runner';

const PARENT_CHECK_MS = 1_000;

function say(line: Record<string, unknown>): void {
	process.stdout.write(`${JSON.stringify(line)}\n`);
}

/** Calls back when the starter is gone: its end of our stdin closes, or we get a new parent. */
function whenParentGone(gone: () => void): void {
	const stdin = fstatSync(0, { bigint: false });
	if (!stdin.isFIFO() && !stdin.isSocket()) return;
	const parent = process.ppid;
	setInterval(() => {
		if (process.ppid !== parent) gone();
	}, PARENT_CHECK_MS).unref();
	process.stdin.once('end', gone).once('error', gone).resume();
}

/**
 * The runner as a process: `tsx fallback-runner/src/main.ts [config.json]`; what the file leaves out
 * comes from the environment. Prints one JSON line when it is up (`{"ready":true,"url":…}`, no
 * secrets) and its log as JSON lines; stops in order on SIGTERM, SIGINT, or when its starter is gone.
 */
async function main(): Promise<void> {
	const config = readRunnerConfig(process.argv[2]);
	const logger = createLogger('runner', config.logLevel, pino.destination({ fd: 1, sync: true }));
	let runner: RunningRunner | null = null;
	let ending: Promise<void> | null = null;
	const end = (): void => {
		ending ??= (async () => {
			// During the start there is nothing to stop yet: it is stopped as soon as it is up.
			if (runner === null) return;
			logger.info('stopping');
			const finished = await runner.stop();
			if (!finished) {
				logger.warn('stopped_in_the_middle: other carriers look up what was on its way');
			}
			process.exit(0);
		})();
	};
	process.on('SIGTERM', end).on('SIGINT', end).on('SIGHUP', end);
	// A reader that went away must not take the runner with it.
	process.stdout.on('error', () => undefined);
	whenParentGone(end);
	runner = await startRunner(config, logger);
	if (ending !== null) {
		await runner.stop();
		process.exit(0);
	}
	const { url, port, carrier } = runner;
	say({ ready: true, url, port, carrier, pid: process.pid, queue: runner.wakeups.state });
}

main().catch((error: unknown) => {
	const taken = (error as { code?: unknown }).code === 'EADDRINUSE';
	const reason =
		error instanceof ConfigRefused
			? error.message
			: taken
				? 'The port is taken: choose another one with MUSEKIT_RUNNER_PORT.'
				: `The runner could not start: ${error instanceof Error ? error.message : 'unknown reason'}`;
	say({ error: reason });
	process.exit(1);
});
