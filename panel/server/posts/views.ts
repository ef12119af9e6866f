import { Router } from 'express';
import type { CalendarAnswer, PostDetailAnswer, PostsAnswer } from '../../shared/posts';
import { valueOf } from '../connect/context';
import { handled } from '../connect/handled';
import { requireRole } from '../session';
import { linkable, ownerOf, type PostsContext, webAddress } from './context';
import { calendarQuery, listQuery, ownerQuery, postParam } from './input';
import { storyOf } from './story';

const PAGE_SIZE = 50;

/** What people look at: the list, the calendar, one post with its story. */
export function viewRoutes(context: PostsContext): Router {
	const router = Router();
	const { store } = context;
	router.get(
		'/api/posts',
		requireRole('viewer'),
		handled(async (request, response) => {
			const query = listQuery.parse(request.query);
			const owner = ownerOf(response, query.owner);
			const [found, counted] = await Promise.all([
				store.call('social_post_find', {
					p_owner: owner,
					p_filter: {
						...filterOf(query),
						...(query.by ? { by: query.by } : {}),
						...(query.search ? { search: query.search } : {}),
						...(query.from ? { from: query.from } : {}),
						...(query.to ? { to: query.to } : {}),
					},
					p_limit: PAGE_SIZE,
					p_cursor: query.cursor ?? null,
				}),
				store.call('social_post_counts', { p_owner: owner }),
			]);
			const { items, nextCursor, partial } = valueOf(found);
			const answer: PostsAnswer = {
				posts: items.map(linkable),
				nextCursor,
				partial,
				...valueOf(counted),
				asOf: new Date().toISOString(),
			};
			response.json(answer);
		}),
	);
	router.get(
		'/api/calendar',
		requireRole('viewer'),
		handled(async (request, response) => {
			const query = calendarQuery.parse(request.query);
			const owner = ownerOf(response, query.owner);
			const { timeZone, days, storeNow } = valueOf(
				await store.call('social_post_calendar', {
					p_owner: owner,
					p_from: query.from,
					p_days: query.days,
					p_time_zone: query.zone ?? null,
					p_device_zone: query.device ?? null,
					p_per_day: query.perDay,
					p_filter: filterOf(query),
				}),
			);
			const answer: CalendarAnswer = { timeZone, days, asOf: storeNow };
			response.json(answer);
		}),
	);
	router.get(
		'/api/posts/:id',
		requireRole('viewer'),
		handled(async (request, response) => {
			const { id } = postParam.parse(request.params);
			const owner = ownerOf(response, ownerQuery.parse(request.query).owner);
			const story = valueOf(
				await store.call('social_post_story', { p_post_id: id, p_owner: owner }),
			);
			const account = valueOf(
				await store.call('social_account_get', {
					p_account_id: story.post.accountId,
					p_owner: owner,
				}),
			);
			const { handle, displayName, status, statusReason, profileUrl } = account;
			const answer: PostDetailAnswer = {
				post: linkable(story.post),
				story: storyOf(story),
				account: {
					...{ id: account.id, handle, displayName, status, statusReason },
					profileUrl: webAddress(profileUrl),
				},
				asOf: story.storeNow,
			};
			response.json(answer);
		}),
	);
	return router;
}

type Chosen = Pick<ReturnType<typeof calendarQuery.parse>, 'state' | 'platform' | 'account'>;

function filterOf({ state, platform, account }: Chosen) {
	return {
		...(state?.length ? { states: state } : {}),
		...(platform?.length ? { platforms: platform } : {}),
		...(account?.length ? { accountIds: account } : {}),
	};
}
