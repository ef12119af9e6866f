/**
 * The bell. `GET /api/notifications?cursor=`, `POST /api/notifications/read`, and live
 * `GET /api/events` (server-sent events): `ready`, `notice` (a `LiveNotice`), `store` (`StoreEvent`) and
 * `end` when the session is over. An event's id is where to go on after a pause.
 */
import type { Notice } from '../../core/store/contract';

/** Of all owners for an admin, else of one's own and of what concerns everybody. */
export interface NotificationsAnswer {
	/** Counted to 100. */
	unread: number;
	items: Notice[];
	nextCursor: string | null;
}

/** Without ids: all that are there. */
export interface ReadNotificationsRequest {
	ids?: string[];
}

export interface ReadNotificationsAnswer {
	read: number;
}

/** What is read differs from person to person, so it is not in it. */
export type LiveNotice = Omit<Notice, 'unread'>;

export interface StoreEvent {
	reachable: boolean;
}
