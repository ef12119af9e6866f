/** Everything the sandbox remembers, as plain records. Times are Unix ms of the sandbox's clock. */

export type Platform = 'x' | 'linkedin' | 'instagram';
export const PLATFORMS: readonly Platform[] = ['x', 'linkedin', 'instagram'];

export interface Account {
	platform: Platform;
	/** The platform's id: numeric on X and Instagram, the member or organisation id on LinkedIn. */
	id: string;
	/** Without `@`. */
	handle: string;
	displayName: string;
	kind: 'person' | 'organization' | 'business';
	createdAt: number;
	/** LinkedIn organisations: ids of the members who may post for it. */
	admins: string[];
	/** X: what the developer account behind the app can pay. */
	credits: 'ok' | 'depleted' | 'spend_cap';
	/** Restricted by the platform until its owner acts. */
	restricted: boolean;
	/** Hidden from the index: the member who stands behind a seeded organisation. */
	hidden?: boolean;
}

export interface Client {
	platform: Platform;
	id: string;
	/** Null: a public client. */
	secret: string | null;
	/** Exact redirect URIs; `loopback` stands for any http URI on this machine. */
	redirectUris: string[];
}

export interface Token {
	value: string;
	use: 'access' | 'refresh';
	platform: Platform;
	accountId: string;
	clientId: string;
	/** One consent; reuse of a rotated X refresh token kills them all. */
	family: string;
	scopes: string[];
	issuedAt: number;
	/** Null: does not expire. */
	expiresAt: number | null;
	status: 'live' | 'rotated' | 'revoked';
	/** Instagram: which kind of token it is. */
	kind?: 'short' | 'long' | 'facebook_user' | 'page';
}

export interface Code {
	value: string;
	platform: Platform;
	accountId: string;
	clientId: string;
	redirectUri: string;
	scopes: string[];
	challenge: { value: string; method: 'S256' | 'plain' } | null;
	expiresAt: number;
	used: boolean;
	/** Family of the tokens made from it: a replayed code revokes them. */
	family: string;
}

export interface EntryMedia {
	sha256: string;
	mime: string;
	altText: string | null;
	/** The platform's id of the picture (media id, asset URN, container id). */
	remoteId: string;
}

export interface UrlEntity {
	start: number;
	end: number;
	url: string;
	expanded_url: string;
	display_url: string;
	media_key?: string;
}

/** One post on a timeline. */
export interface Entry {
	platform: Platform;
	accountId: string;
	/** Tweet id, LinkedIn URN or Instagram media id. */
	id: string;
	/** As a reader sees it. */
	text: string;
	media: EntryMedia[];
	createdAt: number;
	deletedAt: number | null;
	/** Posts with the same key inside the window are duplicates; null: never one. */
	duplicateKey: string | null;
	x?: { shown: string; urls: UrlEntity[]; replyTo: string | null; quoted: string | null };
	linkedin?: { commentary: string; visibility: string; content: unknown };
	instagram?: { shortcode: string; containerId: string };
}

export interface XMedia {
	id: string;
	accountId: string;
	category: string;
	mime: string;
	totalBytes: number;
	createdAt: number;
	/** Null until finalized. */
	finalizedAt: number | null;
	/** When processing ends. */
	readyAt: number;
	sha256: string | null;
	size: number;
	problem: string | null;
	altText: string | null;
}

export interface LinkedInAsset {
	urn: string;
	/** Author URN it belongs to. */
	owner: string;
	/** Member whose token registered it. */
	accountId: string;
	uploadToken: string;
	createdAt: number;
	uploadExpiresAt: number;
	/** Null until the bytes arrived. */
	availableAt: number | null;
	sha256: string | null;
	mime: string | null;
	problem: string | null;
}

export interface Container {
	id: string;
	accountId: string;
	kind: 'image' | 'carousel';
	isCarouselItem: boolean;
	caption: string;
	altText: string | null;
	sha256: string | null;
	mime: string | null;
	children: string[];
	createdAt: number;
	readyAt: number;
	/** Shown in `status` once it is ready; null: fine. */
	problem: string | null;
	/** Media id once published. */
	publishedAs: string | null;
}

/** One answered, or dropped, API request. Holds no token, query or body. */
export interface RequestRecord {
	platform: Platform;
	/** Handle, or null when the caller is not known. */
	account: string | null;
	method: string;
	path: string;
	step: string;
	/** Null when the connection was dropped. */
	status: number | null;
	fault: string | null;
	at: string;
}
