import type { PostRowView } from '../../../../../core/store/contract';
import type { PostActionAnswer, RescheduleRequest, ResolveRequest } from '../../../../shared/posts';
import { call } from '../../api/client';
import { useSend } from '../../api/queries';

/** Queries that show posts. */
export const POST_QUERIES = ['posts', 'post', 'calendar', 'overview'];

type Named = Pick<PostRowView, 'id' | 'owner'>;

const address = (id: string, action: string) => `/api/posts/${encodeURIComponent(id)}/${action}`;

/** One write about one post; its lists are asked for again afterwards, also when it was refused. */
export function act(post: Named, action: 'retry' | 'cancel'): Promise<PostActionAnswer>;
export function act(
	post: Named,
	action: 'duplicate',
	body: { key: string },
): Promise<PostActionAnswer>;
export function act(
	post: Named,
	action: 'reschedule',
	body: Omit<RescheduleRequest, 'owner'>,
): Promise<PostActionAnswer>;
export function act(
	post: Named,
	action: 'resolve',
	body: Omit<ResolveRequest, 'owner'>,
): Promise<PostActionAnswer>;
export function act(post: Named, action: string, body: object = {}): Promise<PostActionAnswer> {
	return call<PostActionAnswer>('POST', address(post.id, action), { owner: post.owner, ...body });
}

/** Like `useSend`, for actions on posts. */
export function usePostAction<Body>(
	send: (body: Body) => Promise<PostActionAnswer>,
	done?: (answer: PostActionAnswer, body: Body) => void,
) {
	return useSend(send, { changes: POST_QUERIES, ...(done ? { done } : {}) });
}

/** What fits a post as it is; the server has the last word. */
export function fits(post: PostRowView) {
	const open = (post.state === 'draft' || post.state === 'scheduled') && !post.started;
	return {
		edit: open && !post.held,
		move: open && !post.held && post.scheduledAt !== null,
		retry:
			['failed', 'missed', 'cancelled'].includes(post.state) ||
			(post.state === 'scheduled' && post.waitReason !== null && post.waitReason !== 'off'),
		cancel:
			['draft', 'scheduled', 'publishing'].includes(post.state) &&
			!post.cancelRequested &&
			!post.held,
		resolve: post.state === 'needs_review' || (post.state === 'scheduled' && post.held),
	};
}

/** Where one post is shown. */
export const postPath = ({ id, owner }: Named, ownOwner: string) =>
	`/posts/${id}${owner === ownOwner ? '' : `?${new URLSearchParams({ owner })}`}`;

/** A key for a wish of a person; the same wish sent twice is one. */
export const newKey = () => crypto.randomUUID();
