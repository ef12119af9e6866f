import {
	createCipheriv,
	createDecipheriv,
	createHash,
	hkdfSync,
	randomBytes,
	randomUUID,
} from 'node:crypto';
import type { CryptoPort } from '../../../core/ports';

const TAG_BYTES = 16;

/** node:crypto behind the port. */
export function createCryptoPort(): CryptoPort {
	return {
		uuid: () => randomUUID(),
		randomBytes: (length) => new Uint8Array(randomBytes(length)),
		sha256: async (data) =>
			await Promise.resolve(new Uint8Array(createHash('sha256').update(data).digest())),
		deriveKey: async (key, info) =>
			await Promise.resolve(new Uint8Array(hkdfSync('sha256', key, new Uint8Array(), info, 32))),
		seal: async (key, iv, plain, aad) => {
			const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(aad);
			const sealed = [cipher.update(plain), cipher.final(), cipher.getAuthTag()];
			return await Promise.resolve(new Uint8Array(Buffer.concat(sealed)));
		},
		open: async (key, iv, sealed, aad) =>
			await Promise.resolve(openSealed({ key, iv, sealed, aad })),
	};
}

function openSealed(box: {
	key: Uint8Array;
	iv: Uint8Array;
	sealed: Uint8Array;
	aad: Uint8Array;
}): Uint8Array | null {
	const split = box.sealed.length - TAG_BYTES;
	if (split < 0) return null;
	try {
		const decipher = createDecipheriv('aes-256-gcm', box.key, box.iv, {
			authTagLength: TAG_BYTES,
		});
		decipher.setAAD(box.aad);
		decipher.setAuthTag(box.sealed.subarray(split));
		const plain = [decipher.update(box.sealed.subarray(0, split)), decipher.final()];
		return new Uint8Array(Buffer.concat(plain));
	} catch {
		return null;
	}
}
