import { infiniteQueryOptions, useQueryClient } from '@tanstack/react-query';
import type { Notice } from '../../../../../core/store/contract';
import type {
	LiveNotice,
	NotificationsAnswer,
	ReadNotificationsAnswer,
	ReadNotificationsRequest,
} from '../../../../shared/notifications';
import { call } from '../../api/client';
import { useSend } from '../../api/queries';

/** Asked for now and then also while events come: they say when to ask, not what there is. */
const LIVE_MS = 60_000;
const ASKING_MS = 5_000;

export const notificationsQuery = (live: boolean) =>
	infiniteQueryOptions({
		queryKey: ['notifications'],
		queryFn: ({ pageParam }) =>
			call<NotificationsAnswer>(
				'GET',
				`/api/notifications${pageParam ? `?cursor=${encodeURIComponent(pageParam)}` : ''}`,
			),
		initialPageParam: '',
		getNextPageParam: (last) => last.nextCursor,
		refetchInterval: live ? LIVE_MS : ASKING_MS,
	});

/** Notes what was read; the list shows it at once. */
export function useRead() {
	const client = useQueryClient();
	return useSend(
		(ids: string[] | null) =>
			call<ReadNotificationsAnswer>(
				'POST',
				'/api/notifications/read',
				(ids === null ? {} : { ids }) satisfies ReadNotificationsRequest,
			),
		{ done: () => void client.invalidateQueries({ queryKey: ['notifications'] }) },
	);
}

/** Where a notice leads. */
export function placeOf(notice: LiveNotice | Notice, ownOwner: string): string {
	const query = new URLSearchParams();
	if (notice.owner !== null && notice.owner !== ownOwner) query.set('owner', notice.owner);
	const at = (path: string) => (query.size > 0 ? `${path}?${query}` : path);
	switch (notice.kind) {
		case 'needs_review':
			return at(`/posts/${notice.postId}`);
		case 'failed':
		case 'missed':
			if (notice.count === 1) return at(`/posts/${notice.postId}`);
			query.set('state', notice.kind);
			if (notice.accountId) query.set('account', notice.accountId);
			return at('/posts');
		case 'account_at_risk':
		case 'account_disconnected':
			return at('/accounts');
		case 'carrier_took_over':
		case 'carrier_back':
			return '/';
	}
}
