import type { Response } from 'express';
import { loadVaultKey, type VaultKey } from '../../../core/accounts/vault';
import type { Ports } from '../../../core/ports';
import { createStore, type Store } from '../../../core/store/client';
import { allowedOwner } from '../connect/context';

/** What every route of posts works with. */
export interface PostsContext {
	ports: Ports;
	store: Store;
	/** Null: this panel has none, and an address that only the platform can explain is refused. */
	vaultKey(): Promise<VaultKey | null>;
}

export function createContext(ports: Ports, vaultKey: string | undefined): PostsContext {
	let key: Promise<VaultKey | null> | null = null;
	return {
		ports,
		store: createStore(ports.store),
		vaultKey: async () => await (key ??= readKey(ports, vaultKey)),
	};
}

async function readKey(ports: Ports, text: string | undefined): Promise<VaultKey | null> {
	if (text === undefined || text === '') return null;
	const loaded = await loadVaultKey(text, ports.crypto);
	return loaded.outcome === 'ok' ? loaded.key : null;
}

/** Whose posts the request is about; refuses a viewer who asks for another owner's. */
export function ownerOf(response: Response, asked: string | undefined): string {
	return allowedOwner(
		response,
		asked,
		"You may not see this owner's posts. Nothing was changed.",
		'Go back to the list of all posts, or ask an admin.',
	);
}

/** An address that a link may lead to: stored text is no proof of a scheme. */
export function webAddress(text: string | null): string | null {
	if (!text || !URL.canParse(text)) return null;
	return /^https?:$/.test(new URL(text).protocol) ? text : null;
}

/** The post with an address that may be linked to, or none. */
export function linkable<P extends { url: string | null }>(post: P): P {
	return { ...post, url: webAddress(post.url) };
}
