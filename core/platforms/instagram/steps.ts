import type { HttpResponse } from '../../ports';
import type { CarriedAccount, PostView } from '../../store/contract';
import { excerpt, isSuccess, jsonOf, objectAt, textAt, type Json } from '../answers';
import type { Step, StepContext, StepReading } from '../platform';
import { readRefusal } from '../refusals';
import { graphGet, graphPost } from './calls';
import { REFUSALS } from './errors';

/** Meta fetches the picture while it answers, so this call takes longest. */
const CONTAINER_LIMIT_MS = 60_000;
const READ_LIMIT_MS = 15_000;
const PUBLISH_LIMIT_MS = 30_000;

/** Instagram shows a published container as PUBLISHED at once; half a minute covers slow days. */
const SETTLE_MS = 30_000;

/** Containers live 24 h; an hour is kept, for a container past its life can prove nothing. */
const CONTAINER_VALID_MS = 23 * 3_600_000;
/** The status ends before its container, so that a new container is asked for anew. */
const EARLIER_MS = 60_000;
/** A picture is ready within seconds (Postiz asks every 5 s). */
const POLL_MS = 3_000;

const INVISIBLE_STEPS = ['container', 'container_status'];

/** The calls of a post: container, its status, publish (content publishing guide). */
export function steps(post: PostView, account: CarriedAccount): Step[] {
	return [containerStep(post, account), statusStep(), publishStep(post, account)];
}

function containerIdOf(context: StepContext): string {
	return String(context.result('container')?.containerId ?? '');
}

function refuse(answer: HttpResponse, context: StepContext, visible: boolean): StepReading {
	return readRefusal(REFUSALS, answer, { visible, redo: INVISIBLE_STEPS, nowMs: context.nowMs });
}

function idIn(answer: HttpResponse): string | undefined {
	const id = textAt(jsonOf(answer) ?? {}, 'id');
	return isSuccess(answer) && id !== undefined && /^\d+$/.test(id) ? id : undefined;
}

function containerStep(post: PostView, account: CarriedAccount): Step {
	const altText = post.content.media?.[0]?.altText;
	return {
		name: 'container',
		part: 0,
		visible: false,
		final: false,
		limitMs: CONTAINER_LIMIT_MS,
		settleMs: 0,
		async prepare(context) {
			const form = {
				image_url: await context.mediaUrl(0),
				...(post.content.text === '' ? {} : { caption: post.content.text }),
				...(altText ? { alt_text: altText } : {}),
			};
			return { request: graphPost(`${account.remoteId}/media`, form, CONTAINER_LIMIT_MS) };
		},
		read(answer, context) {
			const id = idIn(answer);
			if (id === undefined) return refuse(answer, context, false);
			return {
				outcome: 'done',
				result: { containerId: id, until: context.nowMs + CONTAINER_VALID_MS },
				validMs: CONTAINER_VALID_MS,
			};
		},
	};
}

function statusStep(): Step {
	return {
		name: 'container_status',
		part: 0,
		visible: false,
		final: false,
		limitMs: READ_LIMIT_MS,
		settleMs: 0,
		prepare: (context) =>
			Promise.resolve({
				request: graphGet(containerIdOf(context), { fields: 'status_code,status' }, READ_LIMIT_MS),
			}),
		read(answer, context) {
			if (!isSuccess(answer)) return refuse(answer, context, false);
			const body = jsonOf(answer) ?? {};
			const status = textAt(body, 'status_code');
			switch (status) {
				case 'FINISHED':
				case 'PUBLISHED': {
					const until = Number(context.result('container')?.until ?? 0);
					return {
						outcome: 'done',
						result: { containerId: containerIdOf(context), status },
						validMs: Math.max(1, until - context.nowMs - EARLIER_MS),
					};
				}
				case 'ERROR':
					return brokenContainer(body, context);
				case 'EXPIRED':
					return redo('instagram_container_expired', 'has expired', 'EXPIRED');
				default:
					return { outcome: 'wait', waitMs: POLL_MS, reason: 'container' };
			}
		},
	};
}

/** `status` of a container in ERROR names the subcode in words; the table knows what it means. */
function brokenContainer(body: Json, context: StepContext): StepReading {
	const sentence = textAt(body, 'status') ?? '';
	const subcode = Number(/\b2207\d{3}\b/.exec(sentence)?.[0] ?? NaN);
	const asRefusal: HttpResponse = {
		kind: 'response',
		status: 400,
		headers: {},
		text: JSON.stringify({ error: { code: -1, error_subcode: subcode, message: sentence } }),
	};
	const known = Number.isNaN(subcode) ? undefined : refuse(asRefusal, context, false);
	if (known?.outcome === 'rejected' && known.class !== 'retry' && known.class !== 'redo') {
		if (known.error.code !== 'instagram_refused') return known;
	}
	return redo('instagram_container_unusable', 'could not be made', excerpt(sentence) || 'ERROR');
}

function redo(code: string, what: string, platformCode: string): StepReading {
	return {
		outcome: 'rejected',
		class: 'redo',
		redo: INVISIBLE_STEPS,
		error: {
			code,
			message: `The prepared post at Instagram ${what}. Nothing was published.`,
			remedy: 'Nothing to do: it is prepared anew.',
			platformCode,
		},
	};
}

function publishStep(post: PostView, account: CarriedAccount): Step {
	return {
		name: 'media_publish',
		part: 0,
		visible: true,
		final: true,
		limitMs: PUBLISH_LIMIT_MS,
		settleMs: SETTLE_MS,
		prepare(context) {
			const containerId = containerIdOf(context);
			return Promise.resolve({
				request: graphPost(
					`${account.remoteId}/media_publish`,
					{ creation_id: containerId },
					PUBLISH_LIMIT_MS,
				),
				recognise: { containerId, caption: post.content.text },
			});
		},
		read(answer, context) {
			const id = idIn(answer);
			return id === undefined ? refuse(answer, context, true) : { outcome: 'done', remoteId: id };
		},
	};
}

/** The address Instagram names for a published post; null when the answer has none. */
export function readPermalink(answer: HttpResponse): string | null {
	if (!isSuccess(answer)) return null;
	const link = textAt(objectAt(jsonOf(answer)), 'permalink');
	return link !== undefined && /^https?:\/\//.test(link) && URL.canParse(link) ? link : null;
}

/** Read of a published post's address. A `container:…` marker names no media and finds nothing. */
export function permalinkRequest(remoteId: string) {
	const id = encodeURIComponent(remoteId.replace(/^container:/, ''));
	return graphGet(id, { fields: 'permalink' }, READ_LIMIT_MS);
}

/** Unix ms of a Graph timestamp (`2026-11-22T10:00:00+0000`); null when it is none. */
export function graphTimeMs(text: string): number | null {
	const at = Date.parse(text.replace(/([+-]\d{2})(\d{2})$/, '$1:$2'));
	return Number.isNaN(at) ? null : at;
}
