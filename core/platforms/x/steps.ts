import type { CarriedAccount, PostView } from '../../store/contract';
import { isSuccess, jsonOf, objectAt, textAt } from '../answers';
import type { Step } from '../platform';
import { readRefusal } from '../refusals';
import { REFUSALS } from './errors';
import { finishedUpload, mediaSteps, uploadStepNames } from './media-steps';

const POST_LIMIT_MS = 30_000;

/** X lists a new post nearly at once; half a minute covers its slower days. */
const SETTLE_MS = 30_000;

/** Public address of a post; the sandbox serves the same path below its base URL. */
export function postUrl(
	account: Pick<CarriedAccount, 'mode' | 'baseUrl' | 'handle'>,
	id: string,
): string {
	const base = account.mode === 'sandbox' ? account.baseUrl : 'https://x.com';
	return `${base}/${account.handle}/status/${id}`;
}

/** The calls of a post: uploads with alternative texts, then `POST /2/tweets`. */
export function steps(post: PostView, account: CarriedAccount): Step[] {
	const altTexts = (post.content.media ?? []).map((ref) => ref.altText);
	return [...mediaSteps(post.media, altTexts), postStep(post, account)];
}

function postStep(post: PostView, account: CarriedAccount): Step {
	const { text } = post.content;
	return {
		name: 'post',
		part: 0,
		visible: true,
		final: true,
		limitMs: POST_LIMIT_MS,
		settleMs: SETTLE_MS,
		prepare(context) {
			const uploads = post.media.map((_, index) => finishedUpload(context, index));
			const body = {
				...(text === '' ? {} : { text }),
				...(uploads.length === 0 ? {} : { media: { media_ids: uploads.map(({ id }) => id) } }),
			};
			return Promise.resolve({
				request: {
					method: 'POST',
					path: '/2/tweets',
					headers: { 'content-type': 'application/json', accept: 'application/json' },
					body: JSON.stringify(body),
					limitMs: POST_LIMIT_MS,
				},
				recognise: {
					text,
					mediaIds: uploads.map(({ id }) => id),
					mediaKeys: uploads.map(({ key }) => key ?? null),
					replyTo: null,
				},
			});
		},
		read(answer, context) {
			const id = textAt(objectAt(jsonOf(answer), 'data'), 'id');
			if (isSuccess(answer) && id !== undefined && /^\d{1,19}$/.test(id)) {
				return { outcome: 'done', remoteId: id, url: postUrl(account, id) };
			}
			const redo = uploadStepNames(post.media);
			return readRefusal(REFUSALS, answer, { visible: true, redo, nowMs: context.nowMs });
		},
	};
}
