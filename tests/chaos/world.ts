import { randomBytes, randomUUID } from 'node:crypto';
import { Pool } from 'pg';
import sharp from 'sharp';
import { loadVaultKey, sealToken, type VaultKey } from '../../core/accounts/vault';
import { PLATFORMS } from '../../core/platforms';
import { secretOf } from '../../core/platforms/bluesky/session';
import type { TokenSecret } from '../../core/platforms/platform';
import type { Ports } from '../../core/ports';
import { createPosts } from '../../core/publishing/create';
import type { PostState, PostView } from '../../core/store/contract';
import { createPorts } from '../../fallback-runner/src/ports';
import { seedAccount } from '../../sandbox/src/accounts';
import { mergeSettings } from '../../sandbox/src/settings';
import { startSandbox, type RunningSandbox } from '../../sandbox/src/server';
import type { Pds, Person } from '../bluesky/pds';
import { seededConnection } from '../../scripts/seeded-connection';
import { mustCall, type MustCall } from '../store/must-call';
import { startTestStore, type TestStore } from '../store/with-store';
import { createFastClock, fastNow, type ClockSpec } from './clock';
import type { Stand } from './count';
import type { Row } from './plan';
import { hastenStore } from './store-clock';
import { Wire } from './wire';

/** An account in the store and where its entries can be seen. */
export interface ChaosAccount {
	id: string;
	row: Row;
	/** The sandbox's name of whoever calls (for a page its administrator); null for Bluesky. */
	caller: string | null;
	/** The sandbox's id of the account. */
	sandboxId: string | null;
	/** Person on Bluesky's server, and the wire's name of the way there. */
	bluesky: { person: Person; wire: string } | null;
	/** Gives a person back to those who are free. */
	release(): void;
}

export interface WorldOptions {
	spec: ClockSpec;
	duplicateRules: boolean;
	/** Shared by all worlds of a run; null where it is not installed. */
	pds: Pds | null;
	name: string;
}

/** In the run's own time. */
const PATIENCE_MS = 600_000;

/** A real store in fast time, the sandbox in the same time, and the ways to them. */
export class ChaosWorld {
	private accounts = 0;
	private readonly free: FreePerson[] = [];

	private constructor(
		readonly options: WorldOptions,
		readonly store: TestStore,
		readonly sandbox: RunningSandbox,
		/** In front of the store. */
		readonly storeWire: Wire,
		/** In front of Bluesky's server. */
		readonly pdsWire: Wire | null,
		readonly ports: Ports,
		readonly database: Pool,
		readonly vaultKeyText: string,
		private readonly key: VaultKey,
	) {}

	static async start(options: WorldOptions): Promise<ChaosWorld> {
		const { spec, pds } = options;
		const store = await startTestStore({ logLevel: 'silent' });
		await hastenStore(store.databaseUrl, spec);
		const sandbox = await startSandbox({ port: 0, clock: () => fastNow(spec) });
		const { state } = sandbox;
		if (!options.duplicateRules) {
			state.settings = mergeSettings(state.settings, {
				duplicates: { x: { enabled: false }, linkedin: { enabled: false } },
			});
		}
		const ports: Ports = {
			...createPorts({
				store: { url: store.url, key: store.serviceKey },
				log: { level: 'silent' },
			}),
			clock: createFastClock(spec),
		};
		const keyText = randomBytes(32).toString('hex');
		const key = await loadVaultKey(keyText, ports.crypto);
		if (key.outcome !== 'ok') throw new Error(key.error.message);
		const database = new Pool({ connectionString: store.databaseUrl, max: 4 });
		// A killed Postgres breaks idle connections.
		database.on('error', () => undefined);
		const world = new ChaosWorld(
			options,
			store,
			sandbox,
			await Wire.start(store.url),
			pds === null ? null : await Wire.start(pds.url.replace('localhost', '127.0.0.1')),
			ports,
			database,
			keyText,
			key.key,
		);
		await world.call('social_vault_init', { p_vault_fingerprint: key.key.fingerprint });
		await world.call('social_settings_set', { p_key: 'media', p_value: { publicUrl: store.url } });
		// Many trials at once would look like a platform that is down and pause each other.
		await database.query(
			`update musekit_social.settings set value = value || '{"failures": 1000000}' where key = 'outage'`,
		);
		return world;
	}

	async stop(): Promise<void> {
		await this.storeWire.stop();
		await this.pdsWire?.stop();
		await this.database.end();
		await this.sandbox.stop();
		await this.store.remove();
	}

	/** Patient: other trials kill the store, and preparing hundreds at once keeps it busy. */
	get call(): MustCall {
		return mustCall(this.ports.store, { clock: this.ports.clock, ms: PATIENCE_MS });
	}

	/** @param way stands in front of the platform: turns its address into another one */
	async account(row: Row, way: (url: string) => Promise<string>): Promise<ChaosAccount> {
		return row === 'bluesky' ? await this.person(way) : await this.member(row, way);
	}

	/** A post that is due now, or in `inMs` of fast time. */
	async post(account: ChaosAccount, image: boolean, inMs = 0): Promise<PostView> {
		const bytes = image ? await picture() : null;
		const outcome = await createPosts(this.ports, PLATFORMS, {
			key: randomUUID(),
			owner: 'default',
			source: 'api',
			dedupe: false,
			entries: [
				{
					accountId: account.id,
					text: `Once & <only> once (chaos) ${randomUUID()}`,
					...(bytes === null ? {} : { media: [{ bytes, altText: 'A plain colour' }] }),
					...(inMs === 0
						? {}
						: { scheduledAt: new Date(this.ports.clock.now() + inMs).toISOString() }),
				},
			],
		});
		const post = outcome.kind === 'ok' ? outcome.entries[0]?.post : undefined;
		if (post === undefined) throw new Error(`No post: ${JSON.stringify(outcome)}`);
		return post;
	}

	/** State of a post; null while the store does not answer. */
	async state(postId: string): Promise<PostState | null> {
		try {
			const { rows } = await this.database.query<{ state: PostState }>(
				'select state from musekit_social.posts where id = $1',
				[postId],
			);
			return rows[0]?.state ?? null;
		} catch {
			return null;
		}
	}

	/** Claims and evidence of a post in order, seconds of fast time after it was due. */
	async history(postId: string): Promise<string> {
		const { rows } = await this.database.query<{ said: string }>(
			`with told as (
				select started_at as at, 'claim by ' || carrier as said
					from musekit_social.attempts where post_id = $1
				union all select ended_at, 'result ' || concat_ws(' ', result ->> 'to', result ->> 'reason',
					result ->> 'waitMs', result #>> '{error,code}') from musekit_social.attempts
					where post_id = $1 and ended_at is not null
				union all select saved_at, 'intent ' || step from musekit_social.intents where post_id = $1
				union all select at, concat_ws(' ', outcome, step, carrier, error ->> 'code', payload ->> 'tried')
					from musekit_social.evidence where post_id = $1
			)
			select round(extract(epoch from told.at - p.created_at), 1) || ' ' || told.said as said
			from told, musekit_social.posts p where p.id = $1 order by told.at`,
			[postId],
		);
		return rows.map(({ said }) => said).join(' | ');
	}

	/** What store and platform say about a post. */
	async stand(account: ChaosAccount, post: PostView): Promise<Stand> {
		const { rows } = await this.database.query<{
			state: PostState;
			remote_id: string | null;
			confirmed_by: string | null;
			error: { code: string; message: string } | null;
		}>('select state, remote_id, confirmed_by, error from musekit_social.posts where id = $1', [
			post.id,
		]);
		const { state, remote_id: remoteId, confirmed_by: confirmedBy, error } = rows[0];
		const live = await this.live(account, post);
		return {
			...{ state, remoteId, confirmedBy, live },
			error: error === null ? null : `${error.code}: ${error.message}`,
		};
	}

	/** How often scripted faults of this account have hit. */
	sandboxHits(caller: string): number {
		return this.sandbox.faults
			.list()
			.filter((fault) => fault.account === caller)
			.reduce((sum, { hits }) => sum + hits, 0);
	}

	private async live(account: ChaosAccount, post: PostView): Promise<string[]> {
		if (account.bluesky !== null) {
			const entries = (await this.options.pds?.posts(account.bluesky.person.did)) ?? [];
			return entries.filter(({ value }) => value.text === post.content.text).map(({ uri }) => uri);
		}
		return this.sandbox.state.entries
			.values()
			.filter((entry) => entry.accountId === account.sandboxId && entry.deletedAt === null)
			.map(({ id }) => id);
	}

	private async member(
		row: Exclude<Row, 'bluesky'>,
		way: (url: string) => Promise<string>,
	): Promise<ChaosAccount> {
		this.accounts += 1;
		const isPage = row === 'linkedin-page';
		const platform = isPage ? 'linkedin' : row;
		const made = seedAccount(this.sandbox.state, {
			platform,
			handle: `${this.options.name}${this.accounts}`,
			...(isPage ? { kind: 'organization' as const } : {}),
		});
		const id = randomUUID();
		const vault = { crypto: this.ports.crypto, key: this.key };
		await this.call('social_account_save', {
			...(await seededConnection(vault, made, { accountId: id, owner: 'default' })),
			p_base_url: await way(made.baseUrl),
		});
		return {
			id,
			row,
			caller: isPage ? `${made.handle}-admin` : made.handle,
			sandboxId: made.accountId,
			bluesky: null,
			release: () => undefined,
		};
	}

	/** Bluesky's server lets nobody make many accounts, so people post again when they are free. */
	private async person(way: (url: string) => Promise<string>): Promise<ChaosAccount> {
		const { pds } = this.options;
		if (pds === null || this.pdsWire === null) throw new Error('No Bluesky server here');
		const known = this.free.shift() ?? (await this.newPerson(pds, this.pdsWire));
		const { accountId, person, wire } = known;
		const url = await way(this.pdsWire.at(wire));
		const { token, baseUrl } = await this.call('social_account_open', {
			p_account_id: accountId,
		});
		if (url !== baseUrl) {
			await this.call('social_account_save', {
				...this.rowOf(known, this.pdsWire),
				p_base_url: url,
				p_token: token,
			});
		}
		const release = (): void => {
			this.pdsWire?.clear(wire);
			this.free.push(known);
		};
		return {
			id: accountId,
			row: 'bluesky',
			caller: null,
			sandboxId: null,
			bluesky: { person, wire },
			release,
		};
	}

	private async newPerson(pds: Pds, pdsWire: Wire): Promise<FreePerson> {
		this.accounts += 1;
		const name = `${this.options.name}${this.accounts}`;
		const made: FreePerson = {
			accountId: randomUUID(),
			person: await pds.person(name),
			wire: name,
		};
		const { accessJwt, refreshJwt } = made.person;
		const secret = secretOf({ accessJwt, refreshJwt }, this.ports.clock.now());
		if (secret === null) throw new Error('The Bluesky server gave no session');
		await this.call('social_account_save', {
			...this.rowOf(made, pdsWire),
			p_token: await this.seal(made.accountId, secret),
		});
		return made;
	}

	private rowOf({ accountId, person, wire }: FreePerson, pdsWire: Wire) {
		return {
			p_id: accountId,
			p_owner: 'default',
			p_platform: 'bluesky' as const,
			p_mode: 'sandbox' as const,
			p_remote_id: person.did,
			p_handle: person.handle,
			p_display_name: person.handle,
			p_base_url: pdsWire.at(wire),
			p_auth_url: pdsWire.at(wire),
			p_scopes: [],
			p_token_key_id: this.key.keyId,
		};
	}

	private async seal(accountId: string, secret: TokenSecret): Promise<string> {
		return await sealToken(this.ports.crypto, this.key, { accountId, owner: 'default' }, secret);
	}
}

interface FreePerson {
	accountId: string;
	person: Person;
	wire: string;
}

/** A small real picture, another one each time. */
async function picture(): Promise<Uint8Array> {
	const [r, g, b] = randomBytes(3);
	const image = sharp({
		create: { width: 320, height: 320, channels: 3, background: { r, g, b } },
	});
	return new Uint8Array(await image.jpeg().toBuffer());
}
