import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { randomBytes } from 'node:crypto';
import { Client } from 'pg';
import { loadVaultKey, openToken, type VaultKey } from '../../core/accounts/vault';
import type { TokenSecret } from '../../core/platforms/platform';
import type { Ports } from '../../core/ports';
import { createStore, type Store } from '../../core/store/client';
import type { AccountView, CarriedAccount, Mode } from '../../core/store/contract';
import { createPorts } from '../../fallback-runner/src/ports';
import { createPanel } from '../../panel/server/app';
import { openSetup } from '../../panel/server/sign-in/setup-token';
import type { StartConnectAnswer } from '../../panel/shared/api';
import { decide, type Decision } from '../sandbox/consent';
import { sandboxUnderTest, type SandboxUnderTest } from '../sandbox/fixtures';
import { logsOf, startTestStore, type TestStore } from '../store/with-store';
import { Browser, type Answer } from './browser';

/** Store, sandbox and panel, all real, each on a port of its own. */
export class World {
	private constructor(
		readonly store: Store,
		readonly sandbox: SandboxUnderTest,
		readonly ports: Ports,
		readonly vaultKey: VaultKey,
		readonly keyText: string,
		readonly origin: string,
		readonly admin: Browser,
		readonly database: Client,
		private readonly server: Server,
		private readonly testStore: TestStore,
	) {}

	static async start(): Promise<World> {
		const [sandbox, testStore] = await Promise.all([sandboxUnderTest(), startTestStore()]);
		const ports = createPorts({
			store: { url: testStore.url, key: testStore.serviceKey },
			log: { level: 'silent' },
		});
		const keyText = randomBytes(32).toString('hex');
		const key = await loadVaultKey(keyText, ports.crypto);
		if (key.outcome !== 'ok') throw new Error(key.error.message);
		const store = createStore(ports.store);
		await store.call('social_vault_init', { p_vault_fingerprint: key.key.fingerprint });
		const server = createServer();
		await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
		const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
		server.on(
			'request',
			createPanel({
				store: ports.store,
				ports,
				vaultKey: keyText,
				publicUrl: origin,
				sandboxUrl: sandbox.url,
				onError: (error) => {
					throw error;
				},
			}),
		);
		const database = new Client({ connectionString: testStore.databaseUrl });
		await database.connect();
		const admin = new Browser(origin);
		const address = await openSetup(store, origin);
		const token = /token=(.+)$/.exec(address ?? '')?.[1] ?? '';
		const made = await admin.post('/api/setup', {
			token,
			name: 'ada',
			password: 'correct horse battery staple',
		});
		if (made.status >= 300) throw new Error(`${made.status} ${made.text}`);
		await admin.learnCsrf();
		return new World(
			store,
			sandbox,
			ports,
			key.key,
			keyText,
			origin,
			admin,
			database,
			server,
			testStore,
		);
	}

	async stop(): Promise<void> {
		await new Promise<void>((resolve) => {
			this.server.close(() => resolve());
			this.server.closeAllConnections();
		});
		await this.database.end();
		await this.sandbox.stop();
		await this.testStore.remove();
	}

	/** Clicks Connect: the address of the consent page. */
	async begin(
		connector: string,
		change: { accountId?: string; owner?: string; mode?: Mode; by?: Browser } = {},
	): Promise<string> {
		const { by = this.admin, ...rest } = change;
		const answer = await by.post('/api/connect', {
			connector,
			mode: 'sandbox',
			owner: 'default',
			...rest,
		});
		if (answer.status !== 200) throw new Error(`${answer.status} ${answer.text}`);
		return answer.json<StartConnectAnswer>().redirectTo;
	}

	/** Decides on the consent page; answers the address that the platform sends the browser to. */
	async decide(page: string, decision: Decision): Promise<URL> {
		return await decide(page, decision);
	}

	/** Connect from click to callback. */
	async connect(
		connector: string,
		decision: Decision,
		change: { accountId?: string; owner?: string; by?: Browser } = {},
	): Promise<Answer> {
		const back = await this.decide(await this.begin(connector, change), decision);
		return await (change.by ?? this.admin).get(`${back.pathname}${back.search}`);
	}

	/** The account that a callback's redirect names. */
	async connected(answer: Answer): Promise<AccountView> {
		const id = /^\/accounts\?connected=([0-9a-f-]+)$/.exec(answer.location ?? '')?.[1];
		if (id === undefined) throw new Error(`${answer.status} ${answer.location} ${answer.text}`);
		return await this.account(id);
	}

	async account(id: string): Promise<CarriedAccount> {
		const answer = await this.store.call('social_account_open', { p_account_id: id });
		if (answer.kind !== 'ok') throw new Error(JSON.stringify(answer));
		return answer.value;
	}

	/** What the vault holds for an account. */
	async secret(id: string): Promise<TokenSecret> {
		const account = await this.account(id);
		const row = { accountId: id, owner: account.owner };
		const opened = await openToken(this.ports.crypto, this.vaultKey, row, account.token);
		if (opened.outcome !== 'ok') throw new Error(opened.error.message);
		return opened.secret;
	}

	async accounts(owner = 'default'): Promise<AccountView[]> {
		const answer = await this.store.call('social_account_list', { p_owner: owner, p_limit: 200 });
		if (answer.kind !== 'ok') throw new Error(JSON.stringify(answer));
		return answer.value.items;
	}

	/** All that the store holds and logged, as text. */
	async dump(): Promise<string> {
		const { rows } = await this.database.query<{ name: string }>(
			`select format('%I.%I', schemaname, tablename) as name from pg_tables
			where schemaname not in ('pg_catalog', 'information_schema')`,
		);
		const tables = [];
		for (const { name } of rows) {
			const all = await this.database.query<{ row: string }>(
				`select t::text as row from ${name} t`,
			);
			tables.push(all.rows.map(({ row }) => row).join('\n'));
		}
		return [...tables, logsOf(this.testStore)].join('\n');
	}

	/** Every token and code the sandbox ever gave, and the secret of its apps. */
	secrets(): string[] {
		const { tokens, codes, clients } = this.sandbox.state;
		return [
			...tokens.values().map((token) => token.value),
			...codes.values().map((code) => code.value),
			...clients.values().flatMap((client) => (client.secret === null ? [] : [client.secret])),
		];
	}
}
