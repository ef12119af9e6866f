import { readFileSync } from 'node:fs';
import { z } from 'zod';

const origin = z.url({ protocol: /^https?$/ }).transform((text) => new URL(text).origin);

/** A JSON file holds these names; without a file they come from the environment (see `VARIABLES`). */
const panelConfigSchema = z.strictObject({
	/** Origin of the Supabase project or of the embedded gateway, and its secret key. */
	storeUrl: z.url({ protocol: /^https?$/ }),
	storeKey: z.string().min(1),
	/** The same as in n8n's credential. */
	vaultKey: z.string().min(1),
	port: z.coerce.number().int().min(0).max(65_535).default(14403),
	listen: z.string().default('127.0.0.1'),
	/** Origin under which browsers reach the panel. Default: http://127.0.0.1 and the port. */
	publicUrl: origin.optional(),
	/** Further host names under which the panel answers, with commas between them. */
	hosts: z.string().default(''),
	sandboxUrl: z.url().optional(),
	/** For the checks of Features & Integrations: n8n's `/healthz`, the runner, the runner's queue. */
	n8nHealthUrl: z.url({ protocol: /^https?$/ }).optional(),
	runnerUrl: origin.optional(),
	redisUrl: z.url({ protocol: /^rediss?$/ }).optional(),
	queueDatabaseUrl: z.url({ protocol: /^postgres(ql)?$/ }).optional(),
	/** With it people sign in by Supabase Auth of the project `storeUrl`. */
	supabasePublishableKey: z.string().min(1).optional(),
	/** Where the built pages are; `panel/dist` unless given. */
	webFolder: z.string().optional(),
});

export type PanelConfig = z.output<typeof panelConfigSchema>;

const VARIABLES: Record<keyof z.input<typeof panelConfigSchema>, string[]> = {
	storeUrl: ['MUSEKIT_STORE_URL', 'SUPABASE_URL'],
	storeKey: ['MUSEKIT_STORE_SECRET_KEY', 'SUPABASE_SECRET_KEY'],
	vaultKey: ['MUSEKIT_VAULT_KEY'],
	port: ['MUSEKIT_PANEL_PORT'],
	listen: ['MUSEKIT_PANEL_LISTEN'],
	publicUrl: ['MUSEKIT_PANEL_URL'],
	hosts: ['MUSEKIT_PANEL_HOSTS'],
	sandboxUrl: ['MUSEKIT_SANDBOX_URL'],
	n8nHealthUrl: ['MUSEKIT_N8N_HEALTH_URL'],
	runnerUrl: ['MUSEKIT_RUNNER_URL'],
	redisUrl: ['REDIS_URL'],
	queueDatabaseUrl: ['DATABASE_URL'],
	supabasePublishableKey: ['SUPABASE_PUBLISHABLE_KEY', 'SUPABASE_ANON_KEY'],
	webFolder: ['MUSEKIT_PANEL_WEB'],
};

/** What is missing or wrong, without the value itself. */
export class PanelConfigRefused extends Error {}

function fromEnvironment(environment: NodeJS.ProcessEnv): Record<string, unknown> {
	const settings: Record<string, unknown> = {};
	for (const [field, names] of Object.entries(VARIABLES)) {
		const value = names.map((name) => environment[name]).find(Boolean);
		if (value !== undefined) settings[field] = value;
	}
	return settings;
}

function fromFile(file: string): unknown {
	try {
		return JSON.parse(readFileSync(file, 'utf8'));
	} catch {
		throw new PanelConfigRefused(`${file} cannot be read as JSON.`);
	}
}

/**
 * Reads the panel's settings from a JSON file, or from the environment when there is no file. Never
 * from both: a stray SUPABASE_… variable must not change how people of an embedded store sign in.
 *
 * @throws PanelConfigRefused naming the settings
 */
export function readPanelConfig(
	file: string | undefined,
	environment: NodeJS.ProcessEnv = process.env,
): PanelConfig {
	const settings = file === undefined ? fromEnvironment(environment) : fromFile(file);
	const parsed = panelConfigSchema.safeParse(settings);
	if (parsed.success) return parsed.data;
	const wrong = parsed.error.issues.map((issue) => {
		const field = issue.path.join('.') as keyof typeof VARIABLES;
		return VARIABLES[field] ? `${field} (${VARIABLES[field].join(' or ')})` : issue.message;
	});
	throw new PanelConfigRefused(`Missing or wrong: ${wrong.join(', ')}. npm start sets them.`);
}
