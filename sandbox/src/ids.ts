import { randomBytes, randomInt } from 'node:crypto';

const TWITTER_EPOCH = 1288834974657n;
const BASE64URL = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
let sequence = randomInt(1 << 12);

function next(modulus: number): bigint {
	sequence = (sequence + 1) % (1 << 20);
	return BigInt(sequence % modulus);
}

/** X post, user and media ids: `(id >> 22) + 1288834974657` is Unix ms. */
export function snowflake(nowMs: number): string {
	return (((BigInt(nowMs) - TWITTER_EPOCH) << 22n) | next(1 << 20)).toString();
}

/** LinkedIn share ids: `id >> 22` is Unix ms. */
export function shareId(nowMs: number): string {
	return ((BigInt(nowMs) << 22n) | next(1 << 20)).toString();
}

/** Meta object ids: 18 digits, growing with time. */
export function graphId(nowMs: number): string {
	return `1${nowMs}${next(10_000).toString().padStart(4, '0')}`;
}

/** Instagram shortcode: the media id in base 64. */
export function shortcode(mediaId: string): string {
	let rest = BigInt(mediaId);
	let code = '';
	while (rest > 0n) {
		code = `${BASE64URL[Number(rest & 63n)]}${code}`;
		rest >>= 6n;
	}
	return code;
}

/** Random text for tokens, codes and upload URLs. */
export function opaque(bytes = 32): string {
	return randomBytes(bytes).toString('base64url');
}

/** LinkedIn member ids and asset ids look like this. */
export function shortOpaque(): string {
	return randomBytes(8).toString('base64url').replace(/[-_]/g, 'x').slice(0, 10);
}
