import {
	accessTokenFor,
	markDead,
	refreshAfterRefusal,
	type TokenOutcome,
} from '../accounts/tokens';
import type { PostError, TokenProof } from '../store/contract';
import type { CarryOutcome } from './carrier';
import { notProven, retryDelayMs, withoutToken, type Ending } from './decide';
import type { Work } from './work';

/** Makes sure that the work has a token to send with; null when it has, else how the carry ends. */
export async function ensureToken(work: Work): Promise<CarryOutcome | null> {
	if (work.accessToken !== null) return null;
	const token = await accessTokenFor(work.ports, work.account, tokenOptions(work));
	return token.outcome === 'ok' ? take(work, token) : await withoutAccess(work, token);
}

/** After a refused token: a newer one, once in a claim. Null when there is one to try with. */
export async function renewToken(
	work: Work,
	refused: { error: PostError; earlier: number },
): Promise<CarryOutcome | null> {
	work.refreshed = true;
	const seen = work.account;
	const token = await refreshAfterRefusal(work.ports, seen, tokenOptions(work));
	if (token.outcome === 'ok') return take(work, token);
	if (token.outcome !== 'dead') return await withoutAccess(work, token);
	const decision = withoutToken(token.error, refused.earlier);
	const marked =
		decision.markDead && (await markDead(work.ports, seen, refused.error.message, 'refusal'));
	return await work.finish(marked ? decision.result : notProven(decision).result);
}

/**
 * The account's token as seen by this work is dead: by the platform's `word`, or by refusals. The
 * store marks it unless it proves nothing yet; then the post is tried again soon.
 */
export async function endWithDead(
	work: Work,
	ending: Ending,
	refused: { error: PostError; proof: TokenProof },
): Promise<CarryOutcome> {
	const { error, proof } = refused;
	const marked =
		ending.markDead && (await markDead(work.ports, work.account, error.message, proof));
	return await work.finish(marked ? ending.result : notProven(ending).result);
}

function tokenOptions(work: Work) {
	return { vaultKey: work.options.vaultKey, definition: work.definition };
}

function take(work: Work, token: Extract<TokenOutcome, { outcome: 'ok' }>): null {
	work.account = token.account;
	work.accessToken = token.accessToken;
	return null;
}

async function withoutAccess(
	work: Work,
	token: Exclude<TokenOutcome, { outcome: 'ok' }>,
): Promise<CarryOutcome> {
	switch (token.outcome) {
		case 'unreachable':
			return work.ended('store_unreachable');
		case 'vault_key_mismatch':
			return await work.park('not_sent', 0, token.error, true);
		case 'later':
			if (token.ownTrouble) return await work.park('not_sent', 0, token.error, true);
			return token.platformWaitMs === undefined
				? await work.park('retry', retryDelayMs(0), token.error)
				: await work.park('platform_down', token.platformWaitMs, token.error);
		case 'dead':
			return await work.finish(withoutToken(token.error, 0).result);
	}
}
