import { createHash, randomBytes } from 'node:crypto';

import type { Platform, StoreFunctions } from '../../../core/store/contract';
import { startSandbox, type RunningSandbox } from '../../../sandbox/src/server';
import { connectAccount, type ConnectedAccount } from '../../e2e/system/accounts';
import { SandboxClient } from '../../e2e/system/sandbox-client';
import { StoreClient } from '../../e2e/system/store-client';
import { startTestStore, type TestStore } from '../../store/with-store';
import { buildPack, type BuiltPack } from './built-pack';
import { Engine, type TestCredential } from './engine';

/** A real store, the sandbox and n8n's engine with the built node, for one test file. */
export class World {
	private accounts = 0;

	private constructor(
		readonly pack: BuiltPack,
		readonly engine: Engine,
		readonly store: StoreClient,
		readonly sandbox: SandboxClient,
		readonly credential: TestCredential,
		private readonly running: { store: TestStore; sandbox: RunningSandbox },
	) {}

	static async open(): Promise<World> {
		const [store, sandbox] = await Promise.all([startTestStore(), startSandbox({ port: 0 })]);
		const pack = buildPack();
		const engine = await Engine.load(pack.folder);
		const credential = {
			url: store.url,
			secretKey: store.serviceKey,
			vaultKey: randomBytes(32).toString('hex'),
		};
		const client = new StoreClient({
			url: store.url,
			secretKey: store.serviceKey,
			publishableKey: store.anonKey,
			databaseUrl: store.databaseUrl,
		});
		await client.call('social_vault_init', {
			p_vault_fingerprint: fingerprint(credential.vaultKey),
		});
		return new World(pack, engine, client, new SandboxClient(sandbox.url), credential, {
			store,
			sandbox,
		});
	}

	/** A fresh sandbox account, connected in the store. */
	async account(
		platform: Exclude<Platform, 'bluesky'> = 'x',
		owner = 'default',
	): Promise<ConnectedAccount> {
		const handle = `engine${(this.accounts += 1)}`;
		return await connectAccount(
			{ sandbox: this.sandbox, store: this.store, vaultKey: this.credential.vaultKey },
			{ platform, handle, displayName: `Engine ${this.accounts}`, owner },
		);
	}

	async posts(account: ConnectedAccount): Promise<Post[]> {
		return await this.store.posts(account);
	}

	async texts(account: ConnectedAccount): Promise<string[]> {
		const entries = await this.sandbox.ledger(account);
		return entries.filter(({ deleted }) => !deleted).map(({ text }) => text);
	}

	/** How many requests scripted faults have caught so far; a delayed one counts at its arrival. */
	async faultHits(): Promise<number> {
		const answer = await fetch(`${this.sandbox.url}/_faults`);
		const { faults } = (await answer.json()) as { faults: Array<{ hits: number }> };
		return faults.reduce((sum, { hits }) => sum + hits, 0);
	}

	async close(): Promise<void> {
		this.pack.remove();
		await this.running.sandbox.stop();
		await this.running.store.remove();
	}
}

type Post = StoreFunctions['social_post_get']['value'];

function fingerprint(vaultKey: string): string {
	return createHash('sha256').update(vaultKey).digest('hex');
}
