import type { Feature, Platform, Tier, Toggle } from '../../../core/store/contract';
import type { CheckContext } from './check-context';
import * as features from './feature-checks';
import type { Finding } from './finding';
import * as platforms from './platform-checks';
import * as system from './system-checks';

/** One thing that has to be there. Checks with the same id are run once and shared. */
export interface Check {
	id: string;
	label: string;
	/** Without it nothing goes out at all: then the module's status is red. */
	vital?: boolean;
	run(context: CheckContext): Finding | Promise<Finding>;
}

const STORE: Check = { id: 'store', label: 'Store', vital: true, run: system.storeAnswers };
const CARRIER: Check = {
	id: 'carrier',
	label: 'Somebody publishes',
	vital: true,
	run: system.somebodyPublishes,
};
const VAULT: Check = { id: 'vault', label: 'Vault key', vital: true, run: system.vaultKeyFits };
const ACCOUNTS: Check = { id: 'accounts', label: 'Accounts', run: features.anyAccount };

const MODULE: Check[] = [
	STORE,
	{ id: 'migrations', label: 'Migrations', vital: true, run: system.migrationsCurrent },
	VAULT,
	CARRIER,
	{ id: 'n8n', label: 'n8n', run: system.n8nAnswers },
	{ id: 'workflow', label: 'Workflow in n8n', run: system.workflowRuns },
	{ id: 'pack', label: 'Package in n8n', run: system.packCurrent },
	{ id: 'runner', label: 'Fallback runner', run: system.runnerWatches },
	{ id: 'queue', label: 'Queue', run: system.queueAnswers },
	ACCOUNTS,
];

const tierCheck = (tier: Tier): Check => ({
	id: `tier:${tier}`,
	label: 'Owners',
	run: (context) => features.tierUsed(context, tier),
});

const BY_FEATURE: Record<Feature, Check[]> = {
	connect: [STORE, VAULT],
	publish: [CARRIER, ACCOUNTS],
	schedule: [CARRIER, ACCOUNTS],
	recurrence: [CARRIER, ACCOUNTS],
	media: [STORE, { id: 'images', label: 'Image address', run: features.imagesFetchable }],
};

/** The checks of a platform besides the module's. */
export const platformChecks = (platform: Platform): Check[] =>
	(
		[
			['library', 'Library', platforms.libraryInstalled],
			['app', 'Developer app', platforms.appSaved],
			['accepted', 'Accepted', platforms.appAccepted],
			['accounts', 'Accounts', platforms.accountsConnected],
			['outage', 'Outage', platforms.notPaused],
		] as const
	).map(([id, label, run]) => ({
		id: `${platform}:${id}`,
		label,
		run: (context) => run(context, platform),
	}));

/** The checks of a switch. */
export function checksOf(toggle: Toggle): Check[] {
	const [kind, first, feature] = toggle.split(':');
	if (kind === 'module') return MODULE;
	if (kind === 'platform') return platformChecks(first as Platform);
	return [...BY_FEATURE[feature as Feature], tierCheck(first as Tier)];
}
