import { accessTokenFor } from '../accounts/tokens';
import type { VaultKey } from '../accounts/vault';
import type { PlatformDefinition } from '../platforms/platform';
import type { Ports } from '../ports';
import { createStore, whyNot, type Store } from '../store/client';
import type { Platform, UnnamedEntry } from '../store/contract';

export interface NameEntriesOptions {
	vaultKey: VaultKey;
	platforms: Record<Platform, PlatformDefinition>;
}

/**
 * Asks again for the address of posts that are live for sure but could not be told among the
 * account's entries when they were looked up (protocol §7, Instagram). Only reads at the platform.
 * @returns how many were asked for and how many are named now
 */
export async function nameEntries(
	ports: Ports,
	options: NameEntriesOptions,
): Promise<{ asked: number; named: number; trouble: string | null }> {
	const store = createStore(ports.store);
	const unnamed = await store.call('social_unnamed_entries', {});
	if (unnamed.kind !== 'ok') return { asked: 0, named: 0, trouble: whyNot(unnamed) };
	let named = 0;
	for (const entry of unnamed.value) {
		if (await nameOne(ports, store, options, entry)) named += 1;
	}
	return { asked: unnamed.value.length, named, trouble: null };
}

async function nameOne(
	ports: Ports,
	store: Store,
	options: NameEntriesOptions,
	{ post, account, intents }: UnnamedEntry,
): Promise<boolean> {
	const definition = options.platforms[post.platform];
	const intent = intents.at(-1);
	if (definition.nameEntry === undefined || intent === undefined) return false;
	const token = await accessTokenFor(ports, account, { vaultKey: options.vaultKey, definition });
	if (token.outcome !== 'ok') return false;
	const siblings = await store.call('social_post_siblings', { p_post_id: post.id });
	if (siblings.kind !== 'ok') return false;
	const found = await definition.nameEntry({
		post,
		account: token.account,
		intent,
		intents,
		http: ports.http,
		authorize: (request) => definition.authorize(request, token.account, token.accessToken),
		nowMs: ports.clock.now(),
		isOurs: async (id) => await Promise.resolve(siblings.value.remoteIds.includes(id)),
		sameTextElsewhere: siblings.value.sameText,
		notes: [],
	});
	if (found === null) return false;
	const saved = await store.call('social_post_url', {
		p_post_id: post.id,
		p_url: found.url,
		p_remote_id: found.remoteId,
	});
	return saved.kind === 'ok';
}
