import { toHex } from '../accounts/encoding';
import { canonicalJson } from '../content/fingerprint';
import type { CryptoPort } from '../ports';

/**
 * A uuid (version 8, RFC 9562) made from a value alone: the same value gives the same id, so that
 * a repeated call is known as the same call.
 */
export async function derivedId(
	crypto: Pick<CryptoPort, 'sha256'>,
	value: unknown,
): Promise<string> {
	const hex = toHex(await crypto.sha256(canonicalJson(value)));
	return [
		hex.slice(0, 8),
		hex.slice(8, 12),
		`8${hex.slice(13, 16)}`,
		`a${hex.slice(17, 20)}`,
		hex.slice(20, 32),
	].join('-');
}
