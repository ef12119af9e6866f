import { z } from 'zod';
import { graphId, shortOpaque, snowflake } from './ids';
import type { Account, Platform } from './records';
import { defaultClientId } from './state';
import type { SandboxState } from './state';
import { issueToken } from './tokens';

/** Body of `POST /_accounts`. */
export const accountInput = z.strictObject({
	platform: z.enum(['x', 'linkedin', 'instagram']),
	handle: z.string().regex(/^@?[A-Za-z0-9_.-]{1,60}$/),
	displayName: z.string().min(1).max(200).optional(),
	/** LinkedIn: `organization` makes a page and a member who administers it. */
	kind: z.enum(['person', 'organization', 'business']).optional(),
	id: z
		.string()
		.regex(/^[A-Za-z0-9_-]{1,40}$/)
		.optional(),
	/** App that gets the tokens; made when unknown. Default: `sandbox-<platform>-app`. */
	clientId: z.string().min(1).optional(),
	/** Secret of an app made here; without it the app is a public client. */
	clientSecret: z.string().min(1).optional(),
	scopes: z.array(z.string()).optional(),
	/** Life of the access token; 0 or less makes one that has expired. */
	accessTokenMs: z.number().int().optional(),
	/** Life of the refresh token; null makes none. */
	refreshTokenMs: z.number().int().nullable().optional(),
	/** Age of the tokens (Instagram refreshes only from 24 h on). */
	issuedAgoMs: z.number().int().min(0).default(0),
});

export type AccountInput = z.input<typeof accountInput>;

export interface SeededAccount {
	platform: Platform;
	/** The platform's id of the account (LinkedIn: bare id, the URN is `urn`). */
	accountId: string;
	urn: string | null;
	handle: string;
	displayName: string;
	profileUrl: string;
	baseUrl: string;
	authUrl: string;
	clientId: string;
	clientSecret: string | null;
	scopes: string[];
	accessToken: string;
	refreshToken: string | null;
	/** Unix ms. */
	issuedAt: number;
	expiresAt: number | null;
}

/** What an app that posts asks for, per platform. */
export const FULL_SCOPES: Record<Platform, string[]> = {
	x: ['tweet.read', 'tweet.write', 'users.read', 'media.write', 'offline.access'],
	linkedin: ['openid', 'profile', 'email', 'w_member_social'],
	instagram: [
		'instagram_business_basic',
		'instagram_business_content_publish',
		'instagram_business_manage_insights',
	],
};
const ORGANIZATION_SCOPES = [
	'openid',
	'profile',
	'w_member_social',
	'w_organization_social',
	'r_organization_social',
	'rw_organization_admin',
];

/** The account with this handle, made when there is none. */
export function ensureAccount(
	state: SandboxState,
	platform: Platform,
	handle: string,
	options: Partial<Account> = {},
): Account {
	const known = state.findAccount(platform, handle);
	if (known) return known;
	const kinds: Record<Platform, Account['kind']> = {
		x: 'person',
		linkedin: 'person',
		instagram: 'business',
	};
	const kind = options.kind ?? kinds[platform];
	const now = state.now();
	const ids: Record<Platform, () => string> = {
		x: () => snowflake(now),
		linkedin: () => (kind === 'organization' ? graphId(now).slice(6) : shortOpaque()),
		instagram: () => graphId(now),
	};
	return state.saveAccount({
		platform,
		id: options.id ?? ids[platform](),
		handle: handle.replace(/^@/, ''),
		displayName: options.displayName ?? handle.replace(/^@/, ''),
		kind,
		createdAt: now,
		admins: options.admins ?? [],
		credits: 'ok',
		restricted: false,
		...(options.hidden ? { hidden: true } : {}),
	});
}

/** LinkedIn's name of an account. */
export function authorUrn(account: Account): string {
	return `urn:li:${account.kind === 'organization' ? 'organization' : 'person'}:${account.id}`;
}

/** Path of an account's timeline page. */
export function profilePath(account: Account): string {
	if (account.platform === 'linkedin') {
		const folder = account.kind === 'organization' ? 'company' : 'in';
		return `/linkedin/${folder}/${account.handle}`;
	}
	return `/${account.platform}/${account.handle}`;
}

/** Makes (or finds) an account and a token pair for it, as if its owner had just consented. */
export function seedAccount(state: SandboxState, given: AccountInput): SeededAccount {
	const input = accountInput.parse(given);
	const { platform } = input;
	const account = ensureAccount(state, platform, input.handle, input);
	const clientId = input.clientId ?? defaultClientId(platform);
	if (!state.clients.get(`${platform}:${clientId}`)) {
		state.clients.put(`${platform}:${clientId}`, {
			platform,
			id: clientId,
			secret: input.clientSecret ?? null,
			redirectUris: ['loopback'],
		});
	}
	const holder = account.kind === 'organization' ? administrator(state, account) : account;
	const scopes =
		input.scopes ?? (account.kind === 'organization' ? ORGANIZATION_SCOPES : FULL_SCOPES[platform]);
	const lives = defaultLives(state, platform);
	const accessMs = (input.accessTokenMs ?? lives.accessMs) - input.issuedAgoMs;
	const grant = { account: holder, clientId, scopes };
	const kind = platform === 'instagram' ? 'long' : undefined;
	const access = issueToken(state, grant, 'access', accessMs, kind);
	const refreshMs = input.refreshTokenMs === undefined ? lives.refreshMs : input.refreshTokenMs;
	const refresh =
		refreshMs === null
			? null
			: issueToken(
					state,
					{ ...grant, family: access.family },
					'refresh',
					refreshMs - input.issuedAgoMs,
				);
	for (const token of [access, refresh]) {
		if (token && input.issuedAgoMs > 0) {
			state.tokens.put(token.value, { ...token, issuedAt: token.issuedAt - input.issuedAgoMs });
		}
	}
	return {
		platform,
		accountId: account.id,
		urn: platform === 'linkedin' ? authorUrn(account) : null,
		handle: account.handle,
		displayName: account.displayName,
		profileUrl: `${state.publicUrl}${profilePath(account)}`,
		baseUrl: `${state.publicUrl}/${platform}`,
		authUrl: `${state.publicUrl}/${platform}`,
		clientId,
		clientSecret: state.clients.get(`${platform}:${clientId}`)?.secret ?? null,
		scopes,
		accessToken: access.value,
		refreshToken: refresh?.value ?? null,
		issuedAt: state.now() - input.issuedAgoMs,
		expiresAt: access.expiresAt,
	};
}

function administrator(state: SandboxState, organization: Account): Account {
	const known = organization.admins[0];
	if (known !== undefined) return state.account('linkedin', known);
	const member = ensureAccount(state, 'linkedin', `${organization.handle}-admin`, {
		displayName: `Admin of ${organization.displayName}`,
		hidden: true,
	});
	state.saveAccount({ ...organization, admins: [member.id] });
	return member;
}

function defaultLives(
	state: SandboxState,
	platform: Platform,
): { accessMs: number; refreshMs: number | null } {
	const { tokens } = state.settings;
	if (platform === 'instagram') return { accessMs: tokens.instagram.longMs, refreshMs: null };
	return tokens[platform];
}
