import { within } from '../../../fallback-runner/src/within';
import type { CheckResult, Light } from '../../shared/features';
import type { Check } from './catalog';
import { type CheckContext, StoreSilent } from './check-context';
import { bad, type Finding } from './finding';

/** A check that takes longer says so; all checks of a switch run at the same time. */
export const CHECK_LIMIT_MS = 5_000;
/** Answers are shared for so long, so that a page that looks often asks nobody often. */
const KEEP_MS = 30_000;

interface Kept {
	at: number;
	/** Its answer is there. */
	done: boolean;
	finding: Promise<Finding>;
}

/** Runs checks and keeps their answers for a while. */
export class Checks {
	private readonly kept = new Map<string, Kept>();

	constructor(
		private readonly context: CheckContext,
		private readonly now: () => number = Date.now,
		private readonly limitMs = CHECK_LIMIT_MS,
	) {}

	/** All answers together; never throws. `fresh` asks anew what is not being asked right now. */
	async run(checks: Check[], fresh = false): Promise<CheckResult[]> {
		return await Promise.all(
			checks.map(async (check) => ({
				id: check.id,
				label: check.label,
				...(await this.one(check, fresh)),
			})),
		);
	}

	/** Something was changed: what was found before says nothing any more. */
	forget(): void {
		this.kept.clear();
	}

	private one(check: Check, fresh: boolean): Promise<Finding> {
		const known = this.kept.get(check.id);
		const old = known === undefined || this.now() - known.at > KEEP_MS;
		if (known !== undefined && !old && (!fresh || !known.done)) return known.finding;
		const kept: Kept = { at: this.now(), done: false, finding: this.bounded(check) };
		this.kept.set(check.id, kept);
		void kept.finding.then(() => {
			kept.done = true;
		});
		return kept.finding;
	}

	private async bounded(check: Check): Promise<Finding> {
		return await within(this.guarded(check), this.limitMs, () =>
			bad(
				`There was no answer within ${this.limitMs / 1000} s.`,
				'Check again; if it stays, look whether the machine is overloaded or the network slow.',
			),
		);
	}

	private async guarded(check: Check): Promise<Finding> {
		try {
			return await check.run(this.context);
		} catch (thrown) {
			if (thrown instanceof StoreSilent) {
				return bad(
					`It cannot be checked, because the store does not answer: ${thrown.message}.`,
					'Start the store (npm start), or look into .musekit/logs/store.log.',
				);
			}
			this.context.ports.log.warn('check_failed', {
				check: check.id,
				reason: thrown instanceof Error ? thrown.message : 'unknown reason',
			});
			return bad('The check itself failed.', 'The cause is in .musekit/logs/panel.log.');
		}
	}
}

/** Green when all is well, red when one is bad, amber between. */
export function lightOf(results: Pick<CheckResult, 'state'>[]): Light {
	if (results.some(({ state }) => state === 'bad')) return 'red';
	return results.some(({ state }) => state === 'warning') ? 'amber' : 'green';
}
