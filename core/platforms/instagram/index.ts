import type { PlatformDefinition } from '../platform';
import { authorize } from './calls';
import { CAPABILITIES } from './capabilities';
import { idFromUrl, ownMediaRequest, readOwnMedia } from './entry-address';
import { IDENTITY } from './identity';
import { lookUp, publishedMedia } from './look-up';
import { readRefresh, refreshRequest } from './refresh';
import { permalinkRequest, readPermalink, steps } from './steps';
import { validate } from './validate';

/** Instagram by Instagram Login or Facebook Login, for professional accounts. */
export const INSTAGRAM: PlatformDefinition = {
	name: 'instagram',
	displayName: 'Instagram',
	capabilities: CAPABILITIES,
	publicHosts: [
		'graph.instagram.com',
		'api.instagram.com',
		'www.instagram.com',
		'graph.facebook.com',
	],
	liveBaseUrl: 'https://graph.instagram.com',
	liveAuthUrl: 'https://api.instagram.com',
	validate,
	steps,
	authorize,
	lookUp,
	adopt: null,
	nameEntry: async (context) => {
		const media = await publishedMedia(context);
		return media === null || media.url === null ? null : { remoteId: media.id, url: media.url };
	},
	idFromUrl,
	ownEntries: { request: ownMediaRequest, read: readOwnMedia },
	remove: null,
	refresh: { request: refreshRequest, read: readRefresh },
	permalink: { request: permalinkRequest, read: readPermalink },
	identity: IDENTITY,
};
