import type { RpcAnswer } from '../../../core/ports';
import type { PostView } from '../../../core/store/contract';
import type { ApiProblem } from '../../shared/api';
import { Refused, valueOf } from '../connect/context';
import type { PostsContext } from './context';

/** Refusals that say: the post is not what the page showed when the button was pressed. */
const MEANWHILE = new Set([
	'post_started',
	'post_settled',
	'post_not_retryable',
	'post_not_in_review',
	'post_in_flight',
	'version_conflict',
]);

const NOW_SEEN = 'The page shows it as it is now.';

/** What became of the post, in words; null where the store's own words say it better. */
function whatHappened(post: PostView): ApiProblem | null {
	switch (post.state) {
		case 'published':
			return {
				code: 'published_meanwhile',
				message: 'The post is published: it went out before this. Nothing was changed.',
				remedy: `${NOW_SEEN} To take it down, delete it at the platform.`,
			};
		case 'publishing':
			return {
				code: 'publishing_now',
				message: 'The post is being published at this moment. Nothing was changed.',
				remedy: 'Wait a minute and look at it again.',
			};
		case 'needs_review':
			return {
				code: 'review_meanwhile',
				message: 'Nobody can tell whether the post is live, so it cannot be changed.',
				remedy: 'Open it and decide what became of it.',
			};
		default:
			return null;
	}
}

/** The value of an action's call; when the post changed meanwhile, the problem says into what. */
export async function settled<T>(
	{ store }: PostsContext,
	ids: { p_post_id: string; p_owner: string },
	answer: RpcAnswer<T>,
): Promise<T> {
	if (answer.kind === 'refused' && MEANWHILE.has(answer.refusal.code)) {
		const now = await store.call('social_post_get', ids);
		const problem = now.kind === 'ok' ? whatHappened(now.value) : null;
		if (problem !== null) throw new Refused(409, problem);
	}
	return valueOf(answer);
}
