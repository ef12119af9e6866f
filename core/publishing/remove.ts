import { accessTokenFor, refreshAfterRefusal, type TokenOutcome } from '../accounts/tokens';
import type { VaultKey } from '../accounts/vault';
import type { PlatformDefinition } from '../platforms/platform';
import type { Ports, RpcAnswer } from '../ports';
import { createStore, retrying, whyNot } from '../store/client';
import type { CarriedAccount, Platform, PostError, PostView } from '../store/contract';

export interface RemoveOptions {
	vaultKey: VaultKey;
	platforms: Record<Platform, PlatformDefinition>;
}

export type RemoveOutcome =
	| { kind: 'removed'; post: PostView }
	/** Still there, or not known; running it again is safe. */
	| { kind: 'failed'; error: PostError };

const SAVE_BUDGET_MS = 60_000;

/**
 * Deletes a published post at its platform and marks it. Deleting twice does no harm, so whatever
 * is unclear may simply be run again.
 */
export async function removePost(
	ports: Ports,
	options: RemoveOptions,
	wanted: { postId: string; owner: string },
): Promise<RemoveOutcome> {
	const store = createStore(ports.store);
	const ids = { p_post_id: wanted.postId, p_owner: wanted.owner };
	const found = await store.call('social_post_get', ids);
	if (found.kind !== 'ok') return storeSaid(found);
	const post = found.value;
	if (post.deletedAt !== null) return { kind: 'removed', post };
	const definition = options.platforms[post.platform];
	if (definition.remove === null) {
		return fail(
			'delete_not_offered',
			`${definition.displayName} offers no way to delete a post by its interface.`,
			`Delete it on ${definition.displayName} itself.`,
		);
	}
	if (post.state !== 'published' || post.remoteId === null) {
		return fail(
			'post_not_published',
			`Only a published post can be deleted at the platform; this one is ${post.state}.`,
			'Cancel it instead, or decide what happened to it first.',
		);
	}
	const opened = await store.call('social_account_open', { p_account_id: post.accountId });
	if (opened.kind !== 'ok') return storeSaid(opened);
	const removed = await send(ports, options, { definition, post, account: opened.value });
	if (removed !== null) return { kind: 'failed', error: removed };
	const marked = await retrying(async () => await store.call('social_post_deleted', ids), {
		clock: ports.clock,
		untilMs: ports.clock.monotonic() + SAVE_BUDGET_MS,
	});
	return marked.kind === 'ok' ? { kind: 'removed', post: marked.value } : storeSaid(marked);
}

interface Target {
	definition: PlatformDefinition;
	post: PostView;
	account: CarriedAccount;
}

/** Null when the entry is gone. One refused access token is replaced once. */
async function send(
	ports: Ports,
	options: RemoveOptions,
	{ definition, post, account }: Target,
): Promise<PostError | null> {
	const tokens = { vaultKey: options.vaultKey, definition };
	let token = await accessTokenFor(ports, account, tokens);
	for (let refreshed = false; ; refreshed = true) {
		if (token.outcome !== 'ok') return noToken(token);
		const removal = definition.remove?.(post, token.account);
		if (removal === undefined) return null;
		const answer = await ports.http.send(
			definition.authorize(removal.request, token.account, token.accessToken),
		);
		if (answer.kind !== 'response') return unclear(answer.reason);
		const reading = removal.read(answer);
		if (reading.outcome === 'done') return null;
		if (reading.outcome === 'wait') return unclear(`status ${answer.status}`);
		if (reading.outcome === 'ambiguous') return reading.error;
		if (reading.class !== 'refresh' || refreshed) return reading.error;
		token = await refreshAfterRefusal(ports, token.account, tokens);
	}
}

function noToken(token: Exclude<TokenOutcome, { outcome: 'ok' }>): PostError {
	return token.outcome === 'unreachable' ? unclear(token.reason) : token.error;
}

function unclear(reason: string): PostError {
	return {
		code: 'delete_unclear',
		message: `It is not known whether the post was deleted (${reason}).`,
		remedy: 'Run Delete again: deleting twice does no harm.',
	};
}

function storeSaid<T>(answer: RpcAnswer<T>): RemoveOutcome {
	if (answer.kind === 'refused') {
		const { code, message, hint } = answer.refusal;
		return fail(code, message, hint ?? 'Check the post and the connection to the store.');
	}
	return fail(
		'store_unreachable',
		`The store could not be reached (${whyNot(answer)}).`,
		'Check the store, then run Delete again: deleting twice does no harm.',
	);
}

function fail(code: string, message: string, remedy: string): RemoveOutcome {
	return { kind: 'failed', error: { code, message, remedy } };
}
