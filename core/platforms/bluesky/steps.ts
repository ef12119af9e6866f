import type { CarriedAccount, PostView } from '../../store/contract';
import { isSuccess, jsonOf, numberAt, objectAt, textAt, type Json } from '../answers';
import type { Step, StepContext, StepReading } from '../platform';
import { readRefusal } from '../refusals';
import { REFUSALS } from './errors';
import { mentionedHandles } from './facets';
import { recordKey } from './record-key';
import { COLLECTION, postRecord, postUrl, recordUri, type Blob } from './record';

const MENTION_LIMIT_MS = 15_000;
const UPLOAD_LIMIT_MS = 60_000;
const POST_LIMIT_MS = 20_000;

/** A record can be read as soon as it is committed; this is the way through a proxy in front. */
const SETTLE_MS = 5_000;

/** Servers delete pictures that no record uses, the reference server not before an hour. */
const BLOB_VALID_MS = 3_600_000;

const JSON_HEADERS = { 'content-type': 'application/json', accept: 'application/json' };

/** The calls of a post: mentioned handles, pictures, then `putRecord` under the post's own key. */
export function steps(post: PostView, account: CarriedAccount): Step[] {
	const handles = mentionedHandles(post.content.text);
	return [
		...handles.map(mentionStep),
		...post.media.map((picture, index) => uploadStep(picture.mime, index)),
		postStep(post, account, handles),
	];
}

const mentionName = (index: number) => `mention_${index}`;
const uploadName = (index: number) => `image_${index}`;

/** Whose handle is it? One that the server does not know stays plain text. */
function mentionStep(handle: string, index: number): Step {
	return {
		name: mentionName(index),
		part: 0,
		visible: false,
		final: false,
		limitMs: MENTION_LIMIT_MS,
		settleMs: 0,
		prepare: () =>
			Promise.resolve({
				request: {
					method: 'GET',
					path: `/xrpc/com.atproto.identity.resolveHandle?${new URLSearchParams({ handle }).toString()}`,
					headers: { accept: 'application/json' },
					limitMs: MENTION_LIMIT_MS,
				},
			}),
		read(answer, context) {
			const body = jsonOf(answer) ?? {};
			const did = textAt(body, 'did');
			if (isSuccess(answer) && did !== undefined && /^did:[a-z]+:\S+$/.test(did)) {
				return { outcome: 'done', result: { handle, did } };
			}
			const error = textAt(body, 'error');
			if (answer.status === 400 && (error === 'InvalidRequest' || error === 'HandleNotFound')) {
				return { outcome: 'done', result: { handle, did: null } };
			}
			return readRefusal(REFUSALS, answer, { visible: false, redo: [], nowMs: context.nowMs });
		},
	};
}

/** The same bytes always give the same blob, so this may be repeated freely. */
function uploadStep(mime: string, index: number): Step {
	return {
		name: uploadName(index),
		part: 0,
		visible: false,
		final: false,
		limitMs: UPLOAD_LIMIT_MS,
		settleMs: 0,
		async prepare(context) {
			return {
				request: {
					method: 'POST',
					path: '/xrpc/com.atproto.repo.uploadBlob',
					headers: { 'content-type': mime, accept: 'application/json' },
					body: await context.mediaBytes(index),
					limitMs: UPLOAD_LIMIT_MS,
				},
			};
		},
		read(answer, context) {
			const blob = blobOf(objectAt(jsonOf(answer), 'blob'));
			if (isSuccess(answer) && blob !== null) {
				return { outcome: 'done', result: { blob }, validMs: BLOB_VALID_MS };
			}
			return readRefusal(REFUSALS, answer, {
				visible: false,
				redo: [uploadName(index)],
				nowMs: context.nowMs,
			});
		},
	};
}

function blobOf(value: Json): Blob | null {
	const link = textAt(objectAt(value, 'ref'), '$link');
	const mimeType = textAt(value, 'mimeType');
	const size = numberAt(value, 'size');
	if (link === undefined || mimeType === undefined || size === undefined) return null;
	return { $type: 'blob', ref: { $link: link }, mimeType, size };
}

function storedBlob(context: StepContext, index: number): Blob {
	const blob = blobOf(objectAt(context.result(uploadName(index)), 'blob'));
	if (blob === null) throw new TypeError(`Picture ${index + 1} has not been uploaded`);
	return blob;
}

function storedDids(context: StepContext, handles: string[]): Map<string, string> {
	const dids = new Map<string, string>();
	handles.forEach((handle, index) => {
		const did = textAt(context.result(mentionName(index)) ?? {}, 'did');
		if (did !== undefined) dids.set(handle, did);
	});
	return dids;
}

/**
 * `putRecord` with `swapRecord: null`: "only if nothing is there". Sent again with the same record
 * it answers 200 with the same address and changes nothing (measured on @atproto/pds 0.5.35).
 */
function postStep(post: PostView, account: CarriedAccount, handles: string[]): Step {
	const uploads = post.media.map((_, index) => uploadName(index));
	return {
		name: 'post',
		part: 0,
		visible: true,
		final: true,
		limitMs: POST_LIMIT_MS,
		settleMs: SETTLE_MS,
		prepare(context) {
			const rkey = recordKey(post.id);
			const record = postRecord(post, {
				dids: storedDids(context, handles),
				blobs: post.media.map((_, index) => storedBlob(context, index)),
				createdAt: new Date(context.nowMs),
			});
			const body = {
				repo: account.remoteId,
				collection: COLLECTION,
				rkey,
				record,
				swapRecord: null,
			};
			return Promise.resolve({
				request: {
					method: 'POST',
					path: '/xrpc/com.atproto.repo.putRecord',
					headers: JSON_HEADERS,
					body: JSON.stringify(body),
					limitMs: POST_LIMIT_MS,
				},
				recognise: { uri: recordUri(account, rkey), rkey },
			});
		},
		read(answer, context): StepReading {
			const rkey = recordKey(post.id);
			const uri = recordUri(account, rkey);
			const body = jsonOf(answer) ?? {};
			if (isSuccess(answer) && textAt(body, 'uri') === uri) {
				return {
					outcome: 'done',
					remoteId: uri,
					url: postUrl(account, rkey),
					result: { cid: textAt(body, 'cid') ?? null },
				};
			}
			return readRefusal(REFUSALS, answer, { visible: true, redo: uploads, nowMs: context.nowMs });
		},
	};
}
