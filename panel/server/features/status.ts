import type { PlatformStateView, ToggleState } from '../../../core/store/contract';
import type { CheckResult, Light, StatusAnswer } from '../../shared/features';
import { checksOf, platformChecks } from './catalog';
import { type CheckContext, storeValue, StoreSilent } from './check-context';
import type { Checks } from './run-checks';

const WEIGHT: Record<CheckResult['state'], number> = { bad: 0, warning: 1, ok: 2 };

/**
 * Whether posts can go out. Red: something without which nothing does is missing. Amber: something
 * else is, of what is on and used; a platform without accounts counts as not used.
 */
export async function moduleStatus(context: CheckContext, checks: Checks): Promise<StatusAnswer> {
	const checkedAt = new Date().toISOString();
	let toggles: ToggleState[];
	let platforms: PlatformStateView[];
	try {
		[{ toggles }, { items: platforms }] = await Promise.all([
			context.store.call('social_features', {}).then(storeValue),
			context.store.call('social_platform_states', {}).then(storeValue),
		]);
	} catch (thrown) {
		if (!(thrown instanceof StoreSilent)) throw thrown;
		return {
			light: 'red',
			reasons: [
				{
					label: 'Store',
					message: `The store does not answer: ${thrown.message}.`,
					remedy: 'Start it (npm start), or look into .musekit/logs/store.log.',
					to: null,
				},
			],
			checkedAt,
		};
	}
	const off = (toggle: string) => toggles.some((one) => one.toggle === toggle && !one.on);
	if (off('module')) return { light: 'off', reasons: [], checkedAt };
	const module = checksOf('module');
	const used = platforms
		.filter(
			({ platform, connected, reconnect }) =>
				connected + reconnect > 0 && !off(`platform:${platform}`),
		)
		.flatMap(({ platform }) => platformChecks(platform))
		// Without an app of its own a sandbox account publishes as well.
		.filter(({ id }) => id.endsWith(':accounts') || id.endsWith(':outage'));
	const results = await checks.run([...module, ...used]);
	const vital = new Set(module.filter(({ vital: is }) => is).map(({ id }) => id));
	const red = results.some(({ id, state }) => state === 'bad' && vital.has(id));
	const reasons = results
		.filter(({ state }) => state !== 'ok')
		.sort(
			(left, right) =>
				WEIGHT[left.state] - WEIGHT[right.state] ||
				Number(vital.has(right.id)) - Number(vital.has(left.id)),
		)
		.map(({ label, message, remedy, to }) => ({ label, message, remedy, to }));
	const light: Light = red ? 'red' : reasons.length > 0 ? 'amber' : 'green';
	return { light, reasons, checkedAt };
}
