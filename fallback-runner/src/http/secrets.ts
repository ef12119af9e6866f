import { createHash, timingSafeEqual } from 'node:crypto';

const digest = (text: string) => createHash('sha256').update(text, 'utf8').digest();

/** Compares in constant time, whatever the lengths. A secret that is not set fits nothing. */
export function isSecret(given: string | null, secret: string | undefined): boolean {
	const fits = timingSafeEqual(digest(given ?? ''), digest(secret ?? ''));
	return fits && given !== null && secret !== undefined && secret.length >= 16;
}

/** The token of `Authorization: Bearer …`; null when there is none. */
export function bearerOf(header: string | undefined | null): string | null {
	return /^Bearer ([^\s]+)$/i.exec(header?.trim() ?? '')?.[1] ?? null;
}

/** The password of `Authorization: Basic …`, whatever the user name. */
export function basicPasswordOf(header: string | undefined): string | null {
	const encoded = /^Basic ([A-Za-z0-9+/=]+)$/i.exec(header?.trim() ?? '')?.[1];
	if (encoded === undefined) return null;
	const text = Buffer.from(encoded, 'base64').toString('utf8');
	const colon = text.indexOf(':');
	return colon < 0 ? null : text.slice(colon + 1);
}
