import { likeness, type Likeness } from '../../content/compare-text';
import { unescapeLittleText } from '../../content/little-text';
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
import { memberRepeatAllowed } from './member-repeat';
import { isPostUrn, postTimeMs, postUrl } from './urns';

const WINDOW_MS = 600_000;
const PAGE_SIZE = 50;
const MOST_PAGES = 10;
const READ_LIMIT_MS = 15_000;

/**
 * Reads the author's posts and looks for ours (protocol §7). A member's posts cannot be read
 * without `r_member_social`, which LinkedIn gives to few apps: there LinkedIn's answer to a
 * deliberate repeat tells, within the rules of `memberRepeatAllowed`.
 */
export async function lookUp(context: LookUpContext): Promise<LookUpVerdict> {
	const early = tooEarly(context);
	if (early !== null) return early;
	const author = String(context.intent.recognise.author ?? '');
	const isPage = author.startsWith('urn:li:organization:');
	if (!isPage && !context.account.scopes.includes('r_member_social')) {
		return askByRepeat(context);
	}
	return await timelineVerdict(context, await readPosts(context, author));
}

function askByRepeat(context: LookUpContext): LookUpVerdict {
	const tried = 'LinkedIn lets no app read a member’s own posts, so nothing could be looked up';
	const { intents, post } = context;
	const open = intents.filter((intent) => intent.closedBy === null);
	const first = open[0] ?? context.intent;
	const deadlines = [...open, context.intent].map((intent) => Date.parse(intent.deadlineAt));
	const rule = memberRepeatAllowed({
		nowMs: context.nowMs,
		firstIntentMs: Date.parse(first.savedAt),
		lastDeadlineMs: Math.max(...deadlines),
		latestMs: Date.parse(post.scheduledAt ?? post.createdAt) + post.maxLatenessMs,
		repeats: intents.filter((intent) => intent.recognise.repeatOf !== undefined).length,
		sameTextElsewhere: context.sameTextElsewhere,
		switchedOn: context.account.settings.repeatAllowed !== false,
	});
	if (rule.allowed) return { verdict: 'repeat', waitMs: 0, tried };
	if (rule.notBeforeMs === null) {
		return unknown(context, 'member', `${tried}, and ${rule.because}`, null);
	}
	return { verdict: 'repeat', waitMs: rule.notBeforeMs - context.nowMs, tried };
}

async function readPosts(context: LookUpContext, author: string): Promise<ListReading> {
	const from = earliestIntentMs(context) - WINDOW_MS;
	const entries: JudgedEntry[] = [];
	for (let page = 0; page < MOST_PAGES; page++) {
		const start = page * PAGE_SIZE;
		const answer = await context.http.send(
			context.authorize({
				method: 'GET',
				path: `/rest/posts?q=author&author=${encodeURIComponent(author)}&count=${PAGE_SIZE}&start=${start}&sortBy=LAST_MODIFIED`,
				headers: { accept: 'application/json', 'x-restli-method': 'FINDER' },
				limitMs: READ_LIMIT_MS,
			}),
		);
		if (answer.kind !== 'response')
			return { partial: 'LinkedIn’s list of posts could not be reached' };
		if (!isSuccess(answer)) {
			return { partial: `LinkedIn’s list of posts answered HTTP ${answer.status}` };
		}
		const body = jsonOf(answer);
		const posts = body === null ? null : objectsAt(body, 'elements');
		if (posts === null) return { partial: 'LinkedIn’s list of posts came back incomplete' };
		for (const post of posts) {
			const entry = judge(post, context, author);
			if (entry === null) return { partial: 'LinkedIn’s list of posts came back incomplete' };
			// Newest change first: whatever follows was created before the window as well.
			if (entry.modifiedAt < from) return { entries };
			entries.push(entry);
		}
		if (isLastPage(body ?? {}, start, posts.length)) return { entries };
	}
	return { partial: `LinkedIn’s list of posts went on after ${MOST_PAGES} pages` };
}

function isLastPage(body: Json, start: number, count: number): boolean {
	const total = numberAt(objectAt(body, 'paging'), 'total');
	if (count === 0) return true;
	// Without a total only an empty page ends the list: LinkedIn may give fewer than asked for.
	return total !== undefined && start + count >= total && count < PAGE_SIZE;
}

function judge(
	post: Json,
	context: LookUpContext,
	author: string,
): (JudgedEntry & { modifiedAt: number }) | null {
	const urn = textAt(post, 'id');
	const createdAt = numberAt(post, 'createdAt');
	const commentary = post.commentary ?? '';
	if (urn === undefined || !isPostUrn(urn) || typeof commentary !== 'string') return null;
	if (createdAt === undefined) return null;
	return {
		remoteId: urn,
		url: postUrl(context.account, urn),
		at: Math.min(createdAt, postTimeMs(urn) ?? createdAt),
		likeness: compare(post, commentary, context, author),
		modifiedAt: numberAt(post, 'lastModifiedAt') ?? createdAt,
	};
}

function imagesOf(post: Json): string[] {
	const single = textAt(objectAt(post, 'content', 'media'), 'id');
	const several = objectsAt(objectAt(post, 'content', 'multiImage'), 'images') ?? [];
	return single === undefined ? several.map((image) => String(image.id)) : [single];
}

function compare(post: Json, commentary: string, context: LookUpContext, author: string): Likeness {
	const { recognise } = context.intent;
	const wanted = Array.isArray(recognise.images) ? recognise.images.map(String) : [];
	const images = imagesOf(post);
	const sameImages =
		images.length === wanted.length && images.every((urn, at) => urn === wanted[at]);
	const like = likeness(String(recognise.text ?? ''), unescapeLittleText(commentary));
	if (like !== 'equal') return like;
	const postedBy = textAt(post, 'author');
	return sameImages && (postedBy === undefined || postedBy === author) ? 'equal' : 'near';
}
