import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import path from 'node:path';
import { Client } from 'pg';
import { loadVaultKey, openToken, sealToken, type VaultKey } from '../../core/accounts/vault';
import { PLATFORMS } from '../../core/platforms';
import { readSession, sessionRequest } from '../../core/platforms/bluesky/session';
import type { TokenSecret } from '../../core/platforms/platform';
import type { Ports } from '../../core/ports';
import { claimPost, type CarrierOptions, type CarryOutcome } from '../../core/publishing/carrier';
import { carryPost } from '../../core/publishing/carry';
import { createStore, type Store } from '../../core/store/client';
import type { CarriedAccount, PostView } from '../../core/store/contract';
import { createPorts } from '../../fallback-runner/src/ports';
import { createOne, type Draft } from '../store/publishing';
import { startTestStore, type TestStore } from '../store/with-store';
import { Pds, type Person } from './pds';
import { Proxy } from './proxy';

const REPO = path.resolve(__dirname, '../..');

/** The real server, a store of its own, and the ports of the runner. */
export class World {
	private readonly started: ChildProcess[] = [];

	private constructor(
		readonly pds: Pds,
		readonly proxy: Proxy,
		readonly ports: Ports,
		private readonly testStore: TestStore,
		private readonly database: Client,
		private readonly keyText: string,
		private readonly vaultKey: VaultKey,
	) {}

	static async start(packages: string): Promise<World> {
		const [pds, testStore] = await Promise.all([Pds.start(packages), startTestStore()]);
		const ports = createPorts({
			store: { url: testStore.url, key: testStore.serviceKey },
			log: { level: 'silent' },
		});
		const keyText = randomBytes(32).toString('hex');
		const key = await loadVaultKey(keyText, ports.crypto);
		if (key.outcome !== 'ok') throw new Error(key.error.message);
		const database = new Client({ connectionString: testStore.databaseUrl });
		await database.connect();
		const proxy = await Proxy.start(pds.url);
		return new World(pds, proxy, ports, testStore, database, keyText, key.key);
	}

	async stop(): Promise<void> {
		for (const child of this.started) child.kill('SIGKILL');
		await this.proxy.stop();
		await this.database.end();
		await Promise.all([this.pds.stop(), this.testStore.remove()]);
	}

	get store(): Store {
		return createStore(this.ports.store);
	}

	/** Signs in as connecting does; `change` is what the vault then holds instead. */
	async connect(
		person: Person,
		change: (secret: TokenSecret) => TokenSecret = (secret) => secret,
		accountId = randomUUID() as string,
	): Promise<string> {
		const { http, clock, crypto } = this.ports;
		const answer = await http.send(sessionRequest(this.pds.url, person.handle, person.password));
		const reading = readSession(answer, clock.now());
		if (reading.outcome !== 'ok') throw new Error(reading.error.message);
		const { did, handle, secret } = reading.session;
		const row = { accountId, owner: 'default' };
		const saved = await this.store.call('social_account_save', {
			p_id: accountId,
			p_owner: row.owner,
			p_platform: 'bluesky',
			p_mode: 'sandbox',
			p_remote_id: did,
			p_handle: handle,
			p_display_name: handle,
			p_base_url: this.proxy.url,
			p_auth_url: this.proxy.url,
			p_scopes: [],
			p_token: await sealToken(crypto, this.vaultKey, row, change(secret)),
			p_token_key_id: this.vaultKey.keyId,
		});
		if (saved.kind !== 'ok') throw new Error(JSON.stringify(saved));
		return accountId;
	}

	async account(id: string): Promise<CarriedAccount> {
		const answer = await this.store.call('social_account_open', { p_account_id: id });
		if (answer.kind !== 'ok') throw new Error(JSON.stringify(answer));
		return answer.value;
	}

	/** What the vault holds for an account now. */
	async secret(id: string): Promise<TokenSecret> {
		const account = await this.account(id);
		const row = { accountId: id, owner: account.owner };
		const opened = await openToken(this.ports.crypto, this.vaultKey, row, account.token);
		if (opened.outcome !== 'ok') throw new Error(opened.error.message);
		return opened.secret;
	}

	async create(accountId: string, draft: Draft): Promise<PostView> {
		return await createOne(this.ports, { id: accountId }, draft);
	}

	options(carrier: string): CarrierOptions {
		return {
			carrier,
			kind: 'runner',
			vaultKey: this.vaultKey,
			platforms: PLATFORMS,
			stopping: () => false,
		};
	}

	/** Claims the post and carries it as far as it goes; null when it cannot be claimed now. */
	async carry(postId: string, carrier = 'runner:first'): Promise<CarryOutcome | null> {
		const options = this.options(carrier);
		const claim = await claimPost(this.ports, options, { postId });
		if (claim.kind === 'none') return null;
		if (claim.kind !== 'held') throw new Error(JSON.stringify(claim));
		return await carryPost(this.ports, options, claim.held);
	}

	/** The same in a process of its own, which may be killed. */
	carryInProcess(postId: string, carrier: string): ChildProcess {
		const child = spawn(
			process.execPath,
			['--import', 'tsx', path.join(__dirname, 'carrier-process.ts')],
			{
				cwd: REPO,
				stdio: ['pipe', 'inherit', 'inherit'],
			},
		);
		this.started.push(child);
		child.stdin?.end(
			JSON.stringify({
				store: { url: this.testStore.url, key: this.testStore.serviceKey },
				vaultKey: this.keyText,
				carrier,
				postId,
			}),
		);
		return child;
	}

	async post(id: string): Promise<PostView> {
		const answer = await this.store.call('social_post_get', { p_post_id: id, p_owner: 'default' });
		if (answer.kind !== 'ok') throw new Error(JSON.stringify(answer));
		return answer.value;
	}

	/** Lets time pass: everything the store has written down lies further back by this. */
	async elapse(ms: number): Promise<void> {
		const back = `make_interval(secs => ${ms / 1000})`;
		await this.database.query(`
			update musekit_social.intents set saved_at = saved_at - ${back},
				deadline_at = deadline_at - ${back}, settled_at = settled_at - ${back};
			update musekit_social.posts set next_at = next_at - ${back}, lease_until = lease_until - ${back},
				scheduled_at = scheduled_at - ${back}, claimed_at = claimed_at - ${back};
			update musekit_social.accounts set refresh_not_before = refresh_not_before - ${back};
			select musekit_social.refresh_due(id) from musekit_social.accounts;`);
	}

	/** Intents of a post with how each was closed, oldest first. */
	async intents(
		postId: string,
	): Promise<{ request: { body: string; path: string }; closedBy: string | null }[]> {
		const { rows } = await this.database.query<{
			request: { body: string; path: string };
			closedBy: string | null;
		}>(
			'select request, closed_by as "closedBy" from musekit_social.intents where post_id = $1 order by saved_at',
			[postId],
		);
		return rows;
	}

	async evidence(postId: string): Promise<{ outcome: string; confirmed_by: string }[]> {
		const { rows } = await this.database.query<{ outcome: string; confirmed_by: string }>(
			'select outcome, confirmed_by from musekit_social.evidence where post_id = $1 order by at',
			[postId],
		);
		return rows;
	}
}
