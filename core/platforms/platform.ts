import type { HttpAnswer, HttpPort, HttpRequest, HttpResponse } from '../ports';
import type {
	CarriedAccount,
	FrozenRequest,
	Intent,
	MediaInfo,
	Platform,
	PostContent,
	PostError,
	PostView,
	TokenProof,
	WaitReason,
} from '../store/contract';
import type { AddressedAccount, EntryAddress } from './entry-address';
import type { IdentityRules } from './identity';

/**
 * One platform as data and pure functions: what it accepts, which calls a post takes, how each
 * answer reads. It never sends anything itself; the saga does (`core/publishing`), except in
 * `lookUp`, which only reads.
 */
export interface PlatformDefinition {
	name: Platform;
	displayName: string;
	capabilities: Capabilities;
	/** Hosts a live account may name; a leading `*.` stands for any label. */
	publicHosts: string[];
	/** Addresses of a live account. */
	liveBaseUrl: string;
	liveAuthUrl: string;
	/** Content problems, each naming its field; empty when the post can go out as it is. */
	validate(content: PostContent, media: MediaInfo[]): PostError[];
	/** The calls of this post in order. Pure: depends on post and account only. */
	steps(post: PostView, account: CarriedAccount): Step[];
	/** Adds the token (and version headers) to a request that is about to be sent. */
	authorize(request: PlatformRequest, account: CarriedAccount, accessToken: string): HttpRequest;
	/** Asks whether an open intent is live. Fails closed: anything unclear is `unknown`. */
	lookUp(context: LookUpContext): Promise<LookUpVerdict>;
	/**
	 * May the entry that a duplicate refusal named be taken for ours? Null where the platform names
	 * none. The caller checks that it is no other post of ours.
	 */
	adopt:
		| null
		| ((namedId: string, intents: Intent[], account: CarriedAccount) => AdoptedEntry | null);
	/** Reads the address or id that a person gave for a live entry of this account. Pure. */
	idFromUrl(address: string, account: AddressedAccount): EntryAddress;
	/** Where an address holds no id: pages of the account's own entries, newest first. */
	ownEntries?: {
		request(account: CarriedAccount, after: string | null): PlatformRequest;
		/** `key` is that of `look_up`; null when the answer cannot be read. */
		read(answer: HttpResponse, key: string): OwnEntriesReading | null;
	};
	/** Null where the platform has no way to delete by API. */
	remove:
		| null
		| ((
				post: PostView,
				account: CarriedAccount,
		  ) => { request: PlatformRequest; read(answer: HttpResponse): StepReading });
	/** Null where tokens cannot be refreshed without the person. */
	refresh: null | {
		request(account: CarriedAccount, secret: TokenSecret): HttpRequest;
		read(answer: HttpAnswer, secret: TokenSecret, nowMs: number): RefreshReading;
	};
	/**
	 * Which entry a post became whose publishing is proven without its id (Instagram containers);
	 * null while there is not exactly one that fits.
	 */
	nameEntry?(context: LookUpContext): Promise<AdoptedEntry | null>;
	/** Reads after publishing that only make the result nicer (permalink). Failure changes nothing. */
	permalink?: {
		request(remoteId: string, account: CarriedAccount): PlatformRequest;
		read(answer: HttpResponse): string | null;
	};
	/** Whose token is this, may it post, and how is it given back. */
	identity: IdentityRules;
}

export interface AdoptedEntry {
	remoteId: string;
	url: string;
}

/** One page of an account's own entries: the wanted one, or where the next page begins. */
export type OwnEntriesReading =
	| { found: { remoteId: string; url: string | null } }
	/** Null on the last page. */
	| { next: string | null };

export interface Capabilities {
	text: { required: boolean; max: number; unit: string };
	images: {
		min: number;
		max: number;
		mimes: string[];
		maxBytes: number;
		altTextMax: number;
	};
	canDelete: boolean;
	/** Platform fetches media from a public URL. */
	fetchesMedia: boolean;
	/** Account and text equal within this time are refused by the platform (0: no such rule). */
	duplicateWindowMs: number;
}

/** What is inside a vault envelope, as JSON. */
export interface TokenSecret {
	accessToken: string;
	refreshToken?: string;
	/** Unix ms. */
	expiresAt?: number;
	/** Unix ms; Instagram tokens can be refreshed from 24 h of age. */
	issuedAt?: number;
	/** The app that issued the token; refreshes go out as this app. */
	clientId?: string;
	clientSecret?: string;
	/** Ends the access where the access token itself cannot (the person's token behind a page's). */
	revokeToken?: string;
}

export type RefreshReading =
	| { outcome: 'done'; secret: TokenSecret }
	/**
	 * Dead: the person must connect again. `proof` is `word` unless set: the platform named this
	 * access. A `refusal` says nothing more than that it was not taken.
	 */
	| { outcome: 'dead'; error: PostError; proof?: TokenProof }
	/** Not known: keep the token, try later. */
	| { outcome: 'later'; error: PostError };

/** Request below the account's base URL, or at an absolute URL that the platform handed out. */
export interface PlatformRequest {
	method: HttpRequest['method'];
	/** Path with query below `account.baseUrl`, or absolute (upload URLs). */
	path: string;
	headers: Record<string, string>;
	body?: string | Uint8Array;
	limitMs: number;
}

export interface StepContext {
	post: PostView;
	account: CarriedAccount;
	/** Result of an earlier invisible step of the same part, from the store. */
	result(step: string): Record<string, unknown> | undefined;
	/** Stored bytes of `post.content.media[index]`. */
	mediaBytes(index: number): Promise<Uint8Array>;
	/** URL of the picture that the platform can fetch. */
	mediaUrl(index: number): Promise<string>;
	/** Unix ms by the store's clock (best estimate). */
	nowMs: number;
}

export interface Step {
	/** Unique within the part, e.g. `media_0`, `container`, `post`. */
	name: string;
	part: number;
	/** Could the world see its effect? */
	visible: boolean;
	/** The step whose remote id is the post's. Exactly one per part is both visible and final. */
	final: boolean;
	/** Time allowed for the request. */
	limitMs: number;
	/** Visible steps: how long after the deadline the effect may still show up. */
	settleMs: number;
	/** Builds the request. For a visible step its outcome is frozen and `body` must be text. */
	prepare(context: StepContext): Promise<Prepared>;
	read(answer: HttpResponse, context: StepContext): StepReading;
}

export interface Prepared {
	request: PlatformRequest;
	/** Visible steps: what a look-up needs (text as it will show, container id, media ids, …). */
	recognise?: Record<string, unknown>;
}

/** Error classes; `core/publishing` alone decides what follows from them. */
export type RejectionClass =
	/** Same call later. */
	| 'retry'
	/** Not before `waitMs`. */
	| 'rate_limit'
	/** Access token refused: refresh once, then as `reconnect`. */
	| 'refresh'
	/** The person must connect again; the post waits. */
	| 'reconnect'
	/** The account cannot post until somebody acts (credits, restriction); the post waits. */
	| 'account'
	/** Earlier invisible result is gone or unusable (expired media, container): run it again. */
	| 'redo'
	/** Will never work as it is. */
	| 'permanent'
	/** Refused as a duplicate: proves nothing alone. */
	| 'duplicate';

export type StepReading =
	| {
			outcome: 'done';
			remoteId?: string;
			url?: string;
			/** Invisible steps: kept for later steps. */
			result?: Record<string, unknown>;
			/** Invisible steps: how long the result may be used. */
			validMs?: number;
	  }
	/** Invisible steps: not ready yet, ask again. */
	| { outcome: 'wait'; waitMs: number; reason: WaitReason }
	| {
			outcome: 'rejected';
			class: RejectionClass;
			error: PostError;
			waitMs?: number;
			/** For `redo`: names of the invisible steps to run again. */
			redo?: string[];
			/** For `duplicate`: the id that the platform named. */
			namedId?: string;
	  }
	| { outcome: 'ambiguous'; error: PostError };

export interface LookUpContext {
	post: PostView;
	account: CarriedAccount;
	intent: Intent;
	/** All intents of the same step, oldest first. */
	intents: Intent[];
	http: HttpPort;
	authorize(request: PlatformRequest): HttpRequest;
	/** Unix ms, store's clock. */
	nowMs: number;
	/** Is this id another post of ours on this account? */
	isOurs(remoteId: string): Promise<boolean>;
	/** Another post of ours carried the same text on this account within 48 h. */
	sameTextElsewhere: boolean;
	/** What earlier look-ups of this intent noted, oldest first. */
	notes: Record<string, unknown>[];
}

export type LookUpVerdict =
	| { verdict: 'found'; remoteId: string; url: string | null; by: 'lookup' | 'duplicate' }
	/** Final: the step may be sent again. */
	| { verdict: 'absent'; proof: Record<string, unknown> }
	/** Nothing can be read; the answer to a byte-identical repeat tells. It is a send: now, or in `waitMs`. */
	| { verdict: 'repeat'; waitMs: number; tried: string }
	/** Ask again after `waitMs` (null: never, a person decides). `note` is kept for the next look-up. */
	| {
			verdict: 'unknown';
			waitMs: number | null;
			tried: string;
			note?: Record<string, unknown>;
	  };

/** Frozen form of a prepared visible request: no token, nothing that changes between sends. */
export function freeze(request: PlatformRequest): FrozenRequest {
	if (typeof request.body !== 'string' || request.method === 'GET') {
		throw new TypeError('A visible step must be a POST, PUT or DELETE with a text body');
	}
	return {
		method: request.method,
		path: request.path,
		headers: request.headers,
		body: request.body,
	};
}
