import { entryPage, isHandleOf, type AddressedAccount, type EntryAddress } from '../entry-address';
import { COLLECTION, postUrl, recordUri } from './record';

const EXPECTED = 'https://bsky.app/profile/name.bsky.social/post/3abcdefghijkl';

const AT_URI = /^at:\/\/([^/]+)\/app\.bsky\.feed\.post\/([a-zA-Z0-9._:~-]{1,512})$/;
const KEY = /^[a-zA-Z0-9._:~-]{1,512}$/;

/**
 * Reads `at://<did or handle>/app.bsky.feed.post/<key>`, `bsky.app/profile/<did or handle>/post/<key>`
 * and, for sandbox accounts, the record's address on their own server.
 */
export function idFromUrl(address: string, account: AddressedAccount): EntryAddress {
	const [, actor, key] = AT_URI.exec(address.trim()) ?? fromPage(address, account) ?? [];
	if (actor === undefined || key === undefined || !KEY.test(key)) {
		return { kind: 'unreadable', expected: EXPECTED };
	}
	return actor === account.remoteId || isHandleOf(account, actor)
		? { kind: 'entry', remoteId: recordUri(account, key), url: postUrl(account, key) }
		: { kind: 'another_account', named: actor.startsWith('did:') ? actor : `@${actor}` };
}

/** In the order of an `at://` address: the whole, whose it is, its key. */
function fromPage(address: string, account: AddressedAccount): string[] | null {
	const page = entryPage(address, account, ['bsky.app']);
	if (page === null) return null;
	const [profile, actor, post, key] = page.parts;
	if (profile === 'profile' && post === 'post' && key !== undefined) return [address, actor, key];
	const record = page.parts[0] === 'xrpc' && page.parts[1] === 'com.atproto.repo.getRecord';
	return record && page.query.get('collection') === COLLECTION
		? [address, page.query.get('repo') ?? '', page.query.get('rkey') ?? '']
		: null;
}
