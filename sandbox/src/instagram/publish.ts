import type { Request, Response } from 'express';
import { graphId, shortcode } from '../ids';
import { entryUrl } from '../ledger';
import type { Account, Container, Entry, EntryMedia } from '../records';
import type { SandboxState } from '../state';
import { containerStatus } from './containers';
import { GRAPH_ERRORS, graphAnswer, graphError, missingParameter } from './errors';
import { askedFields, graphParams, pick } from './params';

const DAY_MS = 86_400_000;
const POSTS_PER_DAY = 100;

/** `POST /{ig-id}/media_publish`: once per container. */
export function publishContainer(
	req: Request,
	res: Response,
	state: SandboxState,
	account: Account,
): void {
	const id = graphParams(req).creation_id;
	if (!id) return graphError(res, missingParameter('creation_id'));
	const container = state.containers.get(id);
	if (!container || container.accountId !== account.id || container.isCarouselItem) {
		return graphError(res, GRAPH_ERRORS.mediaNotFound);
	}
	if (account.restricted) return graphError(res, GRAPH_ERRORS.checkpoint);
	switch (containerStatus(state, container)) {
		case 'IN_PROGRESS':
			return graphError(res, GRAPH_ERRORS.notReady);
		case 'ERROR':
			return graphError(res, GRAPH_ERRORS.createFailed);
		case 'EXPIRED':
			return graphError(res, GRAPH_ERRORS.mediaExpired);
		case 'PUBLISHED':
			// That it is refused is known, with which code is not: the code of a container that is gone.
			return graphError(res, GRAPH_ERRORS.mediaNotFound);
		default:
	}
	const { enabled } = state.settings.rateLimits;
	if (enabled && quotaUsed(state, account) >= quotaTotal(state)) {
		return graphError(res, GRAPH_ERRORS.dailyCap);
	}
	graphAnswer(res, { id: publish(state, account, container).id });
}

function publish(state: SandboxState, account: Account, container: Container): Entry {
	const createdAt = state.now();
	const id = graphId(createdAt);
	const pictures =
		container.kind === 'image'
			? [container]
			: container.children.map((child) => state.containers.get(child)).filter((child) => !!child);
	state.containers.put(container.id, { ...container, publishedAs: id });
	return state.saveEntry({
		platform: 'instagram',
		accountId: account.id,
		id,
		text: container.caption,
		media: pictures.map(
			(picture): EntryMedia => ({
				sha256: picture.sha256 ?? '',
				mime: picture.mime ?? '',
				altText: picture.altText,
				remoteId: picture.id,
			}),
		),
		createdAt,
		deletedAt: null,
		duplicateKey: null,
		instagram: { shortcode: shortcode(id), containerId: container.id },
	});
}

function quotaTotal(state: SandboxState): number {
	return state.settings.rateLimits.overrides['instagram:publish']?.limit ?? POSTS_PER_DAY;
}

function quotaUsed(state: SandboxState, account: Account): number {
	const since = state.now() - DAY_MS;
	let used = 0;
	const timeline = state.timeline('instagram', account.id);
	for (let at = timeline.length - 1; at >= 0; at -= 1) {
		const entry = timeline[at];
		if (!entry || entry.createdAt <= since) break;
		used += 1;
	}
	return used;
}

/** `GET /{ig-id}/content_publishing_limit`. */
export function publishingLimit(res: Response, state: SandboxState, account: Account): void {
	graphAnswer(res, {
		data: [
			{
				quota_usage: quotaUsed(state, account),
				config: { quota_total: quotaTotal(state), quota_duration: DAY_MS / 1000 },
			},
		],
	});
}

/** A published post as `GET /{media}` shows it. */
export function mediaView(state: SandboxState, entry: Entry): Record<string, unknown> {
	const { handle } = state.account('instagram', entry.accountId);
	const first = entry.media[0];
	return {
		id: entry.id,
		caption: entry.text === '' ? undefined : entry.text,
		media_type: entry.media.length > 1 ? 'CAROUSEL_ALBUM' : 'IMAGE',
		media_product_type: 'FEED',
		media_url: first ? `${state.publicUrl}/_media/${first.sha256}` : undefined,
		alt_text: first?.altText ?? undefined,
		permalink: entryUrl(state, entry),
		shortcode: entry.instagram?.shortcode,
		timestamp: new Date(entry.createdAt).toISOString().replace(/\.\d+Z$/, '+0000'),
		username: handle,
		owner: { id: entry.accountId },
		like_count: 0,
		comments_count: 0,
	};
}

/** `GET /{ig-id}/media`: newest first, with cursors. */
export function listMedia(
	req: Request,
	res: Response,
	state: SandboxState,
	account: Account,
): void {
	const params = graphParams(req);
	const limit = Math.min(100, Math.max(1, Number(params.limit ?? '25') || 25));
	const seconds = (name: string, otherwise: number): number =>
		params[name] === undefined ? otherwise : timeOf(params[name]);
	const since = seconds('since', -Infinity);
	const until = seconds('until', Infinity);
	const seenBefore = state.now() - state.settings.indexLagMs.instagram;
	const after = params.after === undefined ? null : fromCursor(params.after);
	const found = state
		.timeline('instagram', account.id)
		.filter(
			(entry) =>
				entry.deletedAt === null &&
				entry.createdAt <= seenBefore &&
				entry.createdAt >= since &&
				entry.createdAt <= until &&
				(after === null || BigInt(entry.id) < after),
		)
		.sort((a, b) => (BigInt(a.id) < BigInt(b.id) ? 1 : -1));
	const page = found.slice(0, limit);
	const [first, last] = [page[0], page.at(-1)];
	const fields = askedFields(params);
	graphAnswer(res, {
		data: page.map((entry) => pick(mediaView(state, entry), fields)),
		...(first && last
			? {
					paging: {
						cursors: { before: toCursor(first.id), after: toCursor(last.id) },
						...(found.length > page.length ? { next: nextPage(state, account, params, last) } : {}),
					},
				}
			: {}),
	});
}

/** Meta's own link holds the token; the sandbox leaves it out. */
function nextPage(
	state: SandboxState,
	account: Account,
	params: Record<string, string>,
	last: Entry,
): string {
	const query = new URLSearchParams({ ...params, after: toCursor(last.id) });
	query.delete('access_token');
	return `${state.publicUrl}/instagram/v26.0/${account.id}/media?${query}`;
}

/** Unix seconds or a date, as Graph takes both; ms. */
function timeOf(value: string): number {
	return /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value);
}

function toCursor(id: string): string {
	return Buffer.from(id).toString('base64url');
}

function fromCursor(cursor: string): bigint {
	const id = Buffer.from(cursor, 'base64url').toString('utf8');
	return /^\d+$/.test(id) ? BigInt(id) : 0n;
}
