import type { HttpResponse } from '../../ports';
import type { CarriedAccount, MediaInfo } from '../../store/contract';
import { mayReach } from '../addresses';
import { isSuccess, jsonOf, numberAt, objectAt, textAt } from '../answers';
import type { Step, StepContext, StepReading } from '../platform';
import { readRefusal } from '../refusals';
import { PUBLIC_HOSTS } from './authorize';
import { REFUSALS } from './errors';
import { authorOf } from './urns';

const CALL_LIMIT_MS = 15_000;
const UPLOAD_LIMIT_MS = 60_000;
/** Upload addresses name their end; a minute is kept for the upload itself. */
const UPLOAD_RESERVE_MS = 60_000;
/** Used when LinkedIn names no end. */
const UPLOAD_VALID_MS = 3_600_000;
/** LinkedIn documents no end of an uploaded picture; a day covers every lateness a post may have. */
const IMAGE_VALID_MS = 24 * 3_600_000;
/** How often a picture in processing is asked for. */
const POLL_MS = 2_000;
/** Members may not read a picture's state (Postiz, 2026-08): they wait this long after the upload. */
const BLIND_WAIT_MS = 3_000;
/** The upload address is refused: unknown, used or expired. */
const UPLOAD_GONE = new Set([400, 403, 404, 410]);

/** All image steps of a post, to run again when LinkedIn lost a picture. */
export function imageStepNames(media: MediaInfo[]): string[] {
	return media.flatMap((_, index) => [
		`media_${index}_register`,
		`media_${index}_upload`,
		`media_${index}_ready`,
	]);
}

/** URN of the uploaded picture. */
export function uploadedImage(context: StepContext, index: number): string {
	return String(context.result(`media_${index}_upload`)?.image ?? '');
}

function invisible(name: string, limitMs: number): Omit<Step, 'prepare' | 'read'> {
	return { name, part: 0, visible: false, final: false, limitMs, settleMs: 0 };
}

function refuse(answer: HttpResponse, context: StepContext): StepReading {
	return readRefusal(REFUSALS, answer, {
		visible: false,
		redo: imageStepNames(context.post.media),
		nowMs: context.nowMs,
	});
}

/**
 * The calls that bring a picture to LinkedIn: register, one PUT of the whole file, wait until it
 * is processed (Images API). Nobody sees them; all may be repeated.
 */
export function imageSteps(media: MediaInfo[], account: CarriedAccount): Step[] {
	return media.flatMap((picture, index) => [
		registerStep(index, account),
		uploadStep(picture, index),
		readyStep(index),
	]);
}

function registerStep(index: number, account: CarriedAccount): Step {
	return {
		...invisible(`media_${index}_register`, CALL_LIMIT_MS),
		prepare: () =>
			Promise.resolve({
				request: {
					method: 'POST',
					path: '/rest/images?action=initializeUpload',
					headers: { 'content-type': 'application/json', accept: 'application/json' },
					body: JSON.stringify({ initializeUploadRequest: { owner: authorOf(account) } }),
					limitMs: CALL_LIMIT_MS,
				},
			}),
		read(answer, context) {
			const value = objectAt(jsonOf(answer), 'value');
			const uploadUrl = textAt(value, 'uploadUrl');
			const image = textAt(value, 'image');
			if (!isSuccess(answer) || uploadUrl === undefined || image === undefined) {
				return refuse(answer, context);
			}
			if (!mayReach(uploadUrl, context.account, PUBLIC_HOSTS)) return strangeAddress();
			const end = numberAt(value, 'uploadUrlExpiresAt');
			const validMs =
				end === undefined ? UPLOAD_VALID_MS : Math.max(1, end - context.nowMs - UPLOAD_RESERVE_MS);
			return { outcome: 'done', result: { uploadUrl, image }, validMs };
		},
	};
}

/** Bytes and token go only to LinkedIn, whatever an answer says. */
function strangeAddress(): StepReading {
	return {
		outcome: 'rejected',
		class: 'permanent',
		error: {
			code: 'linkedin_upload_address_refused',
			message:
				'LinkedIn’s answer named an upload address outside LinkedIn, so the picture was not sent. Nothing was published.',
			remedy: 'Check the account’s base URL and what stands between it and LinkedIn, then retry.',
		},
	};
}

function uploadStep(picture: MediaInfo, index: number): Step {
	const registered = (context: StepContext) => context.result(`media_${index}_register`) ?? {};
	return {
		...invisible(`media_${index}_upload`, UPLOAD_LIMIT_MS),
		async prepare(context) {
			return {
				request: {
					method: 'PUT',
					path: String(registered(context).uploadUrl ?? ''),
					headers: { 'content-type': picture.mime },
					body: await context.mediaBytes(index),
					limitMs: UPLOAD_LIMIT_MS,
				},
			};
		},
		read(answer, context) {
			if (isSuccess(answer)) {
				const { image } = registered(context);
				return {
					outcome: 'done',
					result: { image, uploadedAt: context.nowMs },
					validMs: IMAGE_VALID_MS,
				};
			}
			if (!UPLOAD_GONE.has(answer.status)) return refuse(answer, context);
			return {
				outcome: 'rejected',
				class: 'redo',
				redo: imageStepNames(context.post.media),
				error: {
					code: 'linkedin_upload_gone',
					message:
						'LinkedIn no longer takes the picture at this upload address. Nothing was published.',
					remedy: 'Nothing to do: the upload starts anew.',
					status: answer.status,
				},
			};
		},
	};
}

function readyStep(index: number): Step {
	return {
		...invisible(`media_${index}_ready`, CALL_LIMIT_MS),
		prepare: (context) =>
			Promise.resolve({
				request: {
					method: 'GET',
					path: `/rest/images/${encodeURIComponent(uploadedImage(context, index))}`,
					headers: { accept: 'application/json' },
					limitMs: CALL_LIMIT_MS,
				},
			}),
		read(answer, context) {
			const uploadedAt = Number(context.result(`media_${index}_upload`)?.uploadedAt ?? 0);
			const left = uploadedAt + BLIND_WAIT_MS - context.nowMs;
			const done: StepReading = {
				outcome: 'done',
				result: { image: uploadedImage(context, index) },
				// Ends with the upload, so that a new upload is asked for anew.
				validMs: Math.max(1, uploadedAt + IMAGE_VALID_MS - context.nowMs - UPLOAD_RESERVE_MS),
			};
			if (answer.status === 403 || answer.status === 404) {
				return left > 0 ? { outcome: 'wait', waitMs: left, reason: 'container' } : done;
			}
			if (!isSuccess(answer)) return refuse(answer, context);
			switch (textAt(jsonOf(answer) ?? {}, 'status')) {
				case 'WAITING_UPLOAD':
				case 'PROCESSING':
					return { outcome: 'wait', waitMs: POLL_MS, reason: 'container' };
				case 'PROCESSING_FAILED':
					return {
						outcome: 'rejected',
						class: 'permanent',
						error: {
							code: 'linkedin_image_unusable',
							message: 'LinkedIn could not process the picture. Nothing was published.',
							remedy: 'Save the picture anew as JPEG or PNG, then create the post again.',
						},
					};
				default:
					return done;
			}
		},
	};
}
