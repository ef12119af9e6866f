import type { CarriedAccount } from '../../store/contract';
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
 * May the post that LinkedIn named in a DUPLICATE_POST answer be taken for ours? Only a post, not
 * older than our first intent. The caller also checks that it is no other post of ours and that an
 * earlier sending of ours is still unclear (protocol §7).
 */
export function isAdoptable(urn: string, firstIntentMs: number): boolean {
	const at = postTimeMs(urn);
	return at !== null && at >= firstIntentMs - CLOCK_SKEW_MS;
}
