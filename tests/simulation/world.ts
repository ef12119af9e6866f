import type { Ports } from '../../core/ports';
import { drain } from '../../core/publishing/drain';
import type { CarrierOptions } from '../../core/publishing/carrier';
import type { RpcAnswer } from '../../core/ports';
import { StoreModel } from '../model/store-model';
import type { PostRow } from '../model/rows';
import { Life } from './carrier';
import { answerUnfenced, definitions, intentAfterCall } from './guards';
import { Invariants, hasEnded, type Violation } from './invariants';
import { Kernel, settled } from './kernel';
import { Network } from './network';
import { OWNER, People, accountId, simulatedKey, uuid7 } from './people';
import { Faults, WHOLE, type Cut, type Kind, type RunOptions, type Struck } from './plan';
import { platformModel } from './platforms';
import { Chance } from './random';
import { START_MS, scenarioOf, type PlannedCarrier } from './scenario';
import { StoreLink } from './store-link';

export interface PostEnd {
	id: string;
	state: string;
	confirmedBy: string | null;
	code: string | null;
	live: number;
}

/** What became of one schedule. */
export interface ScheduleOutcome {
	seed: number;
	kind: Kind;
	violations: Violation[];
	posts: PostEnd[];
	carriers: number;
	struck: Struck[];
	/** Hash over everything that happened: equal for equal seeds. */
	trace: number;
	steps: number;
	virtualMs: number;
	/** In words, when asked for. */
	story: string[];
}

/** Later than this nothing is waited for: look-ups end after hours, retries too. */
const LONGEST_MS = 40 * 3_600_000;
/** How long after the last end the world goes on: a call under way may still arrive. */
/** A token that a person gets by connecting again outlives the schedule. */
const RECONNECTED_MS = 60 * 86_400_000;
const AFTERMATH_MS = 120_000;
/** A run of this many steps goes round in a circle. */
const MOST_STEPS = 20_000;

interface Idle {
	life: Life;
	readyAt: number;
	jitterMs: number;
	wake(): void;
}

/** One schedule: the real core code with everything around it simulated. */
export class World {
	private readonly chance: Chance;
	private readonly kernel = new Kernel(START_MS - 1_000);
	private readonly faults: Faults;
	private readonly store: StoreModel;
	private readonly network: Network;
	private readonly link: StoreLink;
	private readonly invariants: Invariants;
	private readonly people: People;
	private readonly scenario;
	private readonly platform;
	private readonly lives = new Map<string, Life>();
	private readonly idle = new Map<Life, Idle>();
	private readonly cancelled = new Set<string>();
	private readonly story: string[] = [];
	private readonly ids: string[] = [];
	private decisions = 0;
	private healed = false;
	private peopleBusy = 0;

	constructor(
		readonly seed: number,
		private readonly options: RunOptions,
		cut: Cut = WHOLE,
		private readonly telling = false,
	) {
		this.chance = new Chance(seed);
		this.faults = new Faults(this.chance, cut, START_MS, options);
		this.scenario = scenarioOf(this.chance, options, cut);
		this.platform = platformModel(this.scenario.kind, this.chance, this.scenario.rules);
		const clock = { now: () => this.kernel.now };
		const { guardsOff } = options;
		this.store = new StoreModel(clock, {
			settings: { media: { publicUrl: 'https://media.example.org' } },
			ids: ({ ordinal }) => uuid7(ordinal + 1),
			guards: {
				lease: !guardsOff.includes('lease'),
				openIntent: !guardsOff.includes('intent-before-call'),
				settle: !guardsOff.includes('settle'),
			},
		});
		this.people = new People(this.store, this.platform, this.scenario, clock.now);
		this.invariants = new Invariants(
			this.store.tables.posts,
			this.platform,
			{ cancelled: this.cancelled },
			clock.now,
			(row) => this.afterChange(row),
		);
		const tell = (who: string, what: string) => this.tell(who, what);
		const crash = (life: Life) => this.crash(life);
		const { kernel, chance, faults } = this;
		const shared = { kernel, chance, faults, tell, crash };
		this.network = new Network({
			...shared,
			platform: this.platform,
			deadlineOff: guardsOff.includes('deadline'),
			handled: (post) => this.invariants.afterRequest(post),
		});
		this.link = new StoreLink({
			...shared,
			objects: new Map(),
			call: (name, args, who) => this.call(name, args, who),
		});
	}

	async run(): Promise<ScheduleOutcome> {
		await this.begin();
		let quietSince: number | null = null;
		while (this.kernel.now < START_MS + LONGEST_MS && this.kernel.steps < MOST_STEPS) {
			if (!this.isQuiet()) quietSince = null;
			else if ((quietSince ??= this.kernel.now) + AFTERMATH_MS < this.kernel.now) break;
			if (!(await this.next())) break;
		}
		this.invariants.atTheEnd();
		return this.outcome();
	}

	/** The next event, or the waking of a carrier for what is due. */
	private async next(): Promise<boolean> {
		const at = this.kernel.nextAt();
		const woken = this.firstIdle();
		if (woken !== null && woken.at <= at) {
			this.kernel.advance(woken.at);
			this.kernel.steps += 1;
			this.idle.delete(woken.idle.life);
			woken.idle.wake();
			await settled();
			return true;
		}
		if (at === Infinity) return false;
		await this.kernel.step();
		return true;
	}

	private firstIdle(): { idle: Idle; at: number } | null {
		if (this.idle.size === 0) return null;
		let due = Infinity;
		const { accounts, posts } = this.store.tables;
		for (const { accountId, dueAt } of posts.values()) {
			if (dueAt === null || dueAt >= due) continue;
			if (accounts.get(accountId)?.status === 'connected') due = dueAt;
		}
		if (due === Infinity) return null;
		let first: { idle: Idle; at: number } | null = null;
		for (const idle of this.idle.values()) {
			if (!idle.life.alive) continue;
			const at = Math.max(idle.readyAt, due + idle.jitterMs, idle.life.frozenUntil);
			if (first === null || at < first.at) first = { idle, at };
		}
		return first;
	}

	private isQuiet(): boolean {
		if (this.peopleBusy > 0 || this.network.onTheWire > 0) return false;
		for (const life of this.lives.values()) if (life.alive && life.requests > 0) return false;
		for (const { state } of this.store.tables.posts.values()) if (!hasEnded(state)) return false;
		return true;
	}

	private async begin(): Promise<void> {
		const { accounts, posts, carriers, byHandMs, storeOutages } = this.scenario;
		for (const [index, account] of accounts.entries()) {
			await this.people.connect(index, account, account.tokenMs + 1_000);
		}
		this.ids.push(...(await this.createAtOnce()));
		posts.forEach((post, index) => {
			const id = this.ids[index];
			if (post.cancelMs !== null) this.person(post.cancelMs, () => this.cancel(id));
			if (post.editMs !== null) this.person(post.editMs, () => this.edit(id, index));
		});
		for (const ms of byHandMs) {
			this.kernel.at(START_MS + ms, () => {
				this.platform.byHand(this.author(0), 'Something else entirely, by hand', this.kernel.now);
				return false;
			});
		}
		for (const { name, fromMs, ms } of storeOutages) {
			const from = START_MS + fromMs;
			if (!this.faults.ofWorld(name, 'store_outage', from)) continue;
			this.link.outage(from, ms);
			this.tellAt(from, 'the store', `is killed and back after ${Math.round(ms / 1000)} s`);
		}
		for (const carrier of carriers) this.start(carrier, 0);
		this.kernel.at(this.faults.untilMs, () => this.heal());
	}

	/** People create their posts before anything goes wrong: nothing of it is lost on the way. */
	private async createAtOnce(): Promise<string[]> {
		const life = new Life('panel', 'runner', 0, PLAIN_CLOCK, this.kernel, this.chance);
		const ports: Ports = {
			http: { send: async () => await Promise.resolve({ kind: 'not_sent', reason: 'none' }) },
			store: {
				...this.link.port(life),
				rpc: async <T>(name: string, args: Record<string, unknown>) =>
					await Promise.resolve(this.store.answer(name, args) as RpcAnswer<T>),
			},
			clock: life.clockPort(
				() => null,
				() => undefined,
			),
			crypto: life.cryptoPort(),
			log: SILENT,
		};
		const store = this.link;
		ports.store.putObject = async (path, bytes) => await Promise.resolve(store.keep(path, bytes));
		return await this.people.create(ports, this.scenario.posts);
	}

	private author(index: number): string {
		const { remoteId } = this.scenario.accounts[index];
		return this.scenario.kind === 'linkedin-page' ? `urn:li:organization:${remoteId}` : remoteId;
	}

	private call(name: string, args: Record<string, unknown>, who: string): RpcAnswer<unknown> {
		const stale = this.invariants.beforeCall(name, args);
		const answer =
			stale !== null && this.options.guardsOff.includes('fence')
				? answerUnfenced(this.store, name, args)
				: this.store.answer(name, args);
		if (this.telling) this.tellCall(name, args, who, answer);
		this.invariants.afterCall(name, stale);
		if (name === 'social_token_give_up' && args.p_dead === true) this.reconnectLater(args);
		return answer;
	}

	/** Whoever owns an account that is dead connects it again after a while. */
	private reconnectLater(args: Record<string, unknown>): void {
		const { accounts } = this.scenario;
		const index = accounts.findIndex((_, number) => accountId(number) === args.p_account_id);
		const name = `reconnect ${this.decisions++}`;
		const afterMs = this.chance.between(name, 60_000, 1_800_000);
		this.person(this.kernel.now - START_MS + afterMs, () => {
			this.tell('a person', `connects account ${index + 1} again`);
			void this.people.connect(index, accounts[index], RECONNECTED_MS);
		});
	}

	private start(planned: PlannedCarrier, number: number): void {
		const { kernel, chance, faults } = this;
		const { flaws, kind, name } = planned;
		const life = new Life(name, kind, number, flaws, kernel, chance);
		this.lives.set(name, life);
		const http = this.network.port(life);
		const store = this.link.port(life);
		const clock = life.clockPort(
			(call) => faults.ofSleep(call, kernel.now),
			(fault, call) => {
				this.tell(life.name, fault === 'crash_before' ? 'is killed while it waits' : 'is frozen');
				if (fault === 'crash_before') this.crash(life);
				else life.freeze(faults.freezeMs(call));
			},
		);
		const plain: Ports = { http, store, clock, crypto: life.cryptoPort(), log: SILENT };
		const off = this.options.guardsOff.includes('intent-before-call');
		let stopping = false;
		if (planned.stopMs !== null && number === 0) {
			kernel.at(START_MS + planned.stopMs, () => {
				stopping = true;
				return false;
			});
		}
		void this.live(planned, life, off ? intentAfterCall(plain) : plain, () => stopping).catch(
			(thrown: unknown) => {
				const message = thrown instanceof Error ? (thrown.stack ?? thrown.message) : 'unknown';
				for (const row of this.store.tables.posts.values()) {
					this.invariants.found('broken', row, `${life.name} threw: ${message}`);
				}
			},
		);
	}

	/** A carrier's whole life: rounds of the real `drain`, woken when something is due. */
	private async live(
		planned: PlannedCarrier,
		life: Life,
		ports: Ports,
		stopping: () => boolean,
	): Promise<void> {
		const options: CarrierOptions = {
			carrier: planned.name,
			kind: planned.kind,
			vaultKey: await simulatedKey(),
			platforms: definitions(this.options.guardsOff),
			stopping,
			fences: { highest: 0 },
		};
		const { concurrency, watchMs } = planned;
		let gapMs = 200;
		for (;;) {
			const round = await drain(ports, { ...options, concurrency, watchMs, intervalMs: 30_000 });
			if (stopping()) break;
			gapMs = round.claimed > 0 ? 200 : Math.min(gapMs * 2, 30_000);
			await this.nothingToDo(life, round.backedOff ? Math.max(gapMs, 5_000) : gapMs);
		}
		life.kill();
		this.tell(life.name, 'has stopped in good order');
		this.restart(planned, life, 5_000);
	}

	private async nothingToDo(life: Life, gapMs: number): Promise<void> {
		const jitterMs = this.chance.skewed(life.nextCall('idle'), 1, 1_500);
		await new Promise<void>((wake) => {
			this.idle.set(life, { life, readyAt: this.kernel.now + gapMs, jitterMs, wake });
		});
	}

	private crash(life: Life): void {
		if (!life.alive) return;
		life.kill();
		const planned = this.scenario.carriers.find(({ name }) => name === life.carrier);
		if (planned === undefined) return;
		// A crash that was decided before may come to pass when nothing goes wrong any more.
		if (!this.healed && this.chance.happens(`${life.name} stays dead`, 0.2)) return;
		this.restart(planned, life, this.chance.between(`${life.name} restart`, 500, 90_000));
	}

	private restart(planned: PlannedCarrier, life: Life, ms: number): void {
		this.kernel.at(this.kernel.now + ms, () => {
			if (this.lives.get(planned.name) !== life) return false;
			this.tell(planned.name, 'is started again');
			this.start(planned, life.number + 1);
			return true;
		});
	}

	/** From here on one carrier is healthy; the others may stay as they are. */
	private heal(): boolean {
		this.tell('the world', 'nothing goes wrong any more');
		this.healed = true;
		const dead = this.scenario.carriers.filter(({ name }) => this.lives.get(name)?.alive !== true);
		if (dead.length < this.scenario.carriers.length) return false;
		const [first] = dead;
		this.start(first, (this.lives.get(first.name)?.number ?? 0) + 1);
		return true;
	}

	private person(afterMs: number, act: () => void): void {
		this.peopleBusy += 1;
		this.kernel.at(START_MS + afterMs, () => {
			this.peopleBusy -= 1;
			act();
			return true;
		});
	}

	private cancel(id: string): void {
		this.cancelled.add(id);
		this.call('social_post_cancel', { p_post_id: id, p_owner: OWNER }, 'a person');
	}

	private edit(id: string, index: number): void {
		const row = this.store.tables.posts.get(id);
		if (row === undefined) return;
		const content = { ...row.content, text: `${row.content.text} (edited ${index})` };
		const p_changes = { content };
		const args = { p_post_id: id, p_owner: OWNER, p_version: row.version, p_changes };
		this.call('social_post_update', args, 'a person');
	}

	/** People see to what waits for them. */
	private afterChange(row: PostRow): void {
		const planned = this.scenario.posts[this.ids.indexOf(row.id)];
		if (planned === undefined) return;
		const number = this.decisions++;
		const delayMs = this.chance.between(`decision ${number}`, 30_000, 900_000);
		const after = this.kernel.now - START_MS + delayMs;
		if (row.state === 'needs_review' && this.scenario.resolves && number < 12) {
			this.person(after, () => this.resolve(row, number));
		} else if (planned.retried && RETRYABLE.has(row.state) && number < 12) {
			this.person(after, () => {
				this.cancelled.delete(row.id);
				this.call('social_post_retry', { p_post_id: row.id, p_owner: OWNER }, 'a person');
			});
		}
	}

	/** A person looks at the account's page and says what is there. */
	private resolve(row: PostRow, number: number): void {
		if (row.state !== 'needs_review') return;
		const [live] = this.invariants.live(row);
		const drops = this.chance.happens(`decision ${number} drop`, 0.3);
		const p_decision =
			live !== undefined
				? { to: 'live', remoteId: live.id, url: null }
				: drops
					? { to: 'drop' }
					: { to: 'publish' };
		if (p_decision.to === 'drop') this.cancelled.add(row.id);
		const args = { p_post_id: row.id, p_owner: OWNER, p_resolve_id: uuid7(70_000 + number) };
		this.call('social_post_resolve', { ...args, p_decision }, 'a person');
	}

	private outcome(): ScheduleOutcome {
		const { kernel, seed, story } = this;
		return {
			seed,
			kind: this.scenario.kind,
			violations: this.invariants.violations,
			posts: [...this.store.tables.posts.values()].map((row) => ({
				id: row.id,
				state: row.state,
				confirmedBy: row.confirmedBy,
				code: row.error?.code ?? null,
				live: this.invariants.live(row).length,
			})),
			carriers: this.scenario.carriers.length,
			struck: this.faults.struck,
			trace: kernel.trace,
			steps: kernel.steps,
			virtualMs: kernel.now - START_MS,
			story,
		};
	}

	private tell(who: string, what: string): void {
		if (!this.telling) return;
		const seconds = ((this.kernel.now - START_MS) / 1000).toFixed(3);
		this.story.push(`${seconds.padStart(10)} s  ${who}: ${what}`);
	}

	private tellAt(at: number, who: string, what: string): void {
		this.kernel.at(at, () => {
			this.tell(who, what);
			return false;
		});
	}

	private tellCall(
		name: string,
		args: Record<string, unknown>,
		who: string,
		answer: RpcAnswer<unknown>,
	): void {
		const value = answer.kind === 'ok' ? (answer.value as Record<string, unknown> | null) : null;
		if (name === 'social_claim' && (value?.claim ?? null) === null) return;
		if (QUIET_CALLS.has(name)) return;
		const claim = value?.claim as { fence?: number; post?: { id: string } } | undefined;
		const post = String(args.p_post_id ?? claim?.post?.id ?? '').slice(-4);
		const facts = [
			claim?.fence === undefined ? null : `gets fence ${claim.fence}`,
			args.p_fence === undefined ? null : `fence ${String(args.p_fence)}`,
			args.p_outcome === undefined ? null : String(args.p_outcome),
			(args.p_result as { to?: string } | undefined)?.to ?? null,
			(args.p_decision as { to?: string } | undefined)?.to ?? null,
			value?.ok === false ? `refused: ${String(value.refusal)}` : null,
			answer.kind === 'refused' ? `refused: ${answer.refusal.code}` : null,
		].filter((fact) => fact !== null);
		const row = this.store.tables.posts.get(String(args.p_post_id ?? claim?.post?.id));
		const state = row === undefined ? '' : ` → ${row.state}, ${row.openIntents} open`;
		this.tell(who, `${name.replace('social_', '')} of post ${post} (${facts.join(', ')})${state}`);
	}
}

const RETRYABLE = new Set(['failed', 'missed', 'cancelled']);
const QUIET_CALLS = new Set(['social_heartbeat', 'social_post_siblings', 'social_post_get']);
const SILENT = { info: () => undefined, warn: () => undefined };
const PLAIN_CLOCK = { drift: 0, offsetMs: 0, set: null, stopsWhileFrozen: false };

/** Runs the schedule of a seed. */
export async function runSchedule(
	seed: number,
	options: RunOptions,
	cut: Cut = WHOLE,
	telling = false,
): Promise<ScheduleOutcome> {
	return await new World(seed, options, cut, telling).run();
}
