import type { RpcAnswer } from '../../core/ports';
import type { Claim, ClaimAnswer, CreateAnswer } from '../../core/store/contract';
import { Random } from './random';
import { hashOf, START } from './sequences';
import type { SqlStore } from './sql-store';
import type { ModelFunction } from './store-model';

/** One call of one client, with the moments at which it began and ended in the order of all. */
export interface HistoryCall {
	client: number;
	name: ModelFunction;
	args: object;
	invoked: number;
	returned: number;
	answer: RpcAnswer<unknown>;
}

export interface History {
	seed: number;
	/** Calls before the clients began, one after the other. */
	before: { name: ModelFunction; args: object }[];
	calls: HistoryCall[];
}

/** What all clients of a history know and fight for. */
interface Arena {
	accounts: { id: string; owner: string; remoteId: string }[];
	posts: { id: string; owner: string }[];
	claimIds: string[];
	intentIds: string[];
	resolveIds: string[];
	leases: string[];
}

/** A client that acts on what it saw: the claims it got and the intents it saved. */
class Client {
	private held: Claim | null = null;
	private intent: string | null = null;

	constructor(
		private readonly random: Random,
		private readonly arena: Arena,
		private readonly name: string,
	) {}

	next(): { name: ModelFunction; args: object } {
		const { random, arena, held } = this;
		const post = random.pick(arena.posts);
		const named = { p_post_id: post.id, p_owner: post.owner };
		const account = random.pick(arena.accounts);
		const mine = held === null ? 1 : 6;
		return random.weighted<() => { name: ModelFunction; args: object }>([
			[held === null ? 10 : 2, () => this.claim(null)],
			[3, () => this.claim(post.id)],
			[mine, () => this.saveIntent(post.id)],
			[mine, () => this.evidence(post.id)],
			[mine, () => this.result(post.id)],
			[2, () => ({ name: 'social_post_cancel', args: named })],
			[2, () => ({ name: 'social_post_retry', args: named })],
			[1, () => ({ name: 'social_post_get', args: named })],
			[1, () => ({ name: 'social_lease_extend', args: this.fenced(post.id) })],
			[
				2,
				() => ({
					name: 'social_post_update',
					args: {
						...named,
						p_changes: { content: { text: random.pick(['Hello', 'Other']) } },
						...(random.chance(0.5) ? { p_version: random.whole(1, 2) } : {}),
					},
				}),
			],
			[2, () => this.create(account)],
			[3, () => this.resolve(named)],
			[2, () => this.token(account.id)],
		])();
	}

	/** Takes note of an answer. */
	saw(name: ModelFunction, answer: RpcAnswer<unknown>): void {
		if (answer.kind !== 'ok') return;
		if (name === 'social_claim' || name === 'social_create') {
			this.held = (answer.value as ClaimAnswer | CreateAnswer).claim ?? this.held;
		}
		if (name === 'social_result') this.held = null;
	}

	private request() {
		const { random, arena } = this;
		return {
			claimId: random.chance(0.3) ? random.pick(arena.claimIds) : random.uuid(),
			carrier: this.name,
			kind: 'runner',
			protocol: 1,
		};
	}

	private claim(postId: string | null): { name: ModelFunction; args: object } {
		const wanted = postId === null ? {} : { p_post_id: postId };
		return { name: 'social_claim', args: { p_claim: this.request(), ...wanted } };
	}

	private fenced(otherwise: string) {
		const { held } = this;
		return held === null
			? { p_post_id: otherwise, p_fence: this.random.whole(1, 3) }
			: { p_post_id: held.post.id, p_fence: held.fence };
	}

	private saveIntent(otherwise: string): { name: ModelFunction; args: object } {
		this.intent = this.random.chance(0.1)
			? this.random.pick(this.arena.intentIds)
			: this.random.uuid();
		const args = {
			...this.fenced(otherwise),
			p_intent_id: this.intent,
			p_part: 0,
			p_step: 'post',
			p_request: { method: 'POST', path: '/2/tweets', headers: {}, body: '{}' },
			p_recognise: {},
			p_limit_ms: 10_000,
			p_settle_ms: 500,
		};
		return { name: 'social_intent', args };
	}

	private evidence(otherwise: string): { name: ModelFunction; args: object } {
		const { random } = this;
		const outcome = random.pick(['done', 'done', 'rejected', 'ambiguous']);
		const args = {
			...this.fenced(otherwise),
			p_evidence_id: random.uuid(),
			p_carrier: this.name,
			...(this.intent === null || random.chance(0.2) ? {} : { p_intent_id: this.intent }),
			p_part: 0,
			p_step: 'post',
			p_outcome: outcome,
			p_final: true,
			...(outcome === 'done' ? { p_remote_id: random.pick(['9001', '9002', '9003']) } : {}),
			...(random.chance(0.3) ? { p_confirmed_by: 'lookup' } : {}),
		};
		return { name: 'social_evidence', args };
	}

	private result(otherwise: string): { name: ModelFunction; args: object } {
		const error = { code: 'x_trouble', message: 'It did not work.', remedy: 'Look.' };
		const p_result = this.random.pick([
			{ to: 'published' },
			{ to: 'failed', error },
			{ to: 'needs_review', error },
			{ to: 'scheduled', reason: 'retry', waitMs: 0 },
		]);
		return { name: 'social_result', args: { ...this.fenced(otherwise), p_result } };
	}

	private create(account: Arena['accounts'][number]): { name: ModelFunction; args: object } {
		const { random } = this;
		const text = random.pick(['Hello', 'Other']);
		const entry = {
			ordinal: 0,
			accountId: account.id,
			content: { text },
			as: 'scheduled',
			fingerprint: hashOf(account.id + text),
			protocol: 1,
		};
		const key = `shared ${random.whole(1, 2)}`;
		const args = {
			p_options: { key, owner: account.owner, source: 'api', dedupe: random.chance(0.4) },
			p_entries: [entry],
			...(random.chance(0.4) ? { p_claim: this.request() } : {}),
		};
		return { name: 'social_create', args };
	}

	private resolve(named: object): { name: ModelFunction; args: object } {
		const { random } = this;
		const p_decision = random.pick([
			{ to: 'live', remoteId: random.pick(['9001', '9002', '9003']), url: null },
			{ to: 'publish' },
			{ to: 'drop' },
		]);
		const again = random.chance(0.3);
		const p_resolve_id = again ? random.pick(this.arena.resolveIds) : random.uuid();
		return { name: 'social_post_resolve', args: { ...named, p_resolve_id, p_decision } };
	}

	private token(accountId: string): { name: ModelFunction; args: object } {
		const { random } = this;
		const lease = { p_account_id: accountId, p_lease_id: random.pick(this.arena.leases) };
		const p_seen_version = random.whole(1, 2);
		return random.weighted<{ name: ModelFunction; args: object }>([
			[5, { name: 'social_token_lease', args: { ...lease, p_seen_version, p_lease_ms: 30_000 } }],
			[
				3,
				{
					name: 'social_token_save',
					args: { ...lease, p_seen_version, p_token: `v1.k1.a.${this.name}`, p_token_key_id: 'k1' },
				},
			],
			[1, { name: 'social_token_give_up', args: { ...lease, p_dead: false } }],
		]);
	}
}

function arenaOf(random: Random): { arena: Arena; before: History['before'] } {
	const uuids = (count: number) => Array.from({ length: count }, () => random.uuid());
	const accounts = [
		{ id: random.uuid(), owner: 'default', remoteId: '42' },
		{ id: random.uuid(), owner: 'other', remoteId: '42' },
		{ id: random.uuid(), owner: 'default', remoteId: '43' },
	].slice(0, random.whole(1, 3));
	const before: History['before'] = accounts.map(({ id, owner, remoteId }) => ({
		name: 'social_account_save',
		args: {
			p_id: id,
			p_owner: owner,
			p_platform: 'x',
			p_mode: 'sandbox',
			p_remote_id: remoteId,
			p_handle: 'demo',
			p_display_name: 'Demo',
			p_base_url: 'http://127.0.0.1:4010/x',
			p_auth_url: 'http://127.0.0.1:4010/x',
			p_scopes: [],
			p_token: 'v1.k1.a.b',
			p_token_key_id: 'k1',
		},
	}));
	const claimIds = uuids(2);
	const arena = {
		accounts,
		posts: [],
		claimIds,
		intentIds: uuids(2),
		resolveIds: uuids(2),
		leases: uuids(2),
	};
	return { arena, before };
}

/** Lets 2 to 8 clients call the SQL at once, 20 to 40 calls in all, and writes down what they saw. */
export async function playHistory(sql: SqlStore, seed: number): Promise<History> {
	const random = new Random(seed);
	const { arena, before } = arenaOf(random);
	await sql.reset();
	await sql.setTime(START);
	for (const { name, args } of before) await sql.call(name, args);
	for (let made = random.whole(1, 4); made > 0; made -= 1) {
		const account = random.pick(arena.accounts);
		const text = random.pick(['Hello', 'Other']);
		const entry = { ordinal: 0, accountId: account.id, content: { text }, as: 'scheduled' };
		const scheduledAt = new Date(START - made * 1_000).toISOString();
		const told = { fingerprint: hashOf(account.id + text), protocol: 1, scheduledAt };
		const p_options = { key: `first ${made}`, owner: account.owner, source: 'api', dedupe: false };
		const args = { p_options, p_entries: [{ ...entry, ...told }] };
		before.push({ name: 'social_create', args });
		const answer = await sql.call('social_create', args);
		if (answer.kind !== 'ok') throw new Error(`No post to fight for: ${JSON.stringify(answer)}`);
		const [{ post }] = (answer.value as CreateAnswer).entries;
		if (post !== undefined) arena.posts.push({ id: post.id, owner: post.owner });
	}
	const calls: HistoryCall[] = [];
	const clients = random.whole(2, 8);
	const each = Math.ceil(random.whole(20, 40) / clients);
	let moment = 0;
	const play = async (client: number) => {
		const actor = new Client(new Random(seed * 16 + client), arena, `runner:${client}`);
		for (let count = 0; count < each; count += 1) {
			const { name, args } = actor.next();
			const invoked = (moment += 1);
			const answer = await sql.call(name, args);
			const returned = (moment += 1);
			calls.push({ client, name, args, invoked, returned, answer });
			actor.saw(name, answer);
		}
	};
	await Promise.all(Array.from({ length: clients }, (_, client) => play(client)));
	return { seed, before, calls };
}
