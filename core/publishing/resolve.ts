import { accessTokenFor, refreshAfterRefusal, type TokenOutcome } from '../accounts/tokens';
import type { VaultKey } from '../accounts/vault';
import type { PlatformDefinition } from '../platforms/platform';
import type { HttpResponse, Ports, RpcAnswer } from '../ports';
import { createStore, isUnclear, whyNot, type Store } from '../store/client';
import type {
	CarriedAccount,
	Platform,
	PostError,
	PostView,
	ResolveDecision,
} from '../store/contract';
import { derivedId } from './derived-id';
import { patiently } from './patience';

/** What a person decides about a post in `needs_review`. */
export type PersonsDecision =
	/** Address of the entry, or its id at the platform. */
	| { to: 'live'; address: string }
	/** Looked up once more, then sent; at once or at an instant (ISO with offset). */
	| { to: 'publish'; scheduledAt?: string }
	| { to: 'drop' };

export interface ResolveRequest {
	/** Names this decision; repeating the call with it decides nothing anew. */
	key: string;
	postId: string;
	owner: string;
	decision: PersonsDecision;
}

export interface ResolveOptions {
	platforms: Record<Platform, PlatformDefinition>;
	/** Null: nothing can be asked at a platform, and an address that needs it is refused. */
	vaultKey: VaultKey | null;
}

export type ResolveOutcome =
	| { kind: 'resolved'; post: PostView }
	/** Nothing was changed. */
	| { kind: 'refused'; error: PostError }
	/** Not known whether the decision was taken; repeat it with the same key. */
	| { kind: 'unclear'; error: PostError };

/** Three thousand entries of 100 a page: older ones are not what is being decided. */
const MOST_PAGES = 30;

/**
 * Carries out a person's decision in one store call (protocol §8). For "it is live" the address is
 * read into the platform's id first; it must be of the post's account where it names one. Whether
 * the post may be decided is the store's to say, so that a repeat of a decision is no refusal.
 */
export async function resolvePost(
	ports: Ports,
	options: ResolveOptions,
	request: ResolveRequest,
): Promise<ResolveOutcome> {
	const store = createStore(ports.store);
	const { postId, owner, decision } = request;
	const found = await patiently(ports, async () => {
		return await store.call('social_post_get', { p_post_id: postId, p_owner: owner });
	});
	if (found.kind !== 'ok') return notDecided(found);
	const read = await storeDecision(ports, options, { store, post: found.value, decision });
	if (!('to' in read)) return read;
	// The time is left out: an expression such as "in ten minutes" gives another one at each try.
	const resolveId = await derivedId(ports.crypto, [request.key, postId, decision.to]);
	// A "no" after silence says nothing about the try before it.
	let silent = false;
	const answer = await patiently(ports, async () => {
		const given = await store.call('social_post_resolve', {
			p_post_id: postId,
			p_owner: owner,
			p_resolve_id: resolveId,
			p_decision: read,
		});
		silent ||= isUnclear(given);
		return given;
	});
	if (answer.kind === 'ok') return { kind: 'resolved', post: answer.value };
	return silent ? unclear(answer) : notDecided(answer);
}

interface Asked {
	store: Store;
	post: PostView;
	decision: PersonsDecision;
}

async function storeDecision(
	ports: Ports,
	options: ResolveOptions,
	{ store, post, decision }: Asked,
): Promise<ResolveDecision | ResolveOutcome> {
	if (decision.to === 'drop') return { to: 'drop' };
	if (decision.to === 'publish') {
		const { scheduledAt } = decision;
		if (scheduledAt === undefined) return { to: 'publish' };
		const at = Date.parse(scheduledAt);
		return at < ports.clock.now() - post.maxLatenessMs
			? refuse(
					'time_past',
					`${scheduledAt} lies further back than the maximum lateness of the post allows.`,
					'Choose a time in the future, or none to publish it at once.',
				)
			: { to: 'publish', scheduledAt };
	}
	const definition = options.platforms[post.platform];
	const opened = await patiently(ports, async () => {
		return await store.call('social_account_open', { p_account_id: post.accountId });
	});
	if (opened.kind !== 'ok') return notDecided(opened);
	const account = opened.value;
	const named = definition.idFromUrl(decision.address, account);
	switch (named.kind) {
		case 'entry':
			return { to: 'live', remoteId: named.remoteId, url: named.url };
		case 'look_up':
			return await amongOwn(ports, options, { definition, account, key: named.key });
		case 'another_account':
			return refuse(
				'address_of_another_account',
				`The address is one of ${named.named}, but the post belongs to @${account.handle}.`,
				'Give the address of the entry on the account of the post.',
			);
		case 'unreadable':
			return refuse(
				'address_unreadable',
				decision.address.trim() === ''
					? 'No address of the live entry was given.'
					: `This is not the address of an entry on ${definition.displayName}.`,
				account.mode === 'sandbox'
					? 'Open the entry in the sandbox and copy its address.'
					: `Open the entry and copy its address, such as ${named.expected}.`,
			);
	}
}

interface Wanted {
	definition: PlatformDefinition;
	account: CarriedAccount;
	key: string;
}

/** The entry of an address without an id, from the account's own list. */
async function amongOwn(
	ports: Ports,
	options: ResolveOptions,
	{ definition, account, key }: Wanted,
): Promise<ResolveDecision | ResolveOutcome> {
	const { ownEntries } = definition;
	if (ownEntries === undefined || options.vaultKey === null) {
		return refuse(
			'address_needs_look_up',
			`An address of ${definition.displayName} does not hold the id of its entry, and from here the platform cannot be asked for it.`,
			'Give the media id instead of the address, or decide it with the Social Post node, which can ask.',
		);
	}
	const tokens = { vaultKey: options.vaultKey, definition };
	let token = await accessTokenFor(ports, account, tokens);
	let refreshed = false;
	let after: string | null = null;
	for (let page = 0; page < MOST_PAGES; ) {
		if (token.outcome !== 'ok') return notAsked(definition, whyNoToken(token));
		const answer = await ports.http.send(
			definition.authorize(
				ownEntries.request(token.account, after),
				token.account,
				token.accessToken,
			),
		);
		if (answer.kind !== 'response') return notAsked(definition, answer.reason);
		if (isTokenRefused(answer) && !refreshed) {
			refreshed = true;
			token = await refreshAfterRefusal(ports, token.account, tokens);
			continue;
		}
		const reading = ownEntries.read(answer, key);
		if (reading === null) return notAsked(definition, `it answered with status ${answer.status}`);
		if ('found' in reading) return { to: 'live', ...reading.found };
		if (reading.next === null) break;
		after = reading.next;
		page += 1;
	}
	return refuse(
		'address_of_another_account',
		`The entry at this address is not among those of @${account.handle}.`,
		'Check the address: it must be an entry of the account that the post belongs to.',
	);
}

function isTokenRefused(answer: HttpResponse): boolean {
	// Meta answers 400 with code 190 to a dead token.
	return answer.status === 401 || (answer.status === 400 && /"code"\s*:\s*190\b/.test(answer.text));
}

function whyNoToken(token: Exclude<TokenOutcome, { outcome: 'ok' }>): string {
	return token.outcome === 'unreachable' ? token.reason : token.error.message;
}

function notAsked(definition: PlatformDefinition, reason: string): ResolveOutcome {
	return refuse(
		'entry_not_looked_up',
		`${definition.displayName} could not be asked which entry has this address (${reason.replace(/\.$/, '')}).`,
		'Try again, or give the media id instead of the address.',
	);
}

function refuse(code: string, message: string, remedy: string): ResolveOutcome {
	return { kind: 'refused', error: { code, message, remedy } };
}

/** A "no", or a store that could not even be read: nothing was decided. */
function notDecided<T>(answer: RpcAnswer<T>): ResolveOutcome {
	if (answer.kind === 'refused' && !isUnclear(answer)) {
		const { code, message, hint } = answer.refusal;
		return refuse(code, message, hint ?? 'Look at the post again.');
	}
	return refuse(
		'store_unreachable',
		`The store could not be reached (${whyNot(answer)}).`,
		'Check that the store is running, then decide again.',
	);
}

function unclear<T>(answer: RpcAnswer<T>): ResolveOutcome {
	return {
		kind: 'unclear',
		error: {
			code: 'resolve_unclear',
			message: `The store gave no clear answer (${whyNot(answer)}), so it is not known whether the decision was taken.`,
			remedy: 'Look at the post; deciding it again in the same way does no harm.',
		},
	};
}
