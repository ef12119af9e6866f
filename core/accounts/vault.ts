import type { CryptoPort } from '../ports';
import type { TokenSecret } from '../platforms/platform';
import type { PostError } from '../store/contract';
import { fromBase64, fromHex, toBase64Url, toHex } from './encoding';

/** A vault key ready for use. Never logged; `keyId` is public and stands in every envelope. */
export interface VaultKey {
	bytes: Uint8Array;
	keyId: string;
	/** SHA-256 (hex) of the key's text, as the store keeps it. */
	fingerprint: string;
}

/** The row an envelope belongs to; it opens nowhere else. */
export interface VaultRow {
	accountId: string;
	owner: string;
}

export type ParsedVaultKey =
	| { outcome: 'ok'; bytes: Uint8Array }
	| { outcome: 'refused'; error: PostError };

export type LoadedVaultKey =
	| { outcome: 'ok'; key: VaultKey }
	| { outcome: 'refused'; error: PostError };

export type OpenedToken =
	| { outcome: 'ok'; secret: TokenSecret }
	| { outcome: 'vault_key_mismatch' | 'token_unreadable'; error: PostError };

const KEY_BYTES = 32;
/** NIST SP 800-38D: 96-bit IVs are the native length of GCM. */
const IV_BYTES = 12;
/** 32 bits of the fingerprint tell keys apart without saying anything about them. */
const KEY_ID_LENGTH = 8;
const ENVELOPE = /^v1\.([0-9a-f]+)\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)$/;

/** Reads a vault key: 64 hex characters, or 44 characters of base64 (32 bytes). */
export function parseVaultKey(text: string): ParsedVaultKey {
	const bytes = text.length === 64 ? fromHex(text) : text.length === 44 ? fromBase64(text) : null;
	if (bytes === null || bytes.length !== KEY_BYTES) {
		return {
			outcome: 'refused',
			error: {
				code: 'vault_key_malformed',
				message: `The vault key must be 32 bytes: 64 hex characters or 44 characters of base64. It has ${text.length} characters${/\s/.test(text) ? ', with white space among them' : ''}.`,
				remedy:
					'Copy the key as it was generated (npm start prints where it is), without spaces or line breaks.',
				field: 'vaultKey',
			},
		};
	}
	return { outcome: 'ok', bytes };
}

/** SHA-256 in hex of the key's text, the same that the credential test sends to `social_ping`. */
export async function vaultFingerprint(keyText: string, crypto: CryptoPort): Promise<string> {
	return toHex(await crypto.sha256(keyText));
}

/** Checks a key's text and makes it ready for use. */
export async function loadVaultKey(text: string, crypto: CryptoPort): Promise<LoadedVaultKey> {
	const parsed = parseVaultKey(text);
	if (parsed.outcome === 'refused') return parsed;
	const fingerprint = await vaultFingerprint(text, crypto);
	return {
		outcome: 'ok',
		key: { bytes: parsed.bytes, keyId: fingerprint.slice(0, KEY_ID_LENGTH), fingerprint },
	};
}

/** Seals a token pair for one account row: `v1.<keyId>.<iv>.<ciphertext+tag>`, parts in base64url. */
export async function sealToken(
	crypto: CryptoPort,
	key: VaultKey,
	row: VaultRow,
	secret: TokenSecret,
): Promise<string> {
	const derived = await crypto.deriveKey(key.bytes, derivation(key.keyId));
	const iv = crypto.randomBytes(IV_BYTES);
	const plain = new TextEncoder().encode(JSON.stringify(secret));
	const sealed = await crypto.seal(derived, iv, plain, binding(row));
	return `v1.${key.keyId}.${toBase64Url(iv)}.${toBase64Url(sealed)}`;
}

/**
 * Opens an envelope. `vault_key_mismatch`: it was sealed with another key. `token_unreadable`: the
 * key is ours, but the text was changed or belongs to another row. Never throws.
 */
export async function openToken(
	crypto: CryptoPort,
	key: VaultKey,
	row: VaultRow,
	envelope: string,
): Promise<OpenedToken> {
	const parts = ENVELOPE.exec(envelope);
	if (parts === null) return unreadable();
	const [, keyId, ivText, sealedText] = parts;
	if (keyId !== key.keyId) {
		return {
			outcome: 'vault_key_mismatch',
			error: {
				code: 'vault_key_mismatch',
				message: `The account's token was sealed with vault key ${keyId}, this carrier has ${key.keyId}. Nothing was sent.`,
				remedy: 'Give every carrier (n8n credential, runner) the same vault key.',
			},
		};
	}
	const iv = fromBase64(ivText);
	const sealed = fromBase64(sealedText);
	if (iv === null || iv.length !== IV_BYTES || sealed === null) return unreadable();
	const derived = await crypto.deriveKey(key.bytes, derivation(keyId));
	const plain = await crypto.open(derived, iv, sealed, binding(row));
	const secret = plain === null ? null : readSecret(plain);
	return secret === null ? unreadable() : { outcome: 'ok', secret };
}

function derivation(keyId: string): string {
	return `musekit_social|vault|v1|${keyId}`;
}

function binding(row: VaultRow): Uint8Array {
	return new TextEncoder().encode(`musekit_social|accounts.token|${row.accountId}|${row.owner}`);
}

function readSecret(plain: Uint8Array): TokenSecret | null {
	try {
		const value: unknown = JSON.parse(new TextDecoder().decode(plain));
		if (typeof value !== 'object' || value === null || !('accessToken' in value)) return null;
		return typeof value.accessToken === 'string' ? (value as TokenSecret) : null;
	} catch {
		return null;
	}
}

function unreadable(): OpenedToken {
	return {
		outcome: 'token_unreadable',
		error: {
			code: 'token_unreadable',
			message:
				'The stored token of this account cannot be read: it was changed or moved to another row. Nothing was sent.',
			remedy: 'Connect the account again.',
		},
	};
}
