import { toHex } from '../accounts/encoding';
import type { CryptoPort } from '../ports';

export { toHex as hexOf };

/**
 * JSON with sorted keys and without undefined fields: the same value gives the same text, however
 * it was put together. Anything that JSON cannot hold (undefined in a list, NaN) becomes null.
 */
export function canonicalJson(value: unknown): string {
	const plain: unknown = value === undefined ? null : JSON.parse(JSON.stringify(value) ?? 'null');
	return write(plain);
}

function write(value: unknown): string {
	if (Array.isArray(value)) return `[${value.map(write).join(',')}]`;
	if (value === null || typeof value !== 'object') return JSON.stringify(value);
	const fields = Object.entries(value)
		.sort(([a], [b]) => (a < b ? -1 : 1))
		.map(([key, field]) => `${JSON.stringify(key)}:${write(field)}`);
	return `{${fields.join(',')}}`;
}

/**
 * Fingerprint of what a caller sent for one entry, 64 hex digits. Pass only what was sent, never
 * defaults: a later version with other defaults must still see the same call as the same call.
 */
export async function fingerprintOf(
	sent: Record<string, unknown>,
	crypto: Pick<CryptoPort, 'sha256'>,
): Promise<string> {
	return toHex(await crypto.sha256(canonicalJson(sent)));
}
