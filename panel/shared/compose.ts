/**
 * Making posts in the panel: what the pages and the server say to each other about composing, pictures
 * and bulk import. The pages: `/posts/new` (`?from=<post id>` begins with a post's content,
 * `?at=YYYY-MM-DDTHH:mm` with a wall time, `?owner=` for another owner),
 * `/posts/:id/edit`, `/posts/import`.
 */
import type {
	MediaInfo,
	MediaRef,
	Mode,
	Platform,
	PostError,
	PostState,
	PostView,
} from '../../core/store/contract';

/** Accounts in one request. */
export const TARGETS_MAX = 100;
/** Longer than any platform's limit; the rules of each platform say what is too long there. */
export const TEXT_MAX = 20_000;
/** LinkedIn's, the largest. */
export const PICTURES_MAX = 20;
/** Larger than any platform's image limit. */
export const PICTURE_BYTES_MAX = 16 * 1024 * 1024;

export interface ComposeTarget {
	accountId: string;
	/** Instead of the common text. */
	text?: string;
}

/** When it goes out. `now`: with the next round of n8n or the runner, which is seconds away. */
export type ComposeWhen =
	| { as: 'now' }
	/** `YYYY-MM-DDTHH:mm[:ss]` in an IANA zone. */
	| { as: 'scheduled'; wallTime: string; timeZone: string }
	| { as: 'draft' };

/** What posts are made of. `POST /api/posts/preview` checks it and makes nothing. */
export interface ComposeContent {
	/** Whose accounts they are; the session's owner when left out. */
	owner?: string;
	text: string;
	targets: ComposeTarget[];
	media?: MediaRef[];
	when: ComposeWhen;
}

/**
 * `POST /api/posts`. `key` is made by the page, once for each wish: repeating the request with it gives
 * the posts that it made before, so that neither a double click nor a lost answer makes a second one.
 */
export interface ComposeRequest extends ComposeContent {
	key: string;
	/** With `now`: also when the account had an equal post within the last 12 hours. */
	allowRepeat?: boolean;
}

export interface ComposeAccount {
	id: string;
	platform: Platform;
	mode: Mode;
	handle: string;
	displayName: string;
	profileUrl: string | null;
}

/** What became of one account's post, in the order of the targets. */
export interface ComposeResult {
	accountId: string;
	/** Null: the owner has no such account. */
	account: ComposeAccount | null;
	/** `existing`: made by an earlier try; `duplicate`: an equal post of the last 12 hours. */
	result: 'created' | 'existing' | 'duplicate' | 'invalid';
	post: PostView | null;
	/** Why there is none; with `field` where it is about one. */
	problems: PostError[];
	warnings: PostError[];
}

/** `POST /api/posts`: 200 also when some or all accounts refused. */
export interface ComposeAnswer {
	results: ComposeResult[];
}

/** What would become of one account's post. */
export interface PreviewResult {
	accountId: string;
	account: ComposeAccount | null;
	problems: PostError[];
	warnings: PostError[];
	/** A living post of the account with the same text that is nearest in time. */
	equal: EqualPost | null;
}

export interface EqualPost {
	postId: string;
	state: PostState;
	scheduledAt: string | null;
}

export interface PreviewAnswer {
	results: PreviewResult[];
	/** The instant of the wall time; null for drafts and where it cannot be known. */
	at: string | null;
}

/** `GET /api/compose?owner=`: what may be posted at all; null where it is on. */
export interface ComposeView {
	owner: string;
	off: Record<Platform, { publish: string | null; schedule: string | null }>;
}

/** `GET /api/compose/posts?owner=&ids=`: how posts that were just made are now. */
export interface MadeView {
	posts: PostView[];
}

/**
 * `POST /api/media?owner=` with the bytes as `application/octet-stream`. Kept for the posts that name it
 * by its hash; `GET /api/media/:hash?owner=` shows it.
 */
export interface MediaAnswer {
	media: MediaInfo;
}

/** `GET /api/posts/:id/edit?owner=`: a draft or scheduled post that nothing was sent of. */
export interface EditView {
	post: PostView;
	account: ComposeAccount;
	/** Why it cannot be changed any more; null when it can. */
	closed: PostError | null;
}

/** `PUT /api/posts/:id/edit`. Answers the changed post as an `EditView`. */
export interface EditRequest {
	owner?: string;
	/** The version that was read: what changed meanwhile is not overwritten. */
	version: number;
	text: string;
	media: MediaRef[];
	/** Left out: the time stays. */
	when?: Exclude<ComposeWhen, { as: 'draft' }>;
}
