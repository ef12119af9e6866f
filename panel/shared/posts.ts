/** Lists, calendar, detail and decisions of posts: what the pages and the server say to each other. */
import type {
	AccountView,
	CalendarPost,
	PostFindFilter,
	PostRowView,
	PostState,
	PostView,
} from '../../core/store/contract';

/** In the order in which people look for them. */
export const POST_STATES: readonly PostState[] = [
	'needs_review',
	'scheduled',
	'publishing',
	'published',
	'failed',
	'missed',
	'draft',
	'cancelled',
];

export const LIST_ORDERS: readonly NonNullable<PostFindFilter['by']>[] = [
	'created',
	'due',
	'published',
	'next',
];

/** `GET /api/posts?owner=&by=&state=a,b&platform=&account=&search=&from=&to=&cursor=`. */
export interface PostsAnswer {
	posts: PostRowView[];
	nextCursor: string | null;
	/** The search ended early; `nextCursor` goes on from there. */
	partial: boolean;
	/** Counted to `most`: as many or more. */
	counts: Record<PostState, number>;
	most: number;
	/** Posts whose time has come and that nobody published yet, counted to `most`. */
	due: number;
	/** The store's answer was made then. */
	asOf: string;
}

/** One thing that happened to a post. */
export interface StoryEntry {
	at: string;
	tone: 'neutral' | 'info' | 'success' | 'warning' | 'danger';
	title: string;
	note: string | null;
	/** An instant that the note ends with, such as the next try. */
	when: string | null;
}

/** `GET /api/posts/:id?owner=`. */
export interface PostDetailAnswer {
	post: PostRowView;
	story: StoryEntry[];
	account: Pick<
		AccountView,
		'id' | 'handle' | 'displayName' | 'status' | 'statusReason' | 'profileUrl'
	>;
	asOf: string;
}

/** `GET /api/calendar?owner=&from=YYYY-MM-DD&days=&zone=&device=&perDay=&state=&platform=&account=`. */
export interface CalendarAnswer {
	/** The one asked for, else the owner's, else the settings', else the device's. */
	timeZone: string;
	days: { day: string; posts: CalendarPost[]; more: number }[];
	asOf: string;
}

/** `POST /api/posts/:id/reschedule`. Repeating it is no conflict. */
export interface RescheduleRequest {
	owner?: string;
	/** The version that was read: what changed meanwhile is not overwritten. */
	version: number;
	/** `YYYY-MM-DDTHH:mm[:ss]` in `timeZone`. */
	wallTime: string;
	timeZone: string;
}

/** `POST /api/posts/:id/retry` and `/cancel`. */
export interface PostActionRequest {
	owner?: string;
}

/** `POST /api/posts/:id/duplicate`: a draft with the same content. A repeat with `key` makes no second one. */
export interface DuplicateRequest {
	owner?: string;
	key: string;
}

/** `POST /api/posts/:id/resolve`: what a person knows of a post in `needs_review`. */
export interface ResolveRequest {
	owner?: string;
	key: string;
	decision:
		| { to: 'live'; address: string }
		/** It is not there: looked up once more, then sent. */
		| { to: 'publish' }
		/** Nothing more happens to it. */
		| { to: 'drop' };
}

export interface PostActionAnswer {
	post: PostView;
	/** False: a wish to cancel that takes effect before the next step. */
	done: boolean;
}
