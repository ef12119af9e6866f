import type {
	CarrierKind,
	FrozenRequest,
	Intent,
	MediaInfo,
	Mode,
	Outcome,
	Platform,
	PostContent,
	PostError,
	PostState,
	PostView,
	ResolveDecision,
	AccountView,
	WaitReason,
} from '../../core/store/contract';

/*
 * The tables of `supabase/migrations` as rows in memory. Instants are Unix ms; null is SQL's null.
 * Rows are plain objects, so that a whole store can be cloned.
 */

export interface AccountRow {
	id: string;
	owner: string;
	platform: Platform;
	mode: Mode;
	remoteId: string;
	/** `platform:mode:remoteId`: the account as the platform knows it, whoever owns it here. */
	remoteAccount: string;
	handle: string;
	displayName: string;
	baseUrl: string;
	authUrl: string;
	profileUrl: string | null;
	status: AccountView['status'];
	statusReason: string | null;
	scopes: string[];
	token: string;
	tokenKeyId: string;
	tokenVersion: number;
	tokenExpiresAt: number | null;
	refreshLeaseId: string | null;
	refreshLeaseUntil: number | null;
	settings: Record<string, unknown>;
	lastSuccessAt: number | null;
	lastValidatedAt: number | null;
	missingScopes: string[];
	tokenRefreshedAt: number;
	refreshInterruptedAt: number | null;
	refreshNotBefore: number | null;
	/** What went wrong with its access since it last worked. */
	troubles: {
		kind: 'call' | 'refresh';
		firstAt: number;
		lastAt: number;
		times: number;
		markedAt: number | null;
	}[];
	nextDueAt: number | null;
	holdUntil: number | null;
	/** Its posts, in the order in which they were made. */
	posts: PostRow[];
}

export interface PostRow {
	id: string;
	owner: string;
	accountId: string;
	platform: Platform;
	mode: Mode;
	remoteAccount: string;
	callKey: string;
	callOrdinal: number;
	fingerprint: string;
	source: string;
	content: PostContent;
	/** What the SQL hashes: text and media hashes, and the text alone. */
	contentKey: string;
	textKey: string;
	state: PostState;
	waitReason: WaitReason | null;
	error: PostError | null;
	scheduledAt: number;
	/** `YYYY-MM-DDTHH:mm:ss`. */
	wallTime: string | null;
	timeZone: string | null;
	nextAt: number | null;
	maxLatenessMs: number;
	/** How much of the time that a switch was off is in it. */
	offCreditMs: number;
	version: number;
	protocol: number;
	fence: number | null;
	claimId: string | null;
	claimedAt: number | null;
	carrier: string | null;
	leaseUntil: number | null;
	attempts: number;
	barrenClaims: number;
	openIntents: number;
	cancelRequested: boolean;
	remoteId: string | null;
	url: string | null;
	confirmedBy: PostView['confirmedBy'];
	publishedAt: number | null;
	deletedAt: number | null;
	dueAt: number | null;
	held: boolean;
	sendAnyway: boolean;
	createdAt: number;
	updatedAt: number;
	intents: IntentRow[];
	evidence: EvidenceRow[];
	steps: StepRow[];
	claims: AttemptRow[];
	resolutions: ResolutionRow[];
}

export interface IntentRow {
	id: string;
	postId: string;
	part: number;
	step: string;
	fence: number;
	request: FrozenRequest;
	recognise: Record<string, unknown>;
	repeatOf: number;
	savedAt: number;
	deadlineAt: number;
	settledAt: number;
	closedBy: Intent['closedBy'];
	closedAt: number | null;
	proof: Record<string, unknown> | null;
}

export interface EvidenceRow {
	id: string;
	postId: string;
	intentId: string | null;
	part: number;
	step: string;
	fence: number;
	carrier: string;
	outcome: Outcome;
	final: boolean;
	confirmedBy: 'answer' | 'lookup' | 'duplicate' | 'person';
	remoteId: string | null;
	url: string | null;
	error: PostError | null;
	payload: Record<string, unknown>;
	at: number;
}

export interface StepRow {
	part: number;
	step: string;
	result: Record<string, unknown>;
	validUntil: number | null;
	savedAt: number;
}

export interface AttemptRow {
	claimId: string;
	postId: string;
	fence: number;
	carrier: string;
	kind: CarrierKind;
	startedAt: number;
	endedAt: number | null;
}

export interface ResolutionRow {
	id: string;
	postId: string;
	decision: ResolveDecision;
	at: number;
}

export interface HeartbeatRow {
	carrier: string;
	kind: CarrierKind;
	intervalMs: number;
	lastAt: number;
}

export interface OutageRow {
	platform: Platform;
	mode: Mode;
	reason: string;
	pausedUntil: number;
	endedAt: number | null;
}

export interface IncidentRow {
	kind: string;
	postId: string | null;
	message: string;
	at: number;
}

export interface MediaRow extends MediaInfo {
	owner: string;
}

/** What stays of a purged post. */
export interface TombstoneRow {
	fingerprint: string;
	postId: string;
}
