/**
 * Prepares the store for `npm start`; running it again changes nothing. Sets the fingerprint of the
 * vault key, and connects three demo accounts of the sandbox when `MUSEKIT_SANDBOX_URL` is given.
 * Each line on stdout is for the person at the terminal.
 */
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { loadVaultKey, type VaultKey } from '../core/accounts/vault';
import type { RpcAnswer } from '../core/ports';
import { createStore, type Store } from '../core/store/client';
import type { AccountView, Platform } from '../core/store/contract';
import { createCryptoPort } from '../fallback-runner/src/ports/crypto';
import { createStorePort } from '../fallback-runner/src/ports/store';
import type { SeededAccount } from '../sandbox/src/accounts';
import { seededConnection } from './seeded-connection';

const OWNER = 'default';

const DEMO: { platform: Platform; handle: string; displayName: string }[] = [
	{ platform: 'x', handle: 'musekit_demo', displayName: 'MuseKit Demo on X' },
	{ platform: 'linkedin', handle: 'musekit-demo', displayName: 'MuseKit Demo on LinkedIn' },
	{ platform: 'instagram', handle: 'musekit.demo', displayName: 'MuseKit Demo on Instagram' },
];

const crypto = createCryptoPort();

function setting(name: string): string {
	const value = process.env[name];
	if (!value) throw new Error(`${name} is not set: this script is started by npm start`);
	return value;
}

/** The value of a store call, or an error in the store's own words. */
function valueOf<T>(answer: RpcAnswer<T>, what: string): T {
	if (answer.kind === 'ok') return answer.value;
	if (answer.kind === 'unreachable') throw new Error(`${what}: ${answer.reason}`);
	const { code, message, hint } = answer.refusal;
	const schema =
		code === 'PGRST202'
			? ' The project does not have the tables and functions yet: run "npm run migrate -- <its Postgres URL>".'
			: '';
	throw new Error(`${what}: ${message} (${code}).${schema} ${hint ?? ''}`.trim());
}

async function vaultKey(): Promise<VaultKey> {
	const file = path.join(setting('MUSEKIT_INSTANCE'), 'config.json');
	const { vaultKey: text } = JSON.parse(readFileSync(file, 'utf8')) as { vaultKey: string };
	const loaded = await loadVaultKey(process.env.MUSEKIT_VAULT_KEY ?? text, crypto);
	if (loaded.outcome === 'ok') return loaded.key;
	throw new Error(`${loaded.error.message} ${loaded.error.remedy}`);
}

async function sandboxAccount(
	base: string,
	demo: (typeof DEMO)[number] & { id?: string },
): Promise<SeededAccount> {
	const answer = await fetch(`${base}/_accounts`, {
		method: 'POST',
		headers: { 'content-type': 'application/json' },
		body: JSON.stringify(demo),
		signal: AbortSignal.timeout(15_000),
	});
	const text = await answer.text();
	if (!answer.ok) throw new Error(`The sandbox made no account: ${answer.status} ${text}`);
	return JSON.parse(text) as SeededAccount;
}

/** Connects one sandbox account through the vault, as a sign-in page would. */
async function connect(
	store: Store,
	key: VaultKey,
	made: SeededAccount,
	known: AccountView | undefined,
): Promise<void> {
	const id = known?.id ?? randomUUID();
	const row = { accountId: id, owner: OWNER };
	const saved = await store.call(
		'social_account_save',
		await seededConnection({ crypto, key }, made, row),
	);
	valueOf(saved, `The demo account @${made.handle} could not be saved`);
}

/** The sandbox fetches pictures from the gateway; an address that a person has set stays. */
async function nameMediaOrigin(store: Store, gateway: string): Promise<void> {
	const settings = valueOf(
		await store.call('social_settings_get', {}),
		'The settings could not be read',
	);
	const { publicUrl } = (settings.media ?? {}) as { publicUrl?: string | null };
	const ours = !publicUrl || publicUrl.startsWith('http://127.0.0.1:');
	if (!ours || publicUrl === gateway) return;
	valueOf(
		await store.call('social_settings_set', {
			p_key: 'media',
			p_value: { publicUrl: gateway },
		}),
		'The address of the media could not be saved',
	);
}

async function main(): Promise<void> {
	const store = createStore(
		createStorePort({
			url: setting('MUSEKIT_STORE_URL'),
			key: setting('MUSEKIT_STORE_SECRET_KEY'),
		}),
	);
	const key = await vaultKey();
	valueOf(
		await store.call('social_vault_init', { p_vault_fingerprint: key.fingerprint }),
		'The vault key does not fit this store',
	);
	const sandbox = process.env.MUSEKIT_SANDBOX_URL;
	if (!sandbox) return;
	await nameMediaOrigin(store, setting('MUSEKIT_STORE_URL'));
	const accounts = valueOf(
		await store.call('social_account_list', { p_owner: OWNER, p_limit: 100 }),
		'The accounts could not be read',
	).items;
	const connected: string[] = [];
	for (const demo of DEMO) {
		const known = accounts.find(
			(account) =>
				account.platform === demo.platform &&
				account.mode === 'sandbox' &&
				account.handle === demo.handle,
		);
		// Another port since then: the row has to name the new address.
		const moved = known && !known.profileUrl?.startsWith(`${sandbox}/`);
		if (known && !moved && known.status === 'connected') continue;
		// A sandbox that lost its data makes the account again under the id that the store knows.
		const id = known ? { id: known.remoteId } : {};
		const made = await sandboxAccount(sandbox, { ...demo, ...id });
		await connect(store, key, made, known?.remoteId === made.accountId ? known : undefined);
		connected.push(`@${demo.handle} (${demo.platform})`);
	}
	if (connected.length > 0) {
		process.stdout.write(`Demo accounts connected: ${connected.join(', ')}\n`);
	}
}

main().catch((error: unknown) => {
	process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
	process.exitCode = 1;
});
