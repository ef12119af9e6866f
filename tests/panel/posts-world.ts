import { randomUUID } from 'node:crypto';
import type { Client } from 'pg';
import { loadVaultKey, type VaultKey } from '../../core/accounts/vault';
import type { Ports } from '../../core/ports';
import type { Platform, PostView } from '../../core/store/contract';
import { createPorts } from '../../fallback-runner/src/ports';
import { seededConnection } from '../../scripts/seeded-connection';
import type { SandboxUnderTest } from '../sandbox/fixtures';
import { mustCall, type MustCall } from '../store/must-call';
import { carrierRound, createOne, type Draft } from '../store/publishing';
import type { Panel } from './world';

export interface ConnectedAccount {
	id: string;
	owner: string;
	handle: string;
	displayName: string;
}

/** More looks than a carrier takes before it leaves a post to a person. */
const ROUNDS = 20;

/** Posts of a panel that a real carrier publishes in a sandbox, with time passing as the test wants. */
export class Publisher {
	private constructor(
		private readonly sandbox: SandboxUnderTest,
		private readonly ports: Ports,
		private readonly key: VaultKey,
		private readonly database: Client,
	) {}

	static async open(panel: Panel, sandbox: SandboxUnderTest): Promise<Publisher> {
		const ports = createPorts({
			store: { url: panel.store.url, key: panel.store.serviceKey },
			log: { name: 'publisher', level: 'silent' },
		});
		const loaded = await loadVaultKey(panel.vaultKey, ports.crypto);
		if (loaded.outcome !== 'ok') throw new Error(loaded.error.message);
		const database = await panel.store.connect();
		const publisher = new Publisher(sandbox, ports, loaded.key, database);
		await publisher.call('social_vault_init', { p_vault_fingerprint: loaded.key.fingerprint });
		await sandbox.set({ indexLagMs: { x: 0, linkedin: 0, instagram: 0 } });
		return publisher;
	}

	async close(): Promise<void> {
		await this.database.end();
	}

	get call(): MustCall {
		return mustCall(this.ports.store);
	}

	/** A sandbox account, connected as a sign-in would leave it. */
	async account(
		change: {
			platform?: Exclude<Platform, 'bluesky'>;
			owner?: string;
			handle?: string;
			displayName?: string;
		} = {},
	): Promise<ConnectedAccount> {
		const { platform = 'x', owner = 'default' } = change;
		const handle = change.handle ?? `h${randomUUID().slice(0, 8)}`;
		const displayName = change.displayName ?? handle;
		const made = await this.sandbox.seed({ platform, handle, displayName, issuedAgoMs: 0 });
		const id = randomUUID();
		const vault = { crypto: this.ports.crypto, key: this.key };
		const save = await seededConnection(vault, made, { accountId: id, owner });
		await this.call('social_account_save', save);
		return { id, owner, handle: made.handle, displayName };
	}

	async create(account: ConnectedAccount, draft: Draft = {}): Promise<PostView> {
		return await createOne(this.ports, account, draft);
	}

	async post({ id, owner }: PostView): Promise<PostView> {
		return await this.call('social_post_get', { p_post_id: id, p_owner: owner });
	}

	/** One round of a carrier over what is due now. */
	async round(): Promise<void> {
		await carrierRound(this.ports, this.key);
	}

	/** Rounds until the post is in this state; between them, every wait is over. */
	async until(post: PostView, state: PostView['state']): Promise<PostView> {
		let now = post;
		for (let round = 0; round < ROUNDS; round++) {
			await this.round();
			now = await this.post(post);
			if (now.state === state) return now;
			await this.endWaits();
		}
		throw new Error(`Not ${state}: ${JSON.stringify({ state: now.state, error: now.error })}`);
	}

	async published(account: ConnectedAccount, draft: Draft = {}): Promise<PostView> {
		return await this.until(await this.create(account, draft), 'published');
	}

	/**
	 * A post whose answer was lost and that no look-up can find: the platform drops the connection
	 * (after the entry was made, where it is `live`) and then refuses every look at the timeline.
	 */
	async inReview(
		account: ConnectedAccount,
		{ live, text }: { live: boolean; text?: string },
	): Promise<PostView> {
		const fault = { platform: 'x', account: account.handle } as const;
		await this.sandbox.fault(
			{
				...fault,
				kind: live ? 'drop_after_commit' : 'drop_before_commit',
				step: 'tweet.create',
			},
			{ ...fault, kind: 'drop_before_commit', step: 'timeline', count: null },
		);
		const post = await this.create(account, text === undefined ? {} : { text });
		const left = await this.until(post, 'needs_review');
		this.sandbox.faults.remove();
		return left;
	}

	/** A post that the platform refuses for good. */
	async refused(account: ConnectedAccount, text?: string): Promise<PostView> {
		await this.sandbox.fault({
			platform: 'x',
			account: account.handle,
			kind: 'status',
			status: 403,
			step: 'tweet.create',
		});
		const post = await this.create(account, text === undefined ? {} : { text });
		const failed = await this.until(post, 'failed');
		this.sandbox.faults.remove();
		return failed;
	}

	/** Entries at the platform that carry this post's text. */
	async live(post: PostView) {
		return (await this.sandbox.ledger()).filter(({ text }) => text === post.content.text);
	}

	/** Ends every wait now: leases, deadlines, settle times and the times of waiting posts. */
	async endWaits(): Promise<void> {
		const now = 'clock_timestamp()';
		await this.database.query(`
			update musekit_social.intents set deadline_at = least(deadline_at, ${now}),
				settled_at = least(settled_at, ${now});
			update musekit_social.posts set next_at = least(next_at, ${now}),
				lease_until = least(lease_until, ${now}) where state in ('scheduled', 'publishing');
			update musekit_social.accounts set hold_until = null;
			select musekit_social.refresh_due(id) from musekit_social.accounts;`);
	}
}
