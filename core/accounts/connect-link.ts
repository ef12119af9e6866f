import type { Ports, RpcAnswer } from '../ports';
import { createStore } from '../store/client';
import type { LinkView, Mode, Platform } from '../store/contract';
import { toBase64Url, toHex } from './encoding';

/** 256 bits: nobody guesses a link. */
const TOKEN_BYTES = 32;

export interface LinkWish {
	owner: string;
	/** A way to connect, as the panel names it: `x`, `instagram-facebook`, … */
	connector: string;
	platform: Platform;
	mode: Mode;
	/** Ms until it ends unused; the store keeps it between a minute and 30 days. */
	ttlMs: number;
}

/** What the store keeps of a link's token. */
export async function linkHash(ports: Pick<Ports, 'crypto'>, token: string): Promise<string> {
	return toHex(await ports.crypto.sha256(token));
}

/**
 * Makes a link with which somebody without a sign-in connects one account for one owner. It works once.
 * The answer's `path` belongs behind the panel's origin; its token is in no other place.
 */
export async function createConnectLink(
	ports: Pick<Ports, 'crypto' | 'store'>,
	wish: LinkWish,
): Promise<RpcAnswer<LinkView & { path: string }>> {
	const token = toBase64Url(ports.crypto.randomBytes(TOKEN_BYTES));
	const answer = await createStore(ports.store).call('social_link_create', {
		p_id: ports.crypto.uuid(),
		p_token_hash: await linkHash(ports, token),
		p_owner: wish.owner,
		p_connector: wish.connector,
		p_platform: wish.platform,
		p_mode: wish.mode,
		p_ttl_ms: wish.ttlMs,
	});
	return answer.kind === 'ok'
		? { kind: 'ok', value: { ...answer.value, path: `/l/${token}` } }
		: answer;
}
