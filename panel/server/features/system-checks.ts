import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { loadVaultKey } from '../../../core/accounts/vault';
import type { CarrierKind, CarrierSign } from '../../../core/store/contract';
import { VERSION } from '../../../core/version';
import { type CheckContext, get, storeValue } from './check-context';
import { bad, type Finding, ok, warning } from './finding';

const START = 'Start it with npm start.';

/** The store answers and keeps what it confirms. */
export async function storeAnswers({ store }: CheckContext): Promise<Finding> {
	const ping = await store.call('social_ping', {});
	if (ping.kind === 'unreachable') {
		return bad(
			`The store does not answer: ${ping.reason}.`,
			'Start it (npm start), or look whether the Supabase project is paused.',
		);
	}
	if (ping.kind === 'refused') {
		return bad(
			`The store refuses the panel: ${ping.refusal.message}`,
			ping.refusal.hint ?? 'Check the panel’s secret key.',
		);
	}
	const { code, message } = ping.value;
	if (code === 'contract_mismatch')
		return bad(message, 'Update the older of the two; npm run migrate updates the store.');
	if (code === 'durability_off')
		return bad(message, 'Switch fsync on in the database’s configuration.');
	return ok('The store answers and keeps what it confirms.');
}

/** The store has the migrations that this version brings. */
export async function migrationsCurrent(context: CheckContext): Promise<Finding> {
	const folder =
		context.around.migrationsFolder ?? path.resolve(__dirname, '../../../supabase/migrations');
	const files = await readdir(folder).catch(() => []);
	const wanted = files.flatMap((file) => /^(\d{14})_.*\.sql$/.exec(file)?.[1] ?? []);
	const { applied } = storeValue(await context.store.call('social_migrations', {}));
	if (wanted.length === 0 || applied === null) {
		return warning(
			'Which migrations the store has cannot be read.',
			'Run npm run migrate; it says what is missing.',
		);
	}
	const missing = wanted.filter((version) => !applied.includes(version));
	if (missing.length > 0) {
		return bad(
			`The store lacks ${missing.length} of ${wanted.length} migrations of this version.`,
			'Run npm run migrate with SUPABASE_DB_URL set, or npm start for the embedded store.',
		);
	}
	const more = applied.length - wanted.length;
	return more > 0
		? warning(`The store is newer than this panel by ${more} migrations.`, 'Update the panel.')
		: ok(`All ${wanted.length} migrations are applied.`);
}

/** The panel's vault key is the store's. */
export async function vaultKeyFits({ store, ports, vaultKey }: CheckContext): Promise<Finding> {
	const remedy = 'Start the panel with the vault key of the carriers (npm start does).';
	const loaded = await loadVaultKey(vaultKey, ports.crypto);
	if (loaded.outcome !== 'ok')
		return bad('The panel’s vault key cannot be used.', loaded.error.remedy);
	for (const { fingerprint } of [loaded.key, ...(loaded.key.others ?? [])]) {
		const ping = storeValue(await store.call('social_ping', { p_vault_fingerprint: fingerprint }));
		if (ping.code === 'vault_not_set') {
			return warning(
				'No vault key is set for this store yet.',
				'npm start sets it; so does the first account that is connected.',
			);
		}
		if (ping.code !== 'vault_key_mismatch')
			return ok('The vault key fits the sealed access of the accounts.');
	}
	return bad(
		'The panel’s vault key is not the one that sealed the access of the accounts.',
		remedy,
	);
}

async function signs({ store }: CheckContext, kind: CarrierKind): Promise<CarrierSign[]> {
	const { items } = storeValue(await store.call('social_carriers', {}));
	return items.filter((sign) => sign.kind === kind);
}

/** "12 s ago", "3 min ago", "2 days ago". */
export function agoOf(iso: string, now = Date.now()): string {
	const seconds = Math.max(0, Math.round((now - Date.parse(iso)) / 1000));
	if (seconds < 90) return `${seconds} s ago`;
	if (seconds < 5_400) return `${Math.round(seconds / 60)} min ago`;
	const hours = Math.round(seconds / 3_600);
	return hours < 48 ? `${hours} h ago` : `${Math.round(hours / 24)} days ago`;
}

/** n8n answers, where the panel knows its address. */
export async function n8nAnswers(context: CheckContext): Promise<Finding> {
	const { n8nHealthUrl } = context.around;
	if (n8nHealthUrl === undefined) {
		const [last] = await signs(context, 'n8n');
		if (last?.fresh) return ok(`n8n reported ${agoOf(last.lastAt)}.`);
		return warning(
			'The panel does not know n8n’s address, and n8n does not report.',
			'Set MUSEKIT_N8N_HEALTH_URL to n8n’s /healthz for the panel, and activate the workflow “publish due posts”.',
		);
	}
	const answer = await get(context, n8nHealthUrl);
	return answer !== null && answer.status < 300
		? ok('n8n answers.')
		: bad(
				'n8n does not answer at its health address.',
				`${START} Look into .musekit/logs/n8n.log, or correct MUSEKIT_N8N_HEALTH_URL.`,
			);
}

/** The workflow that publishes runs. */
export async function workflowRuns(context: CheckContext): Promise<Finding> {
	const [last] = await signs(context, 'n8n');
	if (last?.fresh) return ok(`The workflow that publishes due posts ran ${agoOf(last.lastAt)}.`);
	const remedy =
		'Import the template “publish due posts” in n8n, give it the credential and activate it.';
	return last === undefined
		? warning('No n8n has published here yet.', remedy)
		: warning(
				`n8n last published ${agoOf(last.lastAt)} and is silent since.`,
				`Look into n8n’s executions. ${remedy}`,
			);
}

/** n8n has this version of the package. */
export async function packCurrent(context: CheckContext): Promise<Finding> {
	const fresh = (await signs(context, 'n8n')).filter((sign) => sign.fresh);
	if (fresh.length === 0) {
		return warning(
			'Which version of the package n8n has shows once it reports.',
			'Activate the workflow “publish due posts” in n8n.',
		);
	}
	const other = fresh.find(({ version }) => version !== VERSION);
	if (other === undefined) return ok(`n8n has version ${VERSION}, the same as the panel.`);
	return warning(
		`${other.carrier} has ${other.version === null ? 'an older version' : `version ${other.version}`} of the package; the panel is ${VERSION}.`,
		'Update n8n-nodes-musekit-social in n8n under Settings, Community nodes, and restart n8n.',
	);
}

interface RunnerHealth {
	status?: string;
	alerts?: string[];
	queue?: { mode?: string; backend?: string | null };
}

async function healthOf(context: CheckContext): Promise<RunnerHealth | null> {
	const { runnerUrl } = context.around;
	if (runnerUrl === undefined) return null;
	const answer = await get(context, `${runnerUrl.replace(/\/+$/, '')}/health`);
	if (answer === null) return null;
	try {
		return JSON.parse(answer.body) as RunnerHealth;
	} catch {
		return null;
	}
}

/** A fallback runner is there to take over. */
export async function runnerWatches(context: CheckContext): Promise<Finding> {
	const [[last], health] = await Promise.all([signs(context, 'runner'), healthOf(context)]);
	const [alert] = health?.alerts ?? [];
	if (last?.fresh && alert !== undefined)
		return warning(
			`The runner works, and says: ${alert}`,
			'See the page on the runner in the documentation.',
		);
	if (last?.fresh && last.version !== null && last.version !== VERSION) {
		return warning(
			`The runner is version ${last.version}; the panel is ${VERSION}.`,
			'Update the older of the two.',
		);
	}
	if (last?.fresh) return ok(`The runner reported ${agoOf(last.lastAt)}.`);
	return warning(
		last === undefined
			? 'No fallback runner has reported: while n8n is down nothing is published.'
			: `The fallback runner is silent since ${agoOf(last.lastAt).replace(' ago', '')}.`,
		START,
	);
}

/** The runner's queue: Redis, Postgres, or its own timer. */
export async function queueAnswers(context: CheckContext): Promise<Finding> {
	const { redisUrl, queueDatabaseUrl } = context.around;
	if (redisUrl !== undefined) {
		return (await context.probes.redis(redisUrl))
			? ok('Redis answers.')
			: bad(
					'Redis does not answer. The runner goes on by its timer.',
					'Check REDIS_URL and that Redis runs.',
				);
	}
	if (queueDatabaseUrl !== undefined) {
		return (await context.probes.postgres(queueDatabaseUrl))
			? ok('The queue’s Postgres answers.')
			: bad(
					'The queue’s Postgres does not answer. The runner goes on by its timer.',
					'Check DATABASE_URL and that the database runs.',
				);
	}
	const health = await healthOf(context);
	if (health?.queue?.mode === 'queue')
		return ok(
			`The runner’s queue is on ${health.queue.backend === 'redis' ? 'Redis' : 'Postgres'}.`,
		);
	if (health?.queue?.mode === 'lost')
		return bad(
			'The runner has lost its queue and goes on by its timer.',
			'Check Redis or the queue’s database.',
		);
	return ok('No queue is set up; the runner works by its timer, which is enough on one machine.');
}

/** Something publishes: n8n or the runner. */
export async function somebodyPublishes(context: CheckContext): Promise<Finding> {
	const { items } = storeValue(await context.store.call('social_carriers', {}));
	const fresh = items.filter((sign) => sign.fresh);
	if (fresh.some(({ kind }) => kind === 'n8n')) return ok('n8n publishes.');
	if (fresh.length > 0)
		return warning(
			'Only the fallback runner publishes; n8n is silent.',
			'Look whether n8n runs and the workflow “publish due posts” is active.',
		);
	return bad(
		'Nobody publishes: neither n8n nor a runner reports.',
		`${START} Then activate the workflow “publish due posts” in n8n.`,
	);
}
