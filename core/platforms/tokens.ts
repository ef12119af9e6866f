import { numberAt, textAt, type Json } from './answers';
import type { Named } from './content-rules';
import type { TokenProof } from '../store/contract';
import type { RefreshReading, TokenSecret } from './platform';

/**
 * The new pair of a token answer (RFC 6749 §5.1), or null when it holds no access token. What the
 * answer leaves out stays as it was; an empty refresh token never replaces a good one.
 */
export function renewed(body: Json, secret: TokenSecret, nowMs: number): RefreshReading | null {
	const accessToken = textAt(body, 'access_token');
	if (accessToken === undefined) return null;
	const seconds = numberAt(body, 'expires_in');
	const refreshToken = textAt(body, 'refresh_token');
	const fresh: TokenSecret = { ...secret, accessToken, issuedAt: nowMs };
	if (refreshToken !== undefined) fresh.refreshToken = refreshToken;
	// An end that the answer does not name is not known: the old one is over.
	delete fresh.expiresAt;
	if (seconds !== undefined) fresh.expiresAt = nowMs + seconds * 1000;
	return { outcome: 'done', secret: fresh };
}

/** Dead: only the person can connect again. The proof is the platform's own word unless told otherwise. */
export function deadToken(
	platform: Named,
	why: string,
	status?: number,
	proof: TokenProof = 'word',
): RefreshReading {
	return {
		outcome: 'dead',
		proof,
		error: {
			code: `${platform.name}_token_dead`,
			message: `The access to ${platform.displayName} has ended: ${why}. Posts of this account wait.`,
			remedy: 'Connect the account again; waiting posts then go out by themselves.',
			...(status === undefined ? {} : { status }),
		},
	};
}

/** Not known: the token is kept and the refresh tried again later. */
export function laterToken(platform: Named, why: string, status?: number): RefreshReading {
	return {
		outcome: 'later',
		error: {
			code: `${platform.name}_refresh_later`,
			message: `The access to ${platform.displayName} could not be renewed just now (${why}). The post waits.`,
			remedy: 'Nothing to do: it is tried again.',
			...(status === undefined ? {} : { status }),
		},
	};
}
