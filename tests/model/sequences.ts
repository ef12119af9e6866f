import { createHash } from 'node:crypto';
import type { CreateEntry, StoreFunctions } from '../../core/store/contract';
import { Random } from './random';
import type { IntentRow, PostRow } from './rows';
import { StoreModel, type ModelFunction } from './store-model';

/** One call of a sequence. All of it is fixed, so that calls can be left out. */
export interface ModelCall {
	/** Ms that pass before it. */
	after: number;
	name: ModelFunction;
	args: object;
}

type Args<Name extends keyof StoreFunctions> = StoreFunctions[Name]['args'];

export const START = Date.parse('2026-11-22T12:00:00.000Z');

const TEXTS = ['Hello', 'Hello', 'Other words', 'Grüße & <b>', ''] as const;
const OUTCOMES = ['done', 'rejected', 'not_sent', 'ambiguous'] as const;
const REMOTE_IDS = ['9001', '9002', '9003', 'container:77'] as const;
const PROBLEM = { code: 'x_trouble', message: 'It did not work.', remedy: 'Look.' };
export const hashOf = (text: string) => createHash('sha256').update(text).digest('hex');

/** What a writer of sequences knows: the store as it is after the calls so far. */
export class Writer {
	readonly calls: ModelCall[] = [];
	readonly model: StoreModel;
	private now = START;
	private readonly accounts: { id: string; owner: string; platform: string; remoteId: string }[];
	private readonly spare: {
		claims: string[];
		intents: string[];
		evidence: string[];
		resolves: string[];
	};
	private readonly leases: string[];

	constructor(readonly random: Random) {
		this.model = new StoreModel({ now: () => this.now });
		const account = (owner: string, platform: string, remoteId: string) => ({
			id: random.uuid(),
			owner,
			platform,
			remoteId,
		});
		this.accounts = [
			account('default', 'x', '42'),
			account('other', 'x', '42'),
			account('default', random.pick(['x', 'linkedin', 'bluesky']), '43'),
			account('default', 'instagram', '44'),
		].slice(0, random.whole(1, 4));
		this.spare = { claims: [], intents: [], evidence: [], resolves: [] };
		this.leases = [random.uuid(), random.uuid()];
	}

	/** Adds a call and makes it on the writer's own model. */
	add(name: ModelFunction, args: object, after = this.pause()): void {
		this.now += after;
		this.calls.push({ after, name, args });
		this.model.answer(name, args);
	}

	/** Mostly an instant; sometimes longer than a gap, a lease, a lateness or a dedupe window. */
	private pause(): number {
		const { random } = this;
		return random.weighted([
			[70, random.whole(1, 900)],
			[12, random.whole(1_000, 9_000)],
			[8, random.whole(20_000, 70_000)],
			[5, random.whole(120_000, 700_000)],
			[2, random.whole(40_000_000, 50_000_000)],
			[2, random.whole(86_300_000, 90_000_000)],
			[1, random.whole(690_000_000, 800_000_000)],
		]);
	}

	/** Accounts, a picture, and now and then what is switched off. */
	open(): void {
		for (const account of this.accounts) this.saveAccount(account);
		if (this.random.chance(0.4)) this.registerMedia();
	}

	/** One more call of any kind. */
	step(): void {
		const { random } = this;
		const post = this.anyPost();
		const flying = this.posts().filter(({ state }) => state === 'publishing');
		random.weighted<() => void>([
			[this.posts().length < 6 ? 14 : 4, () => this.create()],
			[16, () => this.claim()],
			[flying.length > 0 ? 14 : 2, () => this.intent()],
			[flying.length > 0 ? 12 : 3, () => this.evidence()],
			[flying.length > 0 ? 10 : 2, () => this.result()],
			[flying.length > 0 ? 4 : 1, () => this.stepResult()],
			[flying.length > 0 ? 4 : 1, () => this.extend()],
			[flying.length > 0 ? 5 : 1, () => this.absent()],
			[3, () => this.add('social_post_cancel', this.named(post))],
			[4, () => this.retry(post)],
			[this.posts().some(({ state }) => state === 'needs_review') ? 8 : 1, () => this.resolve()],
			[4, () => this.update(post)],
			[1, () => this.add('social_post_deleted', this.named(post))],
			[2, () => this.add('social_post_get', this.named(post))],
			[2, () => this.add('social_post_siblings', { p_post_id: post.id })],
			[2, () => this.postUrl(post)],
			[2, () => this.list()],
			[4, () => this.token()],
			[2, () => this.account()],
			[3, () => this.heartbeat()],
			[2, () => this.add('social_carrier_view', { p_carrier: random.pick(['n8n:a', 'runner:b']) })],
			[2, () => this.add('social_maintain', {})],
			[1, () => this.add('social_purge', { p_older_than_ms: random.pick([691_200_000, 5]) })],
			[2, () => this.setting()],
			[1, () => this.platformPause()],
			[1, () => this.registerMedia()],
		])();
	}

	private posts(): PostRow[] {
		return [...this.model.tables.posts.values()];
	}

	private anyPost(state?: PostRow['state']): { id: string; owner: string; row: PostRow | null } {
		const { random } = this;
		const all = this.posts();
		const wanted = state === undefined ? all : all.filter((post) => post.state === state);
		if (all.length === 0 || random.chance(0.02)) {
			return { id: '00000000-0000-4000-8000-000000000000', owner: 'default', row: null };
		}
		const row = random.pick(wanted.length > 0 && random.chance(0.9) ? wanted : all);
		return { id: row.id, owner: row.owner, row };
	}

	private named({ id, owner }: { id: string; owner: string }) {
		return { p_post_id: id, p_owner: this.random.chance(0.03) ? 'stranger' : owner };
	}

	/** A fresh id, or one that was used before. */
	private id(kind: keyof Writer['spare'], again = 0.08): string {
		const used = this.spare[kind];
		if (used.length > 0 && this.random.chance(again)) return this.random.pick(used);
		const id = this.random.uuid();
		used.push(id);
		return id;
	}

	private saveAccount(account: Writer['accounts'][number]): void {
		const { random } = this;
		const base = `http://127.0.0.1:4010/${account.platform}`;
		const args: Args<'social_account_save'> = {
			p_id: random.chance(0.04) ? random.uuid() : account.id,
			p_owner: account.owner,
			p_platform: account.platform as Args<'social_account_save'>['p_platform'],
			p_mode: 'sandbox',
			p_remote_id: random.chance(0.03) ? 'somebody' : account.remoteId,
			p_handle: random.pick(['Demo', 'zeta', 'alpha']),
			p_display_name: 'Demo',
			p_base_url: random.chance(0.03) ? 'https://api.x.com' : base,
			p_auth_url: `${base}/`,
			p_scopes: ['write'],
			p_token: `v1.k1.a.${random.pick(['b', 'c', 'd'])}`,
			p_token_key_id: 'k1',
			p_settings: random.chance(0.3) ? { lookUp: random.chance(0.5) } : {},
		};
		this.add('social_account_save', args);
	}

	private account(): void {
		const { random } = this;
		const account = random.pick(this.accounts);
		random.pick<() => void>([
			() => this.saveAccount(account),
			() => this.add('social_account_get', { p_account_id: account.id, p_owner: account.owner }),
			() => this.add('social_account_open', { p_account_id: account.id }),
			() =>
				this.add('social_account_list', {
					p_owner: account.owner,
					p_search: random.pick([null, 'ET', 'x', '%']),
					p_limit: random.pick([1, 50]),
				}),
			() =>
				this.add('social_account_validated', {
					p_account_id: account.id,
					p_scopes: random.pick([null, ['write', 'read']]),
					p_missing_scopes: random.pick([[], ['read']]),
				}),
			() =>
				this.add('social_account_disconnect', {
					p_account_id: account.id,
					p_owner: account.owner,
					p_token: 'v1.k1.a.gone',
					p_token_key_id: 'k1',
				}),
		])();
	}

	private registerMedia(): void {
		this.add('social_media_register', {
			p_owner: this.random.pick(['default', 'default', 'other', 'no such owner!']),
			p_hash: hashOf(this.random.pick(['cat', 'dog'])),
			p_mime: 'image/png',
			p_bytes: 100,
			p_width: 10,
			p_height: 20,
		});
		const hashes = [hashOf('cat'), hashOf('dog')];
		this.add('social_media_known', { p_owner: 'default', p_hashes: hashes });
	}

	private entry(ordinal: number): CreateEntry {
		const { random } = this;
		const account = random.pick(this.accounts);
		const picture = account.platform === 'instagram' ? random.chance(0.8) : random.chance(0.1);
		const accountId = random.weighted([
			[96, account.id],
			[2, random.uuid()],
			[1, null],
			[1, 'no uuid'],
		]);
		const content = {
			text: random.pick(TEXTS),
			...(picture ? { media: [{ hash: hashOf(random.pick(['cat', 'cat', 'dog'])) }] } : {}),
		};
		return {
			ordinal,
			accountId,
			content,
			as: random.chance(0.92) ? 'scheduled' : 'draft',
			...this.when(),
			...(random.chance(0.15) ? { maxLatenessMs: random.pick([0, 30_000, 600_000]) } : {}),
			...(random.chance(0.02) ? { errors: [PROBLEM] } : {}),
			fingerprint: hashOf(JSON.stringify([accountId, content.text])),
			protocol: random.chance(0.95) ? 1 : 2,
		};
	}

	private when(): { scheduledAt?: string; wallTime?: string; timeZone?: string } {
		const { random } = this;
		const at = this.now + random.pick([-600_000, -30_000, 500, 20_000, 90_000, 3_600_000]);
		const shifted = new Date(at + random.whole(0, 999)).toISOString();
		const zone = random.pick(['Europe/Berlin', 'America/New_York', 'UTC']);
		return random.weighted<() => { scheduledAt?: string; wallTime?: string; timeZone?: string }>([
			[60, () => ({})],
			[30, () => ({ scheduledAt: shifted })],
			[3, () => ({ scheduledAt: shifted, timeZone: zone })],
			[
				4,
				() => ({
					wallTime: random.pick(['2027-03-28T02:30', '2026-11-22T16:00:00', '2026-10-25T02:30']),
					timeZone: zone,
				}),
			],
			[1, () => ({ scheduledAt: shifted, timeZone: 'Mars/Olympus' })],
			[1, () => ({ wallTime: '2026-11-22T16:00' })],
			[1, () => ({ scheduledAt: 'soon' })],
		])();
	}

	private create(): void {
		const { random } = this;
		const count = random.weighted([
			[70, 1],
			[20, 2],
			[10, 3],
		]);
		const entries = Array.from({ length: count }, (_, ordinal) => this.entry(ordinal));
		const again = this.calls.filter(({ name }) => name === 'social_create');
		if (again.length > 0 && random.chance(0.15)) {
			this.add('social_create', random.pick(again).args);
			return;
		}
		const owner = random.chance(0.8)
			? (this.accounts.find(({ id }) => id === entries[0].accountId)?.owner ?? 'default')
			: random.pick(['default', 'other', 'not an owner!']);
		this.add('social_create', {
			p_options: {
				key: random.chance(0.8) ? `key ${random.whole(10, 999_999)}` : `key ${random.whole(1, 3)}`,
				owner,
				source: 'api',
				dedupe: random.chance(0.3),
				...(random.chance(0.05) ? { dryRun: true } : {}),
			},
			p_entries: entries,
			...(random.chance(0.25) ? { p_claim: this.claimRequest() } : {}),
		});
	}

	private claimRequest() {
		const { random } = this;
		const kind = random.pick(['n8n', 'runner'] as const);
		const { last } = this.model.tables.fence;
		const lastFence = random.weighted<{ lastFence?: number }>([
			[80, {}],
			[19, { lastFence: last }],
			[1, { lastFence: last + 7 }],
		]);
		const carrier = kind === 'n8n' ? 'n8n:a' : 'runner:b';
		const claims = [...this.model.tables.attempts.values()].slice(-5);
		return {
			...(claims.length > 0 && random.chance(0.15)
				? { walkedAway: [random.pick(claims).claimId] }
				: {}),
			claimId: this.id('claims'),
			carrier,
			kind,
			protocol: random.chance(0.9) ? 2 : 1,
			...lastFence,
		};
	}

	private claim(): void {
		const { random } = this;
		const several = random.chance(0.25);
		this.add('social_claim', {
			p_claim: random.chance(0.02)
				? { claimId: 'x', carrier: '', kind: 'n8n', protocol: 1 }
				: this.claimRequest(),
			...(random.chance(several ? 0.03 : 0.3) ? { p_post_id: this.anyPost('scheduled').id } : {}),
			...(several ? { p_more: this.furtherClaims() } : {}),
			...(random.chance(0.15) ? { p_grace_ms: random.pick([0, 5_000, 60_000]) } : {}),
		});
	}

	private furtherClaims(): string[] {
		const { random } = this;
		const count = random.chance(0.02) ? 16 : random.whole(0, 3);
		return Array.from({ length: count }, () => (random.chance(0.01) ? 'x' : this.id('claims')));
	}

	/** A post under a claim, its fence or an older one, and its open intents. */
	private carried() {
		const { random } = this;
		const { id, row } = this.anyPost('publishing');
		const fences = row?.claims.map(({ fence }) => fence) ?? [];
		const own = row?.fence ?? 1;
		const fence =
			fences.length > 0 && random.chance(0.12) ? random.pick([...fences, own + 1]) : own;
		const open = row?.intents.filter(({ closedBy }) => closedBy === null) ?? [];
		return { id, row, fence, open };
	}

	private stepOf(open: IntentRow[]) {
		const { random } = this;
		if (open.length > 0 && random.chance(0.8)) {
			const { part, step } = random.pick(open);
			return { p_part: part, p_step: step };
		}
		return { p_part: 0, p_step: random.pick(['post', 'post', 'comment']) };
	}

	private intent(): void {
		const { random } = this;
		const { id, fence, open } = this.carried();
		const repeat = open.length > 0 && random.chance(0.5) ? random.pick(open) : null;
		this.add('social_intent', {
			p_post_id: id,
			p_fence: fence,
			p_intent_id: this.id('intents'),
			...this.stepOf(repeat === null ? [] : [repeat]),
			p_request:
				repeat !== null && random.chance(0.7)
					? repeat.request
					: {
							method: 'POST',
							path: '/2/tweets',
							headers: {},
							body: random.pick(['{}', '{"a":1}']),
						},
			p_recognise: repeat === null ? { text: 'Hello' } : { repeatOf: repeat.id },
			p_limit_ms: random.pick([1_000, 10_000, 90_000]),
			p_settle_ms: random.pick([0, 500, 10_000]),
		});
	}

	private evidence(): void {
		const { random } = this;
		const { id, row, fence, open } = this.carried();
		const named = open.length > 0 && random.chance(0.75) ? random.pick(open) : null;
		const others = row?.intents ?? [];
		const intentId = random.weighted<() => string | null>([
			[88, () => named?.id ?? null],
			[8, () => (others.length > 0 ? random.pick(others).id : null)],
			[2, () => random.uuid()],
			[2, () => (this.spare.intents.length > 0 ? random.pick(this.spare.intents) : null)],
		])();
		const outcome = random.weighted(
			[45, 20, 15, 20].map((weight, place) => [weight, OUTCOMES[place]] as const),
		);
		const done = outcome === 'done';
		const error = {
			...PROBLEM,
			...(random.chance(0.6) ? { status: random.pick([400, 500, 503]) } : {}),
		};
		this.add('social_evidence', {
			p_evidence_id: this.id('evidence'),
			p_post_id: id,
			p_fence: fence,
			p_carrier: 'runner:b',
			...(intentId === null ? {} : { p_intent_id: intentId }),
			...this.stepOf(named === null ? [] : [named]),
			p_outcome: outcome,
			p_final: random.chance(0.8),
			...(done && random.chance(0.97)
				? { p_remote_id: random.pick(REMOTE_IDS), p_url: random.pick([null, 'https://x.test/1']) }
				: {}),
			...(done ? {} : { p_error: error }),
			...(random.chance(0.3)
				? { p_confirmed_by: random.pick(['lookup', 'duplicate', 'answer'] as const) }
				: {}),
		});
	}

	private result(): void {
		const { random } = this;
		const { id, fence } = this.carried();
		const error = PROBLEM;
		const p_result = random.weighted<Args<'social_result'>['p_result']>([
			[25, { to: 'published' }],
			[15, { to: 'failed', error }],
			[10, { to: 'needs_review', error }],
			[
				50,
				{
					to: 'scheduled',
					reason: random.pick(['retry', 'lookup', 'account_dead', 'not_sent', 'handed_back']),
					waitMs: random.pick([0, 0, 3_000, 60_000]),
					...(random.chance(0.5) ? { error } : {}),
				},
			],
		]);
		this.add('social_result', { p_post_id: id, p_fence: fence, p_result });
	}

	private stepResult(): void {
		const { id, fence } = this.carried();
		this.add('social_step_result', {
			p_post_id: id,
			p_fence: fence,
			p_part: 0,
			p_step: this.random.pick(['media_0', 'container']),
			p_result: { id: this.random.pick(['m1', 'm2']) },
			...(this.random.chance(0.5) ? { p_valid_ms: 86_400_000 } : {}),
		});
	}

	private extend(): void {
		const { id, fence } = this.carried();
		this.add('social_lease_extend', { p_post_id: id, p_fence: fence });
	}

	private absent(): void {
		const { id, fence, open } = this.carried();
		this.add('social_intents_absent', {
			p_post_id: id,
			p_fence: fence,
			...this.stepOf(open),
			p_proof: { reads: 2 },
		});
	}

	private retry(post: { id: string; owner: string }): void {
		const at = new Date(this.now + this.random.whole(5_000, 90_000)).toISOString();
		this.add('social_post_retry', {
			...this.named(post),
			...(this.random.chance(0.3) ? { p_scheduled_at: at } : {}),
		});
	}

	private resolve(): void {
		const { random } = this;
		const post = this.anyPost('needs_review');
		const at = new Date(this.now + random.whole(5_000, 90_000)).toISOString();
		this.add('social_post_resolve', {
			...this.named(post),
			p_resolve_id: this.id('resolves'),
			p_decision: random.weighted([
				[40, { to: 'live', remoteId: random.pick(REMOTE_IDS), url: 'https://x.test/2' }],
				[35, { to: 'publish', ...(random.chance(0.3) ? { scheduledAt: at } : {}) }],
				[22, { to: 'drop' }],
				[3, { to: 'live', remoteId: '', url: null }],
			]),
		});
	}

	private update(post: { id: string; owner: string; row: PostRow | null }): void {
		const { random } = this;
		const changes: Record<string, unknown> = random.chance(0.6) ? this.when() : {};
		if (random.chance(0.5)) changes.content = { text: random.pick(TEXTS) };
		if (random.chance(0.2)) changes.maxLatenessMs = random.pick([1_000, 3_600_000]);
		if (random.chance(0.3)) changes.as = random.pick(['draft', 'scheduled']);
		this.add('social_post_update', {
			...this.named(post),
			p_changes: changes,
			...(random.chance(0.5)
				? { p_version: (post.row?.version ?? 1) - (random.chance(0.2) ? 1 : 0) }
				: {}),
		});
	}

	private postUrl(post: { id: string }): void {
		this.add('social_post_url', {
			p_post_id: post.id,
			p_url: 'https://x.test/found',
			...(this.random.chance(0.7) ? { p_remote_id: this.random.pick(REMOTE_IDS) } : {}),
		});
	}

	private list(): void {
		const { random } = this;
		this.add('social_post_list', {
			p_owner: random.pick(['default', 'other']),
			p_limit: random.pick([1, 3, 50]),
			p_filter: random.pick([
				{},
				{ states: ['scheduled', 'published'] },
				{ search: 'hel' },
				{ platforms: ['x'] },
				{ accountIds: [this.accounts[0].id] },
				{ from: new Date(this.now).toISOString() },
			]),
		});
	}

	private token(): void {
		const { random } = this;
		const account = random.pick(this.accounts);
		const version = this.model.tables.accounts.get(account.id)?.tokenVersion ?? 1;
		const p_seen_version = random.chance(0.8) ? version : Math.max(1, version - 1);
		const lease = { p_account_id: account.id, p_lease_id: random.pick(this.leases) };
		random.weighted<() => void>([
			[40, () => this.add('social_token_lease', { ...lease, p_seen_version, p_lease_ms: 30_000 })],
			[
				20,
				() =>
					this.add('social_token_save', {
						...lease,
						p_seen_version,
						p_token: `v1.k1.a.${random.pick(['b', 'c', 'd'])}`,
						p_token_key_id: 'k1',
						p_token_expires_at: '2026-12-24T12:00:00.000Z',
					}),
			],
			[
				25,
				() =>
					this.add('social_token_give_up', {
						...lease,
						p_dead: random.chance(0.5),
						p_reason: 'The platform says it is over.',
						...(random.chance(0.5) ? { p_proof: random.pick(['word', 'refusal']) } : {}),
						...(random.chance(0.5) ? { p_trouble: random.pick(['refused', 'lost']) } : {}),
					}),
			],
			[15, () => this.add('social_token_trouble', { p_account_id: account.id })],
		])();
	}

	private heartbeat(): void {
		this.add('social_heartbeat', {
			p_carrier: this.random.pick(['n8n:a', 'n8n:c', 'runner:b']),
			p_kind: this.random.chance(0.8) ? 'n8n' : 'runner',
			p_interval_ms: this.random.pick([5_000, 30_000]),
		});
	}

	private setting(): void {
		const { random } = this;
		const [p_key, p_value] = random.pick<[string, unknown]>([
			['module', { enabled: random.chance(0.7) }],
			['platforms', { x: random.chance(0.7) }],
			['features', { universal: { publish: random.chance(0.7), schedule: random.chance(0.7) } }],
			['timing', { barrenClaims: random.pick([1, 3]) }],
			['burst', { lateMs: random.pick([1_000, 300_000]) }],
			['outage', { failures: random.pick([1, 3]) }],
			['tokens', { accounts: random.pick([1, 3]) }],
			['nothing', {}],
			['media', 'no object'],
		]);
		this.add('social_settings_set', { p_key, p_value });
		if (random.chance(0.2)) this.add('social_settings_get', {});
	}

	private platformPause(): void {
		this.add('social_platform_pause', {
			p_platform: 'x',
			p_mode: 'sandbox',
			p_reason: 'the status page says so',
			p_pause_ms: this.random.pick([0, 60_000]),
		});
	}
}

/** A sequence of 20 to 60 calls by its seed. */
export function sequenceOf(seed: number): ModelCall[] {
	const random = new Random(seed);
	const writer = new Writer(random);
	writer.open();
	const length = random.whole(20, 60);
	while (writer.calls.length < length) writer.step();
	return writer.calls;
}
