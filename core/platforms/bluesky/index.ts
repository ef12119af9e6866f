import { requestUrl } from '../addresses';
import { isSuccess } from '../answers';
import type { PlatformDefinition } from '../platform';
import { readRefusal } from '../refusals';
import { CAPABILITIES } from './capabilities';
import { idFromUrl } from './entry-address';
import { NAMES, REFUSALS } from './errors';
import { IDENTITY } from './identity';
import { lookUp } from './look-up';
import { COLLECTION, keyOfUri } from './record';
import { readRefresh, refreshRequest } from './refresh';
import { steps } from './steps';
import { validate } from './validate';

const DELETE_LIMIT_MS = 20_000;

/**
 * Bluesky by the AT Protocol. An account's `remoteId` is its DID, `baseUrl` the server (PDS) that
 * holds it, `authUrl` where its session was made.
 */
export const BLUESKY: PlatformDefinition = {
	name: 'bluesky',
	displayName: NAMES.displayName,
	capabilities: CAPABILITIES,
	// Bluesky's own servers; the store also takes any other public server for live accounts.
	publicHosts: ['bsky.social', '*.us-east.host.bsky.network', '*.us-west.host.bsky.network'],
	liveBaseUrl: 'https://bsky.social',
	liveAuthUrl: 'https://bsky.social',
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
	remove: (post, account) => ({
		request: {
			method: 'POST',
			path: '/xrpc/com.atproto.repo.deleteRecord',
			headers: { 'content-type': 'application/json', accept: 'application/json' },
			body: JSON.stringify({
				repo: account.remoteId,
				collection: COLLECTION,
				rkey: keyOfUri(post.remoteId ?? '') ?? '',
			}),
			limitMs: DELETE_LIMIT_MS,
		},
		// Deleting what is gone already is a success too.
		read: (answer) =>
			isSuccess(answer)
				? { outcome: 'done' }
				: readRefusal(REFUSALS, answer, { visible: true, redo: [], nowMs: 0 }),
	}),
	refresh: { request: refreshRequest, read: readRefresh },
	identity: IDENTITY,
};
