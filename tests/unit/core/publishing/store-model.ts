import { createHash } from 'node:crypto';
import type { RpcAnswer, StorePort } from '../../../../core/ports';
import type {
	CarriedAccount,
	CarrierKind,
	Claim,
	ClaimAnswer,
	ClaimRequest,
	CreateEntry,
	Evidence,
	FrozenRequest,
	Intent,
	Siblings,
	MediaInfo,
	Outcome,
	PostView,
	ResultRequest,
	StepResult,
	StoreFunctionName,
	StoreFunctions,
} from '../../../../core/store/contract';
import { oneAfterAnother } from '../../../model/claims';
import type { VirtualClock } from './virtual-clock';

type Args<Name extends StoreFunctionName> = StoreFunctions[Name]['args'];

/** What happens to one call: the question is lost, the answer is lost, or the store says no. */
export type Fault = 'lost_before' | 'lost_after' | { refuse: string; status: number };

interface Row {
	post: PostView;
	fence: number;
	claimId: string | null;
	leaseUntil: number;
	nextAt: number;
	steps: StepResult[];
	intents: Intent[];
	evidence: Evidence[];
	cancelRequested: boolean;
	sendAnyway: boolean;
}

const LEASE_MS = 60_000;
const MARGIN_MS = 5_000;

/**
 * The store's rules in memory, as far as the saga needs them; `supabase/migrations` is the original.
 * Anything that a test did not set up throws.
 */
export class StoreModel implements StorePort {
	readonly rows = new Map<string, Row>();
	readonly accounts = new Map<string, CarriedAccount>();
	readonly objects = new Map<string, Uint8Array>();
	readonly media = new Map<string, MediaInfo>();
	readonly calls: { name: string; args: Record<string, unknown> }[] = [];
	readonly faults: { name: string; fault: Fault; times: number }[] = [];
	readonly heartbeats: (Args<'social_heartbeat'> & { at: number })[] = [];
	/** Runs before a call is answered: the place for what the world does meanwhile. */
	before: (name: string) => void = () => undefined;
	private readonly ofAccount = new Map<string, Row[]>();
	private fences = 0;
	private made = 0;
	private lease: { id: string; until: number } | null = null;

	constructor(private readonly clock: VirtualClock) {}

	fault(name: StoreFunctionName, fault: Fault, times = 1): void {
		this.faults.push({ name, fault, times });
	}

	callsOf<Name extends StoreFunctionName>(name: Name): Args<Name>[] {
		return this.calls.filter((call) => call.name === name).map((call) => call.args as Args<Name>);
	}

	row(id: string): Row {
		const row = this.rows.get(id);
		if (row === undefined) throw new Error(`The test knows no post ${id}`);
		return row;
	}

	account(id: string): CarriedAccount {
		const account = this.accounts.get(id);
		if (account === undefined) throw new Error(`The test knows no account ${id}`);
		return account;
	}

	/** Another carrier takes the post over. */
	takeOver(id: string): void {
		this.row(id).fence = ++this.fences;
	}

	async rpc<T>(name: string, args: Record<string, unknown>): Promise<RpcAnswer<T>> {
		await Promise.resolve();
		this.calls.push({ name, args });
		this.before(name);
		const planned = this.faults.find((entry) => entry.name === name && entry.times > 0);
		if (planned !== undefined) planned.times -= 1;
		const fault = planned?.fault;
		if (fault === 'lost_before') return { kind: 'unreachable', reason: 'lost' };
		if (typeof fault === 'object') {
			const { refuse, status } = fault;
			return { kind: 'refused', refusal: { status, code: refuse, message: refuse } };
		}
		const wait = (args.p_result as { waitMs?: number } | undefined)?.waitMs;
		const whole = [...Object.entries(args).filter(([key]) => key.endsWith('_ms')), ['', wait]];
		if (whole.some(([, ms]) => typeof ms === 'number' && !Number.isInteger(ms))) {
			const message = 'invalid input syntax for type bigint';
			return { kind: 'refused', refusal: { status: 400, code: '22P02', message } };
		}
		const value = this.answer(name as StoreFunctionName, args);
		if (fault === 'lost_after') return { kind: 'unreachable', reason: 'lost' };
		if (value instanceof Refused) {
			const { code } = value;
			return { kind: 'refused', refusal: { status: 409, code, message: code } };
		}
		return { kind: 'ok', value: structuredClone(value) as T };
	}

	async putObject(path: string, bytes: Uint8Array): Promise<RpcAnswer<null>> {
		this.objects.set(path, bytes);
		return await Promise.resolve({ kind: 'ok', value: null });
	}

	async getObject(path: string): Promise<RpcAnswer<Uint8Array>> {
		const bytes = this.objects.get(path);
		return await Promise.resolve(
			bytes === undefined
				? { kind: 'refused', refusal: { status: 404, code: 'not_found', message: path } }
				: { kind: 'ok', value: bytes },
		);
	}

	async signObject(path: string, seconds: number, base?: string): Promise<RpcAnswer<string>> {
		const url = `${base ?? 'http://store.test'}/${path}?seconds=${seconds}`;
		return await Promise.resolve({ kind: 'ok', value: url });
	}

	private answer(name: StoreFunctionName, args: Record<string, unknown>): unknown {
		switch (name) {
			case 'social_claim':
				return this.claim(args as Args<'social_claim'>);
			case 'social_lease_extend':
				return this.extend(args as Args<'social_lease_extend'>);
			case 'social_intent':
				return this.intent(args as Args<'social_intent'>);
			case 'social_step_result':
				return this.stepResult(args as Args<'social_step_result'>);
			case 'social_evidence':
				return this.evidence(args as Args<'social_evidence'>);
			case 'social_intents_absent':
				return this.absent(args as Args<'social_intents_absent'>);
			case 'social_result':
				return this.result(args as Args<'social_result'>);
			case 'social_post_url':
				return this.postUrl(args as Args<'social_post_url'>);
			case 'social_post_get':
				return this.row((args as Args<'social_post_get'>).p_post_id).post;
			case 'social_post_deleted':
				return this.deleted(args as Args<'social_post_deleted'>);
			case 'social_post_list':
				return { items: [...this.rows.values()].map((row) => row.post), nextCursor: null };
			case 'social_post_siblings':
				return this.siblings(args as Args<'social_post_siblings'>);
			case 'social_account_get':
			case 'social_account_open':
				return this.accounts.get(String(args.p_account_id)) ?? new Refused('account_unknown');
			case 'social_token_lease':
				return this.tokenLease(args as Args<'social_token_lease'>);
			case 'social_token_save':
				return this.tokenSave(args as Args<'social_token_save'>);
			case 'social_token_give_up':
				return this.tokenGiveUp(args as Args<'social_token_give_up'>);
			case 'social_token_trouble':
				return { platformWide: false, waitMs: 0 };
			case 'social_media_known':
				return (args as Args<'social_media_known'>).p_hashes.flatMap(
					(hash) => this.media.get(hash) ?? [],
				);
			case 'social_media_register':
				return this.register(args as Args<'social_media_register'>);
			case 'social_create':
				return this.create(args as Args<'social_create'>);
			case 'social_heartbeat':
				this.heartbeats.push({ ...(args as Args<'social_heartbeat'>), at: this.clock.now() });
				return { storeNow: this.iso() };
			default:
				throw new Error(`The test did not declare ${name}`);
		}
	}

	private iso(ms = 0): string {
		return new Date(this.clock.now() + ms).toISOString();
	}

	addPost(post: PostView): void {
		const row: Row = {
			post,
			fence: 0,
			claimId: null,
			leaseUntil: 0,
			nextAt: Date.parse(post.scheduledAt ?? this.iso()),
			steps: [],
			intents: [],
			evidence: [],
			cancelRequested: false,
			sendAnyway: false,
		};
		this.rows.set(post.id, row);
		this.ofAccount.set(post.accountId, [...(this.ofAccount.get(post.accountId) ?? []), row]);
	}

	private view(row: Row): Claim {
		const { post, steps, intents, evidence, cancelRequested } = row;
		const late = this.clock.now() - Date.parse(post.scheduledAt ?? '');
		return {
			claimId: row.claimId ?? '',
			fence: row.fence,
			leaseMsLeft: row.leaseUntil - this.clock.now(),
			marginMs: MARGIN_MS,
			post,
			account: this.account(post.accountId),
			steps,
			intents,
			evidence,
			tooLate: late > post.maxLatenessMs,
			cancelRequested,
			sendAnyway: row.sendAnyway,
			mediaPublicUrl: null,
			storeNow: this.iso(),
		};
	}

	/** How long a runner leaves a due post to an n8n that reports (`grace_ms` in SQL). */
	private graceMs(kind: CarrierKind): number {
		if (kind !== 'runner') return 0;
		const fresh = this.heartbeats
			.filter(({ p_kind: beating }) => beating === 'n8n')
			.map(({ at, p_interval_ms: interval }) => ({ at, grace: interval + 15_000 }))
			.filter(({ at, grace }) => at > this.clock.now() - grace);
		return Math.max(0, ...fresh.map(({ grace }) => grace));
	}

	private take(row: Row, request: ClaimRequest, graceMs = 0): string | null {
		const { post } = row;
		const now = this.clock.now();
		const open = row.intents.some((intent) => intent.closedBy === null);
		const free =
			(post.state === 'scheduled' && row.nextAt <= now - graceMs) ||
			(post.state === 'publishing' && row.leaseUntil <= now - graceMs);
		if (!free) return post.state === 'publishing' ? 'busy' : 'not_claimable';
		if (this.inFlight(row) !== undefined) return 'busy';
		if (!open && now - Date.parse(post.scheduledAt ?? '') > post.maxLatenessMs) {
			post.state = 'missed';
			return 'not_claimable';
		}
		row.fence = ++this.fences;
		row.claimId = request.claimId;
		row.leaseUntil = now + LEASE_MS;
		const { carrier } = request;
		Object.assign(post, { state: 'publishing', carrier, waitReason: null, nextAt: null });
		post.attempts += 1;
		return null;
	}

	private claim(args: Args<'social_claim'>): ClaimAnswer {
		if (args.p_more === undefined) return this.claimOne(args);
		const further = args.p_more.map((claimId) => ({ ...args.p_claim, claimId }));
		return oneAfterAnother([args.p_claim, ...further], (p_claim) =>
			this.claimOne({ ...args, p_claim }),
		);
	}

	private claimOne(args: Args<'social_claim'>): ClaimAnswer {
		for (const row of this.rows.values()) {
			if (row.claimId === args.p_claim.claimId) {
				return { claim: this.view(row), reason: null, nextDueMs: null };
			}
		}
		const wanted = args.p_post_id ?? null;
		const grace = wanted === null ? (args.p_grace_ms ?? this.graceMs(args.p_claim.kind)) : 0;
		const rows = wanted === null ? [...this.rows.values()] : [this.row(wanted)];
		for (const row of rows) {
			const reason = this.take(row, args.p_claim, grace);
			if (reason === null) return { claim: this.view(row), reason, nextDueMs: null };
			if (wanted !== null) return { claim: null, reason, nextDueMs: null };
		}
		const due = rows
			.filter((row) => row.post.state === 'scheduled')
			.map((row) => (this.inFlight(row)?.leaseUntil ?? row.nextAt) + grace - this.clock.now());
		const next = Math.min(...due, 60_000);
		return { claim: null, reason: 'nothing_due', nextDueMs: next < 60_000 ? next : null };
	}

	/** Another post of the same account that a carrier has. */
	private inFlight(row: Row): Row | undefined {
		return this.ofAccount
			.get(row.post.accountId)
			?.find((other) => other !== row && other.post.state === 'publishing');
	}

	private extend(args: Args<'social_lease_extend'>) {
		const row = this.row(args.p_post_id);
		const ok = this.holds(row, args.p_fence) && row.leaseUntil > this.clock.now();
		if (ok) row.leaseUntil = Math.max(row.leaseUntil, this.clock.now() + LEASE_MS);
		return { ok, leaseMsLeft: ok ? row.leaseUntil - this.clock.now() : 0 };
	}

	private holds(row: Row, fence: number): boolean {
		return row.post.state === 'publishing' && row.fence === fence;
	}

	private intent(args: Args<'social_intent'>) {
		const row = this.row(args.p_post_id);
		const now = this.clock.now();
		const refusal = !this.holds(row, args.p_fence)
			? 'stale_fence'
			: row.leaseUntil <= now
				? 'lease_over'
				: row.evidence.some((entry) => entry.intentId === args.p_intent_id)
					? 'newer_evidence'
					: row.intents.some(
								(intent) =>
									intent.closedBy === null &&
									(args.p_recognise.repeatOf === undefined ||
										JSON.stringify(intent.request) !== JSON.stringify(args.p_request)),
						  )
						? 'open_intent'
						: row.cancelRequested
							? 'cancelled'
							: null;
		if (refusal === 'cancelled') row.post.state = 'cancelled';
		if (refusal === null) {
			row.intents.push(this.savedIntent(row, args));
			row.leaseUntil = Math.max(row.leaseUntil, now + args.p_limit_ms + MARGIN_MS);
		}
		return {
			ok: refusal === null,
			refusal,
			message: refusal,
			deadlineMsLeft: refusal === null ? args.p_limit_ms : 0,
			leaseMsLeft: row.leaseUntil - now,
			post: row.post,
		};
	}

	private siblings(args: Args<'social_post_siblings'>): Siblings {
		const { post } = this.row(args.p_post_id);
		const others = [...this.rows.values()].filter((row) => row.post.id !== post.id);
		return {
			remoteIds: others.flatMap((row) => row.post.remoteId ?? []),
			sameText: others.some((row) => row.post.content.text === post.content.text),
		};
	}

	private savedIntent(row: Row, args: Args<'social_intent'>): Intent {
		return {
			id: args.p_intent_id,
			part: args.p_part,
			step: args.p_step,
			fence: args.p_fence,
			request: args.p_request as FrozenRequest,
			recognise: args.p_recognise,
			savedAt: this.iso(),
			deadlineAt: this.iso(args.p_limit_ms),
			settledAt: this.iso(args.p_limit_ms + MARGIN_MS + args.p_settle_ms),
			closedBy: null,
			repeatOf: row.intents.length,
		};
	}

	private stepResult(args: Args<'social_step_result'>) {
		const row = this.row(args.p_post_id);
		if (!this.holds(row, args.p_fence)) return { ok: false, refusal: 'stale_fence' };
		const valid = args.p_valid_ms ?? null;
		row.steps = row.steps.filter((stored) => stored.step !== args.p_step);
		row.steps.push({
			part: args.p_part,
			step: args.p_step,
			result: args.p_result,
			validUntil: valid === null ? null : this.iso(valid),
		});
		return { ok: true, refusal: null };
	}

	private evidence(args: Args<'social_evidence'>) {
		const row = this.row(args.p_post_id);
		const { post } = row;
		const intentId = args.p_intent_id ?? null;
		let secondEntry = false;
		if (!row.evidence.some((entry) => entry.id === args.p_evidence_id)) {
			row.evidence.push({
				id: args.p_evidence_id,
				intentId,
				part: args.p_part,
				step: args.p_step,
				fence: args.p_fence,
				outcome: args.p_outcome as Outcome,
				remoteId: args.p_remote_id ?? null,
				url: args.p_url ?? null,
				error: args.p_error ?? null,
				payload: args.p_payload ?? {},
				at: this.iso(),
			});
			for (const intent of row.intents) {
				if (intent.id === intentId && args.p_outcome !== 'ambiguous') {
					intent.closedBy ??= args.p_outcome;
				}
			}
			if (args.p_outcome === 'done' && args.p_final) {
				secondEntry = post.remoteId !== null && post.remoteId !== args.p_remote_id;
				if (post.remoteId === null) {
					Object.assign(post, {
						state: 'published',
						remoteId: args.p_remote_id,
						url: args.p_url ?? null,
						confirmedBy: args.p_confirmed_by ?? 'answer',
						publishedAt: this.iso(),
					});
				}
			}
		}
		return { post, secondEntry };
	}

	private absent(args: Args<'social_intents_absent'>) {
		const row = this.row(args.p_post_id);
		if (!this.holds(row, args.p_fence)) return { ok: false, refusal: 'stale_fence' };
		for (const intent of row.intents) {
			if (intent.closedBy !== null) continue;
			if (Date.parse(intent.settledAt) > this.clock.now()) {
				return { ok: false, refusal: 'too_early' };
			}
			intent.closedBy = 'absent';
		}
		return { ok: true, refusal: null };
	}

	private result(args: Args<'social_result'>) {
		const row = this.row(args.p_post_id);
		const { post } = row;
		const result: ResultRequest = args.p_result;
		if (post.state === 'published' && result.to === 'published') {
			return { ok: true, refusal: null, post };
		}
		if (!this.holds(row, args.p_fence)) return { ok: false, refusal: 'stale_fence', post };
		if (result.to === 'published') return { ok: false, refusal: 'no_evidence', post };
		const open = row.intents.some((intent) => intent.closedBy === null);
		if (result.to === 'failed' && open) throw new Error('A post with an open intent cannot fail');
		post.error = result.error ?? post.error;
		if (result.to === 'scheduled') {
			row.nextAt = this.clock.now() + result.waitMs;
			post.nextAt = this.iso(result.waitMs);
			post.waitReason = result.reason;
			post.state = row.cancelRequested && !open ? 'cancelled' : 'scheduled';
		} else {
			post.state = result.to;
		}
		return { ok: true, refusal: null, post };
	}

	private postUrl(args: Args<'social_post_url'>) {
		const { post } = this.row(args.p_post_id);
		post.url ??= args.p_url;
		return post;
	}

	private deleted(args: Args<'social_post_deleted'>) {
		const { post } = this.row(args.p_post_id);
		post.deletedAt ??= this.iso();
		return post;
	}

	private tokenView(account: CarriedAccount, granted: boolean) {
		return {
			granted,
			token: account.token,
			tokenVersion: account.tokenVersion,
			leaseMsLeft: Math.max(0, (this.lease?.until ?? 0) - this.clock.now()),
			status: account.status,
		};
	}

	private tokenLease(args: Args<'social_token_lease'>) {
		const account = this.account(args.p_account_id);
		const held = this.lease !== null && this.lease.until > this.clock.now();
		const other = held && this.lease?.id !== args.p_lease_id;
		const stale = account.tokenVersion !== args.p_seen_version;
		if (stale || account.status !== 'connected' || other) return this.tokenView(account, false);
		this.lease = { id: args.p_lease_id, until: this.clock.now() + args.p_lease_ms };
		return this.tokenView(account, true);
	}

	private tokenSave(args: Args<'social_token_save'>) {
		const account = this.account(args.p_account_id);
		const saved = account.tokenVersion === args.p_seen_version;
		if (saved) {
			account.token = args.p_token;
			account.tokenVersion += 1;
			this.lease = null;
		}
		return {
			saved: saved || account.token === args.p_token,
			token: account.token,
			tokenVersion: account.tokenVersion,
		};
	}

	private tokenGiveUp(args: Args<'social_token_give_up'>) {
		const account = this.account(args.p_account_id);
		if (this.lease?.id === args.p_lease_id) {
			this.lease = null;
			if (args.p_dead) account.status = 'reconnect';
		}
		return account;
	}

	private register(args: Args<'social_media_register'>): MediaInfo {
		if (!this.objects.has(`${args.p_owner}/${args.p_hash}`)) {
			throw new Error('Registered before its bytes were stored');
		}
		const info = {
			hash: args.p_hash,
			mime: args.p_mime,
			bytes: args.p_bytes,
			width: args.p_width,
			height: args.p_height,
		};
		this.media.set(info.hash, info);
		return info;
	}

	private create(args: Args<'social_create'>) {
		const entries = args.p_entries.map((entry) => this.createEntry(args, entry));
		const first = entries.find((entry) => entry.post?.state === 'scheduled')?.post;
		let claim: Claim | null = null;
		if (args.p_claim && first !== undefined) {
			const row = this.row(first.id);
			if (this.take(row, args.p_claim) === null) claim = this.view(row);
		}
		return { entries, claim };
	}

	private createEntry(args: Args<'social_create'>, entry: CreateEntry) {
		const { ordinal } = entry;
		const account = this.accounts.get(entry.accountId ?? '');
		const errors = [...(entry.errors ?? [])];
		if (account === undefined) {
			errors.push({ code: 'account_unknown', message: 'unknown', remedy: 'pick one' });
		}
		for (const { hash } of entry.content.media ?? []) {
			if (!this.media.has(hash)) {
				errors.push({ code: 'media_not_stored', message: 'x', remedy: 'x', field: 'media' });
			}
		}
		if (errors.length > 0 || account === undefined) {
			return { ordinal, result: 'invalid' as const, errors };
		}
		if (args.p_options.dryRun) return { ordinal, result: 'created' as const };
		const id = postId(`${args.p_options.key}:${ordinal}`);
		const known = this.rows.get(id);
		if (known !== undefined) return { ordinal, result: 'existing' as const, post: known.post };
		this.made += 1;
		const post = newPost(account, {
			id,
			state: entry.as,
			content: entry.content,
			scheduledAt: entry.scheduledAt ?? this.iso(),
			createdAt: this.iso(),
		});
		this.addPost(post);
		return { ordinal, result: 'created' as const, post };
	}
}

class Refused {
	constructor(readonly code: string) {}
}

/** A post of an account as the store shows it. */
export function newPost(account: CarriedAccount, known: Partial<PostView>): PostView {
	return {
		id: postId('post'),
		owner: account.owner,
		accountId: account.id,
		platform: account.platform,
		mode: account.mode,
		account: `@${account.handle}`,
		state: 'scheduled',
		waitReason: null,
		error: null,
		content: { text: 'Hello' },
		media: [],
		scheduledAt: '2026-11-22T12:00:00.000Z',
		wallTime: null,
		timeZone: null,
		nextAt: null,
		publishedAt: null,
		remoteId: null,
		url: null,
		confirmedBy: null,
		carrier: null,
		attempts: 0,
		version: 1,
		deletedAt: null,
		maxLatenessMs: 86_400_000,
		createdAt: '2026-11-22T11:00:00.000Z',
		updatedAt: '2026-11-22T11:00:00.000Z',
		...known,
	};
}

/** A stable uuid for a name. */
export function postId(name: string): string {
	const hex = createHash('sha256').update(name).digest('hex');
	return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
