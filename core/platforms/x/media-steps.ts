import { encodeBase64 } from '../../content/base64';
import type { HttpResponse } from '../../ports';
import type { MediaInfo } from '../../store/contract';
import { isSuccess, jsonOf, numberAt, objectAt, textAt, type Json } from '../answers';
import type { PlatformRequest, Step, StepContext, StepReading } from '../platform';
import { readRefusal } from '../refusals';
import { REFUSALS } from './errors';

/** The piece that twitter-api-v2 sends, proven in the field. */
export const CHUNK_BYTES = 1024 * 1024;

const UPLOAD_LIMIT_MS = 30_000;
const CALL_LIMIT_MS = 15_000;

/** Media ids live 24 h from the upload's end (docs.x.com); half an hour is kept for the post. */
const MEDIA_VALID_MS = 24 * 3_600_000 - 1_800_000;

/**
 * Each later step of an upload ends this much sooner than the one before, so that no result about
 * an old media id outlives the id.
 */
const EARLIER_MS = 60_000;

const DEFAULT_CHECK_MS = 2_000;

interface Upload {
	index: number;
	chunks: number;
	/** Names in order; a later one must be run again with an earlier one. */
	names: { start: string; append: string[]; finish: string; ready: string; alt: string };
}

function uploadOf(picture: MediaInfo, index: number): Upload {
	const chunks = Math.max(1, Math.ceil(picture.bytes / CHUNK_BYTES));
	return {
		index,
		chunks,
		names: {
			start: `media_${index}_start`,
			append: Array.from({ length: chunks }, (_, chunk) => `media_${index}_append_${chunk}`),
			finish: `media_${index}_finish`,
			ready: `media_${index}_ready`,
			alt: `media_${index}_alt`,
		},
	};
}

/** All steps of all uploads of a post, to run again when X lost the media. */
export function uploadStepNames(media: MediaInfo[]): string[] {
	return media.flatMap((picture, index) => {
		const { alt, append, finish, ready, start } = uploadOf(picture, index).names;
		return [start, ...append, finish, ready, alt];
	});
}

/** What the finished upload of a picture is called. */
export function finishedUpload(context: StepContext, index: number): { id: string; key?: string } {
	const result = context.result(`media_${index}_finish`) ?? {};
	const key = textAt(result, 'mediaKey');
	return { id: String(result.mediaId ?? ''), ...(key === undefined ? {} : { key }) };
}

function mediaIdOf(context: StepContext, upload: Upload): string {
	return String(context.result(upload.names.start)?.mediaId ?? '');
}

/** What is left of the upload's life at the given place in its chain of steps. */
function validMs(context: StepContext, upload: Upload, place: number): number {
	const until = Number(context.result(upload.names.start)?.until ?? 0);
	return Math.max(1, until - context.nowMs - place * EARLIER_MS);
}

function jsonCall(path: string, body: Json, limitMs: number): PlatformRequest {
	return {
		method: 'POST',
		path,
		headers: { 'content-type': 'application/json', accept: 'application/json' },
		body: JSON.stringify(body),
		limitMs,
	};
}

function invisible(name: string, limitMs: number): Omit<Step, 'prepare' | 'read'> {
	return { name, part: 0, visible: false, final: false, limitMs, settleMs: 0 };
}

function refuse(answer: HttpResponse, context: StepContext): StepReading {
	const redo = uploadStepNames(context.post.media);
	return readRefusal(REFUSALS, answer, { visible: false, redo, nowMs: context.nowMs });
}

/**
 * The calls that bring a picture to X: initialize, append, finalize, ask whether it is processed,
 * alternative text (docs.x.com, media upload v2). Nobody sees any of them; an upload that is never
 * posted expires, so all may be repeated.
 */
export function mediaSteps(media: MediaInfo[], altTexts: (string | undefined)[]): Step[] {
	return media.flatMap((picture, index) => {
		const upload = uploadOf(picture, index);
		const altText = altTexts[index];
		return [
			startStep(upload, picture),
			...upload.names.append.map((_, chunk) => appendStep(upload, chunk)),
			finishStep(upload),
			readyStep(upload),
			...(altText ? [altStep(upload, altText)] : []),
		];
	});
}

function startStep(upload: Upload, picture: MediaInfo): Step {
	return {
		...invisible(upload.names.start, CALL_LIMIT_MS),
		prepare: () =>
			Promise.resolve({
				request: jsonCall(
					'/2/media/upload/initialize',
					{
						media_type: picture.mime,
						total_bytes: picture.bytes,
						media_category: picture.mime === 'image/gif' ? 'tweet_gif' : 'tweet_image',
					},
					CALL_LIMIT_MS,
				),
			}),
		read(answer, context) {
			const data = objectAt(jsonOf(answer), 'data');
			const id = textAt(data, 'id');
			if (!isSuccess(answer) || id === undefined) return refuse(answer, context);
			const until = context.nowMs + MEDIA_VALID_MS;
			return { outcome: 'done', result: { mediaId: id, until }, validMs: MEDIA_VALID_MS };
		},
	};
}

function appendStep(upload: Upload, chunk: number): Step {
	return {
		...invisible(upload.names.append[chunk] ?? '', UPLOAD_LIMIT_MS),
		async prepare(context) {
			const bytes = await context.mediaBytes(upload.index);
			const piece = bytes.subarray(chunk * CHUNK_BYTES, (chunk + 1) * CHUNK_BYTES);
			const id = encodeURIComponent(mediaIdOf(context, upload));
			return {
				request: jsonCall(
					`/2/media/upload/${id}/append`,
					{ media: encodeBase64(piece), segment_index: chunk },
					UPLOAD_LIMIT_MS,
				),
			};
		},
		read(answer, context) {
			if (!isSuccess(answer)) return refuse(answer, context);
			return {
				outcome: 'done',
				result: { mediaId: mediaIdOf(context, upload), segment: chunk },
				validMs: validMs(context, upload, 1 + chunk),
			};
		},
	};
}

function finishStep(upload: Upload): Step {
	return {
		...invisible(upload.names.finish, UPLOAD_LIMIT_MS),
		prepare: (context) =>
			Promise.resolve({
				request: jsonCall(
					`/2/media/upload/${encodeURIComponent(mediaIdOf(context, upload))}/finalize`,
					{},
					UPLOAD_LIMIT_MS,
				),
			}),
		read(answer, context) {
			const data = objectAt(jsonOf(answer), 'data');
			const id = textAt(data, 'id');
			if (!isSuccess(answer) || id === undefined) return refuse(answer, context);
			const processing = textAt(objectAt(data, 'processing_info'), 'state') ?? null;
			if (processing === 'failed') return unprocessable(data);
			const mediaKey = textAt(data, 'media_key');
			return {
				outcome: 'done',
				result: { mediaId: id, processing, ...(mediaKey === undefined ? {} : { mediaKey }) },
				validMs: validMs(context, upload, 1 + upload.chunks),
			};
		},
	};
}

function readyStep(upload: Upload): Step {
	return {
		...invisible(upload.names.ready, CALL_LIMIT_MS),
		prepare: (context) =>
			Promise.resolve({
				request: {
					method: 'GET',
					path: `/2/media/upload?command=STATUS&media_id=${encodeURIComponent(mediaIdOf(context, upload))}`,
					headers: { accept: 'application/json' },
					limitMs: CALL_LIMIT_MS,
				},
			}),
		read(answer, context) {
			const done: StepReading = {
				outcome: 'done',
				result: { mediaId: mediaIdOf(context, upload) },
				validMs: validMs(context, upload, 2 + upload.chunks),
			};
			const pending = context.result(upload.names.finish)?.processing;
			if (!isSuccess(answer)) {
				// A still picture has nothing to process, and X may know no status of it.
				return pending === null ? done : refuse(answer, context);
			}
			const data = objectAt(jsonOf(answer), 'data');
			const info = objectAt(data, 'processing_info');
			const state = textAt(info, 'state');
			if (state === 'failed') return unprocessable(data);
			if (state === 'pending' || state === 'in_progress') {
				const seconds = numberAt(info, 'check_after_secs');
				const waitMs = seconds === undefined ? DEFAULT_CHECK_MS : seconds * 1000;
				return { outcome: 'wait', waitMs, reason: 'container' };
			}
			return done;
		},
	};
}

function altStep(upload: Upload, altText: string): Step {
	return {
		...invisible(upload.names.alt, CALL_LIMIT_MS),
		prepare: (context) =>
			Promise.resolve({
				request: jsonCall(
					'/2/media/metadata',
					{
						id: finishedUpload(context, upload.index).id,
						metadata: { alt_text: { text: altText } },
					},
					CALL_LIMIT_MS,
				),
			}),
		read(answer, context) {
			if (!isSuccess(answer)) return refuse(answer, context);
			return {
				outcome: 'done',
				result: { mediaId: mediaIdOf(context, upload) },
				validMs: validMs(context, upload, 3 + upload.chunks),
			};
		},
	};
}

function unprocessable(data: Json): StepReading {
	const name = textAt(objectAt(data, 'processing_info', 'error'), 'name');
	return {
		outcome: 'rejected',
		class: 'permanent',
		error: {
			code: 'x_media_refused',
			message: 'X could not process the picture. Nothing was published.',
			remedy: 'Save the picture anew as JPEG or PNG, then create the post again.',
			...(name === undefined ? {} : { platformCode: name }),
		},
	};
}
