import { htmlUnescape, likeness, sameAddresses, type Likeness } from '../../content/compare-text';
import { isSuccess, jsonOf, numberAt, objectAt, objectsAt, textAt, type Json } from '../answers';
import type { LookUpContext, LookUpVerdict } from '../platform';
import {
	earliestIntentMs,
	timelineVerdict,
	tooEarly,
	unknown,
	type JudgedEntry,
	type ListReading,
} from '../timeline';
import { postUrl } from './steps';

/** The window begins this much before the intent by the store's clock (protocol §7). */
const WINDOW_MS = 600_000;
const PAGE_SIZE = 100;
/** A thousand posts within the window are not one person's account. */
const MOST_PAGES = 10;
const READ_LIMIT_MS = 15_000;
/** Origin of X's ids, Unix ms: `(id >> 22) + 1288834974657`. */
const SNOWFLAKE_EPOCH = 1_288_834_974_657n;

/** Creation time inside an X id, Unix ms; null when it is no id. */
export function snowflakeMs(id: string): number | null {
	if (!/^\d{1,19}$/.test(id)) return null;
	return Number((BigInt(id) >> 22n) + SNOWFLAKE_EPOCH);
}

/** Reads the account's own timeline and looks for the post (protocol §7). */
export async function lookUp(context: LookUpContext): Promise<LookUpVerdict> {
	const early = tooEarly(context);
	if (early !== null) return early;
	if (!/^\d+$/.test(context.account.remoteId)) {
		return unknown(context, 'no_id', 'the account has no numeric X id to read its posts by', null);
	}
	return await timelineVerdict(context, await readTimeline(context));
}

async function readTimeline(context: LookUpContext): Promise<ListReading> {
	const entries: JudgedEntry[] = [];
	const start = new Date(earliestIntentMs(context) - WINDOW_MS).toISOString();
	const query = new URLSearchParams({
		start_time: start.replace(/\.\d{3}Z$/, 'Z'),
		max_results: String(PAGE_SIZE),
		'tweet.fields': 'created_at,text,note_tweet,entities,attachments,referenced_tweets,author_id',
	});
	for (let page = 1; page <= MOST_PAGES; page++) {
		const answer = await context.http.send(
			context.authorize({
				method: 'GET',
				path: `/2/users/${context.account.remoteId}/tweets?${query.toString()}`,
				headers: { accept: 'application/json' },
				limitMs: READ_LIMIT_MS,
			}),
		);
		if (answer.kind !== 'response') return { partial: 'X’s timeline could not be reached' };
		if (!isSuccess(answer)) return { partial: `X’s timeline answered HTTP ${answer.status}` };
		const read = readPage(jsonOf(answer), context);
		if (read === null) return { partial: 'X’s timeline came back incomplete' };
		entries.push(...read.entries);
		if (read.next === null) return { entries };
		query.set('pagination_token', read.next);
	}
	return { partial: `X’s timeline went on after ${MOST_PAGES} pages` };
}

/** A page in full; null when anything in it is missing. */
function readPage(
	body: Json | null,
	context: LookUpContext,
): { entries: JudgedEntry[]; next: string | null } | null {
	if (body === null || body.errors !== undefined) return null;
	const meta = objectAt(body, 'meta');
	const count = numberAt(meta, 'result_count');
	const posts = body.data === undefined ? [] : objectsAt(body, 'data');
	if (posts === null || count === undefined || count !== posts.length) return null;
	const entries: JudgedEntry[] = [];
	for (const post of posts) {
		const id = textAt(post, 'id');
		if (id === undefined || typeof post.text !== 'string' || snowflakeMs(id) === null) return null;
		entries.push({
			remoteId: id,
			url: postUrl(context.account, id),
			at: snowflakeMs(id),
			likeness: compare(post, context),
		});
	}
	return { entries, next: textAt(meta, 'next_token') ?? null };
}

interface Link {
	url: string;
	targets: string[];
	/** Stands for an attached picture, not for a link of the text. */
	media: boolean;
}

function linksOf(entities: Json): Link[] {
	return (objectsAt(entities, 'urls') ?? []).map((entity) => {
		const targets = [textAt(entity, 'expanded_url'), textAt(entity, 'unwound_url')].filter(
			(target) => target !== undefined,
		);
		return {
			url: textAt(entity, 'url') ?? '',
			targets,
			media:
				textAt(entity, 'media_key') !== undefined ||
				targets.some((target) => /\/status\/\d+\/(?:photo|video)\/\d+$/.test(target)),
		};
	});
}

/** X appends a link for attached pictures to the text; it is not part of what was written. */
function withoutMediaLink(text: string, links: Link[], pictures: number): string {
	const last = /\s*(https:\/\/t\.co\/\w+)\s*$/.exec(text);
	if (last === null || pictures === 0) return text;
	const known = links.find((link) => link.url === last[1]);
	return known !== undefined && !known.media ? text : text.slice(0, last.index);
}

/** How a timeline entry relates to the post of the intent. */
function compare(post: Json, context: LookUpContext): Likeness {
	const { recognise } = context.intent;
	const references = objectsAt(post, 'referenced_tweets') ?? [];
	const refersBy = (type: string) => references.find((reference) => reference.type === type);
	if (refersBy('retweeted') !== undefined) return 'other';
	const note = objectAt(post, 'note_tweet');
	const isNote = textAt(note, 'text') !== undefined;
	const shown = htmlUnescape(String(isNote ? note.text : post.text));
	const links = linksOf(objectAt(isNote ? note : post, 'entities'));
	const keys = objectAt(post, 'attachments').media_keys;
	const pictures = Array.isArray(keys) ? keys.map(String) : [];
	const ours = String(recognise.text ?? '');
	const text = withoutMediaLink(shown, links, pictures.length);
	const like = likeness(ours, text);
	if (like !== 'equal') return like;
	const wanted = Array.isArray(recognise.mediaIds) ? recognise.mediaIds.map(String) : [];
	const parent = refersBy('replied_to')?.id ?? null;
	const author = textAt(post, 'author_id');
	const certain =
		pictures.length === wanted.length &&
		parent === (recognise.replyTo ?? null) &&
		refersBy('quoted') === undefined &&
		(author === undefined || author === context.account.remoteId) &&
		sameAddresses(
			ours,
			links.filter((link) => !link.media && link.targets.length > 0).map((link) => link.targets),
		) &&
		// Without words only the picture itself tells two posts apart: its key ends in our media id.
		(ours.trim() !== '' || wanted.every((id) => pictures.some((key) => key.endsWith(`_${id}`))));
	return certain ? 'equal' : 'near';
}
