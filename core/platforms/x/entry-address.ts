import { entryPage, isHandleOf, type AddressedAccount, type EntryAddress } from '../entry-address';
import { postUrl } from './steps';

/** Ids are 64-bit numbers with a time inside; below this length none has been given out since 2010. */
const ID = /^\d{11,19}$/;

const EXPECTED = 'https://x.com/name/status/1234567890123456789';

/** Reads `x.com/<handle>/status/<id>`, `x.com/i/status/<id>` (names no account) or a bare id. */
export function idFromUrl(address: string, account: AddressedAccount): EntryAddress {
	const text = address.trim();
	if (ID.test(text)) return entry(text, account);
	const { parts = [] } = entryPage(text, account, ['x.com', 'twitter.com']) ?? {};
	const [name, ...rest] = parts[0] === 'i' && parts[1] === 'web' ? ['i', ...parts.slice(2)] : parts;
	const [status, id] = rest;
	if (!/^status(?:es)?$/.test(status ?? '') || !ID.test(id ?? '')) {
		return { kind: 'unreadable', expected: EXPECTED };
	}
	return name === 'i' || isHandleOf(account, name)
		? entry(id, account)
		: { kind: 'another_account', named: `@${name}` };
}

function entry(id: string, account: AddressedAccount): EntryAddress {
	return { kind: 'entry', remoteId: id, url: postUrl(account, id) };
}
