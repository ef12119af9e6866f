import type { Store } from '../../../core/store/client';
import { hashOfToken, newToken } from './cookie';

/** A link that was printed and forgotten must not work for ever. */
const TOKEN_TTL_MS = 24 * 3_600_000;

/**
 * While nobody is registered: makes a new one-time token, notes its hash in the store (which ends the
 * one before) and answers the address that makes the first admin. The token stands behind `#`, so
 * that it reaches no server's log. Null when somebody is registered.
 *
 * @throws Error when the store does not answer
 */
export async function openSetup(store: Store, publicUrl: string): Promise<string | null> {
	const token = newToken();
	const answer = await store.call('social_panel_setup_open', {
		p_token_hash: hashOfToken(token),
		p_ttl_ms: TOKEN_TTL_MS,
	});
	if (answer.kind === 'unreachable') throw new Error(`The store does not answer: ${answer.reason}`);
	if (answer.kind === 'refused') throw new Error(answer.refusal.message);
	return answer.value.registered ? null : `${publicUrl}/setup#token=${token}`;
}
