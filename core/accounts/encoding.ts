const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** Lower-case hex of bytes. */
export function toHex(bytes: Uint8Array): string {
	return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** Bytes of a hex text; null when it is none. */
export function fromHex(text: string): Uint8Array | null {
	if (text.length % 2 !== 0 || !/^[0-9a-fA-F]*$/.test(text)) return null;
	const bytes = new Uint8Array(text.length / 2);
	for (let index = 0; index < bytes.length; index++) {
		bytes[index] = parseInt(text.slice(index * 2, index * 2 + 2), 16);
	}
	return bytes;
}

/** base64url without padding (RFC 4648 §5). */
export function toBase64Url(bytes: Uint8Array): string {
	let text = '';
	for (let index = 0; index < bytes.length; index += 3) {
		const group = (bytes[index] << 16) | ((bytes[index + 1] ?? 0) << 8) | (bytes[index + 2] ?? 0);
		const letters = Math.min(4, bytes.length - index + 1);
		for (let letter = 0; letter < letters; letter++) {
			text += ALPHABET[(group >> (18 - 6 * letter)) & 63];
		}
	}
	return text;
}

/**
 * Bytes of a base64 or base64url text, with or without padding; null when it is none. Spare bits
 * must be zero, so that one value has one spelling.
 */
export function fromBase64(text: string): Uint8Array | null {
	const plain = text.replace(/=+$/, '').replace(/\+/g, '-').replace(/\//g, '_');
	if (!/^[A-Za-z0-9_-]*$/.test(plain) || plain.length % 4 === 1) return null;
	const bytes = new Uint8Array(Math.floor((plain.length * 6) / 8));
	let bits = 0;
	let held = 0;
	let at = 0;
	for (const letter of plain) {
		bits = ((bits << 6) | ALPHABET.indexOf(letter)) & 0xffffff;
		held += 6;
		if (held >= 8) {
			held -= 8;
			bytes[at++] = (bits >> held) & 0xff;
		}
	}
	return (bits & ((1 << held) - 1)) === 0 ? bytes : null;
}
