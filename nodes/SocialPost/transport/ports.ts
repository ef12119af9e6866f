import type { IExecuteFunctions } from 'n8n-workflow';

import { loadVaultKey } from '../../../core/accounts/vault';
import { PLATFORMS } from '../../../core/platforms';
import type { Ports } from '../../../core/ports';
import type { CarrierOptions } from '../../../core/publishing/carrier';
import { createStore, type Store } from '../../../core/store/client';
import { operationError, type Problem } from '../input/problem';
import { storeProblem } from '../input/store-problem';
import { createClockPort } from './clock-port';
import { createCryptoPort } from './crypto-port';
import { createHttpPort } from './http-port';
import { createStorePort, CREDENTIAL } from './store-port';

/** The decrypted credential. */
export interface SocialCredential {
	url: string;
	secretKey: string;
	vaultKey: string;
	companionUrl?: string;
}

/** One node run's way to the world. */
export interface Session {
	ports: Ports;
	store: Store;
	/** The same for every post of the run. */
	carrier: CarrierOptions;
}

/** Opens the ports of one run. Throws in our words when the credential cannot work. */
export async function openSession(context: IExecuteFunctions): Promise<Session> {
	const credential = await context.getCredentials<SocialCredential>(CREDENTIAL);
	const problem = credentialProblem(credential);
	if (problem) throw operationError(context, problem, 0);
	const crypto = createCryptoPort();
	const vaultKey = await loadVaultKey(credential.vaultKey.trim(), crypto);
	if (vaultKey.outcome === 'refused') throw operationError(context, vaultKey.error, 0);
	const storePort = createStorePort(context, credential.url);
	await checkStore(context, createStore(storePort), vaultKey.key.fingerprint);
	const cancelled = context.getExecutionCancelSignal?.();
	return {
		ports: {
			http: createHttpPort(context.helpers),
			store: storePort,
			clock: createClockPort(),
			crypto,
			log: {
				info: (event, facts) => context.logger.info(`MuseKit Social: ${event}`, facts),
				warn: (event, facts) => context.logger.warn(`MuseKit Social: ${event}`, facts),
			},
		},
		store: createStore(storePort),
		carrier: {
			carrier: `n8n:${context.getInstanceId().slice(0, 16)}`,
			kind: 'n8n',
			vaultKey: vaultKey.key,
			platforms: PLATFORMS,
			stopping: () => cancelled?.aborted === true,
		},
	};
}

/**
 * Asks the store whether it speaks our contract and has our vault key, before anything is made:
 * otherwise a wrong key would show only when a post is about to go out.
 */
async function checkStore(context: IExecuteFunctions, store: Store, fingerprint: string) {
	const answer = await store.call('social_ping', { p_vault_fingerprint: fingerprint });
	if (answer.kind !== 'ok') throw operationError(context, storeProblem(answer), 0, NOTHING_DONE);
	const { code, message } = answer.value ?? {};
	if (code === 'ok') return;
	const known = PING_PROBLEMS[code ?? ''];
	const problem = known ?? {
		message: 'The Project URL answers, but not as a MuseKit Social store.',
		remedy: message ?? 'Check the Project URL in the credential.',
	};
	throw operationError(context, problem, 0, NOTHING_DONE);
}

const NOTHING_DONE = 'Nothing was made, sent or changed, and running the node again is safe.';

const PING_PROBLEMS: Record<string, Problem> = {
	vault_key_mismatch: {
		message: 'The vault key in the credential is not the one this store was set up with.',
		remedy:
			'Copy the vault key from the panel or the runner; the tokens of the connected accounts open only with it.',
	},
	vault_not_set: {
		message: 'The store has no vault key yet, so no account can be connected.',
		remedy: 'Start the panel or the runner once with this vault key.',
	},
	contract_mismatch: {
		message: 'The store and this node speak different versions of their contract.',
		remedy:
			'Update the older of the two: the node under Settings → Community nodes, or the store with npm run migrate.',
	},
	durability_off: {
		message: 'The database of the store may lose what it has confirmed, so nothing is published.',
		remedy: 'Switch fsync and synchronous_commit on in the database.',
	},
};

/** What is visibly wrong with the entries of the credential, before any call is made. */
export function credentialProblem(credential: Partial<SocialCredential>): Problem | undefined {
	const url = String(credential.url ?? '').trim();
	if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) {
		return {
			message: 'The Project URL in the credential "MuseKit Social API" is not an address.',
			remedy: 'Enter it with http:// or https:// in front, such as https://abcdefgh.supabase.co.',
		};
	}
	if (String(credential.secretKey ?? '').trim() === '') {
		return {
			message: 'The Secret Key in the credential "MuseKit Social API" is empty.',
			remedy: 'Enter the secret key (sb_secret_… or service_role) of the project.',
		};
	}
	return undefined;
}
