/**
 * Seals every token of the vault anew with another key, while everything runs. Started by
 * `npm run vault:rotate` (scripts/vault-rotate.mjs), which says where store and keys are; see
 * docs/vault.md.
 */
import { randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { rotateVault, rotationProblem } from '../core/accounts/rotate';
import { keyIdsOf, loadVaultKey, splitVaultKeys, type VaultKey } from '../core/accounts/vault';
import type { Ports } from '../core/ports';
import { createStore } from '../core/store/client';
import { createPorts } from '../fallback-runner/src/ports';

/** Something a person has to do first; nothing was changed. */
class Refused extends Error {}

const say = (line: string): void => void process.stdout.write(`${line}\n`);

/** Where the keys are kept: a file that this script writes, or the environment, which it cannot. */
interface KeyPlace {
	keys: string[];
	/** Keeps these keys, the new one first; returns when they are on the disk. */
	keep(keys: string[]): void;
	resuming: boolean;
	name: string;
}

function setting(name: string): string {
	const value = process.env[name];
	if (!value) throw new Refused(`${name} is not set. Nothing was changed.`);
	return value;
}

/** Writes the whole file or nothing, readable by its owner only. */
function writeWhole(file: string, value: unknown): void {
	const draft = `${file}.${process.pid}`;
	const handle = openSync(draft, 'w', 0o600);
	writeSync(handle, `${JSON.stringify(value, null, '\t')}\n`);
	fsyncSync(handle);
	closeSync(handle);
	renameSync(draft, file);
}

function fileKeys(file: string, wanted: string | undefined): KeyPlace {
	const config = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
	const current = splitVaultKeys(String(config.vaultKey ?? ''));
	const old = Array.isArray(config.vaultKeysOld) ? config.vaultKeysOld.map(String) : [];
	if (current.length === 0) throw new Refused(`${file} holds no vaultKey. Nothing was changed.`);
	const resuming = old.length > 0;
	if (resuming && wanted !== undefined && wanted !== current[0]) {
		throw new Refused(
			'A rotation to another key has begun and has not ended. Nothing was changed. Run npm run vault:rotate without MUSEKIT_VAULT_KEY_NEXT to end it first.',
		);
	}
	return {
		name: file,
		resuming,
		keys: resuming ? [...current, ...old] : [wanted ?? randomBytes(32).toString('hex'), ...current],
		keep: ([next, ...others]) => {
			const kept: Record<string, unknown> = { ...config, vaultKey: next };
			delete kept.vaultKeysOld;
			writeWhole(file, others.length === 0 ? kept : { ...kept, vaultKeysOld: others });
		},
	};
}

function environmentKeys(current: string, wanted: string | undefined): KeyPlace {
	if (wanted === undefined) {
		throw new Refused(
			'MUSEKIT_VAULT_KEY is given by the environment, which this script cannot change. Nothing was changed. Make a new key (openssl rand -hex 32), keep it, and give it as MUSEKIT_VAULT_KEY_NEXT.',
		);
	}
	return {
		name: 'the environment',
		resuming: false,
		keys: [...new Set([wanted, ...splitVaultKeys(current)])],
		keep: () => undefined,
	};
}

function keyPlace(): KeyPlace {
	const wanted = process.env.MUSEKIT_VAULT_KEY_NEXT?.trim() || undefined;
	const current = process.env.MUSEKIT_VAULT_KEY;
	return current
		? environmentKeys(current, wanted)
		: fileKeys(setting('MUSEKIT_VAULT_CONFIG'), wanted);
}

async function ringOf(ports: Ports, keys: string[]): Promise<VaultKey> {
	const loaded = await loadVaultKey(keys.join(' '), ports.crypto);
	if (loaded.outcome !== 'ok') {
		throw new Refused(`${loaded.error.message} Nothing was changed. ${loaded.error.remedy}`);
	}
	return loaded.key;
}

/** Carriers that are up and do not know the new key yet. */
async function unready(ports: Ports, ring: VaultKey): Promise<string[]> {
	const status = await createStore(ports.store).call('social_vault_status', {});
	if (status.kind !== 'ok') return [];
	return status.value.carriers
		.filter(({ keyIds }) => !keyIds?.includes(ring.keyId))
		.map(({ carrier }) => carrier);
}

/** `--page=N`: envelopes sealed anew in one go. */
function pageSize(): { pageSize?: number } {
	const given = process.argv.map((word) => /^--page=(\d+)$/.exec(word)?.[1]).find(Boolean);
	return given === undefined ? {} : { pageSize: Number(given) };
}

async function main(): Promise<number> {
	const ports = createPorts({
		store: { url: setting('SUPABASE_URL'), key: setting('SUPABASE_SECRET_KEY') },
		log: { level: 'silent' },
	});
	const place = keyPlace();
	const ring = await ringOf(ports, place.keys);
	const problem = await rotationProblem(ports, ring);
	if (problem !== null) {
		throw new Refused(
			problem.outcome === 'refused'
				? `${problem.error.message} ${problem.error.remedy}`
				: `The store does not answer (${problem.reason}). Nothing was changed.`,
		);
	}
	const [next, ...old] = keyIdsOf(ring);
	say(
		`${place.resuming ? 'Goes on rotating' : 'Rotates'} the vault to key ${next}, from ${old.join(', ')}.`,
	);
	// Before the first row: a key that only this process knew would be lost with it.
	place.keep(place.keys);
	say(`Both keys are in ${place.name}. Everything that opens tokens takes either of them.`);
	const store = createStore(ports.store);
	const status = await store.call('social_vault_status', {});
	const current = status.kind === 'ok' ? (status.value.fingerprint ?? '') : '';
	if (current !== ring.fingerprint) {
		await store.call('social_vault_begin', { p_current: current, p_next: ring.fingerprint });
	}
	const waiting = await unready(ports, ring);
	if (waiting.length > 0 && !process.argv.includes('--now')) {
		say(`Not yet: ${waiting.join(', ')} would not open what is sealed with the new key.`);
		say(
			'Give them both keys, the new one first, with a space between (n8n: field Vault Key of the credential; runner and panel: MUSEKIT_VAULT_KEY, or start them again), then run this again. With --now it goes on without them: their posts wait or are taken by others.',
		);
		return 3;
	}
	const outcome = await rotateVault(ports, {
		ring,
		...pageSize(),
		onProgress: ({ resealed }) => say(`${resealed} sealed anew`),
		onWait: (ms) =>
			say(`waits up to ${Math.ceil(ms / 1000)} s for refreshes that began with the old key`),
	});
	if (outcome.outcome === 'refused') {
		throw new Refused(`${outcome.error.message} ${outcome.error.remedy}`);
	}
	if (outcome.outcome === 'unreachable') {
		say(`The store stopped answering (${outcome.reason}). Both keys are kept: run this again.`);
		return 1;
	}
	place.keep(place.keys.slice(0, 1));
	say(`Done: ${outcome.resealed} sealed anew, the old key opens nothing any more.`);
	if (outcome.unreadable > 0) {
		say(`${outcome.unreadable} could not be read with any key: connect those accounts again.`);
	}
	say('Take the old key out of the n8n credential and of every MUSEKIT_VAULT_KEY.');
	return 0;
}

main()
	.then((code) => {
		process.exitCode = code;
	})
	.catch((error: unknown) => {
		const words = error instanceof Error ? error.message : 'unknown reason';
		process.stderr.write(
			`${error instanceof Refused ? words : `The rotation broke off: ${words}`}\n`,
		);
		process.exitCode = error instanceof Refused ? 2 : 1;
	});
