import { comparable } from '../../content/compare-text';
import { isSuccess, jsonOf, objectAt, objectsAt, textAt, type Json } from '../answers';
import type { LookUpContext, LookUpVerdict, PlatformRequest } from '../platform';
import { CLOCK_SKEW_MS, earliestIntentMs, tooEarly, unknown } from '../timeline';
import { graphGet } from './calls';
import { graphTimeMs } from './steps';

const READ_LIMIT_MS = 15_000;
/** Containers outlive the wait between two looks by far. */
const PROCESSING_MS = 60_000;
const PAGE_SIZE = 50;

/**
 * Asks the container of the intent (protocol §7). PUBLISHED is proof; FINISHED and ERROR mean that
 * it is not live; EXPIRED or unreadable after an intent is not known.
 */
export async function lookUp(context: LookUpContext): Promise<LookUpVerdict> {
	const early = tooEarly(context);
	if (early !== null) return early;
	const containerId = String(context.intent.recognise.containerId ?? '');
	if (!/^\d+$/.test(containerId)) {
		return unknown(context, 'no_container', 'the intent names no Instagram container', null);
	}
	const body = await read(
		context,
		graphGet(containerId, { fields: 'status_code,status' }, READ_LIMIT_MS),
	);
	const status = body === null ? undefined : textAt(body, 'status_code');
	switch (status) {
		case 'PUBLISHED':
			return await published(context, containerId);
		case 'FINISHED':
		case 'ERROR':
			return { verdict: 'absent', proof: { containerId, status, at: context.nowMs } };
		case 'IN_PROGRESS':
			return unknown(
				context,
				'in_progress',
				'the Instagram container is still being processed',
				PROCESSING_MS,
			);
		case 'EXPIRED':
			return unknown(
				context,
				'expired',
				'the Instagram container has expired, which after a try to publish it proves nothing',
				null,
			);
		default:
			return unknown(context, 'unreadable', 'the Instagram container could not be read');
	}
}

async function read(context: LookUpContext, request: PlatformRequest): Promise<Json | null> {
	const answer = await context.http.send(context.authorize(request));
	return answer.kind === 'response' && isSuccess(answer) ? jsonOf(answer) : null;
}

/** Live for sure; which media it became is known only if exactly one fits. */
async function published(context: LookUpContext, containerId: string): Promise<LookUpVerdict> {
	const media = await publishedMedia(context);
	return {
		verdict: 'found',
		remoteId: media?.id ?? `container:${containerId}`,
		url: media?.url ?? null,
		by: 'lookup',
	};
}

/**
 * The media that a published container became: the only one of the account's newest that fits
 * caption, time and owner and is no other post of ours. Null when there is not exactly one.
 */
export async function publishedMedia(
	context: LookUpContext,
): Promise<{ id: string; url: string | null } | null> {
	const body = await read(
		context,
		graphGet(
			`${context.account.remoteId}/media`,
			{ fields: 'id,caption,timestamp,permalink,username,owner', limit: String(PAGE_SIZE) },
			READ_LIMIT_MS,
		),
	);
	const list = body === null ? null : objectsAt(body, 'data');
	if (list === null) return null;
	const fitting: { id: string; url: string | null }[] = [];
	for (const media of list) {
		const id = textAt(media, 'id');
		if (id === undefined || !fits(media, context) || (await context.isOurs(id))) continue;
		fitting.push({ id, url: textAt(media, 'permalink') ?? null });
	}
	const [only] = fitting;
	return only !== undefined && fitting.length === 1 ? only : null;
}

function fits(media: Json, context: LookUpContext): boolean {
	const { account, intent } = context;
	const at = graphTimeMs(textAt(media, 'timestamp') ?? '');
	const owner = textAt(objectAt(media, 'owner'), 'id');
	const name = textAt(media, 'username');
	const caption = String(intent.recognise.caption ?? '');
	return (
		at !== null &&
		at >= earliestIntentMs(context) - CLOCK_SKEW_MS &&
		at <= Date.parse(intent.settledAt) + CLOCK_SKEW_MS &&
		(owner === undefined || owner === account.remoteId) &&
		(name === undefined || name.toLowerCase() === account.handle.toLowerCase()) &&
		comparable(textAt(media, 'caption') ?? '') === comparable(caption)
	);
}
