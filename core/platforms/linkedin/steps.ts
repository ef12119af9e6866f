import { escapeLittleText } from '../../content/little-text';
import type { CarriedAccount, PostView } from '../../store/contract';
import { isSuccess } from '../answers';
import type { Step } from '../platform';
import { readRefusal } from '../refusals';
import { REFUSALS } from './errors';
import { imageStepNames, imageSteps, uploadedImage } from './image-steps';
import { authorOf, isPostUrn, postUrl } from './urns';

const POST_LIMIT_MS = 30_000;

/** LinkedIn indexes a new post within a minute (reports around DUPLICATE_POST). */
const SETTLE_MS = 60_000;

/** The calls of a post: uploads, then `POST /rest/posts`. */
export function steps(post: PostView, account: CarriedAccount): Step[] {
	return [...imageSteps(post.media, account), postStep(post, account)];
}

function postStep(post: PostView, account: CarriedAccount): Step {
	const commentary = escapeLittleText(post.content.text);
	const altTexts = (post.content.media ?? []).map((ref) => ref.altText);
	return {
		name: 'post',
		part: 0,
		visible: true,
		final: true,
		limitMs: POST_LIMIT_MS,
		settleMs: SETTLE_MS,
		prepare(context) {
			const images = post.media.map((_, index) => ({
				id: uploadedImage(context, index),
				...(altTexts[index] ? { altText: altTexts[index] } : {}),
			}));
			const author = authorOf(account);
			const body = {
				author,
				commentary,
				visibility: 'PUBLIC',
				distribution: {
					feedDistribution: 'MAIN_FEED',
					targetEntities: [],
					thirdPartyDistributionChannels: [],
				},
				...contentOf(images),
				lifecycleState: 'PUBLISHED',
				isReshareDisabledByAuthor: false,
			};
			return Promise.resolve({
				request: {
					method: 'POST',
					path: '/rest/posts',
					headers: { 'content-type': 'application/json', accept: 'application/json' },
					body: JSON.stringify(body),
					limitMs: POST_LIMIT_MS,
				},
				recognise: {
					author,
					text: post.content.text,
					commentary,
					images: images.map(({ id }) => id),
				},
			});
		},
		read(answer, context) {
			// The body of a 201 is empty; the id is in a header.
			const urn = answer.headers['x-restli-id'] ?? '';
			if (isSuccess(answer) && isPostUrn(urn)) {
				return { outcome: 'done', remoteId: urn, url: postUrl(account, urn) };
			}
			const redo = imageStepNames(post.media);
			return readRefusal(REFUSALS, answer, { visible: true, redo, nowMs: context.nowMs });
		},
	};
}

function contentOf(images: { id: string; altText?: string }[]): Record<string, unknown> {
	const [only] = images;
	if (only === undefined) return {};
	return { content: images.length === 1 ? { media: only } : { multiImage: { images } } };
}
