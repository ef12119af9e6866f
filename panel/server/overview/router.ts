import { Router } from 'express';
import { z } from 'zod';
import type { StorePort } from '../../../core/ports';
import { createStore } from '../../../core/store/client';
import type { OverviewAnswer } from '../../shared/overview';
import { webAddress } from '../posts/context';
import { sendProblem, sendStoreProblem } from '../problem';
import { ownerFor } from '../session';

const DAY_MS = 86_400_000;
const WEEK_MS = 7 * DAY_MS;
const query = z.object({ owner: z.string().min(1).max(200).optional() });

/** `GET /api/overview`: what went out, what is next, what needs a person, and how everything is. */
export function createOverviewRouter(port: StorePort): Router {
	const store = createStore(port);
	const router = Router();
	router.get('/api/overview', async (request, response) => {
		const parsed = query.safeParse(request.query);
		const owner = parsed.success ? ownerFor(response, parsed.data.owner) : null;
		if (owner === null) {
			sendProblem(response, 403, {
				code: 'owner_refused',
				message: "You may not see this owner's posts.",
				remedy: 'Go back to your own overview.',
			});
			return;
		}
		const tomorrow = Math.ceil(Date.now() / DAY_MS) * DAY_MS;
		const week = async (ago: number) =>
			await store.call('social_kpis', {
				p_from: new Date(tomorrow - (ago + 1) * WEEK_MS).toISOString(),
				p_to: new Date(tomorrow - ago * WEEK_MS).toISOString(),
				p_bucket: 'day',
				p_owner: owner,
			});
		const timed = async () => {
			const from = performance.now();
			const answer = await store.call('social_home', { p_owner: owner });
			return { answer, ms: performance.now() - from };
		};
		const [home, thisWeek, weekBefore] = await Promise.all([timed(), week(0), week(1)]);
		for (const answer of [home.answer, thisWeek, weekBefore]) {
			if (answer.kind === 'ok') continue;
			sendStoreProblem(response, answer);
			return;
		}
		if (home.answer.kind !== 'ok' || thisWeek.kind !== 'ok' || weekBefore.kind !== 'ok') return;
		const { storeNow, ...seen } = home.answer.value;
		const safe = (posts: typeof seen.lately) =>
			posts.map((post) => ({ ...post, url: webAddress(post.url) }));
		const answer: OverviewAnswer = {
			...seen,
			lately: safe(seen.lately),
			next: safe(seen.next),
			review: safe(seen.review),
			accounts: seen.accounts.map((account) => ({
				...account,
				profileUrl: webAddress(account.profileUrl),
			})),
			week: thisWeek.value.totals,
			weekBefore: weekBefore.value.totals,
			storeMs: Math.round(home.ms),
			asOf: storeNow,
		};
		response.json(answer);
	});
	return router;
}
