import { fingerprintOf } from '../content/fingerprint';
import type { PlatformDefinition } from '../platforms/platform';
import type { Ports, RpcAnswer, StoreRefusal } from '../ports';
import { createStore, isUnclear, whyNot, type Store } from '../store/client';
import {
	PROTOCOL,
	type AccountView,
	type ClaimRequest,
	type CreateAnswer,
	type CreateEntry,
	type CreatedEntry,
	type Platform,
	type PostError,
} from '../store/contract';
import type { Held } from './carrier';
import { mark } from './elapsed';
import {
	knownMedia,
	mediaInfos,
	readMedia,
	storeImages,
	type DraftMedia,
	type Picture,
} from './images';
import { patiently } from './patience';

/** What a caller wants to be posted to one account. Fields that were not sent stay away. */
export interface PostDraft {
	/** Its place for the key of the call, where that is another than its place in the request. */
	ordinal?: number;
	accountId: string | null;
	text: string;
	media?: DraftMedia[];
	/** Default `scheduled`. */
	as?: 'draft' | 'scheduled';
	/** Instant with offset; or `wallTime` with `timeZone`; neither means now. */
	scheduledAt?: string;
	wallTime?: string;
	timeZone?: string;
	maxLatenessMs?: number;
	/** Problems that the caller found already (a picture that could not be fetched). */
	errors?: PostError[];
}

export interface CreateRequest {
	/** Idempotency key of the call; each entry is (key, its ordinal). */
	key: string;
	owner: string;
	/** `n8n`, `panel`, `api`. */
	source: string;
	/** Return an equal post of the last 12 h instead of making one. */
	dedupe: boolean;
	/** Only check: nothing is stored, no picture uploaded. */
	dryRun?: boolean;
	entries: PostDraft[];
	/** Claim the first post in the same call. */
	claim?: ClaimRequest;
}

/** What became of an entry, and whose it is; an account that nobody knows has no name. */
export interface NamedEntry extends CreatedEntry {
	account?: AccountView;
}

export type CreateOutcome =
	| { kind: 'ok'; entries: NamedEntry[]; held: Held | null }
	/**
	 * The store's "no" to the whole call: nothing was created by it. With `earlierUnclear` an earlier
	 * try of the same call had no clear answer, so that one may have created the posts.
	 */
	| { kind: 'refused'; refusal: StoreRefusal; earlierUnclear: boolean }
	/** Not known whether it was created: repeat with the same key. */
	| { kind: 'unreachable'; reason: string };

/** An entry on its way: what is sent to the store, and the bytes it may need. */
interface Drafted {
	entry: CreateEntry;
	/** Bytes by hash, of pictures that the caller handed in. */
	pictures: Map<string, Picture>;
}

/** Found by core with better words; the store checks the same for other callers. */
const CONTENT_CODES = new Set(['content_empty', 'media_missing', 'media_too_many']);

/**
 * Creates posts: accounts resolved, pictures sniffed, hashed and checked by the platform's rules,
 * their bytes stored before the post exists. Invalid entries come back with their errors and
 * nothing of them is kept; valid ones are created in one transaction. Idempotent by `key`.
 */
export async function createPosts(
	ports: Ports,
	platforms: Record<Platform, PlatformDefinition>,
	request: CreateRequest,
): Promise<CreateOutcome> {
	const store = createStore(ports.store);
	const accounts = await resolveAccounts(ports, store, request);
	if (accounts.kind !== 'ok') return accounts;
	const drafted: Drafted[] = [];
	for (const [place, draft] of request.entries.entries()) {
		drafted.push(await read(ports, draft, draft.ordinal ?? place));
	}
	const refs = drafted.flatMap(({ entry }) => entry.content.media ?? []);
	const known = await knownMedia(ports, request.owner, refs);
	if (known.kind !== 'ok') return failed(known);
	for (const { entry, pictures } of drafted) {
		const account = accounts.value.get(entry.accountId ?? '');
		if (account === undefined) continue;
		const media = mediaInfos({ refs: entry.content.media ?? [], pictures }, known.value);
		const found = media === null ? [] : platforms[account.platform].validate(entry.content, media);
		entry.errors = [...(entry.errors ?? []), ...found];
	}
	if (request.dryRun !== true) {
		const missing = new Map(
			drafted
				.filter(({ entry }) => (entry.errors ?? []).length === 0)
				.flatMap(({ pictures }) => [...pictures])
				.filter(([hash]) => !known.value.has(hash)),
		);
		const stored = await storeImages(ports, request.owner, missing.values());
		if (stored.kind !== 'ok') return failed(stored);
	}
	return await create(ports, store, request, { drafted, accounts: accounts.value });
}

async function create(
	ports: Ports,
	store: Store,
	request: CreateRequest,
	{ drafted, accounts }: { drafted: Drafted[]; accounts: Map<string, AccountView> },
): Promise<CreateOutcome> {
	const { key, owner, source, dedupe, dryRun } = request;
	const asked = { at: mark(ports.clock), unclear: false };
	const answer = await patiently<CreateAnswer>(ports, async () => {
		asked.at = mark(ports.clock);
		const given = await store.call('social_create', {
			p_options: { key, owner, source, dedupe, ...(dryRun === undefined ? {} : { dryRun }) },
			p_entries: drafted.map(({ entry }) => entry),
			p_claim: dryRun === true ? null : (request.claim ?? null),
		});
		asked.unclear ||= isUnclear(given);
		return given;
	});
	if (answer.kind !== 'ok') return failed(answer, asked.unclear && dryRun !== true);
	const { claim, entries } = answer.value;
	return {
		kind: 'ok',
		entries: entries.map((entry) => {
			const sent = drafted.find(({ entry: own }) => own.ordinal === entry.ordinal);
			const account = accounts.get(sent?.entry.accountId ?? '');
			return { ...plainErrors(entry, drafted), ...(account === undefined ? {} : { account }) };
		}),
		held: claim === null ? null : { claim, askedAt: asked.at, answeredAt: mark(ports.clock) },
	};
}

async function resolveAccounts(
	ports: Ports,
	store: Store,
	request: CreateRequest,
): Promise<Resolved<Map<string, AccountView>>> {
	const accounts = new Map<string, AccountView>();
	const ids = new Set(request.entries.flatMap(({ accountId }) => accountId ?? []));
	for (const id of ids) {
		const answer = await patiently(
			ports,
			async () =>
				await store.call('social_account_get', { p_account_id: id, p_owner: request.owner }),
		);
		if (answer.kind === 'ok') {
			accounts.set(id, answer.value);
			continue;
		}
		// An unknown or malformed id is the entry's own problem; the store says so when creating.
		const own =
			answer.kind === 'refused' && !isUnclear(answer) && ACCOUNT_CODES.has(answer.refusal.code);
		if (!own) return failed(answer);
	}
	return { kind: 'ok', value: accounts };
}

/** Our code, and SQLSTATE 22P02 for text that is no uuid. */
const ACCOUNT_CODES = new Set(['account_unknown', '22P02']);

async function read(ports: Ports, draft: PostDraft, ordinal: number): Promise<Drafted> {
	const { refs, pictures, errors } = await readMedia(ports.crypto, draft.media ?? []);
	const { accountId, text, media, as, scheduledAt, wallTime, timeZone, maxLatenessMs } = draft;
	const content = { text, ...(media === undefined ? {} : { media: refs }) };
	const sent = { accountId, content, as, scheduledAt, wallTime, timeZone, maxLatenessMs };
	const entry: CreateEntry = {
		ordinal,
		accountId,
		content,
		as: as ?? 'scheduled',
		...(scheduledAt === undefined ? {} : { scheduledAt }),
		...(wallTime === undefined ? {} : { wallTime }),
		...(timeZone === undefined ? {} : { timeZone }),
		...(maxLatenessMs === undefined ? {} : { maxLatenessMs }),
		fingerprint: await fingerprintOf(sent, ports.crypto),
		protocol: PROTOCOL,
		errors: [...(draft.errors ?? []), ...errors],
	};
	return { entry, pictures };
}

/**
 * Of an entry that core found faulty, only core's words about its content; and no complaint about
 * pictures that were not stored because the entry was faulty or only checked.
 */
function plainErrors(created: CreatedEntry, drafted: Drafted[]): CreatedEntry {
	if (created.result !== 'invalid') return created;
	const own = drafted.find(({ entry }) => entry.ordinal === created.ordinal);
	if (own === undefined) return created;
	const ours = own.entry.errors ?? [];
	const held = (own.entry.content.media ?? []).every(({ hash }) => own.pictures.has(hash));
	const unreadable = ours.some(({ code }) => code === 'media_not_an_image');
	const errors = (created.errors ?? []).filter(
		({ code }) =>
			!(code === 'media_not_stored' && (held || unreadable)) &&
			!(CONTENT_CODES.has(code) && ours.length > 0),
	);
	return errors.length > 0
		? { ...created, errors }
		: { ordinal: created.ordinal, result: 'created' };
}

type Resolved<T> = { kind: 'ok'; value: T } | Exclude<CreateOutcome, { kind: 'ok' }>;

function failed<T>(
	answer: RpcAnswer<T>,
	earlierUnclear = false,
): Exclude<CreateOutcome, { kind: 'ok' }> {
	return answer.kind === 'refused' && !isUnclear(answer)
		? { kind: 'refused', refusal: answer.refusal, earlierUnclear }
		: { kind: 'unreachable', reason: whyNot(answer) };
}
