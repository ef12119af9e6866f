import type { Platform, PostError, PostState } from '../../core/store/contract';
import { refuse, violation } from './refusal';
import type {
	AccountRow,
	AttemptRow,
	EvidenceRow,
	HeartbeatRow,
	IncidentRow,
	IntentRow,
	MediaRow,
	OutageRow,
	PostRow,
	ResolutionRow,
	TombstoneRow,
} from './rows';
import { deferMissed, type OffTime } from './switches';

/** Everything the store keeps. */
export interface Tables {
	settings: Record<string, Record<string, unknown>>;
	/** Tier by owner. */
	owners: Map<string, 'universal' | 'power'>;
	accounts: Map<string, AccountRow>;
	media: Map<string, MediaRow>;
	posts: Map<string, PostRow>;
	/** Posts by `keyOf`. */
	byKey: Map<string, PostRow>;
	byRemoteAccount: Map<string, PostRow[]>;
	/** The one post in flight of each remote account. */
	inFlight: Map<string, PostRow>;
	/** Posts by remote account and remote id. */
	live: Map<string, PostRow>;
	tombstones: Map<string, TombstoneRow>;
	attempts: Map<string, AttemptRow>;
	intents: Map<string, IntentRow>;
	evidence: Map<string, EvidenceRow>;
	resolutions: Map<string, ResolutionRow>;
	heartbeats: Map<string, HeartbeatRow>;
	outages: OutageRow[];
	offTimes: OffTime[];
	serverFailures: { platform: Platform; mode: string; postId: string; at: number }[];
	incidents: IncidentRow[];
	/** `last_value` of the sequence and whether it was given yet. */
	fence: { last: number; given: boolean };
}

/** The store's rules that can be switched off, to prove that each is needed. All on by default. */
export interface Guards {
	/** A claim waits for the end of a running lease, and a lease that is over ends the right to act. */
	lease: boolean;
	/** Only the newest fence changes states. */
	fence: boolean;
	/** An open intent of the step forbids another one. */
	openIntent: boolean;
	/** An intent is called absent only after its settle time. */
	settle: boolean;
}

/** One call's view of the store. */
export interface Call {
	t: Tables;
	now: number;
	guards: Guards;
	newPostId: (of: { owner: string; key: string; ordinal: number }) => string;
	/** Number of the next claim, given from outside; else the sequence gives it. */
	fenceHint: number | null;
	/** Accounts that a claim of whatever is due passes by. */
	locked: ReadonlySet<string>;
	/** Accounts for which another connection's post is on its way. */
	busy: ReadonlySet<string>;
	/** Flights of other connections are not seen by `refreshDue`. */
	unseen: boolean;
}

export const DEFAULT_SETTINGS = {
	module: { enabled: true },
	features: {
		universal: { publish: true, schedule: true },
		power: { publish: true, schedule: true },
	},
	platforms: {},
	timing: {
		leaseMs: 60_000,
		marginMs: 5_000,
		maxLatenessMs: 86_400_000,
		dedupeMs: 43_200_000,
		equalTextMs: 172_800_000,
		barrenClaims: 3,
		graceMs: null,
	},
	burst: { lateMs: 300_000, gapMs: 60_000 },
	outage: { failures: 3, windowMs: 300_000, pauseMs: 120_000 },
	media: { publicUrl: null },
	tokens: { accounts: 3, windowMs: 900_000, refusalMs: 900_000 },
	risks: { aheadMs: 86_400_000 },
	caps: {
		universal: { accounts: null, scheduled: null, postsPerDay: null },
		power: { accounts: null, scheduled: null, postsPerDay: null },
	},
	panel: { timeZone: null, wizard: {} },
};

export interface PlatformRow {
	equalTextRule: boolean;
	fetchesMedia: boolean;
	needsMedia: boolean;
	maxMedia: number;
	resends: number;
	anyPublicHost: boolean;
}

const platform = (row: Partial<PlatformRow>): PlatformRow => ({
	equalTextRule: false,
	fetchesMedia: false,
	needsMedia: false,
	maxMedia: 4,
	resends: 1,
	anyPublicHost: false,
	...row,
});

export const PLATFORMS: Record<Platform, PlatformRow> = {
	x: platform({ equalTextRule: true }),
	linkedin: platform({ equalTextRule: true, maxMedia: 20 }),
	instagram: platform({ fetchesMedia: true, needsMedia: true, maxMedia: 1, resends: 5 }),
	bluesky: platform({ resends: 5, anyPublicHost: true }),
};

export function emptyTables(settings: Record<string, Record<string, unknown>>): Tables {
	return {
		settings,
		owners: new Map([['default', 'universal']]),
		accounts: new Map(),
		media: new Map(),
		posts: new Map(),
		byKey: new Map(),
		byRemoteAccount: new Map(),
		inFlight: new Map(),
		live: new Map(),
		tombstones: new Map(),
		attempts: new Map(),
		intents: new Map(),
		evidence: new Map(),
		resolutions: new Map(),
		heartbeats: new Map(),
		outages: [],
		offTimes: [],
		serverFailures: [],
		incidents: [],
		fence: { last: 1, given: false },
	};
}

/** A number of a setting. */
export function numberOf(t: Tables, key: string, field: string): number {
	return Number(t.settings[key]?.[field]);
}

/** `from → to` as table `transitions` lists them. */
const TRANSITIONS: Record<PostState, readonly PostState[]> = {
	draft: ['scheduled', 'cancelled'],
	scheduled: ['draft', 'publishing', 'missed', 'cancelled', 'needs_review', 'published'],
	publishing: ['published', 'scheduled', 'failed', 'missed', 'cancelled', 'needs_review'],
	failed: ['scheduled', 'published'],
	missed: ['scheduled', 'published'],
	cancelled: ['scheduled', 'published'],
	needs_review: ['published', 'scheduled', 'cancelled'],
	published: [],
};

const MAY_BE_LIVE = new Set<PostState>(['scheduled', 'publishing', 'published', 'needs_review']);

export const keyOf = (owner: string, key: string, ordinal: number) =>
	`${owner}\n${key}\n${ordinal}`;
export const liveKey = (remoteAccount: string, remoteId: string) => `${remoteAccount}\n${remoteId}`;

/** Changes a post as an UPDATE does: table of transitions, trigger and checks included. */
export function save(call: Call, p: PostRow, wanted: Partial<PostRow>): void {
	const { t } = call;
	const from = p.state;
	const missed = from === 'scheduled' && wanted.state === 'missed';
	const change = (missed ? deferMissed(t, p, call.now) : null) ?? wanted;
	const to = change.state ?? from;
	if (to !== from && !TRANSITIONS[from].includes(to)) {
		refuse(
			409,
			'transition_refused',
			`A post that is ${from} cannot become ${to}. It stays as it is.`,
			'Look at the post again and choose an operation that fits its state.',
			{ from, to },
		);
	}
	if ((change.openIntents ?? p.openIntents) > 0 && !MAY_BE_LIVE.has(to)) violation('check');
	if (change.remoteId !== undefined && change.remoteId !== p.remoteId) {
		rename(t, p, change.remoteId);
	}
	const leaves = from === 'publishing' && to !== from;
	if (leaves && t.inFlight.get(p.remoteAccount) === p) t.inFlight.delete(p.remoteAccount);
	if (to === 'publishing') t.inFlight.set(p.remoteAccount, p);
	Object.assign(p, change);
	guard(call, p);
}

function rename(t: Tables, p: PostRow, remoteId: string | null): void {
	const place = remoteId === null ? null : liveKey(p.remoteAccount, remoteId);
	if (place !== null && t.live.has(place)) violation('unique');
	if (p.remoteId !== null) t.live.delete(liveKey(p.remoteAccount, p.remoteId));
	if (place !== null) t.live.set(place, p);
}

/** Trigger `guard_post`. */
export function guard(call: Call, p: PostRow): void {
	if (p.state !== 'publishing') p.leaseUntil = null;
	if (p.state !== 'scheduled') {
		p.waitReason = null;
		p.nextAt = null;
	}
	p.dueAt = null;
	if (p.state === 'scheduled' && !p.held) p.dueAt = Math.max(p.scheduledAt, p.nextAt ?? -Infinity);
	if (p.state === 'publishing') p.dueAt = call.guards.lease ? p.leaseUntil : p.claimedAt;
	p.updatedAt = call.now;
}

/** Order in which the posts of an account are taken. */
export function byDue(left: PostRow, right: PostRow): number {
	return (left.dueAt ?? 0) - (right.dueAt ?? 0) || (left.id < right.id ? -1 : 1);
}

/** Says in the account's row when a carrier should look at it again. */
export function refreshDue(call: Call, accountId: string): void {
	const a = accountRow(call.t, accountId);
	a.nextDueAt = null;
	if (a.status !== 'connected') return;
	const flying = call.t.inFlight.get(a.remoteAccount);
	if (flying !== undefined && !(call.unseen && flying.accountId !== accountId)) {
		a.nextDueAt = call.guards.lease ? flying.leaseUntil : flying.dueAt;
		return;
	}
	let first: PostRow | null = null;
	for (const p of a.posts) {
		if (p.dueAt !== null && (first === null || byDue(p, first) < 0)) first = p;
	}
	if (first === null || first.dueAt === null) return;
	a.nextDueAt =
		first.dueAt > call.now ? first.dueAt : Math.max(first.dueAt, a.holdUntil ?? -Infinity);
}

export function accountRow(t: Tables, id: string): AccountRow {
	const a = t.accounts.get(id);
	if (a === undefined) throw new Error(`A post names account ${id}, which is not there`);
	return a;
}

/** The account, or `account_unknown`. */
export function accountOf(call: Call, id: string, owner: string | null = null): AccountRow {
	const a = call.t.accounts.get(id);
	if (a === undefined || (owner !== null && a.owner !== owner)) {
		return refuse(
			404,
			'account_unknown',
			`There is no account ${id} for this owner.`,
			'Pick an account from the list, or connect it first.',
		);
	}
	return a;
}

/** The post, or `post_unknown`. */
export function postRow(call: Call, id: string, owner: string | null = null): PostRow {
	const p = call.t.posts.get(id);
	if (p === undefined || (owner !== null && p.owner !== owner)) {
		return refuse(
			404,
			'post_unknown',
			`There is no post ${id} for this owner.`,
			'Check the post id; Get Many lists the posts that exist.',
		);
	}
	return p;
}

export function nextFence(call: Call): number {
	const { fence } = call.t;
	if (call.fenceHint !== null) fence.last = call.fenceHint;
	else fence.last = fence.given ? fence.last + 1 : fence.last;
	fence.given = true;
	return fence.last;
}

export function openIncident(call: Call, kind: string, p: PostRow | null, message: string): void {
	call.t.incidents.push({ kind, postId: p?.id ?? null, message, at: call.now });
}

export const countOpen = (p: PostRow) =>
	p.intents.filter((intent) => intent.closedBy === null).length;

export const lastMoment = (p: PostRow) => p.scheduledAt + p.maxLatenessMs;

export const MISSED: PostError = {
	code: 'missed',
	message: 'The post was not published within its maximum lateness, and nothing of it was sent.',
	remedy: 'Retry it to publish it now, or schedule it anew.',
};
