import { entryPage, type AddressedAccount, type EntryAddress } from '../entry-address';
import { isPostUrn, postUrl } from './urns';

const EXPECTED = 'https://www.linkedin.com/feed/update/urn:li:share:1234567890123456789/';

/** End of a shared link: `…-activity-7123456789012345678-Ab1C`; also `-share-` and `-ugcPost-`. */
const SLUG = /-(activity|share|ugcPost)-(\d{10,})(?:-[\w-]*)?$/;

/**
 * Reads `linkedin.com/feed/update/<urn>`, the link that "Copy link to post" gives
 * (`linkedin.com/posts/<name>_<words>-activity-<id>-<letters>`), or a bare URN. None of them says
 * reliably whose entry it is: a page's name in a link is not the name the API gives.
 */
export function idFromUrl(address: string, account: AddressedAccount): EntryAddress {
	const text = address.trim();
	if (isPostUrn(text)) return entry(text, account);
	const { parts = [] } = entryPage(text, account, ['linkedin.com']) ?? {};
	const [first, second, third] = parts;
	if (first === 'feed' && second === 'update' && isPostUrn(third ?? '')) {
		return entry(third, account);
	}
	const slug = first === 'posts' ? SLUG.exec(second ?? '') : null;
	return slug === null
		? { kind: 'unreadable', expected: EXPECTED }
		: entry(`urn:li:${slug[1]}:${slug[2]}`, account);
}

function entry(urn: string, account: AddressedAccount): EntryAddress {
	return { kind: 'entry', remoteId: urn, url: postUrl(account, urn) };
}
