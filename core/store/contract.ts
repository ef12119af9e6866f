/**
 * The data contract: what goes into and comes out of the `public.social_*` functions.
 * SQL (`supabase/migrations`) is the other half; the contract suite holds the two together.
 * Every call carries `p_contract`. Times on the wire are ISO 8601 in UTC; durations are ms.
 */

/** Sent with every call. SQL serves this one and the one before. */
export const CONTRACT = 1;

/** The publishing protocol this code speaks (`docs/reliability.md`). */
export const PROTOCOL = 1;

/** Bucket that holds media, path `{owner}/{sha256}`. */
export const MEDIA_BUCKET = 'musekit-social';

export type Platform = 'x' | 'linkedin' | 'instagram' | 'bluesky';
export type Mode = 'live' | 'sandbox';
export type Tier = 'universal' | 'power';
export type CarrierKind = 'n8n' | 'runner';

export type PostState =
	| 'draft'
	| 'scheduled'
	| 'publishing'
	| 'published'
	| 'failed'
	| 'missed'
	| 'needs_review'
	| 'cancelled';

/** Why a `scheduled` post waits although it was started or is due. */
export type WaitReason =
	| 'retry'
	| 'container'
	| 'lookup'
	| 'rate_limit'
	| 'account_dead'
	| 'handed_back'
	| 'not_sent'
	| 'platform_down'
	/** Past its maximum lateness while something it uses is switched off; see docs/features.md. */
	| 'off';

/** What shows that an access is dead: the platform's own word about it, or refused calls alone. */
export type TokenProof = 'word' | 'refusal';

/** Error as people see it and as the store keeps it. */
export interface PostError {
	/** Stable snake_case code, e.g. `x_duplicate_text`. */
	code: string;
	/** What happened and what it means for the post. */
	message: string;
	/** What to do. */
	remedy: string;
	/** Platform's status and body excerpt, never a secret. */
	status?: number;
	platformCode?: string;
	/** Content problems name the field (`text`, `media[0].altText`, …). */
	field?: string;
}

/** One picture of a post. */
export interface MediaRef {
	/** Lower-case hex SHA-256 of the bytes, present in `social_media`. */
	hash: string;
	altText?: string;
}

/** What the caller wants to be posted. */
export interface PostContent {
	text: string;
	media?: MediaRef[];
}

/** A picture as the store knows it. */
export interface MediaInfo {
	hash: string;
	mime: string;
	bytes: number;
	width: number;
	height: number;
}

export interface AccountView {
	id: string;
	owner: string;
	platform: Platform;
	mode: Mode;
	/** The platform's id of the account. */
	remoteId: string;
	/** Without `@`. */
	handle: string;
	displayName: string;
	status: 'connected' | 'reconnect' | 'disconnected';
	statusReason: string | null;
	scopes: string[];
	tokenExpiresAt: string | null;
	lastSuccessAt: string | null;
	/** When a call at the platform last showed that the access works; null: not since it was connected. */
	lastValidatedAt: string | null;
	/** Scopes that this account should have and lacks. */
	missingScopes: string[];
	/** Page to look at, for a sandbox account its timeline. */
	profileUrl: string | null;
}

/** Account as a carrier gets it: with the sealed token and the addresses to use. */
export interface CarriedAccount extends AccountView {
	/** API origin with path prefix, no trailing slash: `https://api.x.com`, `http://127.0.0.1:4010/x`. */
	baseUrl: string;
	/** OAuth origin with path prefix (LinkedIn and Instagram differ from the API host). */
	authUrl: string;
	/** Vault envelope of the token pair. */
	token: string;
	tokenVersion: number;
	/** Platform settings of the account, e.g. `{ linkedinVersion: "202609", authorUrn: "urn:li:person:…" }`. */
	settings: Record<string, unknown>;
}

/** A post as everybody may see it. */
export interface PostView {
	id: string;
	owner: string;
	accountId: string;
	platform: Platform;
	mode: Mode;
	/** `@handle` of the account. */
	account: string;
	state: PostState;
	/** Set while `scheduled` for another cause than its time; see WaitReason. */
	waitReason: WaitReason | null;
	error: PostError | null;
	content: PostContent;
	/** Media facts in the order of `content.media`. */
	media: MediaInfo[];
	scheduledAt: string | null;
	wallTime: string | null;
	timeZone: string | null;
	nextAt: string | null;
	publishedAt: string | null;
	remoteId: string | null;
	url: string | null;
	/** How the end state is known. */
	confirmedBy: 'answer' | 'lookup' | 'duplicate' | 'person' | null;
	carrier: string | null;
	attempts: number;
	version: number;
	deletedAt: string | null;
	maxLatenessMs: number;
	createdAt: string;
	updatedAt: string;
}

/** A post as lists of the panel show it: with what decides which actions fit. */
export interface PostRowView extends PostView {
	/** A carrier has begun to send it: it can be changed no more. */
	started: boolean;
	cancelRequested: boolean;
	/** Waits for a person after the store went back in time. */
	held: boolean;
}

/** Which of an owner's posts, in which order; see `social_post_find`. */
export interface PostFindFilter {
	/**
	 * The order, and the time that `from` and `to` bound: `created` (newest first; default), `due`
	 * (latest time first), `published` (latest first), `next` (what goes out next).
	 */
	by?: 'created' | 'due' | 'published' | 'next';
	states?: PostState[];
	platforms?: Platform[];
	accountIds?: string[];
	/** Words of the text, each by its beginning. */
	search?: string;
	from?: string;
	/** Exclusive. */
	to?: string;
}

/** A post as the calendar shows it. */
export interface CalendarPost {
	id: string;
	accountId: string;
	platform: Platform;
	account: string;
	mode: Mode;
	state: PostState;
	version: number;
	/** Its beginning. */
	text: string;
	/** Number of pictures. */
	media: number;
	at: string;
	publishedAt: string | null;
	/** Nothing of it was sent and its time has not come, so that its time may be changed. */
	movable: boolean;
}

/** Everything that happened to one post. No request, no answer of a platform, no secret. */
export interface PostStoryView {
	post: PostRowView;
	/** `n8n`, `panel`, `api`. */
	source: string;
	fromSeries: boolean;
	sendAnyway: boolean;
	leaseUntil: string | null;
	attempts: {
		fence: number;
		carrier: string;
		kind: CarrierKind;
		startedAt: string;
		endedAt: string | null;
		result: (ResultRequest & { waitMs?: number }) | null;
	}[];
	intents: {
		id: string;
		part: number;
		step: string;
		fence: number;
		repeatOf: number;
		savedAt: string;
		closedBy: Intent['closedBy'];
		closedAt: string | null;
		/** It counts as absent because a person said so. */
		byPerson: boolean;
	}[];
	evidence: {
		id: string;
		intentId: string | null;
		part: number;
		step: string;
		fence: number;
		carrier: string;
		outcome: Outcome;
		final: boolean;
		confirmedBy: NonNullable<PostView['confirmedBy']>;
		remoteId: string | null;
		url: string | null;
		error: PostError | null;
		/** A look whether it is live, not an answer to a request that was sent. */
		lookUp: boolean;
		at: string;
	}[];
	steps: { part: number; step: string; savedAt: string }[];
	resolutions: {
		to: ResolveDecision['to'];
		remoteId: string | null;
		url: string | null;
		at: string;
	}[];
	changes: {
		kind:
			| 'edited'
			| 'rescheduled'
			| 'scheduled'
			| 'taken_back'
			| 'retried'
			| 'cancelled'
			| 'cancel_asked'
			| 'missed'
			| 'deleted';
		at: string;
		/** The post's time before and after. */
		facts: { from?: string; to?: string };
	}[];
	incidents: { kind: string; message: string; at: string }[];
	storeNow: string;
}

/** One entry of a create call: one text with media for one account. */
export interface CreateEntry {
	ordinal: number;
	/** Account id, or null when the caller named none (refused with `account_missing`). */
	accountId: string | null;
	content: PostContent;
	/** `draft` keeps it, `scheduled` puts it on its way. */
	as: 'draft' | 'scheduled';
	/** Instant (ISO with offset). Absent with `wallTime`; both absent means now. */
	scheduledAt?: string;
	/** Local wall time `YYYY-MM-DDTHH:mm[:ss]` with `timeZone` (IANA). */
	wallTime?: string;
	timeZone?: string;
	maxLatenessMs?: number;
	/** Hex SHA-256 of what the caller sent for this entry, never of defaults. */
	fingerprint: string;
	/** Lowest protocol a carrier must speak. */
	protocol: number;
	/** Errors that core already found; such an entry is reported back, never stored. */
	errors?: PostError[];
}

export interface CreateOptions {
	/** Idempotency key of the call. */
	key: string;
	owner: string;
	/** `n8n`, `panel`, `api`. */
	source: string;
	/** Return an equal post of the last 12 h instead of making one (no caller key, not manual). */
	dedupe: boolean;
	/** Only check: nothing is stored. */
	dryRun?: boolean;
}

/** Claim that a Publish call wants on the first post it makes. */
export interface ClaimRequest {
	/** Client-made uuid; repeating the call with it gives the same answer. */
	claimId: string;
	/** Stable name of the carrier process, e.g. `n8n:main-1`. */
	carrier: string;
	kind: CarrierKind;
	/** Highest protocol the carrier speaks. */
	protocol: number;
	/** Largest fence this carrier has seen; a store that would give a smaller one went back in time. */
	lastFence?: number;
	/** Claims of this carrier that it works on no more, for the store did not answer it. */
	walkedAway?: string[];
}

export interface CreatedEntry {
	ordinal: number;
	/** `created`, `existing` (same key and body), `duplicate` (equal content within 12 h), `invalid`. */
	result: 'created' | 'existing' | 'duplicate' | 'invalid';
	post?: PostView;
	errors?: PostError[];
	/** E.g. equal text within 48 h on X or LinkedIn. */
	warnings?: PostError[];
}

export interface CreateAnswer {
	entries: CreatedEntry[];
	/** Set when a claim was asked for and the first post could be claimed at once. */
	claim: Claim | null;
}

/** A saved decision to send a visible step. */
export interface Intent {
	id: string;
	part: number;
	step: string;
	fence: number;
	/** Frozen request without token. */
	request: FrozenRequest;
	/** What is needed to recognise the effect. */
	recognise: Record<string, unknown>;
	/** Store's clock. */
	savedAt: string;
	/** Request may be on the wire until then. */
	deadlineAt: string;
	/** Nobody looks up or repeats before then (deadline + margin + settle). */
	settledAt: string;
	/** Null while open. */
	closedBy: 'done' | 'rejected' | 'not_sent' | 'absent' | null;
	/** How many earlier intents this step of the post had. */
	repeatOf: number;
}

/** The visible request as saved: repeated byte for byte, never rebuilt. */
export interface FrozenRequest {
	method: 'POST' | 'PUT' | 'DELETE';
	/** Path and query below the account's base URL. */
	path: string;
	headers: Record<string, string>;
	body: string;
}

/** Stored result of an invisible step. */
export interface StepResult {
	part: number;
	step: string;
	result: Record<string, unknown>;
	validUntil: string | null;
}

export type Outcome = 'done' | 'rejected' | 'not_sent' | 'ambiguous';

export interface Evidence {
	id: string;
	intentId: string | null;
	part: number;
	step: string;
	fence: number;
	outcome: Outcome;
	remoteId: string | null;
	url: string | null;
	error: PostError | null;
	payload: Record<string, unknown>;
	at: string;
}

/** Everything a carrier needs to go on with one post. */
export interface Claim {
	claimId: string;
	fence: number;
	/** Left on the lease when the store answered; count it from before the call was sent. */
	leaseMsLeft: number;
	marginMs: number;
	post: PostView;
	account: CarriedAccount;
	steps: StepResult[];
	intents: Intent[];
	evidence: Evidence[];
	/** True past the maximum lateness: look up only, never send. */
	tooLate: boolean;
	cancelRequested: boolean;
	/** A person said that it is not live: when one more look-up stays unclear, it counts as absent. */
	sendAnyway: boolean;
	/** Settings a platform step may need: public origin for media that the platform fetches. */
	mediaPublicUrl: string | null;
	/** Store's clock when it answered. */
	storeNow: string;
}

export interface ClaimAnswer {
	claim: Claim | null;
	/** Claims under the ids in `p_more`, in their order; absent when none were asked for. */
	more?: Claim[];
	/**
	 * Why there is none, or with `p_more` no further one: `nothing_due`, `busy`, `claim_over`,
	 * `not_claimable`, `off`, `paused` (platform down), `spread` (one by one after an outage),
	 * `store_went_back` (stop claiming).
	 */
	reason: string | null;
	/** Ms until the store expects the next due post (within the next minute), else null. */
	nextDueMs: number | null;
}

export interface IntentAnswer {
	ok: boolean;
	/**
	 * `stale_fence`, `lease_over`, `cancelled`, `off`, `newer_evidence`, `too_late`, `account_dead`,
	 * `open_intent` (look it up first), `resend_limit`.
	 */
	refusal: string | null;
	message: string | null;
	/** Ms left for the request, to be counted from before the call. */
	deadlineMsLeft: number;
	leaseMsLeft: number;
	post: PostView;
}

export interface UnnamedEntry {
	post: PostView;
	account: CarriedAccount;
	intents: Intent[];
}

export interface Siblings {
	/** Ids at the platform of our other posts on the same remote account, of the last days. */
	remoteIds: string[];
	/** Another post of ours carried the same text there within 48 h. */
	sameText: boolean;
}

/** How a carrier ends its work on a claim. */
export type ResultRequest =
	| { to: 'published' }
	| { to: 'failed'; error: PostError }
	| { to: 'needs_review'; error: PostError }
	| {
			to: 'scheduled';
			reason: WaitReason;
			/** From now; 0 frees it at once. */
			waitMs: number;
			error?: PostError;
	  };

export interface ResultAnswer {
	ok: boolean;
	/** `stale_fence` when another carrier has it now. */
	refusal: string | null;
	post: PostView;
}

export type ResolveDecision =
	| { to: 'live'; remoteId: string; url: string | null }
	/** Looked up once more, then sent. */
	| { to: 'publish'; scheduledAt?: string }
	| { to: 'drop' };

/** When a post comes again, in wall time and zone. */
export interface SeriesRule {
	accountId: string;
	content: PostContent;
	frequency: 'daily' | 'weekly' | 'monthly';
	/** Every how many days, weeks or months; default 1. */
	every?: number;
	/** Weekly: ISO days, 1 is Monday. */
	weekdays?: number[];
	/** Monthly: the day; in shorter months their last one. */
	monthDay?: number;
	/** `HH:mm` in `timeZone`. */
	localTime: string;
	/** IANA. */
	timeZone: string;
	/** `YYYY-MM-DD`, default today. */
	startsOn?: string;
	endsOn?: string | null;
	maxLatenessMs?: number;
	protocol?: number;
}

export interface SeriesView extends Required<Omit<SeriesRule, 'protocol' | 'monthDay'>> {
	id: string;
	owner: string;
	monthDay: number | null;
	active: boolean;
	/** Next due times that are made already, at most five. */
	next: string[];
}

/** What a carrier looks at to see how far behind the work is. */
export interface CarrierView {
	storeNow: string;
	/** Posts whose time has come and that nobody works on, held-back ones included. */
	due: number;
	oldestDueAt: string | null;
	/** How long the longest-waiting account could have been served already. */
	lagMs: number;
	/** Posts under a claim: of all carriers, and of the one that asks. */
	inFlight: number;
	carrying: number;
	/** n8n's last heartbeat; null when it never wrote one. */
	n8n: { lastAt: string; intervalMs: number; fresh: boolean } | null;
	outages: { platform: Platform; mode: Mode; reason: string; pausedUntil: string }[];
}

/** A developer app at a platform; its secret stays sealed. */
export interface AppView {
	connector: string;
	mode: Mode;
	clientId: string;
	hasSecret: boolean;
	/** Scopes that a consent through this app has brought; null: none went through yet. */
	provenScopes: string[] | null;
	updatedAt: string;
}

/** One consent on its way. */
export interface FlowView {
	id: string;
	connector: string;
	mode: Mode;
	owner: string;
	accountId: string | null;
	linkId: string | null;
	redirectUri: string;
	stage: 'consent' | 'choice';
	expiresAt: string;
}

/** A page where a client connects an account without a sign-in here. */
export interface LinkView {
	id: string;
	owner: string;
	connector: string;
	mode: Mode;
	expiresAt: string;
	usedAt: string | null;
}

export interface TokenLease {
	/** True when this caller may refresh now. */
	granted: boolean;
	/** Newest sealed token; with `granted: false` somebody else refreshes or has done so. */
	token: string;
	tokenVersion: number;
	leaseMsLeft: number;
	status: AccountView['status'];
	/** A refresh with this pair was cut off before: the platform may have answered it. */
	interrupted?: boolean;
	/** A refresh has just failed: ms until the next one may be tried. */
	retryMs?: number;
	/** Id of the vault key that seals now; while keys are rotated it is the next one. */
	sealWith?: string | null;
}

/** One sealed text with its place; see `SealedPlace` in `core/accounts/vault`. */
export interface SealedItem {
	source: string;
	id: string;
	owner: string;
	envelope: string;
}

/** Something that will make a scheduled post or an account fail unless somebody acts. */
export interface RiskView {
	code: string;
	accountId: string;
	postId: string | null;
	/** When it bites; null: with the next post. */
	at: string | null;
	message: string;
	remedy: string;
}

/** What the look ahead needs to know of one account. */
export interface RiskSubject {
	account: CarriedAccount;
	storeNow: string;
	/** Posts of ours that went live on this remote account in the last 24 h, with their times. */
	published24h: number;
	publishedTimes: string[];
	/** Scheduled posts in the time ahead, by time. */
	posts: { id: string; at: string; pictures: number }[];
	/** Error codes of refusals in the last 24 h, since the last success. */
	refusals: string[];
}

export interface PingAnswer {
	/** `ok`, `contract_mismatch`, `vault_key_mismatch`, `vault_not_set`, `durability_off`. */
	code: string;
	message: string;
	contract: number;
	minContract: number;
	storeNow: string;
	moduleEnabled: boolean;
}

/** What can be switched for each tier; `musekit_social.features` is the list. */
export type Feature = 'connect' | 'publish' | 'schedule' | 'media' | 'recurrence';

/** `module`, `feature:<tier>:<feature>` or `platform:<name>`. */
export type Toggle = 'module' | `feature:${Tier}:${Feature}` | `platform:${Platform}`;

export interface ToggleState {
	toggle: Toggle;
	on: boolean;
	/** Since when it is off. */
	since: string | null;
}

/** What a switch is about. */
export interface ToggleReach {
	owners: number;
	accounts: number;
	series: number;
	/** Scheduled posts; of them those whose time has come, and those past their maximum lateness. */
	scheduled: number;
	due: number;
	late: number;
	/** Time of the first of them. */
	next: string | null;
}

/** What an owner of a tier may have at most; null: as many as wanted. */
export type CapName = 'accounts' | 'scheduled' | 'postsPerDay';
export type Caps = Record<CapName, number | null>;

export interface OwnerView {
	id: string;
	tier: Tier;
	/** Of this owner; null: the panel's. */
	timeZone: string | null;
	createdAt: string;
	/** Connected ones. */
	accounts: number;
	scheduled: number;
}

/** What one owner may do right now. */
export interface OwnerAbility extends OwnerView {
	/** The time zone that counts: the owner's, the panel's, or UTC. */
	zone: string;
	/** Somebody chose it. */
	zoneChosen: boolean;
	caps: Record<CapName, { cap: number | null; used: number }>;
	/** Why a feature is off; null: it is on. */
	off: Record<Feature, string | null>;
	/** Why nothing can be connected on a platform; null: it can. */
	platformsOff: Record<Platform, string | null>;
}

export interface PlatformStateView {
	platform: Platform;
	label: string;
	connected: number;
	reconnect: number;
	pausedUntil: string | null;
	pauseReason: string | null;
}

export interface CarrierSign {
	carrier: string;
	kind: CarrierKind;
	/** Of this package; null: an older one that does not say. */
	version: string | null;
	lastAt: string;
	intervalMs: number;
	fresh: boolean;
}

/** A key for n8n at the embedded gateway; the key itself is shown once and kept as SHA-256. */
export interface KeyView {
	id: string;
	name: string;
	/** Its last characters. */
	hint: string;
	madeBy: string | null;
	createdAt: string;
	lastUsedAt: string | null;
	revokedAt: string | null;
}

/** A person of the panel where Supabase Auth is not used. */
export interface PanelUser {
	id: string;
	name: string;
	role: 'admin' | 'viewer';
	owner: string;
	createdAt: string;
	lastSignInAt: string | null;
}

/** A session of the panel, found by the SHA-256 of its cookie's token. */
export interface PanelSession {
	id: string;
	/** `local:<uuid>` or `supabase:<uuid>`. */
	userId: string;
	name: string;
	role: PanelUser['role'];
	owner: string;
	/** Since the role was last confirmed where it is kept. */
	checkedMsAgo: number;
}

export interface Page<T> {
	items: T[];
	/** Pass back as `p_cursor`; null on the last page. */
	nextCursor: string | null;
}

/** Steps of a series of key figures, in UTC. */
export type KpiBucket = 'hour' | 'day' | 'week' | 'month';

/** Events of a range: a post that failed and went out later counts in both. */
export interface KpiCounts {
	created: number;
	published: number;
	failed: number;
	missed: number;
	cancelled: number;
	needsReview: number;
	/** How late what was published went out, ms, within 10 %; null: nothing was. */
	lateness: { p50: number; p95: number } | null;
}

/** `key`: the bucket's beginning, or a platform, carrier (`none`: nobody) or tier; `other`: folded. */
export interface KpiGroup extends KpiCounts {
	key: string;
}

export interface KpiAnswer {
	from: string;
	to: string;
	bucket: KpiBucket;
	totals: KpiCounts;
	/** Buckets in which something happened, in order. */
	series: KpiGroup[];
	platforms: KpiGroup[];
	carriers: KpiGroup[];
	tiers: KpiGroup[];
	/** Of all owners: some days had fewer than five even when folded, and are left out. */
	withheld: boolean;
	/** There are at least five owners, so that figures of all of them may be asked for. */
	enoughOwners: boolean;
}

export type NoticeKind =
	| 'needs_review'
	| 'missed'
	| 'failed'
	| 'account_at_risk'
	| 'account_disconnected'
	| 'carrier_took_over'
	| 'carrier_back';

export interface NoticeFacts {
	platform?: Platform;
	handle?: string;
	mode?: Mode;
	/** Beginning of the post's text. */
	text?: string;
	reason?: string;
	status?: AccountView['status'];
	/** The runner that took over, or the n8n that is back. */
	carrier?: string;
	silent?: string;
	lastAt?: string;
	since?: string;
}

/** Something that people are told by the bell; repeats within a day are counted in it. */
export interface Notice {
	id: string;
	/** Null: about the whole installation. */
	owner: string | null;
	kind: NoticeKind;
	/** The latest post it is about. */
	postId: string | null;
	accountId: string | null;
	facts: NoticeFacts;
	count: number;
	firstAt: string;
	lastAt: string;
	/** When it was settled; it is not unread any more then. */
	overAt: string | null;
	unread: boolean;
}

/** What one owner sees first. */
export interface HomeView {
	storeNow: string;
	/** Five each: the latest published, the next scheduled, the newest for review. */
	lately: PostView[];
	next: PostView[];
	review: PostView[];
	/** Counted to 100. */
	reviewCount: number;
	/** Twelve, those that need somebody first. */
	accounts: AccountView[];
	accountsMore: boolean;
	carriers: { carrier: string; kind: CarrierKind; lastAt: string; fresh: boolean }[];
	/** How long the longest-waiting account could have been served already. */
	lagMs: number;
	/** Platforms with an account of this owner; paused ones with the reason. */
	platforms: {
		platform: Platform;
		mode: Mode;
		pausedUntil: string | null;
		reason: string | null;
	}[];
	/** Of the last 24 hours by platform, from at most 500 publications and 500 other ends. */
	outcomes: Partial<
		Record<Platform, { published: number; failed: number; missed: number; needsReview: number }>
	>;
}

/**
 * Every function with its arguments (besides `p_contract`) and its answer. Refusals are raised:
 * HTTP 4xx with `{code, message, details, hint}`, where `message` is our code, `details` a JSON
 * text `{"sentence": …, …facts}` and `hint` what to do.
 */
export interface StoreFunctions {
	social_ping: { args: { p_vault_fingerprint?: string }; value: PingAnswer };
	/** Sets the fingerprint when none is set; refuses `vault_key_mismatch` when another one is. */
	social_vault_init: { args: { p_vault_fingerprint: string }; value: { set: boolean } };

	social_account_save: {
		args: {
			p_id: string;
			p_owner: string;
			p_platform: Platform;
			p_mode: Mode;
			p_remote_id: string;
			p_handle: string;
			p_display_name: string;
			p_base_url: string;
			p_auth_url: string;
			p_profile_url?: string | null;
			p_scopes: string[];
			p_token: string;
			p_token_key_id: string;
			p_token_expires_at?: string | null;
			p_settings?: Record<string, unknown>;
		};
		value: AccountView;
	};
	social_account_get: { args: { p_account_id: string; p_owner?: string }; value: AccountView };
	/** With the sealed token; for carriers and operations at the platform. */
	social_account_open: { args: { p_account_id: string }; value: CarriedAccount };
	social_account_list: {
		args: {
			p_owner: string;
			p_search?: string | null;
			p_platform?: Platform | null;
			p_limit?: number;
			p_cursor?: string | null;
		};
		value: Page<AccountView>;
	};
	/** A call at the platform showed that the access works; null scopes leave those that are noted. */
	social_account_validated: {
		args: { p_account_id: string; p_scopes: string[] | null; p_missing_scopes: string[] };
		value: AccountView;
	};
	/** Wipes the token (the envelope is an empty one) and parks the posts until a reconnect. */
	social_account_disconnect: {
		args: { p_account_id: string; p_owner: string; p_token: string; p_token_key_id: string };
		value: AccountView;
	};
	/** How many other connected accounts stand on the same consent. */
	social_account_shared: { args: { p_account_id: string }; value: { accounts: number } };

	/** Saves a developer app. An absent secret keeps the one that is there, unless the client id changes. */
	social_app_save: {
		args: { p_connector: string; p_mode: Mode; p_client_id: string; p_sealed?: string | null };
		value: AppView;
	};
	social_app_list: { args: Record<string, never>; value: { items: AppView[] } };
	/** With the sealed secret; null when there is no such app. */
	social_app_open: {
		args: { p_connector: string; p_mode: Mode };
		value: (AppView & { sealed: string | null }) | null;
	};
	social_app_delete: { args: { p_connector: string; p_mode: Mode }; value: { deleted: boolean } };
	/** The app is known to work with these scopes: a consent went through. */
	social_app_proven: {
		args: { p_connector: string; p_mode: Mode; p_scopes: string[] };
		value: { noted: boolean };
	};

	/** Begins a consent. Refused with `off` when connecting is switched off. */
	social_flow_start: {
		args: {
			p_id: string;
			p_state_hash: string;
			/** SHA-256 of what binds it to one browser. */
			p_browser_hash: string;
			p_connector: string;
			p_platform: Platform;
			p_mode: Mode;
			p_owner: string;
			p_account_id?: string | null;
			p_link_id?: string | null;
			p_redirect_uri: string;
			/** Vault envelope: PKCE verifier and app. */
			p_sealed: string;
			p_ttl_ms: number;
		};
		value: FlowView;
	};
	/**
	 * The callback came: once only, in the browser that began it. Refuses `flow_unknown`, `flow_used`,
	 * `flow_expired`, `flow_other_browser`; another browser does not use it up.
	 */
	social_flow_take: {
		args: { p_state_hash: string; p_browser_hash: string; p_connector: string };
		value: FlowView & { sealed: string };
	};
	/** Keeps what consent brought until the person has chosen. */
	social_flow_keep: {
		args: { p_id: string; p_sealed: string; p_ttl_ms: number };
		value: FlowView;
	};
	social_flow_open: {
		args: { p_id: string; p_browser_hash: string };
		value: FlowView & { sealed: string };
	};
	social_flow_end: { args: { p_id: string }; value: { ended: boolean } };

	social_link_create: {
		args: {
			p_id: string;
			p_token_hash: string;
			p_owner: string;
			p_connector: string;
			p_platform: Platform;
			p_mode: Mode;
			p_ttl_ms: number;
		};
		value: LinkView;
	};
	/** Refuses `link_unknown`, `link_used`, `link_expired`. */
	social_link_open: { args: { p_token_hash: string }; value: LinkView };
	/**
	 * Takes the link for one flow before anything is saved (`p_done` null), marks it used up (true) or
	 * gives it back (false). Another flow is refused with `link_used` meanwhile.
	 */
	social_link_use: {
		args: { p_id: string; p_flow_id: string; p_done?: boolean | null };
		value: LinkView;
	};

	/** Single-flight: one caller at a time may refresh. `p_seen_version` is the version it found dead. */
	social_token_lease: {
		args: { p_account_id: string; p_lease_id: string; p_seen_version: number; p_lease_ms: number };
		value: TokenLease;
	};
	/**
	 * The first save of a version wins, also from a former holder of the lease: the platform has
	 * rotated the token already, so refusing it would lose the only good pair.
	 */
	social_token_save: {
		args: {
			p_account_id: string;
			p_lease_id: string;
			p_seen_version: number;
			p_token: string;
			p_token_key_id: string;
			p_token_expires_at?: string | null;
		};
		value: { saved: boolean; token: string; tokenVersion: number };
	};
	/**
	 * Frees the refresh lease without a new token. `p_dead` asks to mark the account for reconnect:
	 * by the platform's own word about it (`word`, default) at once, by refusals alone after a quarter
	 * of an hour of them, and never while the platform refuses many; the answer's status says so.
	 */
	social_token_give_up: {
		args: {
			p_account_id: string;
			p_lease_id: string;
			p_dead: boolean;
			p_reason?: string | null;
			p_proof?: TokenProof;
			/** `refused` by the token endpoint, or its answer was `lost`. */
			p_trouble?: 'refused' | 'lost' | null;
		};
		value: AccountView;
	};
	/** A platform refused an account's token. `platformWide`: it does so to many; wait. */
	social_token_trouble: {
		args: { p_account_id: string };
		value: { platformWide: boolean; waitMs: number };
	};
	/** Accounts whose pair upkeep should renew; each is handed out once an hour at most. */
	social_tokens_due: { args: { p_limit?: number }; value: { items: CarriedAccount[] } };

	/** Keys in use and envelopes by the key that sealed them; `keyIds` as carriers report them. */
	social_vault_status: {
		args: Record<string, never>;
		value: {
			fingerprint: string | null;
			nextFingerprint: string | null;
			envelopes: Record<string, number>;
			carriers: { carrier: string; kind: CarrierKind; keyIds: string[] | null }[];
		};
	};
	/** From then on the store takes both keys and names the next one to seal with. */
	social_vault_begin: {
		args: { p_current: string; p_next: string };
		value: { state: 'running' | 'done' };
	};
	/** Envelopes that any other key sealed. */
	social_vault_next: {
		args: { p_key_id: string; p_limit?: number; p_cursor?: string | null };
		value: Page<SealedItem>;
	};
	/** Replaces envelopes that are still the `old` ones; others stay. */
	social_vault_reseal: {
		args: { p_items: { source: string; id: string; old: string; new: string }[] };
		value: { resealed: number };
	};
	/** Retires the old key when nothing is `left` but `p_unreadable` envelopes; else wait and go on. */
	social_vault_finish: {
		args: { p_next: string; p_unreadable?: number };
		value: { done: boolean; left: number; waitMs: number };
	};

	/** What the look ahead reads; absent `p_ahead_ms`: the setting `risks.aheadMs`. */
	social_risk_view: {
		args: { p_ahead_ms?: number; p_limit?: number; p_cursor?: string | null };
		value: Page<RiskSubject>;
	};
	/** All warnings of an account as they are now; those not named are over. */
	social_risks_save: {
		args: { p_account_id: string; p_risks: Omit<RiskView, 'accountId'>[] };
		value: { risks: number };
	};
	social_risks: {
		args: {
			p_owner?: string | null;
			p_account_id?: string | null;
			p_post_id?: string | null;
			p_limit?: number;
		};
		value: { items: RiskView[] };
	};

	social_media_register: {
		args: {
			p_owner: string;
			p_hash: string;
			p_mime: string;
			p_bytes: number;
			p_width: number;
			p_height: number;
		};
		value: MediaInfo;
	};
	/** Which of the hashes the owner already has. */
	social_media_known: { args: { p_owner: string; p_hashes: string[] }; value: MediaInfo[] };

	social_create: {
		args: { p_options: CreateOptions; p_entries: CreateEntry[]; p_claim?: ClaimRequest | null };
		value: CreateAnswer;
	};
	social_post_update: {
		args: {
			p_post_id: string;
			p_owner: string;
			p_version?: number | null;
			/** Only the fields that change: content, scheduledAt | wallTime+timeZone, maxLatenessMs, as. */
			p_changes: Record<string, unknown>;
		};
		value: PostView;
	};
	social_post_cancel: {
		args: { p_post_id: string; p_owner: string };
		value: { post: PostView; done: boolean };
	};
	/** failed | missed | cancelled → scheduled, due at `p_scheduled_at` or now. */
	social_post_retry: {
		args: { p_post_id: string; p_owner: string; p_scheduled_at?: string | null };
		value: PostView;
	};
	/** A person decides a post in `needs_review` (or one held after the store went back in time). */
	social_post_resolve: {
		args: {
			p_post_id: string;
			p_owner: string;
			/** Client-made uuid; repeating the call with it gives the same answer. */
			p_resolve_id: string;
			p_decision: ResolveDecision;
		};
		value: PostView;
	};
	/** Creates or changes a series; untouched occurrences are made anew. */
	social_series_save: {
		args: { p_id: string; p_owner: string; p_series: SeriesRule };
		value: SeriesView & { warnings: PostError[] };
	};
	social_series_stop: { args: { p_id: string; p_owner: string }; value: SeriesView };
	social_series_list: { args: { p_owner: string }; value: SeriesView[] };
	/** Somebody read a status page: posts of the platform wait; 0 ends the pause. */
	social_platform_pause: {
		args: { p_platform: Platform; p_mode: Mode; p_reason: string; p_pause_ms: number };
		value: { pausedUntil: string | null };
	};
	/** Marks a published post as deleted at the platform. */
	social_post_deleted: { args: { p_post_id: string; p_owner: string }; value: PostView };
	/** The one conversion of a wall time (`YYYY-MM-DDTHH:mm[:ss]`) and an IANA zone. */
	social_instant: { args: { p_wall_time: string; p_time_zone: string }; value: { at: string } };
	/** Why posting is off for an owner, by platform; null where it is on. */
	social_compose_off: {
		args: { p_owner: string };
		value: Record<Platform, { publish: string | null; schedule: string | null }>;
	};
	/**
	 * For each entry its instant (null without a time, or with one that is none) and the living post of
	 * its account with the same text that is nearest in time.
	 */
	social_posts_equal: {
		args: {
			p_owner: string;
			p_entries: {
				n: number;
				accountId: string;
				text: string;
				wallTime?: string;
				scheduledAt?: string;
				timeZone?: string;
			}[];
		};
		value: {
			items: {
				n: number;
				at: string | null;
				equal: { postId: string; state: PostState; scheduledAt: string | null } | null;
			}[];
		};
	};
	social_post_get: { args: { p_post_id: string; p_owner: string }; value: PostView };
	social_post_list: {
		args: {
			p_owner: string;
			p_filter?: {
				states?: PostState[];
				platforms?: Platform[];
				accountIds?: string[];
				search?: string;
				from?: string;
				to?: string;
			};
			p_limit?: number;
			p_cursor?: string | null;
		};
		value: Page<PostView>;
	};
	/** A page for people; looks at a bounded number of posts, `partial` when that ended it early. */
	social_post_find: {
		args: {
			p_owner: string;
			p_filter?: PostFindFilter;
			p_limit?: number;
			p_cursor?: string | null;
		};
		value: Page<PostRowView> & { partial: boolean };
	};
	/** Posts by state and how many are due, each counted up to `most`. */
	social_post_counts: {
		args: { p_owner: string };
		value: { most: number; counts: Record<PostState, number>; due: number };
	};
	/** `p_days` days (at most 45) from `p_from` (`YYYY-MM-DD`) in a zone: some posts of each, how many more. */
	social_post_calendar: {
		args: {
			p_owner: string;
			p_from: string;
			p_days: number;
			/** Null: the owner's, else the panel's, else the device's. */
			p_time_zone?: string | null;
			p_device_zone?: string | null;
			p_per_day?: number;
			p_filter?: Pick<PostFindFilter, 'states' | 'platforms' | 'accountIds'>;
		};
		value: {
			timeZone: string;
			days: { day: string; posts: CalendarPost[]; more: number }[];
			storeNow: string;
		};
	};
	social_post_story: { args: { p_post_id: string; p_owner: string }; value: PostStoryView };

	social_claim: {
		args: {
			p_claim: ClaimRequest;
			/** Claim this post only (Publish); otherwise the oldest due one of any free account. */
			p_post_id?: string | null;
			/** Claim only what is overdue by more than this; absent: the store decides by n8n's heartbeat. */
			p_grace_ms?: number;
			/**
			 * Ids of up to 15 further claims, each as if it were asked for after the one before; they end with
			 * the first that brings nothing. Not together with `p_post_id`.
			 */
			p_more?: string[];
		};
		value: ClaimAnswer;
	};
	/** Extends the lease while invisible steps run. */
	social_lease_extend: {
		args: { p_post_id: string; p_fence: number };
		value: { ok: boolean; leaseMsLeft: number };
	};
	social_intent: {
		args: {
			p_post_id: string;
			p_fence: number;
			p_intent_id: string;
			p_part: number;
			p_step: string;
			p_request: FrozenRequest;
			p_recognise: Record<string, unknown>;
			p_limit_ms: number;
			p_settle_ms: number;
		};
		value: IntentAnswer;
	};
	social_step_result: {
		args: {
			p_post_id: string;
			p_fence: number;
			p_part: number;
			p_step: string;
			p_result: Record<string, unknown>;
			p_valid_ms?: number | null;
		};
		value: { ok: boolean; refusal: string | null };
	};
	/** Append-only, from any fence, at any time. */
	social_evidence: {
		args: {
			p_evidence_id: string;
			p_post_id: string;
			p_fence: number;
			p_carrier: string;
			p_intent_id?: string | null;
			p_part: number;
			p_step: string;
			p_outcome: Outcome;
			/** True when this step makes the entry live (its remote id is the post's). */
			p_final: boolean;
			p_remote_id?: string | null;
			p_url?: string | null;
			p_error?: PostError | null;
			p_payload?: Record<string, unknown>;
			/** How it is known; default `answer`. */
			p_confirmed_by?: 'answer' | 'lookup' | 'duplicate' | 'person';
		};
		value: { post: PostView; secondEntry: boolean };
	};
	/** Final `absent`: closes open intents of that step, after a look-up that may say so. */
	social_intents_absent: {
		args: {
			p_post_id: string;
			p_fence: number;
			p_part: number;
			p_step: string;
			p_proof: Record<string, unknown>;
		};
		value: { ok: boolean; refusal: string | null };
	};
	social_result: {
		args: { p_post_id: string; p_fence: number; p_result: ResultRequest };
		value: ResultAnswer;
	};
	/** What a look-up must know of the account's other posts, whoever owns them. */
	social_post_siblings: { args: { p_post_id: string }; value: Siblings };
	/** Cosmetics after publishing (permalink found later). Never changes an id. */
	social_post_url: {
		args: {
			p_post_id: string;
			p_url: string;
			/** Only taken in the place of a `container:…` id, whose entry was not known before. */
			p_remote_id?: string | null;
		};
		value: PostView;
	};
	/** Live posts of the last week whose entry could not be told among the account's others. */
	social_unnamed_entries: { args: { p_limit?: number }; value: UnnamedEntry[] };

	social_heartbeat: {
		args: {
			p_carrier: string;
			p_kind: CarrierKind;
			p_interval_ms: number;
			p_info?: Record<string, unknown>;
		};
		value: { storeNow: string };
	};
	/** How the work stands, by the store's clock; for health, metrics and takeover. */
	social_carrier_view: { args: { p_carrier?: string | null }; value: CarrierView };
	/** Marks missed posts and makes occurrences of series. */
	social_maintain: { args: Record<string, never>; value: { missed: number; made: number } };
	/** Removes ended posts of at least this age (8 days or more) and leaves tombstones. */
	social_purge: { args: { p_older_than_ms: number; p_limit?: number }; value: { purged: number } };
	/** Forgets pictures that nothing names any more; their bytes are the caller's to delete. */
	social_media_forget: {
		args: { p_older_than_ms: number; p_limit?: number };
		value: { media: { owner: string; hash: string }[] };
	};
	social_settings_get: { args: Record<string, never>; value: Record<string, unknown> };
	/** Merges; of a tier only what is named. Refuses what no carrier could work with (`setting_invalid`). */
	social_settings_set: { args: { p_key: string; p_value: unknown }; value: unknown };

	social_features: { args: Record<string, never>; value: { toggles: ToggleState[] } };
	/** What a switch is about, for one owner or for all. */
	social_feature_reach: {
		args: { p_toggle: string; p_owner?: string | null };
		value: ToggleReach;
	};
	/** `p_late` false: what is past its maximum lateness by now is missed instead of going out. */
	social_feature_set: {
		args: { p_toggle: string; p_on: boolean; p_late?: boolean };
		value: { toggles: ToggleState[] };
	};
	social_owner_list: {
		args: { p_search?: string | null; p_limit?: number; p_cursor?: string | null };
		value: Page<OwnerView>;
	};
	social_owner_save: {
		args: { p_owner: string; p_tier: Tier; p_time_zone?: string | null };
		value: OwnerView;
	};
	social_owner_get: { args: { p_owner: string }; value: OwnerAbility };
	social_platform_states: {
		args: { p_owner?: string | null };
		value: { items: PlatformStateView[] };
	};
	/** Versions of the applied migrations; null where their history cannot be read. */
	social_migrations: { args: Record<string, never>; value: { applied: string[] | null } };
	social_carriers: { args: Record<string, never>; value: { items: CarrierSign[] } };

	/** Refuses `keys_elsewhere` on a Supabase project, which makes its keys itself. */
	social_key_issue: {
		args: {
			p_id: string;
			p_name: string;
			p_digest: string;
			p_hint: string;
			p_made_by?: string | null;
		};
		value: KeyView;
	};
	social_key_list: {
		args: { p_limit?: number; p_cursor?: string | null };
		value: Page<KeyView> & { embedded: boolean };
	};
	social_key_revoke: { args: { p_id: string }; value: KeyView };
	/** For the gateway: ids of the keys that work, by digest. */
	social_key_digests: { args: Record<string, never>; value: Record<string, string> };
	social_key_used: { args: { p_ids: string[] }; value: { noted: number } };
	/** One answer for panel and status lines. */
	social_overview: {
		args: { p_owner?: string | null };
		value: {
			counts: Record<PostState, number>;
			due: number;
			oldestDueAt: string | null;
			heartbeats: {
				carrier: string;
				kind: CarrierKind;
				lastAt: string;
				intervalMs: number;
				fresh: boolean;
			}[];
			incidents: { id: string; kind: string; message: string; createdAt: string }[];
		};
	};
	/** Counts events for the key figures, for about `p_budget_ms`; false: more is left, or another does it. */
	social_rollup: {
		args: { p_budget_ms?: number };
		value: { upToDate: boolean; until: string | null };
	};
	/**
	 * Key figures of one owner or, without `p_owner`, of all together: those for days that are over, and
	 * nothing about fewer than five owners.
	 */
	social_kpis: {
		args: {
			p_from: string;
			p_to: string;
			p_bucket?: KpiBucket;
			p_filters?: { platforms?: string[]; carriers?: string[]; tiers?: string[] };
			p_owner?: string | null;
		};
		value: KpiAnswer;
	};
	/** The bell of one person, newest first. Without `p_owner`: of all owners. */
	social_notices: {
		args: { p_user: string; p_owner?: string | null; p_limit?: number; p_cursor?: string | null };
		value: { unread: number; items: Notice[]; nextCursor: string | null };
	};
	/** Read by this person; without `p_ids` all that are there. */
	social_notices_read: {
		args: { p_user: string; p_owner?: string | null; p_ids?: string[] | null };
		value: { read: number };
	};
	/** What was written since the place `p_after`; a few may come twice, none is passed by. */
	social_notices_since: {
		args: { p_after?: string | null };
		value: { next: string; items: Notice[] };
	};
	social_home: { args: { p_owner: string }; value: HomeView };
	/** Notes the one-time token (SHA-256, hex) that makes the panel's first admin, while nobody is registered. */
	social_panel_setup_open: {
		args: { p_token_hash: string; p_ttl_ms: number };
		value: { registered: boolean };
	};
	social_panel_registered: { args: Record<string, never>; value: { registered: boolean } };
	/** Makes the first admin; refuses a wrong or expired token and everything after the first. */
	social_panel_setup: {
		args: { p_token_hash: string; p_name: string; p_password_hash: string };
		value: PanelUser;
	};
	social_panel_user_find: {
		args: { p_name: string };
		value: (PanelUser & { passwordHash: string }) | null;
	};
	social_panel_user_list: { args: Record<string, never>; value: { users: PanelUser[] } };
	social_panel_user_add: {
		args: { p_name: string; p_role: PanelUser['role']; p_password_hash: string };
		value: PanelUser;
	};
	/** Ends the person's sessions but `p_keep_session`. Never leaves the panel without an admin. */
	social_panel_user_change: {
		args: {
			p_id: string;
			p_role?: PanelUser['role'] | null;
			p_password_hash?: string | null;
			p_remove?: boolean;
			p_keep_session?: string | null;
		};
		value: PanelUser;
	};
	social_panel_session_open: {
		args: { p_token_hash: string; p_user_id: string; p_name: string; p_role: PanelUser['role'] };
		value: PanelSession;
	};
	/** Null when it has ended. */
	social_panel_session_use: { args: { p_token_hash: string }; value: PanelSession | null };
	/** What Supabase Auth says of a person now; no role ends the person's sessions. */
	social_panel_session_confirm: {
		args: { p_user_id: string; p_role?: PanelUser['role'] | null };
		value: { role: PanelUser['role'] | null };
	};
	social_panel_session_close: {
		args: { p_token_hash: string; p_everywhere?: boolean };
		value: { closed: number };
	};
}

export type StoreFunctionName = keyof StoreFunctions;
