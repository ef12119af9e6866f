import type { PlatformDefinition } from '../platforms/platform';
import type { CarriedAccount, Platform, RiskSubject, RiskView } from '../store/contract';

/** A warning of one account before it is saved. */
export type Risk = Omit<RiskView, 'accountId'>;

/** What the vault's envelope says, without its secrets. */
export interface TokenFacts {
	/** False: no key of this carrier opens it. */
	readable: boolean;
	/** It can be renewed without the person. */
	renewable: boolean;
	/** Unix ms; null when the platform named no end. */
	expiresAt: number | null;
}

export interface RiskInput {
	subject: RiskSubject;
	token: TokenFacts;
	definition: PlatformDefinition;
}

const DAY_MS = 86_400_000;
/** LinkedIn serves a version for a year at least (learn.microsoft.com, Versioning). */
const VERSION_LIFE_MONTHS = 12;
/** A month is time enough to update. */
const VERSION_NOTICE_MS = 30 * DAY_MS;

interface Quota {
	perDay: number;
	/** Who counts, in a sentence. */
	named: string;
}

/**
 * Posts a platform takes from one account in 24 h. Instagram: 100 (its page on content publishing;
 * older ones say 50). LinkedIn: about 150 for a member (field reports). Bluesky: 35 000 points a day,
 * 3 for a post. X counts by app and plan; nothing is known for one account.
 */
const QUOTAS: Partial<Record<Platform, Quota>> = {
	instagram: { perDay: 100, named: 'Instagram takes 100 posts in 24 hours from an account' },
	linkedin: { perDay: 150, named: 'LinkedIn takes about 150 posts a day from an author' },
	bluesky: { perDay: 11_666, named: 'Bluesky takes about 11,600 posts a day from an account' },
};

/** Refusals of the last day that hit the next post as well, until a person acts. */
const STANDING: Record<string, { message: string; remedy: string }> = {
	x_no_credits: {
		message: 'The X developer account had no credits left at the last try.',
		remedy: 'Buy credits at console.x.com before the next post is due.',
	},
	x_spend_cap: {
		message: 'The X developer account had reached its spending cap at the last try.',
		remedy: 'Raise the cap at console.x.com, or move the posts behind the reset date.',
	},
	x_usage_cap: {
		message: 'The X developer account had used up its plan at the last try.',
		remedy: 'Upgrade the plan at console.x.com, or move the posts to the next period.',
	},
	x_app_read_only: {
		message: 'X had restricted the developer app to reading at the last try.',
		remedy: 'Lift the restriction in X’s developer console.',
	},
	linkedin_version_gone: {
		message: 'LinkedIn no longer serves the API version that this account uses.',
		remedy: 'Set linkedinVersion in the account’s settings to a current one (YYYYMM), or update.',
	},
	instagram_policy_block: {
		message: 'Instagram had blocked this account for a while at the last try.',
		remedy: 'Look into the Instagram app, and move the posts if the block lasts.',
	},
};

type Rule = (input: RiskInput) => Risk[];

/** Every look ahead, one rule each. */
const RULES: Rule[] = [
	tokenLife,
	unreadableToken,
	missingScopes,
	quota,
	standingRefusals,
	linkedinVersion,
	appMode,
];

/**
 * What will make the scheduled posts of an account fail unless somebody acts: one entry for each
 * post and cause, or for the account where it hits whichever comes first. Of an account that is not
 * connected only this is said: connecting it again may mend the rest. Pure.
 */
export function risksFor(input: RiskInput): Risk[] {
	const { account, posts } = input.subject;
	if (posts.length === 0) return [];
	return account.status === 'connected'
		? RULES.flatMap((rule) => rule(input))
		: accountNotConnected(input.subject);
}

function accountNotConnected({ account, posts }: RiskSubject): Risk[] {
	return [
		{
			code: 'account_not_connected',
			postId: null,
			at: posts[0].at,
			message: `${nameOf(account)} is not connected${account.statusReason === null ? '' : ` (${account.statusReason})`}. ${waiting(posts.length)}`,
			remedy: 'Connect the account again; the posts then go out by themselves.',
		},
	];
}

function tokenLife({ subject, token }: RiskInput): Risk[] {
	const { account, posts } = subject;
	if (!token.readable || token.renewable) return [];
	const ends = token.expiresAt;
	if (ends === null) return [];
	return posts
		.filter(({ at }) => Date.parse(at) >= ends)
		.map(({ id, at }) => ({
			code: 'token_ends_before_post',
			postId: id,
			at,
			message: `The access of ${nameOf(account)} ends ${day(ends)}, before this post is due, and cannot be renewed without you.`,
			remedy: 'Connect the account again before then.',
		}));
}

function unreadableToken({ subject: { account, posts }, token }: RiskInput): Risk[] {
	if (token.readable) return [];
	return [
		{
			code: 'token_not_readable',
			postId: null,
			at: posts[0].at,
			message: `The stored access of ${nameOf(account)} does not open with this system's vault key.`,
			remedy: 'Give every part the same vault key, or connect the account again.',
		},
	];
}

/** Scopes of which a post needs one each, in the platform's words. Empty: nothing is asked for. */
function scopesNeeded(account: CarriedAccount, pictures: number): string[][] {
	switch (account.platform) {
		case 'x':
			return [['tweet.write'], ...(pictures > 0 ? [['media.write']] : [])];
		case 'linkedin': {
			const author = account.settings.authorUrn;
			const page = typeof author === 'string' && author.startsWith('urn:li:organization:');
			return [[page ? 'w_organization_social' : 'w_member_social']];
		}
		case 'instagram':
			return [['instagram_business_content_publish', 'instagram_content_publish']];
		case 'bluesky':
			return [];
	}
}

function missingScopes({ subject: { account, posts } }: RiskInput): Risk[] {
	// An account that names no scopes was connected without them being known.
	if (account.scopes.length === 0) return [];
	const granted = new Set(account.scopes);
	return posts.flatMap(({ id, at, pictures }) => {
		const missing = scopesNeeded(account, pictures).filter(
			(any) => !any.some((scope) => granted.has(scope)),
		);
		if (missing.length === 0) return [];
		return [
			{
				code: 'post_scope_missing',
				postId: id,
				at,
				message: `${nameOf(account)} was connected without ${missing.map(([first]) => first).join(' and ')}, which this post needs.`,
				remedy: 'Connect the account again and grant everything that is asked for.',
			},
		];
	});
}

/** Counts what is live and what comes, in the 24 hours before each post. */
function quota({ subject }: RiskInput): Risk[] {
	const { account, posts, publishedTimes } = subject;
	const rule = QUOTAS[account.platform];
	if (rule === undefined) return [];
	const times = publishedTimes.map((at) => Date.parse(at));
	const risks: Risk[] = [];
	for (const { id, at } of posts) {
		const due = Math.max(Date.parse(at), Date.parse(subject.storeNow));
		const before = times.filter((time) => time > due - DAY_MS && time <= due).length;
		times.push(due);
		if (before < rule.perDay) continue;
		risks.push({
			code: 'quota_reached',
			postId: id,
			at,
			message: `${rule.named}, and this is number ${before + 1} of ${nameOf(account)}.`,
			remedy: 'Move it to another day; otherwise it waits until the platform takes it.',
		});
	}
	return risks;
}

function standingRefusals({ subject: { account, posts, refusals } }: RiskInput): Risk[] {
	return refusals.flatMap((code) => {
		const known = Object.hasOwn(STANDING, code) ? STANDING[code] : undefined;
		if (known === undefined) return [];
		return [
			{
				code,
				postId: null,
				at: posts[0].at,
				message: `${known.message} ${waiting(posts.length)} (${nameOf(account)})`,
				remedy: known.remedy,
			},
		];
	});
}

function linkedinVersion({ subject }: RiskInput): Risk[] {
	const { account, posts } = subject;
	const version = account.settings.linkedinVersion;
	if (account.platform !== 'linkedin' || typeof version !== 'string') return [];
	const parts = /^(\d{4})(\d{2})$/.exec(version);
	if (parts === null) return [];
	const ends = Date.UTC(Number(parts[1]), Number(parts[2]) - 1 + VERSION_LIFE_MONTHS);
	if (Date.parse(subject.storeNow) < ends - VERSION_NOTICE_MS) return [];
	return [
		{
			code: 'linkedin_version_ends',
			postId: null,
			at: new Date(ends).toISOString(),
			message: `${nameOf(account)} uses LinkedIn's API of ${parts[1]}-${parts[2]}, which LinkedIn may switch off from ${day(ends)} on. ${waiting(posts.length)}`,
			remedy: 'Set linkedinVersion in the account’s settings to a current one (YYYYMM), or update.',
		},
	];
}

function appMode({ subject: { account, posts }, definition }: RiskInput): Risk[] {
	if (account.settings.appMode !== 'development') return [];
	return [
		{
			code: 'app_in_development',
			postId: null,
			at: posts[0].at,
			message: `The ${definition.displayName} developer app of ${nameOf(account)} is in development mode: what it posts may be seen by its own testers only.`,
			remedy: 'Switch the app to live at the platform.',
		},
	];
}

function nameOf(account: CarriedAccount): string {
	return `@${account.handle}`;
}

function waiting(count: number): string {
	return count === 1
		? 'One scheduled post depends on it.'
		: `${count} scheduled posts depend on it.`;
}

function day(ms: number): string {
	return `on ${new Date(ms).toISOString().slice(0, 16).replace('T', ' at ')} UTC`;
}
