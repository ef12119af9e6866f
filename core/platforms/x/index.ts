import { isSuccess, jsonOf, objectAt } from '../answers';
import { requestUrl } from '../addresses';
import type { PlatformDefinition } from '../platform';
import { readRemoval } from '../refusals';
import { CAPABILITIES } from './capabilities';
import { idFromUrl } from './entry-address';
import { REFUSALS } from './errors';
import { IDENTITY } from './identity';
import { lookUp } from './look-up';
import { readRefresh, refreshRequest } from './refresh';
import { steps } from './steps';
import { validate } from './validate';

const DELETE_LIMIT_MS = 30_000;

/** X by its API v2. */
export const X: PlatformDefinition = {
	name: 'x',
	displayName: 'X',
	capabilities: CAPABILITIES,
	publicHosts: ['api.x.com', 'api.twitter.com'],
	liveBaseUrl: 'https://api.x.com',
	liveAuthUrl: 'https://api.x.com',
	validate,
	steps,
	authorize: (request, account, accessToken) => ({
		method: request.method,
		url: requestUrl(request.path, account),
		headers: { ...request.headers, authorization: `Bearer ${accessToken}` },
		...(request.body === undefined ? {} : { body: request.body }),
		limitMs: request.limitMs,
	}),
	lookUp,
	adopt: null,
	idFromUrl,
	remove: (post) => ({
		request: {
			method: 'DELETE',
			path: `/2/tweets/${encodeURIComponent(post.remoteId ?? '')}`,
			headers: { accept: 'application/json' },
			limitMs: DELETE_LIMIT_MS,
		},
		read: (answer) =>
			readRemoval(
				REFUSALS,
				answer,
				isSuccess(answer) && objectAt(jsonOf(answer), 'data').deleted === true,
			),
	}),
	refresh: { request: refreshRequest, read: readRefresh },
	identity: IDENTITY,
};
