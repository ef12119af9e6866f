import type { CarriedAccount, PostView } from '../../store/contract';
import type { Json } from '../answers';
import { facets } from './facets';

export const COLLECTION = 'app.bsky.feed.post';

/** An uploaded picture as the server describes it; goes into the record as it came. */
export interface Blob extends Json {
	$type: 'blob';
	ref: { $link: string };
	mimeType: string;
	size: number;
}

export interface RecordParts {
	/** Accounts behind mentioned handles. */
	dids: ReadonlyMap<string, string>;
	/** One for each picture, in order. */
	blobs: Blob[];
	createdAt: Date;
}

/** The record of a post (lexicon app.bsky.feed.post). */
export function postRecord(post: PostView, parts: RecordParts): Json {
	const { text } = post.content;
	const marked = facets(text, parts.dids);
	const images = parts.blobs.map((image, index) => ({
		alt: post.content.media?.[index]?.altText ?? '',
		image,
		aspectRatio: { width: post.media[index]?.width, height: post.media[index]?.height },
	}));
	return {
		$type: COLLECTION,
		text,
		...(marked.length === 0 ? {} : { facets: marked }),
		...(images.length === 0 ? {} : { embed: { $type: 'app.bsky.embed.images', images } }),
		createdAt: parts.createdAt.toISOString(),
	};
}

/** A value with the names of every object sorted: equal content, equal text. */
export function canonical(value: unknown): string {
	if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
	if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
	const fields = Object.entries(value)
		.filter(([, field]) => field !== undefined)
		.sort(([left], [right]) => (left < right ? -1 : 1))
		.map(([name, field]) => `${JSON.stringify(name)}:${canonical(field)}`);
	return `{${fields.join(',')}}`;
}

/** Address of a record in the network: the post's remote id. */
export function recordUri(account: Pick<CarriedAccount, 'remoteId'>, rkey: string): string {
	return `at://${account.remoteId}/${COLLECTION}/${rkey}`;
}

/** Record key of an `at://` address of a post, else null. */
export function keyOfUri(uri: string): string | null {
	const match = /^at:\/\/[^/]+\/app\.bsky\.feed\.post\/([a-zA-Z0-9._:~-]{1,512})$/.exec(uri);
	return match?.[1] ?? null;
}

/** Path that reads a record; anyone may. */
export function readPath(account: Pick<CarriedAccount, 'remoteId'>, rkey: string): string {
	const query = new URLSearchParams({ repo: account.remoteId, collection: COLLECTION, rkey });
	return `/xrpc/com.atproto.repo.getRecord?${query.toString()}`;
}

/** Page of a post: on bsky.app, or in sandbox mode the record on the server itself. */
export function postUrl(
	account: Pick<CarriedAccount, 'mode' | 'baseUrl' | 'handle' | 'remoteId'>,
	rkey: string,
): string {
	return account.mode === 'sandbox'
		? `${account.baseUrl}${readPath(account, rkey)}`
		: `https://bsky.app/profile/${account.handle}/post/${rkey}`;
}
