import type { CarriedAccount, Intent } from '../../store/contract';
import type { AdoptedEntry } from '../platform';
import { CLOCK_SKEW_MS } from '../timeline';

const POST = /^urn:li:(?:share|ugcPost|activity):(\d+)$/;

/** A post as the Posts API names it. */
export function isPostUrn(urn: string): boolean {
	return POST.test(urn);
}

/** Who posts: the page or member chosen for the account, else the member who connected it. */
export function authorOf(account: Pick<CarriedAccount, 'remoteId' | 'settings'>): string {
	const { authorUrn } = account.settings;
	return typeof authorUrn === 'string' && authorUrn !== ''
		? authorUrn
		: `urn:li:person:${account.remoteId}`;
}

/** Address of a post; the sandbox serves the same path below its base URL. */
export function postUrl(account: Pick<CarriedAccount, 'mode' | 'baseUrl'>, urn: string): string {
	const base = account.mode === 'sandbox' ? account.baseUrl : 'https://www.linkedin.com';
	return `${base}/feed/update/${urn}/`;
}

/** Creation time inside a post's id, Unix ms (`id >> 22`); null when the URN is no post. */
export function postTimeMs(urn: string): number | null {
	const id = POST.exec(urn)?.[1];
	return id === undefined ? null : Number(BigInt(id) >> 22n);
}

/**
 * The post that LinkedIn named in a DUPLICATE_POST answer, if it can be ours: a post (not a person),
 * not older than our first intent. The caller also checks that it is no other post of ours.
 */
export function adopt(
	urn: string,
	intents: Intent[],
	account: CarriedAccount,
): AdoptedEntry | null {
	const at = postTimeMs(urn);
	const firstIntentMs = Math.min(...intents.map((intent) => Date.parse(intent.savedAt)));
	if (at === null || !(at >= firstIntentMs - CLOCK_SKEW_MS)) return null;
	return { remoteId: urn, url: postUrl(account, urn) };
}
