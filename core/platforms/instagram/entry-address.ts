import type { HttpResponse } from '../../ports';
import type { CarriedAccount } from '../../store/contract';
import { isSuccess, jsonOf, objectAt, objectsAt, textAt } from '../answers';
import { entryPage, isHandleOf, type AddressedAccount, type EntryAddress } from '../entry-address';
import type { OwnEntriesReading, PlatformRequest } from '../platform';
import { graphGet } from './calls';

const READ_LIMIT_MS = 15_000;
/** Largest page that the Graph API serves without cutting it short. */
const PAGE_SIZE = 100;

const EXPECTED = 'https://www.instagram.com/p/Cabc123_XYZ/';

const KINDS = /^(?:p|reel|reels|tv)$/;
const SHORTCODE = /^[\w-]{5,64}$/;
/** Media ids of the Graph API; a shortcode holds another id than that. */
const MEDIA_ID = /^\d{10,25}$/;

/** Reads `instagram.com/p/<shortcode>`, `…/reel/…`, with or without the name before, or a media id. */
export function idFromUrl(address: string, account: AddressedAccount): EntryAddress {
	const text = address.trim();
	if (MEDIA_ID.test(text)) return { kind: 'entry', remoteId: text, url: null };
	const { parts = [] } = entryPage(text, account, ['instagram.com', 'instagr.am']) ?? {};
	const named = KINDS.test(parts[0] ?? '') ? null : parts[0];
	const [kind, shortcode] = named === null ? parts : parts.slice(1);
	if (!KINDS.test(kind ?? '') || !SHORTCODE.test(shortcode ?? '')) {
		return { kind: 'unreadable', expected: EXPECTED };
	}
	return named === null || isHandleOf(account, named)
		? { kind: 'look_up', key: shortcode }
		: { kind: 'another_account', named: `@${named}` };
}

/** A page of the account's own media, newest first. */
export function ownMediaRequest(
	account: Pick<CarriedAccount, 'remoteId'>,
	after: string | null,
): PlatformRequest {
	return graphGet(
		`${account.remoteId}/media`,
		{
			fields: 'id,permalink,shortcode',
			limit: String(PAGE_SIZE),
			...(after === null ? {} : { after }),
		},
		READ_LIMIT_MS,
	);
}

/** Finds a shortcode on such a page; null when the answer cannot be read. */
export function readOwnMedia(answer: HttpResponse, shortcode: string): OwnEntriesReading | null {
	const body = isSuccess(answer) ? jsonOf(answer) : null;
	const list = body === null ? null : objectsAt(body, 'data');
	if (body === null || list === null) return null;
	for (const media of list) {
		const id = textAt(media, 'id');
		const permalink = textAt(media, 'permalink') ?? '';
		const code = textAt(media, 'shortcode') ?? /\/(?:p|reel|tv)\/([\w-]+)/.exec(permalink)?.[1];
		if (id === undefined || code !== shortcode) continue;
		return { found: { remoteId: id, url: permalink === '' ? null : permalink } };
	}
	const paging = objectAt(body, 'paging');
	// `next` is only there when another page is; the cursor alone always is.
	const more = textAt(paging, 'next') !== undefined;
	return { next: more ? (textAt(objectAt(paging, 'cursors'), 'after') ?? null) : null };
}
