import { Router } from 'express';
import { z } from 'zod';
import type { StorePort } from '../../core/ports';
import { createStore } from '../../core/store/client';
import type { PostState } from '../../core/store/contract';
import type { PostsAnswer } from '../shared/api';
import { sendProblem, storeProblem } from './problem';
import { ownerFor } from './session';

const STATES: readonly PostState[] = [
	'needs_review',
	'scheduled',
	'publishing',
	'published',
	'failed',
	'missed',
	'draft',
	'cancelled',
];

const PAGE_SIZE = 50;

const query = z.object({
	owner: z.string().min(1).max(200).optional(),
	state: z.enum(STATES as [PostState, ...PostState[]]).optional(),
	cursor: z.string().min(1).max(500).optional(),
});

/** An address that a link may lead to: stored text is no proof of a scheme. */
function webAddress(text: string | null): string | null {
	if (!text || !URL.canParse(text)) return null;
	return /^https?:$/.test(new URL(text).protocol) ? text : null;
}

/** `GET /api/posts`: one page of posts with the counts, what is due, and the accounts' own pages. */
export function createPostsRouter(port: StorePort): Router {
	const router = Router();
	const store = createStore(port);
	router.get('/api/posts', async (request, response) => {
		const parsed = query.safeParse(request.query);
		const owner = parsed.success ? ownerFor(response, parsed.data.owner) : null;
		if (!parsed.success || owner === null) {
			sendProblem(response, parsed.success ? 403 : 400, {
				code: parsed.success ? 'owner_refused' : 'input_invalid',
				message: parsed.success
					? "You may not see this owner's posts."
					: 'This asks for a state or a page that does not exist.',
				remedy: 'Go back to the list of all posts.',
			});
			return;
		}
		const [posts, overview, accounts] = await Promise.all([
			store.call('social_post_list', {
				p_owner: owner,
				p_filter: parsed.data.state ? { states: [parsed.data.state] } : {},
				p_limit: PAGE_SIZE,
				p_cursor: parsed.data.cursor ?? null,
			}),
			store.call('social_overview', { p_owner: owner }),
			store.call('social_account_list', { p_owner: owner, p_limit: 100 }),
		]);
		if (posts.kind !== 'ok' || overview.kind !== 'ok' || accounts.kind !== 'ok') {
			for (const answer of [posts, overview, accounts]) {
				if (answer.kind === 'ok') continue;
				const { status, problem } = storeProblem(answer);
				sendProblem(response, status, problem);
				return;
			}
			return;
		}
		const pages = accounts.value.items.flatMap(({ id, profileUrl }) => {
			const page = webAddress(profileUrl);
			return page === null ? [] : [[id, page] as const];
		});
		const answer: PostsAnswer = {
			posts: posts.value.items.map((post) => ({ ...post, url: webAddress(post.url) })),
			nextCursor: posts.value.nextCursor,
			counts: overview.value.counts,
			due: overview.value.due,
			carriers: overview.value.heartbeats.map(({ carrier, lastAt, fresh }) => ({
				carrier,
				lastAt,
				fresh,
			})),
			profiles: Object.fromEntries(pages),
			asOf: new Date().toISOString(),
		};
		response.json(answer);
	});
	return router;
}
