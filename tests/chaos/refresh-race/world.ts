import { randomBytes, randomUUID } from 'node:crypto';
import { Client } from 'pg';
import { loadVaultKey, openToken, type VaultKey } from '../../../core/accounts/vault';
import type { Ports } from '../../../core/ports';
import type { CarriedAccount } from '../../../core/store/contract';
import { createPorts } from '../../../fallback-runner/src/ports';
import { seedAccount } from '../../../sandbox/src/accounts';
import { startSandbox, type RunningSandbox } from '../../../sandbox/src/server';
import { seededConnection } from '../../../scripts/seeded-connection';
import { mustCall, type MustCall } from '../../store/must-call';
import { startTestStore, type TestStore } from '../../store/with-store';
import type { WorkerConfig } from './protocol';

/** A real store and the sandbox, with X accounts whose access token has just run out. */
export class RaceWorld {
	private constructor(
		private readonly store: TestStore,
		readonly sandbox: RunningSandbox,
		private readonly database: Client,
		private readonly ports: Ports,
		private readonly key: VaultKey,
		readonly config: WorkerConfig,
	) {}

	static async start(): Promise<RaceWorld> {
		const [store, sandbox] = await Promise.all([startTestStore(), startSandbox({ port: 0 })]);
		const options = { url: store.url, key: store.serviceKey };
		const ports = createPorts({ store: options, log: { level: 'silent' } });
		const vaultKey = randomBytes(32).toString('hex');
		const key = await loadVaultKey(vaultKey, ports.crypto);
		if (key.outcome !== 'ok') throw new Error(key.error.message);
		const database = new Client({ connectionString: store.databaseUrl });
		await database.connect();
		const world = new RaceWorld(store, sandbox, database, ports, key.key, {
			store: options,
			vaultKey,
		});
		await world.call('social_vault_init', { p_vault_fingerprint: key.key.fingerprint });
		// Trial after trial spoils an account for good; that many would be taken for the platform's trouble.
		await world.call('social_settings_set', { p_key: 'tokens', p_value: { accounts: 1_000_000 } });
		return world;
	}

	async stop(): Promise<void> {
		await this.database.end();
		await this.sandbox.stop();
		await this.store.remove();
	}

	/** A fresh account that must be refreshed before it can be used. */
	async account(): Promise<CarriedAccount> {
		const id = randomUUID();
		const made = seedAccount(this.sandbox.state, {
			platform: 'x',
			handle: `race_${id.slice(0, 8)}`,
			accessTokenMs: -1_000,
		});
		const row = { accountId: id, owner: 'default' };
		const vault = { crypto: this.ports.crypto, key: this.key };
		await this.call('social_account_save', await seededConnection(vault, made, row));
		return await this.read(id);
	}

	async read(id: string): Promise<CarriedAccount> {
		return await this.call('social_account_open', { p_account_id: id });
	}

	/** Ends the lease of a killed process, for a minute's wait proves nothing. */
	async endLease(id: string): Promise<void> {
		await this.database.query(
			'update musekit_social.accounts set refresh_lease_until = clock_timestamp() where id = $1',
			[id],
		);
	}

	/** The sandbox keeps only so many requests: each trial counts from nothing. */
	forgetRequests(): void {
		this.sandbox.state.requests.splice(0);
	}

	/** Refresh requests that have reached the sandbox since. */
	refreshCalls(): number {
		return this.sandbox.state.requests.filter(({ step }) => step === 'oauth.token').length;
	}

	/** True when the stored pair opens and the platform takes its access token. */
	async storedPairWorks(account: CarriedAccount): Promise<boolean> {
		const row = { accountId: account.id, owner: account.owner };
		const opened = await openToken(this.ports.crypto, this.key, row, account.token);
		if (opened.outcome !== 'ok') return false;
		const answer = await this.ports.http.send({
			method: 'GET',
			url: `${account.baseUrl}/2/users/me`,
			headers: { authorization: `Bearer ${opened.secret.accessToken}` },
			limitMs: 20_000,
		});
		return answer.kind === 'response' && answer.status === 200;
	}

	private get call(): MustCall {
		return mustCall(this.ports.store);
	}
}
