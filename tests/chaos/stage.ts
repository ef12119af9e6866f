import type { CarrierKind } from '../../core/store/contract';
import type { FaultInput } from '../../sandbox/src/faults';
import type { Bundles } from './bundle';
import { fastNow, fastPause, realMs, type ClockSpec } from './clock';
import type { Fault, TrialPlan } from './plan';
import { readPoint, VISIBLE, type Passed, type Spot } from './points';
import { Carrier } from './process';
import type { Fate, WireFault } from './wire';
import type { CarryWork, DrainWork } from './worker/protocol';
import type { ChaosAccount, ChaosWorld } from './world';

/** How long a request is held on the wire while its carrier is struck, fast ms. */
const HOLD_MS = 8_000;
/** How much later than the limit an answer comes. */
const LATE_MS = 5_000;
/** How long a rate limit of a trial lasts. */
const SHORT_LIMIT_MS = 120_000;
/** Healthy carriers leave a post to the one that is to be struck, fast ms. */
export const GRACE_MS = 30_000;

const PLATFORM_FAULTS = new Set<Fault>([
	'drop-after-commit',
	'drop-before-commit',
	'500-after-commit',
	'timeout',
	'429',
	'truncated',
]);

export function isPlatformFault(fault: Fault): boolean {
	return PLATFORM_FAULTS.has(fault);
}

/** A world with the means to start carriers in it and to disturb them. */
export class Stage {
	private readonly carriers = new Set<Carrier>();

	constructor(
		readonly world: ChaosWorld,
		readonly spec: ClockSpec,
		readonly bundles: Bundles,
		/** PEM file that carriers trust. */
		readonly trusted: string,
	) {}

	/** Real ms of so many fast ms. */
	real(fastMs: number): number {
		return realMs(this.spec, fastMs);
	}

	async pause(fastMs: number): Promise<void> {
		await fastPause(this.spec, fastMs);
	}

	/** The store's address for this carrier alone. */
	wireOf(plan: TrialPlan): string {
		return `t${plan.index}`;
	}

	/** Carriers that are up and wait for their work, so that nobody else is faster. */
	async crew(count: number): Promise<Carrier[]> {
		return await Promise.all(
			Array.from({ length: count }, async () => {
				const carrier = await Carrier.launch({
					program: this.bundles.worker,
					trusted: this.trusted,
				});
				this.carriers.add(carrier);
				void carrier.end().then(() => this.carriers.delete(carrier));
				return carrier;
			}),
		);
	}

	/** Sends the next of the crew to work. */
	send(
		crew: Carrier[],
		kind: CarrierKind,
		name: string,
		work: CarryWork | DrainWork,
		change: { wire?: string; skewMs?: number; skewAfterMs?: number } = {},
	): Carrier {
		const { world } = this;
		const carrier = crew.shift();
		if (carrier === undefined) throw new Error('The crew is too small');
		carrier.work({
			clock: this.spec,
			skewMs: change.skewMs ?? 0,
			skewAfterMs: change.skewAfterMs ?? change.skewMs ?? 0,
			store: {
				url: change.wire === undefined ? world.store.url : world.storeWire.at(change.wire),
				key: world.store.serviceKey,
			},
			vaultKey: world.vaultKeyText,
			carrier: `${kind}:${name}`,
			kind,
			work,
		});
		return carrier;
	}

	/** One healthy carrier of each kind, which take what others leave. */
	async rescuers(): Promise<Carrier[]> {
		const work: DrainWork = { as: 'drain', graceMs: GRACE_MS, concurrency: 24 };
		const crew = await this.crew(2);
		return (['runner', 'n8n'] as const).map((kind) => this.send(crew, kind, 'rescuer', work));
	}

	async killAll(): Promise<void> {
		await Promise.all([...this.carriers].map(async (carrier) => await carrier.kill()));
	}

	/** Disturbs one request of this account to its platform, as the fault says. */
	disturb(
		account: ChaosAccount,
		step: Passed,
		fault: Fault,
		variant: boolean,
		onHit?: () => void,
	): void {
		const { name, nth } = readPoint(step.point);
		const lateMs = Math.ceil(this.real((step.limitMs ?? 30_000) + LATE_MS));
		if (account.bluesky !== null) {
			const fates: Partial<Record<Fault, Fate>> = {
				'drop-after-commit': { do: 'drop_after' },
				'drop-before-commit': { do: 'drop_before' },
				'500-after-commit': {
					do: 'status',
					status: 500,
					before: false,
					body: '{"error":"InternalServerError","message":"Internal Server Error"}',
				},
				timeout: { do: 'delay', ms: lateMs, before: variant },
				'429': {
					do: 'status',
					status: 429,
					before: true,
					body: '{"error":"RateLimitExceeded","message":"Rate Limit Exceeded"}',
					headers: this.shortLimit(),
				},
				truncated: { do: 'truncate' },
			};
			const fate = fates[fault];
			if (fate === undefined) throw new Error(`${fault} is no fault of a platform`);
			this.onBluesky(account, { path: `.${name}`, nth, fate, onHit });
			return;
		}
		const inputs: Partial<Record<Fault, FaultInput>> = {
			'drop-after-commit': { kind: 'drop_after_commit' },
			'drop-before-commit': variant
				? { kind: 'drop_before_commit' }
				: { kind: 'reset', when: 'before' },
			'500-after-commit': { kind: 'status', status: 500, when: 'after' },
			timeout: { kind: 'latency', ms: lateMs, when: variant ? 'before' : 'after' },
			'429': { kind: 'status', status: 429, when: 'before', headers: this.shortLimit() },
			truncated: { kind: 'truncate' },
		};
		const input = inputs[fault];
		if (input === undefined) throw new Error(`${fault} is no fault of a platform`);
		this.onSandbox(account, name, nth, input);
	}

	/** Lets the work of the visible step be done and its answer get lost. */
	loseVisible(account: ChaosAccount): void {
		const step = { point: `http:${VISIBLE[account.row]}#1:before` };
		this.disturb(account, step, 'drop-after-commit', true);
	}

	/** Disturbs one call of this trial to the store. */
	disturbStore(plan: TrialPlan, call: { name: string; nth: number }, fate: Fate): void {
		this.world.storeWire.fault(this.wireOf(plan), {
			path: `/rpc/social_${call.name}`,
			nth: call.nth,
			fate,
		});
	}

	/**
	 * Resolves when the carrier stands at the spot or its request is held there; false when it ended
	 * before. Call `arm` before it is started, `arrived` after.
	 */
	arm(plan: TrialPlan, account: ChaosAccount, spot: Spot): (carrier: Carrier) => Promise<boolean> {
		if (spot.where === 'at') return async (carrier) => (await carrier.held()) !== null;
		const { via, name, nth } = readPoint(spot.point);
		const before = spot.where === 'request';
		const ms = Math.ceil(this.real(HOLD_MS));
		let hit: () => void = () => undefined;
		const onHit = new Promise<void>((resolve) => {
			hit = resolve;
		});
		const fate: Fate = { do: 'delay', ms, before };
		if (via === 'store') {
			this.world.storeWire.fault(this.wireOf(plan), {
				path: `/rpc/social_${name}`,
				nth,
				fate,
				onHit: hit,
			});
		} else if (account.bluesky !== null) {
			this.onBluesky(account, { path: `.${name}`, nth, fate, onHit: hit });
		} else {
			this.onSandbox(account, name, nth, {
				kind: 'latency',
				ms,
				when: before ? 'before' : 'after',
			});
			const { caller } = account;
			const watch = setInterval(() => {
				if (caller !== null && this.world.sandboxHits(caller) > 0) hit();
			}, 5);
			void onHit.then(() => clearInterval(watch));
		}
		return async (carrier) => {
			const arrived = await Promise.race([onHit.then(() => true), carrier.end().then(() => false)]);
			hit();
			return arrived;
		};
	}

	/** A limit that is over in two minutes, in the words of each platform; unnamed ones last longer. */
	private shortLimit(): Record<string, string> {
		const reset = String(Math.ceil((fastNow(this.spec) + SHORT_LIMIT_MS) / 1_000));
		const usage = { estimated_time_to_regain_access: SHORT_LIMIT_MS / 60_000 };
		return {
			'x-rate-limit-reset': reset,
			'retry-after': String(SHORT_LIMIT_MS / 1_000),
			'x-app-usage': JSON.stringify(usage),
		};
	}

	private onSandbox(account: ChaosAccount, step: string, nth: number, fault: FaultInput): void {
		if (account.caller === null) throw new Error('The account is not one of the sandbox');
		this.world.sandbox.faults.add({ ...fault, account: account.caller, step, skip: nth - 1 });
	}

	private onBluesky(account: ChaosAccount, fault: WireFault): void {
		if (account.bluesky === null) throw new Error('The account is not one of Bluesky');
		this.world.pdsWire?.fault(account.bluesky.wire, fault);
	}
}
