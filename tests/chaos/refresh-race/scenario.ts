import type { ChaosOptions } from '../options';
import type { OwnReport } from '../scenarios';
import { runRefreshRace } from './run';

/** `npm run chaos -- --scenario refresh-race`. `--trials` counts accounts, each raced for by fifty. */
export async function refreshRace(options: ChaosOptions): Promise<OwnReport> {
	const report = await runRefreshRace(options);
	const { trials, extraRefreshes, brokenAccounts } = report;
	const lines = Object.entries(report.ends).map(
		([kind, { good, reconnect, broken }]) =>
			`${kind.padEnd(14)} ${good} good, ${reconnect} to reconnect, ${broken} broken`,
	);
	return {
		json: { trials, extraRefreshes, brokenAccounts },
		lines: [
			...report.failures.map((what) => `FOUND: ${what}`),
			...lines,
			`${trials} trials in ${report.seconds} s: ${extraRefreshes} refreshes too many, ${brokenAccounts} broken accounts`,
		],
		broken: report.failures.length > 0,
	};
}
