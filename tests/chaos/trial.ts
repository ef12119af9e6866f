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
}

export function carryWork(postId: string, hold: string | null = null, tell = false): CarryWork {
	return { as: 'carry', postId, pollMs: 1_000, hold, tell };
}

/** What a fault does in one trial; answers whether and where it struck. */
interface Struck {
	carriers: Carrier[];
	struck: boolean;
	spot: string;
}

/** Runs one trial until its post has ended and its own carriers have. */
export async function runTrial(means: TrialMeans, plan: TrialPlan): Promise<DoneTrial> {
	const { stage } = means;
	const front =
		plan.fault === 'tls-stop' || plan.fault === 'tls-stop-n8n' ? new LateFront(means) : null;
	const account = await stage.world.account(plan.row, async (url) =>
		front === null ? url : await front.before(url),
	);
	try {
		const post = await stage.world.post(account, plan.image);
		const { carriers, struck, spot } = await strike(means, plan, account, post, front);
		await postEnded(means, post);
		await carriersGone(means, carriers);
		stage.world.storeWire.clear(stage.wireOf(plan));
		return { plan, account, post, struck, spot, log: carriers.flatMap(({ log }) => log) };
	} finally {
		await front?.stop();
		account.release();
	}
}

async function strike(
	means: TrialMeans,
	plan: TrialPlan,
	account: ChaosAccount,
	post: PostView,
	front: LateFront | null,
): Promise<Struck> {
	const { stage, scouts } = means;
	const { fault } = plan;
	if (front !== null) return await stopInHandshake(means, plan, post, front);
	if (fault === 'race') return await race(means, plan, account, post);
	const passed = await scouts.of(plan, 'plain');
	if (isPlatformFault(fault)) {
		const step = stepFor(plan, passed);
		stage.disturb(account, step, fault, plan.variant);
		return { ...(await alone(means, plan, post)), struck: true, spot: step.point };
	}
	if (fault === 'store-answer-lost' || fault === 'store-call-lost') {
		const call = storeCallFor(plan, passed);
		const before = fault === 'store-call-lost';
		stage.disturbStore(
			plan,
			call,
			plan.variant
				? { do: before ? 'drop_before' : 'drop_after' }
				: { do: 'status', status: before ? 503 : 500, before, body: '{"message":"upstream"}' },
		);
		return { ...(await alone(means, plan, post)), struck: true, spot: `${call.name}#${call.nth}` };
	}
	if (fault === 'clock-skew') return await skewed(means, plan, account, post, passed);
	const inLookUp = fault === 'look-up-kill' || fault === 'look-up-freeze';
	if (inLookUp) stage.loseVisible(account);
	const way = inLookUp ? afterVisible(await scouts.of(plan, 'look_up')) : passed;
	return await killOrFreeze(means, plan, account, post, pick(spotsOf(way), plan.pointAt));
}

/** A carrier that nobody touches; the fault waits on its way. */
async function alone(means: TrialMeans, plan: TrialPlan, post: PostView) {
	const { stage } = means;
	const wire = stage.wireOf(plan);
	const carrier = stage.carrier(plan.kind, `t${plan.index}`, carryWork(post.id), { wire });
	return await Promise.resolve({ carriers: [carrier] });
}

async function killOrFreeze(
	means: TrialMeans,
	plan: TrialPlan,
	account: ChaosAccount,
	post: PostView,
	spot: Spot,
): Promise<Struck> {
	const { stage } = means;
	const arrived = stage.arm(plan, account, spot);
	const hold = spot.where === 'at' ? spot.point : null;
	const carrier = stage.carrier(plan.kind, `t${plan.index}`, carryWork(post.id, hold), {
		wire: stage.wireOf(plan),
	});
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
async function race(
	means: TrialMeans,
	plan: TrialPlan,
	account: ChaosAccount,
	post: PostView,
): Promise<Struck> {
	const { stage } = means;
	const step = { point: `http:${VISIBLE[plan.row]}#1:before`, limitMs: 30_000 };
	const disturbed =
		plan.stepAt < 0.4 ? null : plan.stepAt < 0.7 ? 'drop-after-commit' : ('timeout' as const);
	if (disturbed !== null) stage.disturb(account, step, disturbed, plan.variant);
	const carriers = (['runner', 'n8n'] as const).map((kind) =>
		stage.carrier(kind, `t${plan.index}`, {
			...carryWork(post.id, 'claim:before'),
			pollMs: 300,
		}),
	);
	await Promise.all(carriers.map(async (carrier) => await carrier.held()));
	for (const carrier of carriers) carrier.go();
	return { carriers, struck: true, spot: disturbed ?? 'undisturbed' };
}

async function skewed(
	means: TrialMeans,
	plan: TrialPlan,
	account: ChaosAccount,
	post: PostView,
	passed: Passed[],
): Promise<Struck> {
	const { stage } = means;
	if (plan.onVisible) stage.loseVisible(account);
	const { point } = pick(passed, plan.pointAt);
	const later = plan.variant;
	const carrier = stage.carrier(
		plan.kind,
		`t${plan.index}`,
		carryWork(post.id, later ? point : null),
		later
			? { wire: stage.wireOf(plan), skewAfterMs: plan.skewMs }
			: { wire: stage.wireOf(plan), skewMs: plan.skewMs },
	);
	const struck = later ? (await carrier.held()) !== null : true;
	carrier.go();
	return { carriers: [carrier], struck, spot: later ? point : 'from the start' };
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
	means: TrialMeans,
	plan: TrialPlan,
	post: PostView,
	front: LateFront,
): Promise<Struck> {
	const { stage } = means;
	const point = `http:${VISIBLE[plan.row]}#1:before`;
	const carrier = stage.carrier(plan.kind, `t${plan.index}`, carryWork(post.id, point), {
		wire: stage.wireOf(plan),
	});
	const struck = (await carrier.held()) !== null;
	if (struck) {
		const held = front.holdNext();
		carrier.go();
		const release = await held;
		carrier.signal('SIGSTOP');
		release();
		await stage.pause(plan.freezeMs);
		carrier.signal('SIGCONT');
	}
	return { carriers: [carrier], struck, spot: `handshake of ${point}` };
}

/** Waits until the post has ended; gives up after a long time, and the count tells. */
export async function postEnded({ stage, signal }: TrialMeans, post: PostView): Promise<void> {
	const until = Date.now() + stage.real(PATIENCE_MS);
	while (Date.now() < until && !signal.aborted) {
		const state = await stage.world.state(post.id);
		if (state !== null && ENDED.has(state)) return;
		await stage.pause(4_000);
	}
}

async function carriersGone({ stage, signal }: TrialMeans, carriers: Carrier[]): Promise<void> {
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
