import type { RequestHandler, Response } from 'express';
import { callOf } from '../calls';
import type { SandboxState } from '../state';
import type { RateLimit } from '../settings';
import { problem } from './errors';

const QUARTER = 900_000;
const DAY = 86_400_000;

/** Per user, docs.x.com 2026-08-22. */
const PER_USER: Record<string, RateLimit> = {
	me: { limit: 75, windowMs: QUARTER },
	'tweet.create': { limit: 100, windowMs: QUARTER },
	'tweet.delete': { limit: 50, windowMs: QUARTER },
	'tweet.get': { limit: 900, windowMs: QUARTER },
	timeline: { limit: 900, windowMs: QUARTER },
	'media.initialize': { limit: 1875, windowMs: QUARTER },
	'media.append': { limit: 1875, windowMs: QUARTER },
	'media.finalize': { limit: 1875, windowMs: QUARTER },
	'media.status': { limit: 1000, windowMs: QUARTER },
	'media.upload': { limit: 500, windowMs: QUARTER },
	'media.metadata': { limit: 500, windowMs: QUARTER },
};
/** Per app. */
const POSTS_PER_APP: RateLimit = { limit: 10_000, windowMs: DAY };

/** Counts the call, sets `x-rate-limit-*` on every answer and refuses with 429 at the limit. */
export function xRateLimit(state: SandboxState): RequestHandler {
	return (_req, res, next) => {
		const call = callOf(res);
		const limit = state.settings.rateLimits.overrides[`x:${call.step}`] ?? PER_USER[call.step];
		if (!limit || !call.token) return next();
		let open = count(state, res, 'x-rate-limit', `x:${call.step}:${call.token.accountId}`, limit);
		if (call.step === 'tweet.create') {
			const app = state.settings.rateLimits.overrides['x:app.tweet.create'] ?? POSTS_PER_APP;
			const name = `x:app:${call.token.clientId}`;
			open = count(state, res, 'x-app-limit-24hour', name, app) && open;
		}
		if (open) return next();
		problem(res, 429, {
			title: 'Too Many Requests',
			detail: 'Too Many Requests',
			type: 'about:blank',
			status: 429,
		});
	};
}

function count(
	state: SandboxState,
	res: Response,
	prefix: string,
	name: string,
	{ limit, windowMs }: RateLimit,
): boolean {
	const now = state.now();
	const known = state.counters.get(name);
	const counter =
		known && now - known.startedAt < windowMs && now >= known.startedAt
			? known
			: { startedAt: now, count: 0 };
	state.counters.set(name, counter);
	const enforced = state.settings.rateLimits.enabled;
	const open = !enforced || counter.count < limit;
	if (open) counter.count += 1;
	res.set({
		[`${prefix}-limit`]: String(limit),
		[`${prefix}-remaining`]: String(enforced ? Math.max(0, limit - counter.count) : limit),
		[`${prefix}-reset`]: String(Math.ceil((counter.startedAt + windowMs) / 1000)),
	});
	return open;
}
