import type { PostView } from '../../core/store/contract';
import { TlsFront, type SelfSigned } from '../../sandbox/src/tls-front';
import type { TrialPlan } from './plan';
import {
	afterVisible,
	pick,
	spotsOf,
	stepFor,
	storeCallFor,
	VISIBLE,
	type Passed,
	type Spot,
} from './points';
import type { Carrier } from './process';
import type { Scouts } from './scouts';
import { isPlatformFault, type Stage } from './stage';
import type { CarryWork } from './worker/protocol';
import type { ChaosAccount } from './world';

/** States that no carrier leaves by itself. */
export const ENDED = new Set(['published', 'failed', 'missed', 'needs_review', 'cancelled']);
/** A post that has not ended by then, with a healthy carrier all the time, is lost; fast ms. */
const PATIENCE_MS = 2 * 3_600_000;
/** Most trials are over by then; those that are not tell what they wait for, fast ms. */
const LONG_MS = 15 * 60_000;
/** A carrier that was continued has done what it had to do by then, fast ms. */
const LAST_CARRIER_MS = 30 * 60_000;

/** A trial whose post has ended; it is counted when the whole run is over. */
export interface DoneTrial {
	plan: TrialPlan;
	account: ChaosAccount;
	post: PostView;
	/** The carrier came to the point and was struck, or the request was disturbed. */
	struck: boolean;
	/** What the carriers said of themselves. */
	log: string[];
	/** In words: where it was struck. */
	spot: string;
}

export interface TrialMeans {
	stage: Stage;
	scouts: Scouts;
	certificate: SelfSigned;
	signal: AbortSignal;
	/** For whoever looks for a fault. */
	detail(line: string): void;
}

export function carryWork(postId: string, hold: string | null = null, tell = false): CarryWork {
	return { as: 'carry', postId, pollMs: 4_000, hold, tell };
}

/** What a fault did in one trial. */
export interface Struck {
	carriers: Carrier[];
	/** The carrier came to the point, or the request was disturbed. */
	struck: boolean;
	/** In words: where. */
	spot: string;
}

/** A trial at its start: its post is due, and its carriers are up and wait for their work. */
export interface Trial {
	stage: Stage;
	plan: TrialPlan;
	account: ChaosAccount;
	post: PostView;
	crew: Carrier[];
}

type Order = (trial: Trial) => Promise<Struck>;

/** Runs one trial until its post has ended and its own carriers have. */
export async function runTrial(means: TrialMeans, plan: TrialPlan): Promise<DoneTrial> {
	const { stage } = means;
	const front =
		plan.fault === 'tls-stop' || plan.fault === 'tls-stop-n8n' ? new LateFront(means) : null;
	const account = await stage.world.account(plan.row, async (url) =>
		front === null ? url : await front.before(url),
	);
	try {
		const order = await orderFor(means, plan, front);
		const crew = await stage.crew(plan.fault === 'race' ? 2 : 1);
		const post = await stage.world.post(account, plan.image);
		const { carriers, struck, spot } = await order({ stage, plan, account, post, crew });
		await postEnded(means, post);
		await carriersGone(means, carriers);
		stage.world.storeWire.clear(stage.wireOf(plan));
		return { plan, account, post, struck, spot, log: carriers.flatMap(({ log }) => log) };
	} finally {
		await front?.stop();
		account.release();
	}
}

/** Everything that has to be known before the post is due. */
async function orderFor(
	{ scouts }: TrialMeans,
	plan: TrialPlan,
	front: LateFront | null,
): Promise<Order> {
	const { fault } = plan;
	if (front !== null) return async (trial) => await stopInHandshake(trial, front);
	if (fault === 'race') return race;
	const inLookUp = fault === 'look-up-kill' || fault === 'look-up-freeze';
	const passed = await scouts.of(plan, inLookUp ? 'look_up' : 'plain');
	if (isPlatformFault(fault)) return disturbed(stepFor(plan, passed));
	if (fault === 'store-answer-lost' || fault === 'store-call-lost') {
		return withoutStore(storeCallFor(plan, passed));
	}
	if (fault === 'clock-skew') return skewed(pick(passed, plan.pointAt).point);
	const way = inLookUp ? afterVisible(passed) : passed;
	const spot = pick(spotsOf(way), plan.pointAt);
	return async (trial) => {
		if (inLookUp) trial.stage.loseVisible(trial.account);
		return await killOrFreeze(trial, spot);
	};
}

function disturbed(step: Passed): Order {
	return async (trial) => {
		const { stage, account, plan } = trial;
		stage.disturb(account, step, plan.fault, plan.variant);
		return await Promise.resolve({ carriers: [alone(trial)], struck: true, spot: step.point });
	};
}

function withoutStore(call: { name: string; nth: number }): Order {
	return async (trial) => {
		const { stage, plan } = trial;
		const before = plan.fault === 'store-call-lost';
		const status = before ? 503 : 500;
		stage.disturbStore(
			plan,
			call,
			plan.variant
				? { do: before ? 'drop_before' : 'drop_after' }
				: { do: 'status', status, before, body: '{"message":"upstream"}' },
		);
		const spot = `${call.name}#${call.nth}`;
		return await Promise.resolve({ carriers: [alone(trial)], struck: true, spot });
	};
}

/** A carrier that nobody touches; what is in its way waits there. */
function alone({ stage, plan, post, crew }: Trial): Carrier {
	const wire = stage.wireOf(plan);
	return stage.send(crew, plan.kind, `t${plan.index}`, carryWork(post.id), { wire });
}

async function killOrFreeze(trial: Trial, spot: Spot): Promise<Struck> {
	const { stage, plan, account, post, crew } = trial;
	const arrived = stage.arm(plan, account, spot);
	const hold = spot.where === 'at' ? spot.point : null;
	const work = carryWork(post.id, hold);
	const carrier = stage.send(crew, plan.kind, `t${plan.index}`, work, { wire: stage.wireOf(plan) });
	const struck = await arrived(carrier);
	if (struck && plan.fault.endsWith('kill')) await carrier.kill();
	if (struck && plan.fault.endsWith('freeze')) {
		carrier.signal('SIGSTOP');
		await stage.pause(plan.freezeMs);
		carrier.signal('SIGCONT');
		carrier.go();
	}
	return { carriers: [carrier], struck, spot: `${spot.point} (${spot.where})` };
}

/** Both carriers claim all the time; sometimes the answer of the one that sends is lost. */
async function race({ stage, plan, account, post, crew }: Trial): Promise<Struck> {
	const step = { point: `http:${VISIBLE[plan.row]}#1:before`, limitMs: 30_000 };
	const lost =
		plan.stepAt < 0.4 ? null : plan.stepAt < 0.7 ? 'drop-after-commit' : ('timeout' as const);
	if (lost !== null) stage.disturb(account, step, lost, plan.variant);
	const carriers = (['runner', 'n8n'] as const).map((kind) =>
		stage.send(crew, kind, `t${plan.index}`, {
			...carryWork(post.id, 'claim:before'),
			pollMs: 300,
		}),
	);
	await Promise.all(carriers.map(async (carrier) => await carrier.held()));
	for (const carrier of carriers) carrier.go();
	return { carriers, struck: true, spot: lost ?? 'undisturbed' };
}

function skewed(point: string): Order {
	return async ({ stage, plan, account, post, crew }) => {
		if (plan.onVisible) stage.loseVisible(account);
		const later = plan.variant;
		const wire = stage.wireOf(plan);
		const carrier = stage.send(
			crew,
			plan.kind,
			`t${plan.index}`,
			carryWork(post.id, later ? point : null),
			later ? { wire, skewAfterMs: plan.skewMs } : { wire, skewMs: plan.skewMs },
		);
		const struck = later ? (await carrier.held()) !== null : true;
		carrier.go();
		return { carriers: [carrier], struck, spot: later ? point : 'from the start' };
	};
}

/** TLS in front of one account's platform, made when its address is known. */
class LateFront {
	private front: TlsFront | null = null;

	constructor(private readonly means: TrialMeans) {}

	async before(url: string): Promise<string> {
		const { origin, pathname } = new URL(url);
		this.front = await TlsFront.start(origin, this.means.certificate);
		return `${this.front.url}${pathname}`;
	}

	async holdNext(): Promise<() => void> {
		if (this.front === null) throw new Error('The front is not up');
		return await this.front.holdNext();
	}

	async stop(): Promise<void> {
		await this.front?.stop();
	}
}

async function stopInHandshake(
	{ stage, plan, post, crew }: Trial,
	front: LateFront,
): Promise<Struck> {
	const point = `http:${VISIBLE[plan.row]}#1:before`;
	const carrier = stage.send(crew, plan.kind, `t${plan.index}`, carryWork(post.id, point), {
		wire: stage.wireOf(plan),
	});
	let release: (() => void) | null = null;
	if ((await carrier.held()) !== null) {
		const held = front.holdNext();
		carrier.go();
		release = await Promise.race([held, carrier.end().then(() => null)]);
	}
	const struck = release !== null;
	if (release !== null) {
		carrier.signal('SIGSTOP');
		release();
		await stage.pause(plan.freezeMs);
		carrier.signal('SIGCONT');
	}
	return { carriers: [carrier], struck, spot: `handshake of ${point}` };
}

/** Waits until the post has ended; gives up after a long time, and the count tells. */
export async function postEnded(
	{ stage, signal, detail }: TrialMeans,
	post: PostView,
): Promise<void> {
	const until = Date.now() + stage.real(PATIENCE_MS);
	let tellAt = Date.now() + stage.real(LONG_MS);
	while (Date.now() < until && !signal.aborted) {
		const state = await stage.world.state(post.id);
		if (state !== null && ENDED.has(state)) return;
		if (Date.now() > tellAt) {
			detail(`a long trial: ${await stage.world.history(post.id)}`);
			tellAt += stage.real(LONG_MS);
		}
		await stage.pause(4_000);
	}
}

export async function carriersGone(
	{ stage, signal }: TrialMeans,
	carriers: Carrier[],
): Promise<void> {
	for (const carrier of carriers) carrier.stop();
	const all = Promise.all(carriers.map(async (carrier) => await carrier.end()));
	let timer: NodeJS.Timeout | undefined;
	const late = new Promise<void>((resolve) => {
		timer = setTimeout(resolve, Math.max(30_000, stage.real(LAST_CARRIER_MS)));
		signal.addEventListener('abort', () => resolve(), { once: true });
	});
	await Promise.race([all, late]);
	clearTimeout(timer);
	await Promise.all(carriers.map(async (carrier) => await carrier.kill()));
}
