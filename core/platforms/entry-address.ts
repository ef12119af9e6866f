import type { CarriedAccount } from '../store/contract';

/** The account that an entry must belong to. */
export type AddressedAccount = Pick<CarriedAccount, 'mode' | 'baseUrl' | 'handle' | 'remoteId'>;

/** What the address or id that a person gave for a live entry says. */
export type EntryAddress =
	| { kind: 'entry'; remoteId: string; url: string | null }
	/** The address holds no id; the account's own entries tell which one it is. */
	| { kind: 'look_up'; key: string }
	/** The address itself names another account. */
	| { kind: 'another_account'; named: string }
	/** `expected` is how an address of this platform looks. */
	| { kind: 'unreadable'; expected: string };

/** Page of an entry, taken apart. */
export interface EntryPage {
	/** Decoded parts of the path, without empty ones. */
	parts: string[];
	query: URLSearchParams;
}

/**
 * The page behind an address, if it is one of the platform's sites (live) or below the account's
 * own base URL (sandbox); else null. The scheme may be missing, as when copied by hand.
 */
export function entryPage(
	address: string,
	account: AddressedAccount,
	sites: string[],
): EntryPage | null {
	const text = address.trim();
	const full = /^https?:\/\//i.test(text) ? text : `https://${text}`;
	if (/\s/.test(text) || !URL.canParse(full)) return null;
	const url = new URL(full);
	const path = account.mode === 'sandbox' ? belowBase(url, account.baseUrl) : onSite(url, sites);
	if (path === null) return null;
	const parts: string[] = [];
	for (const part of path.split('/').filter((each) => each !== '')) {
		const decoded = decode(part);
		if (decoded === null) return null;
		parts.push(decoded);
	}
	return { parts, query: url.searchParams };
}

/** Names are compared as people write them: without `@`, whatever their case. */
export function isHandleOf(account: Pick<CarriedAccount, 'handle'>, name: string): boolean {
	return name.replace(/^@/, '').toLowerCase() === account.handle.toLowerCase();
}

function belowBase(url: URL, baseUrl: string): string | null {
	if (!URL.canParse(baseUrl)) return null;
	const base = new URL(baseUrl);
	const prefix = base.pathname.replace(/\/$/, '');
	return url.origin === base.origin && url.pathname.startsWith(`${prefix}/`)
		? url.pathname.slice(prefix.length)
		: null;
}

/** Mobile and `www` pages are the same site. */
function onSite(url: URL, sites: string[]): string | null {
	return sites.includes(url.hostname.replace(/^(?:www|m|mobile)\./, '')) ? url.pathname : null;
}

function decode(part: string): string | null {
	try {
		return decodeURIComponent(part);
	} catch {
		return null;
	}
}
