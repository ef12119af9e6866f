import { createHash } from 'node:crypto';
import type { Response } from 'express';
import { loadVaultKey, type VaultKey } from '../../../core/accounts/vault';
import type { Ports, RpcAnswer, StorePort } from '../../../core/ports';
import { createStore, type Store } from '../../../core/store/client';
import type { PostError } from '../../../core/store/contract';
import type { ApiProblem } from '../../shared/api';
import { storeProblem } from '../problem';
import { ownerFor } from '../session';

/** What the panel's process gives to the routers that connect accounts or check connections. */
export interface ConnectOptions {
	store: StorePort;
	/** The doors of connecting: http, clock, crypto, log. */
	ports: Ports;
	/** Hex or base64 key that seals the tokens of the accounts; absent where nothing may be connected. */
	vaultKey?: string;
	/** Origin under which browsers reach the panel, such as `http://127.0.0.1:14403`. */
	publicUrl: string;
	/** The sandbox's origin, where there is one. */
	sandboxUrl?: string;
}

/** What every route of connecting works with. */
export interface ConnectContext {
	ports: Ports;
	store: Store;
	publicUrl: string;
	sandboxUrl: string | undefined;
	/** Refused where the store takes none of the panel's keys. */
	vaultKey(): Promise<VaultKey>;
}

/** Ends a request with a problem in people's words; `router.ts` turns it into an answer. */
export class Refused extends Error {
	constructor(
		readonly status: number,
		readonly problem: ApiProblem,
	) {
		super(problem.code);
	}
}

/**
 * The owner a request is about (see `ownerFor`), for routes in `handled`.
 * @throws Refused 403 with the caller's words when a viewer asks for another owner's
 */
export function allowedOwner(
	response: Response,
	asked: string | undefined,
	message: string,
	remedy = 'Ask an admin.',
): string {
	const owner = ownerFor(response, asked);
	if (owner !== null) return owner;
	throw new Refused(403, { code: 'owner_refused', message, remedy });
}

/** The context, its vault key made ready once. */
export function createContext(options: ConnectOptions): ConnectContext {
	let key: Promise<VaultKey> | null = null;
	const store = createStore(options.store);
	return {
		ports: { ...options.ports, store: options.store },
		store,
		publicUrl: options.publicUrl.replace(/\/+$/, ''),
		sandboxUrl: options.sandboxUrl?.replace(/\/+$/, ''),
		vaultKey: async () => {
			const ring = await (key ??= readKey(options.ports, options.vaultKey));
			await refuseForeign(store, ring);
			return ring;
		},
	};
}

/**
 * Refuses a ring of which the store takes no key. Asked each time: a panel that was left out of a
 * rotation would seal with the retired key, and nobody could open it.
 */
async function refuseForeign(store: Store, ring: VaultKey): Promise<void> {
	for (const { fingerprint } of [ring, ...(ring.others ?? [])]) {
		const ping = valueOf(await store.call('social_ping', { p_vault_fingerprint: fingerprint }));
		if (ping.code !== 'vault_key_mismatch') return;
	}
	throw new Refused(409, {
		code: 'vault_key_mismatch',
		message: 'The panel’s vault key is not the one of the store. Nothing was changed.',
		remedy: 'Start the panel with the vault key of the carriers (npm start does).',
	});
}

async function readKey(ports: Ports, text: string | undefined): Promise<VaultKey> {
	if (text === undefined || text === '') {
		throw new Refused(503, {
			code: 'vault_key_missing',
			message: 'The panel has no vault key, so it cannot keep any access. Nothing was changed.',
			remedy: 'Start the panel with the vault key of the carriers (npm start does).',
		});
	}
	const loaded = await loadVaultKey(text, ports.crypto);
	if (loaded.outcome === 'ok') return loaded.key;
	throw new Refused(503, loaded.error);
}

/** The value of a store call; its "no" and its silence become problems. */
export function valueOf<T>(answer: RpcAnswer<T>): T {
	if (answer.kind === 'ok') return answer.value;
	const { status, problem } = storeProblem(answer);
	// A 403 with a code of ours is about the person's wish, not about the panel's key.
	const ours = answer.kind === 'refused' && /^[a-z_]+$/.test(answer.refusal.code);
	throw new Refused(ours ? answer.refusal.status : status, problem);
}

/** An outcome of core that is no success, as a problem: `later` is 503, a refusal 422. */
export function problemOf(outcome: { outcome: string; error: PostError }): Refused {
	const { code, message, remedy, field } = outcome.error;
	return new Refused(outcome.outcome === 'later' ? 503 : 422, {
		code,
		message,
		remedy,
		...(field === undefined ? {} : { field }),
	});
}

/** SHA-256 in hex, with its purpose in front. */
export function hashOf(purpose: string, text: string): string {
	return createHash('sha256').update(`musekit_social|${purpose}|${text}`).digest('hex');
}
