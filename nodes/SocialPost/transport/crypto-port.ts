import {
	createCipheriv,
	createDecipheriv,
	createHash,
	hkdfSync,
	randomBytes,
	randomUUID,
} from 'crypto';

import type { CryptoPort } from '../../../core/ports';

const TAG_BYTES = 16;

/** Node's own crypto behind the port. */
export function createCryptoPort(): CryptoPort {
	return {
		uuid: () => randomUUID(),
		randomBytes: (length) => randomBytes(length),
		sha256: async (data) => createHash('sha256').update(data).digest(),
		deriveKey: async (key, info) =>
			new Uint8Array(hkdfSync('sha256', key, new Uint8Array(0), info, 32)),
		async seal(key, iv, plain, aad) {
			const cipher = createCipheriv('aes-256-gcm', key, iv, { authTagLength: TAG_BYTES });
			cipher.setAAD(aad);
			return Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
		},
		async open(key, iv, sealed, aad) {
			if (sealed.length < TAG_BYTES) return null;
			try {
				const decipher = createDecipheriv('aes-256-gcm', key, iv, { authTagLength: TAG_BYTES });
				decipher.setAAD(aad);
				decipher.setAuthTag(sealed.subarray(sealed.length - TAG_BYTES));
				const body = decipher.update(sealed.subarray(0, sealed.length - TAG_BYTES));
				return Buffer.concat([body, decipher.final()]);
			} catch {
				return null;
			}
		},
	};
}
