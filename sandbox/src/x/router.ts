import { Router } from 'express';
import type { RequestHandler } from 'express';
import { callOf } from '../calls';
import type { SandboxState } from '../state';
import { tokenProblem } from '../tokens';
import { forbidden, NOT_PERMITTED, problem, unauthorized } from './errors';
import { xRateLimit } from './limits';
import { xMedia } from './media';
import { xOauth } from './oauth';
import { xReads } from './timeline';
import { xTweets } from './tweets';

/** Scopes per step (docs.x.com, 2026-08-22). */
const SCOPES: Record<string, string[]> = {
	me: ['tweet.read', 'users.read'],
	timeline: ['tweet.read', 'users.read'],
	'tweet.get': ['tweet.read', 'users.read'],
	'tweet.create': ['tweet.read', 'tweet.write', 'users.read'],
	'tweet.delete': ['tweet.read', 'tweet.write', 'users.read'],
	'media.initialize': ['media.write'],
	'media.append': ['media.write'],
	'media.finalize': ['media.write'],
	'media.status': ['media.write'],
	'media.upload': ['media.write'],
	'media.metadata': ['media.write'],
};

/** Everything below `/x` that an app calls, and X's consent page. */
export function xRouter(state: SandboxState): Router {
	const router = Router();
	xOauth(router, state);
	router.use('/2', authenticate(state), xRateLimit(state), checkScopes);
	xReads(router, state);
	xTweets(router, state);
	xMedia(router, state);
	router.use('/2', (_req, res) =>
		problem(res, 404, {
			title: 'Not Found',
			detail: 'Not Found',
			type: 'about:blank',
			status: 404,
		}),
	);
	return router;
}

function authenticate(state: SandboxState): RequestHandler {
	return (_req, res, next) => {
		const { token } = callOf(res);
		if (tokenProblem(state, token) !== null) return unauthorized(res);
		next();
	};
}

const checkScopes: RequestHandler = (_req, res, next) => {
	const { token, step } = callOf(res);
	const missing = (SCOPES[step] ?? []).some((scope) => !token?.scopes.includes(scope));
	if (missing) return forbidden(res, NOT_PERMITTED);
	next();
};
