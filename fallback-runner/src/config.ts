import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { z } from 'zod';

const port = z.number().int().min(0).max(65_535);
const ms = z.number().int().positive();
/** Vercel asks for 16 characters or more; a shorter secret can be guessed over the network. */
const secret = z.string().min(16);

/** A JSON file holds these names; each may come from the environment instead (see `VARIABLES`). */
export const runnerConfigSchema = z.strictObject({
	/** Stable name of this carrier in heartbeats and posts. */
	name: z.string().min(1).max(100).optional(),
	/** Origin of the Supabase project or of the embedded gateway. */
	storeUrl: z.url({ protocol: /^https?$/ }),
	/** Secret key (service role) of the store. */
	storeKey: z.string().min(1),
	/** The same as in n8n's credential; `loadVaultKey` says whether it is a key. */
	vaultKey: z.string().min(1),
	/** BullMQ on Redis; wins over `databaseUrl`. */
	redisUrl: z.url({ protocol: /^rediss?$/ }).optional(),
	/** BullMQ on Postgres: a session connection (direct, or the session pooler on 5432). */
	databaseUrl: z.url({ protocol: /^postgres(ql)?$/ }).optional(),
	/** Schema of BullMQ's tables; never the store's own. */
	queueSchema: z
		.string()
		.regex(/^[a-z_][a-z0-9_]{0,62}$/)
		.default('musekit_queue'),
	/** Names the queues, so that several systems may share one Redis. */
	queuePrefix: z
		.string()
		.regex(/^[a-z0-9-]{1,40}$/)
		.default('musekit-social'),
	/** Where health, metrics, tick and board answer; 0 takes a free port. */
	port: port.default(14404),
	listen: z.string().default('127.0.0.1'),
	/** Bearer of `/tick` and `/wake`; without it both refuse. */
	tickSecret: secret.optional(),
	/** Password of the queue board; without it there is no board. */
	boardSecret: secret.optional(),
	/** n8n's `/healthz`; a probe that fails means that no grace is given. */
	n8nHealthUrl: z.url({ protocol: /^https?$/ }).optional(),
	/** Time between two probes. */
	n8nProbeMs: ms.default(2_000),
	/** Posts carried at the same time. */
	concurrency: z.number().int().min(1).max(100).default(4),
	/** Length of one round of watching for posts that fall due. */
	watchMs: ms.default(5_000),
	/** Time between the queue's wake-ups. */
	batchEveryMs: ms.min(500).default(30_000),
	/** Time between two rounds of upkeep. */
	maintenanceEveryMs: ms.min(1_000).default(15 * 60_000),
	/** Time between two looks at how far behind the work is. */
	lookEveryMs: ms.default(5_000),
	/** A lag above this is an alert: n8n's grace is 45 s, so a healthy system stays far below. */
	overloadLagMs: ms.default(120_000),
	/** Wake-ups that may wait in the queue; more are refused, the posts stay in the store. */
	maxQueued: z.number().int().positive().default(1_000),
	/** Ended posts are removed after so many days; absent: never. */
	purgeAfterDays: z.number().int().min(8).optional(),
	/** Pictures that nothing names are removed after so many hours. */
	orphanMediaHours: z.number().int().min(1).default(24),
	/** Statuspage summaries (`…/api/v2/summary.json`) by platform. */
	statusPages: z
		.partialRecord(z.enum(['x', 'linkedin', 'instagram', 'bluesky']), z.url())
		.default({}),
	/** Time in which a stop finishes or hands back what is under way. */
	stopMs: ms.default(20_000),
	logLevel: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info'),
});

export type RunnerConfig = z.output<typeof runnerConfigSchema>;
export type RunnerConfigInput = z.input<typeof runnerConfigSchema>;

type Field = keyof RunnerConfigInput;

/** Environment variables by field, the first one that is set counts. */
export const VARIABLES: Record<Field, string[]> = {
	name: ['MUSEKIT_RUNNER_NAME'],
	storeUrl: ['MUSEKIT_STORE_URL', 'SUPABASE_URL'],
	storeKey: ['MUSEKIT_STORE_SECRET_KEY', 'SUPABASE_SECRET_KEY'],
	vaultKey: ['MUSEKIT_VAULT_KEY'],
	redisUrl: ['REDIS_URL'],
	databaseUrl: ['DATABASE_URL'],
	queueSchema: ['MUSEKIT_QUEUE_SCHEMA'],
	queuePrefix: ['MUSEKIT_QUEUE_PREFIX'],
	port: ['MUSEKIT_RUNNER_PORT'],
	listen: ['MUSEKIT_RUNNER_LISTEN'],
	tickSecret: ['MUSEKIT_TICK_SECRET', 'CRON_SECRET'],
	boardSecret: ['MUSEKIT_BOARD_SECRET'],
	n8nHealthUrl: ['MUSEKIT_N8N_HEALTH_URL'],
	n8nProbeMs: ['MUSEKIT_N8N_PROBE_MS'],
	concurrency: ['MUSEKIT_RUNNER_CONCURRENCY'],
	watchMs: ['MUSEKIT_RUNNER_WATCH_MS'],
	batchEveryMs: ['MUSEKIT_RUNNER_BATCH_MS'],
	maintenanceEveryMs: ['MUSEKIT_RUNNER_MAINTENANCE_MS'],
	lookEveryMs: ['MUSEKIT_RUNNER_LOOK_MS'],
	overloadLagMs: ['MUSEKIT_RUNNER_OVERLOAD_MS'],
	maxQueued: ['MUSEKIT_RUNNER_MAX_QUEUED'],
	purgeAfterDays: ['MUSEKIT_PURGE_AFTER_DAYS'],
	orphanMediaHours: ['MUSEKIT_ORPHAN_MEDIA_HOURS'],
	statusPages: ['MUSEKIT_STATUS_PAGES'],
	stopMs: ['MUSEKIT_RUNNER_STOP_MS'],
	logLevel: ['MUSEKIT_LOG_LEVEL'],
};

/** What to do about a field that is missing or wrong. */
const REMEDIES: Partial<Record<Field, string>> = {
	storeUrl: 'set it to the address of your Supabase project or of the embedded gateway',
	storeKey: 'set it to a secret key (sb_secret_…) of that project',
	vaultKey: 'set it to the 64 hex characters that n8n’s credential holds as Vault Key',
	redisUrl: 'give it as redis://… or rediss://…, or leave it out',
	databaseUrl: 'give a session connection (postgres://…, port 5432, not 6543), or leave it out',
	tickSecret: 'make it 16 random characters or longer, e.g. openssl rand -hex 24, or leave it out',
	boardSecret: 'make it 16 random characters or longer, e.g. openssl rand -hex 24, or leave it out',
	n8nHealthUrl: 'give n8n’s health address, e.g. http://127.0.0.1:5678/healthz, or leave it out',
	statusPages:
		'give JSON such as {"linkedin":"https://www.linkedin-apistatus.com/api/v2/summary.json"}',
	purgeAfterDays: 'give 8 or more days, or leave it out to keep everything',
};

/** The configuration cannot be used; the message names variables and remedies, never a value. */
export class ConfigRefused extends Error {}

const NUMBERS = new Set<Field>([
	'port',
	'n8nProbeMs',
	'concurrency',
	'watchMs',
	'batchEveryMs',
	'maintenanceEveryMs',
	'lookEveryMs',
	'overloadLagMs',
	'maxQueued',
	'purgeAfterDays',
	'orphanMediaHours',
	'stopMs',
]);

function fromEnvironment(environment: NodeJS.ProcessEnv): Record<string, unknown> {
	const found: Record<string, unknown> = {};
	for (const [field, names] of Object.entries(VARIABLES) as [Field, string[]][]) {
		const text = names.map((name) => environment[name]).find((value) => value);
		if (text === undefined) continue;
		if (NUMBERS.has(field)) found[field] = Number(text);
		else if (field === 'statusPages') found[field] = jsonOrText(text);
		else found[field] = text;
	}
	return found;
}

function jsonOrText(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return text;
	}
}

/**
 * The configuration of a runner: the JSON file (if one is named), then the environment for what
 * the file leaves out.
 * @throws ConfigRefused
 */
export function readRunnerConfig(
	file: string | undefined,
	environment: NodeJS.ProcessEnv = process.env,
): RunnerConfig {
	return checkRunnerConfig({ ...fromEnvironment(environment), ...fromFile(file) });
}

function fromFile(file: string | undefined): Record<string, unknown> {
	if (file === undefined) return {};
	let value: unknown;
	try {
		value = JSON.parse(readFileSync(file, 'utf8'));
	} catch {
		throw new ConfigRefused(`${file} cannot be read as JSON. Give the path of a good file.`);
	}
	if (typeof value === 'object' && value !== null) return { ...value };
	throw new ConfigRefused(`${file} does not hold a JSON object. Give the path of a good file.`);
}

/**
 * Checks a configuration that was put together elsewhere.
 * @throws ConfigRefused
 */
export function checkRunnerConfig(value: unknown): RunnerConfig {
	const checked = runnerConfigSchema.safeParse(value);
	if (checked.success) return checked.data;
	const faults = new Map<string, string>();
	for (const issue of checked.error.issues) {
		if (issue.code === 'unrecognized_keys') {
			for (const key of issue.keys) faults.set(key, `${key} is not known: remove it`);
			continue;
		}
		const field = String(issue.path[0]) as Field;
		const names = VARIABLES[field]?.join(' or ') ?? field;
		const remedy = REMEDIES[field] ?? 'correct it, or leave it out for the default';
		faults.set(field, `${names} (${field} in the file) is missing or wrong: ${remedy}`);
	}
	throw new ConfigRefused(`The runner cannot start.\n  ${[...faults.values()].join('\n  ')}`);
}

/** Name of this carrier: the given one, else machine and port, which stay the same over restarts. */
export function carrierName(config: Pick<RunnerConfig, 'name' | 'port'>): string {
	return config.name ?? `runner:${hostname()}-${config.port}`;
}
