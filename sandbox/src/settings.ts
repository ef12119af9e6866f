import { z } from 'zod';

const ms = z.number().int().min(0);
const duplicateRule = z.strictObject({ enabled: z.boolean(), windowMs: ms, ghostMs: ms }).partial();
const limit = z.strictObject({ limit: z.number().int().min(0), windowMs: ms.min(1) });

/** Body of `POST /_settings`: any part of the settings. */
export const settingsPatch = z
	.strictObject({
		/** Moves the sandbox's clock, to see tokens and containers age without waiting. */
		clockOffsetMs: z.number().int(),
		/** Own-timeline reads do not show posts younger than this. */
		indexLagMs: z.strictObject({ x: ms, linkedin: ms, instagram: ms }).partial(),
		duplicates: z.strictObject({ x: duplicateRule, linkedin: duplicateRule }).partial(),
		processingMs: z
			.strictObject({ xMedia: ms, linkedinAsset: ms, instagramContainer: ms })
			.partial(),
		tokens: z
			.strictObject({
				x: z.strictObject({ accessMs: ms, refreshMs: ms, codeMs: ms }).partial(),
				linkedin: z.strictObject({ accessMs: ms, refreshMs: ms, codeMs: ms }).partial(),
				instagram: z
					.strictObject({ shortMs: ms, longMs: ms, codeMs: ms, refreshAgeMs: ms })
					.partial(),
				/** Scopes that consent never grants, whatever was asked for. */
				withheldScopes: z.array(z.string()),
			})
			.partial(),
		rateLimits: z
			.strictObject({
				enabled: z.boolean(),
				/** Keyed `platform:step`, e.g. `x:tweet.create`. */
				overrides: z.record(z.string(), limit),
			})
			.partial(),
		/** LinkedIn-Version values in service, both ends included (`YYYYMM`). */
		linkedinVersions: z
			.strictObject({ from: z.string().regex(/^\d{6}$/), to: z.string().regex(/^\d{6}$/) })
			.partial(),
	})
	.partial();

export type SettingsPatch = z.infer<typeof settingsPatch>;

export interface DuplicateRule {
	enabled: boolean;
	windowMs: number;
	/** A deleted post still counts as a duplicate for this long. */
	ghostMs: number;
}

export interface RateLimit {
	limit: number;
	windowMs: number;
}

export interface Settings {
	clockOffsetMs: number;
	indexLagMs: { x: number; linkedin: number; instagram: number };
	duplicates: { x: DuplicateRule; linkedin: DuplicateRule };
	processingMs: { xMedia: number; linkedinAsset: number; instagramContainer: number };
	tokens: {
		x: { accessMs: number; refreshMs: number; codeMs: number };
		linkedin: { accessMs: number; refreshMs: number; codeMs: number };
		instagram: { shortMs: number; longMs: number; codeMs: number; refreshAgeMs: number };
		withheldScopes: string[];
	};
	rateLimits: { enabled: boolean; overrides: Record<string, RateLimit> };
	linkedinVersions: { from: string; to: string };
}

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** Settings as the real platforms behave; only the undocumented waits are short here. */
export function defaultSettings(): Settings {
	return {
		clockOffsetMs: 0,
		indexLagMs: { x: 1500, linkedin: 500, instagram: 500 },
		duplicates: {
			x: { enabled: true, windowMs: DAY, ghostMs: HOUR },
			linkedin: { enabled: true, windowMs: 2 * DAY, ghostMs: DAY },
		},
		processingMs: { xMedia: 0, linkedinAsset: 500, instagramContainer: 1000 },
		tokens: {
			x: { accessMs: 2 * HOUR, refreshMs: 180 * DAY, codeMs: 30_000 },
			linkedin: { accessMs: 60 * DAY, refreshMs: 365 * DAY, codeMs: HOUR / 2 },
			instagram: { shortMs: HOUR, longMs: 60 * DAY, codeMs: HOUR, refreshAgeMs: DAY },
			withheldScopes: [],
		},
		rateLimits: { enabled: true, overrides: {} },
		linkedinVersions: { from: '202511', to: currentVersion() },
	};
}

/** This month as LinkedIn names versions, never before the month these facts were collected. */
function currentVersion(): string {
	const now = new Date();
	const month = `${now.getUTCFullYear()}${String(now.getUTCMonth() + 1).padStart(2, '0')}`;
	return month < '202611' ? '202611' : month;
}

/** Settings with the given parts replaced. Lists and rate-limit overrides are replaced as a whole. */
export function mergeSettings(settings: Settings, patch: SettingsPatch): Settings {
	return merge(
		settings as unknown as Record<string, unknown>,
		patch as Record<string, unknown>,
	) as unknown as Settings;
}

function merge(
	base: Record<string, unknown>,
	patch: Record<string, unknown>,
): Record<string, unknown> {
	const merged = { ...base };
	for (const [key, value] of Object.entries(patch)) {
		if (value === undefined) continue;
		merged[key] =
			isObject(value) && isObject(merged[key]) && key !== 'overrides'
				? merge(merged[key], value)
				: value;
	}
	return merged;
}

function isObject(value: unknown): value is Record<string, unknown> {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}
