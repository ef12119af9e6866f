import { isSuccess } from '../answers';
import type { PlatformDefinition } from '../platform';
import { readRemoval } from '../refusals';
import { authorize, PUBLIC_HOSTS } from './authorize';
import { CAPABILITIES } from './capabilities';
import { idFromUrl } from './entry-address';
import { REFUSALS } from './errors';
import { IDENTITY } from './identity';
import { lookUp } from './look-up';
import { readRefresh, refreshRequest } from './refresh';
import { steps } from './steps';
import { adopt } from './urns';
import { validate } from './validate';

const DELETE_LIMIT_MS = 30_000;

/** LinkedIn by its Posts API, for members and pages. */
export const LINKEDIN: PlatformDefinition = {
	name: 'linkedin',
	displayName: 'LinkedIn',
	capabilities: CAPABILITIES,
	publicHosts: PUBLIC_HOSTS,
	liveBaseUrl: 'https://api.linkedin.com',
	liveAuthUrl: 'https://www.linkedin.com',
	validate,
	steps,
	authorize,
	lookUp,
	adopt,
	idFromUrl,
	remove: (post) => ({
		request: {
			method: 'DELETE',
			path: `/rest/posts/${encodeURIComponent(post.remoteId ?? '')}`,
			headers: { accept: 'application/json', 'x-restli-method': 'DELETE' },
			limitMs: DELETE_LIMIT_MS,
		},
		read: (answer) => readRemoval(REFUSALS, answer, isSuccess(answer)),
	}),
	refresh: { request: refreshRequest, read: readRefresh },
	identity: IDENTITY,
};
