import {
	loadVaultKey,
	openToken,
	parseVaultKey,
	sealToken,
	vaultFingerprint,
	type VaultKey,
} from '../../../../core/accounts/vault';
import { createCryptoPort } from '../../../../fallback-runner/src/ports/crypto';

const crypto = createCryptoPort();
const HEX = 'a1'.repeat(32);
const row = { accountId: 'acc-1', owner: 'default' };
const secret = { accessToken: 'at-ü', refreshToken: 'rt', expiresAt: 5 };

async function keyOf(text: string): Promise<VaultKey> {
	const loaded = await loadVaultKey(text, crypto);
	if (loaded.outcome !== 'ok') throw new Error(loaded.error.message);
	return loaded.key;
}

describe('the vault key', () => {
	it('is read from hex and from base64', () => {
		const bytes = Buffer.from(HEX, 'hex');
		for (const text of [HEX, HEX.toUpperCase(), bytes.toString('base64')]) {
			expect(parseVaultKey(text)).toEqual({ outcome: 'ok', bytes: new Uint8Array(bytes) });
		}
	});

	it.each([
		'',
		'abc',
		`${HEX} `,
		'g'.repeat(64),
		'a'.repeat(63),
		'!'.repeat(44),
		`${'A'.repeat(42)}==`,
	])('%p is refused with a sentence', (text) => {
		expect(parseVaultKey(text)).toMatchObject({
			outcome: 'refused',
			error: { code: 'vault_key_malformed' },
		});
	});

	it('has the SHA-256 of its text as fingerprint', async () => {
		// echo -n abc | sha256sum
		expect(await vaultFingerprint('abc', crypto)).toBe(
			'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
		);
	});
});

describe('an envelope', () => {
	it('opens with its key and row, and is never the same twice', async () => {
		const key = await keyOf(HEX);
		const one = await sealToken(crypto, key, row, secret);
		const two = await sealToken(crypto, key, row, secret);
		expect(one).toMatch(/^v1\.[0-9a-f]{8}\.[\w-]{16}\.[\w-]+$/);
		expect(one).not.toBe(two);
		expect(await openToken(crypto, key, row, one)).toEqual({ outcome: 'ok', secret });
	});

	it('says so when it was sealed with another key', async () => {
		const envelope = await sealToken(crypto, await keyOf(HEX), row, secret);
		expect(await openToken(crypto, await keyOf('b2'.repeat(32)), row, envelope)).toMatchObject({
			outcome: 'vault_key_mismatch',
		});
	});

	it.each([
		['another account', { ...row, accountId: 'acc-2' }],
		['another owner', { ...row, owner: 'else' }],
	])('does not open in the row of %s', async (_name, other) => {
		const key = await keyOf(HEX);
		const envelope = await sealToken(crypto, key, row, secret);
		expect(await openToken(crypto, key, other, envelope)).toMatchObject({
			outcome: 'token_unreadable',
		});
	});

	it('does not open after any one character was changed', async () => {
		const key = await keyOf(HEX);
		const envelope = await sealToken(crypto, key, row, secret);
		const start = envelope.indexOf('.', 3) + 1;
		for (let at = start; at < envelope.length; at++) {
			const changed = envelope[at] === 'A' ? 'B' : 'A';
			const text = envelope.slice(0, at) + changed + envelope.slice(at + 1);
			expect(await openToken(crypto, key, row, text)).toMatchObject({
				outcome: 'token_unreadable',
			});
		}
	});

	it.each(['', 'v1', 'v2.aa.bb.cc', 'v1.aaaaaaaa.b.c', 'nonsense'])(
		'%p is refused without a throw',
		async (text) => {
			const opened = await openToken(crypto, await keyOf(HEX), row, text);
			expect(opened.outcome).not.toBe('ok');
		},
	);
});
