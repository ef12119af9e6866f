import type { CryptoPort } from '../ports';
import type { TokenSecret } from '../platforms/platform';
import type { PostError } from '../store/contract';
import { fromBase64, fromHex, toBase64Url, toHex } from './encoding';

/**
 * A vault key ready for use. Never logged; `keyId` is public and stands in every envelope. While
 * keys are rotated a carrier holds two: it opens with either and seals with the one that the store
 * names, else with this one.
 */
export interface VaultKey {
	bytes: Uint8Array;
	keyId: string;
	/** SHA-256 (hex) of the key's text, as the store keeps it. */
	fingerprint: string;
	/** The other keys of the ring. */
	others?: readonly VaultKey[];
}

/** The row an account's token belongs to; its envelope opens nowhere else. */
export interface VaultRow {
	accountId: string;
	owner: string;
}

/** Any sealed place of the store: the name it has in `musekit_social.sealed_columns`, and the row. */
export interface SealedPlace {
	/** E.g. `accounts.token`. */
	source: string;
	/** Text of the row's key. */
	id: string;
	/** Second half of the binding: the row's owner, or what else never changes in it. */
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

export type OpenedText =
	| { outcome: 'ok'; text: string }
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

/** Source of an account's token pair in `SealedPlace`. */
export const TOKEN_SOURCE = 'accounts.token';

/** The keys in a text that holds several, the current one first: `NEW OLD`, `NEW,OLD`, one a line. */
export function splitVaultKeys(text: string): string[] {
	return [...new Set(text.split(/[\s,;]+/).filter((part) => part !== ''))];
}

/**
 * Checks a text that holds one key or several (see `splitVaultKeys`) and makes them ready for use:
 * the first is the current one, the rest are its `others`.
 */
export async function loadVaultKey(text: string, crypto: CryptoPort): Promise<LoadedVaultKey> {
	const [first, ...rest] = splitVaultKeys(text);
	const current = await loadOne(first ?? '', crypto);
	if (current.outcome === 'refused' || rest.length === 0) return current;
	const others: VaultKey[] = [];
	for (const part of rest) {
		const other = await loadOne(part, crypto);
		if (other.outcome === 'refused') return other;
		others.push(other.key);
	}
	return { outcome: 'ok', key: { ...current.key, others } };
}

async function loadOne(text: string, crypto: CryptoPort): Promise<LoadedVaultKey> {
	const parsed = parseVaultKey(text);
	if (parsed.outcome === 'refused') return parsed;
	const fingerprint = await vaultFingerprint(text, crypto);
	return {
		outcome: 'ok',
		key: { bytes: parsed.bytes, keyId: fingerprint.slice(0, KEY_ID_LENGTH), fingerprint },
	};
}

/** The key of the ring with this id, or null. */
export function keyOfRing(ring: VaultKey, keyId: string): VaultKey | null {
	if (ring.keyId === keyId) return ring;
	return ring.others?.find((key) => key.keyId === keyId) ?? null;
}

/** Ids of all keys of a ring, the current one first. They are public. */
export function keyIdsOf(ring: VaultKey): string[] {
	return [ring.keyId, ...(ring.others ?? []).map((key) => key.keyId)];
}

/** Id of the key that sealed an envelope; null when the text is no envelope. Opens nothing. */
export function keyIdOf(envelope: string): string | null {
	return ENVELOPE.exec(envelope)?.[1] ?? null;
}

/** Seals a text for one row: `v1.<keyId>.<iv>.<ciphertext+tag>`, parts in base64url. */
export async function sealText(
	crypto: CryptoPort,
	key: VaultKey,
	place: SealedPlace,
	text: string,
): Promise<string> {
	const derived = await derivedKey(crypto, key);
	const iv = crypto.randomBytes(IV_BYTES);
	const sealed = await crypto.seal(derived, iv, new TextEncoder().encode(text), binding(place));
	return `v1.${key.keyId}.${toBase64Url(iv)}.${toBase64Url(sealed)}`;
}

/**
 * Opens an envelope with whichever key of the ring sealed it. `vault_key_mismatch`: none of them
 * did. `token_unreadable`: the key is ours, but the text was changed or belongs to another row.
 * Never throws.
 */
export async function openText(
	crypto: CryptoPort,
	ring: VaultKey,
	place: SealedPlace,
	envelope: string,
): Promise<OpenedText> {
	const parts = ENVELOPE.exec(envelope);
	if (parts === null) return unreadable();
	const [, keyId, ivText, sealedText] = parts;
	const key = keyOfRing(ring, keyId);
	if (key === null) return anotherKey(keyId, ring);
	const iv = fromBase64(ivText);
	const sealed = fromBase64(sealedText);
	if (iv === null || iv.length !== IV_BYTES || sealed === null) return unreadable();
	const derived = await derivedKey(crypto, key);
	const plain = await crypto.open(derived, iv, sealed, binding(place));
	return plain === null ? unreadable() : { outcome: 'ok', text: new TextDecoder().decode(plain) };
}

/** Seals a token pair for one account row. */
export async function sealToken(
	crypto: CryptoPort,
	key: VaultKey,
	row: VaultRow,
	secret: TokenSecret,
): Promise<string> {
	return await sealText(crypto, key, placeOf(row), JSON.stringify(secret));
}

/** Opens an account's envelope; see `openText`. */
export async function openToken(
	crypto: CryptoPort,
	key: VaultKey,
	row: VaultRow,
	envelope: string,
): Promise<OpenedToken> {
	const opened = await openText(crypto, key, placeOf(row), envelope);
	if (opened.outcome !== 'ok') return opened;
	const secret = readSecret(opened.text);
	return secret === null ? unreadable() : { outcome: 'ok', secret };
}

function placeOf(row: VaultRow): SealedPlace {
	return { source: TOKEN_SOURCE, id: row.accountId, owner: row.owner };
}

/** The same for every envelope of a key, so it is derived once for as long as the key is held. */
const derivedKeys = new WeakMap<VaultKey['bytes'], Promise<Uint8Array>>();

async function derivedKey(crypto: CryptoPort, { bytes, keyId }: VaultKey): Promise<Uint8Array> {
	let derived = derivedKeys.get(bytes);
	if (derived === undefined) {
		derived = crypto.deriveKey(bytes, `musekit_social|vault|v1|${keyId}`);
		derivedKeys.set(bytes, derived);
	}
	return await derived;
}

function binding(place: SealedPlace): Uint8Array {
	return new TextEncoder().encode(`musekit_social|${place.source}|${place.id}|${place.owner}`);
}

function readSecret(text: string): TokenSecret | null {
	try {
		const value: unknown = JSON.parse(text);
		if (typeof value !== 'object' || value === null || !('accessToken' in value)) return null;
		return typeof value.accessToken === 'string' ? (value as TokenSecret) : null;
	} catch {
		return null;
	}
}

function anotherKey(keyId: string, ring: VaultKey): Failed {
	const held = keyIdsOf(ring).join(', ');
	return {
		outcome: 'vault_key_mismatch',
		error: {
			code: 'vault_key_mismatch',
			message: `The account's token was sealed with vault key ${keyId}, this carrier has ${held}. Nothing was sent.`,
			remedy:
				'Give every carrier (n8n credential, runner, panel) the same vault key; while keys are rotated, both.',
		},
	};
}

type Failed = Exclude<OpenedText, { outcome: 'ok' }>;

function unreadable(): Failed {
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
