import { FAULTS, type Act, type PlannedTrial } from './plan';
import { dueAfterMaking, type Stage, type Trial } from './stage';

/**
 * How long posts may take to meet their fault. The first of them must still hang when the last has
 * come: no visible request may take longer than 30 s.
 */
const MEET_MS = 22_000;
/** A claim that stands still stops its whole run, so those posts fall due when the others hang. */
const CLAIMS_LATER_MS = 8_000;
/** Longer than the lease, which is 60 s or, behind an intent, what the request may take and margins. */
const FROZEN_MS = 80_000;
/** A request without an answer is given up after 30 s. */
const GIVEN_UP_MS = 32_000;
const SOON_MS = 30_000;
const N8N = /^n8n:/;

type Groups = Record<Act, PlannedTrial[]>;

function grouped(planned: PlannedTrial[]): Groups {
	const acts = [...new Set(FAULTS.map(({ act }) => act))];
	const groups = Object.fromEntries(acts.map((act) => [act, [] as PlannedTrial[]])) as Groups;
	for (const trial of planned) groups[trial.fault.act].push(trial);
	return groups;
}

/** One round of acts, one after the other on one stage; answers its trials, not yet at their end. */
export async function playRound(
	stage: Stage,
	planned: PlannedTrial[],
	notes: string[],
): Promise<Trial[]> {
	const groups = grouped(planned);
	const trials: Trial[] = [];
	const play = async (act: Act, work: (own: PlannedTrial[]) => Promise<Trial[]>) => {
		if (groups[act].length === 0) return;
		stage.say(`${act}: ${groups[act].length} trials`);
		trials.push(...(await work(groups[act])));
	};
	if (groups.kill.length > 0 || groups.queue.length > 0) {
		await play('kill', async (own) => await hangInN8n(stage, own, notes));
		await stage.world.n8n.kill();
		stage.way.open();
		await play('queue', async (own) => await withoutRedis(stage, own));
		stage.say('n8n starts again');
		await stage.world.n8n.start();
		await stage.n8nIsMain();
	}
	let givenUp = 0;
	await play('wire', async (own) => {
		const wired = await dueNow(stage, own);
		await stage.met(wired, SOON_MS);
		givenUp = Date.now() + GIVEN_UP_MS;
		return wired;
	});
	await play('runner', async (own) => await killRunner(stage, own, notes));
	await play('store', async (own) => await killStore(stage, own));
	await play('race', async (own) => await race(stage, own));
	await play('freeze', async (own) => {
		await stage.wait(givenUp - Date.now());
		const hung = await hangInN8n(stage, own, notes);
		stage.world.n8n.signal('SIGSTOP');
		stage.way.open();
		await stage.wait(FROZEN_MS);
		stage.world.n8n.signal('SIGCONT');
		return hung;
	});
	return trials;
}

/** Posts that fall due as soon as they are made, with room for all of them in n8n. */
async function dueNow(stage: Stage, planned: PlannedTrial[]): Promise<Trial[]> {
	const due = dueAfterMaking(planned.length);
	const trials = await stage.prepare(planned, due);
	await stage.makeRoom(planned.length);
	await stage.wait(due - Date.now());
	return trials;
}

/** Marks what did not stand where its fault was to meet it. */
function placed(stage: Stage, trials: Trial[], hung: Trial[], notes: string[]): Trial[] {
	stage.say(`${hung.length} of ${trials.length} posts stand at their point`);
	if (hung.length < trials.length) {
		const { act } = trials[0].fault;
		notes.push(`${act}: ${trials.length - hung.length} of ${trials.length} posts stood elsewhere`);
	}
	return trials.map((trial) => ({ ...trial, elsewhere: !hung.includes(trial) }));
}

/** Posts that hang in n8n, or whose calls to the store stand still, all at the same moment. */
async function hangInN8n(stage: Stage, planned: PlannedTrial[], notes: string[]): Promise<Trial[]> {
	const isClaim = ({ fault }: PlannedTrial) => fault.point === 'claim';
	const claims = planned.filter(isClaim).length;
	const due = dueAfterMaking(planned.length);
	const trials = await stage.prepare(planned, due, (trial) =>
		isClaim(trial) ? CLAIMS_LATER_MS : 0,
	);
	await stage.n8nIsMain();
	await stage.makeRoom(planned.length - claims, claims);
	await stage.wait(due - Date.now());
	const hung = await stage.heldBy(await stage.met(trials, MEET_MS), N8N);
	return placed(stage, trials, hung, notes);
}

/** While n8n is dead, Redis is killed, and comes back empty when the runner has the posts. */
async function withoutRedis(stage: Stage, planned: PlannedTrial[]): Promise<Trial[]> {
	const due = dueAfterMaking(planned.length);
	const trials = await stage.prepare(planned, due);
	await stage.redis?.kill();
	await stage.wait(due - Date.now());
	await stage.until(async () => {
		const posts = await Promise.all(trials.map(async (trial) => await stage.look(trial)));
		return posts.every((post) => post !== null && post.state !== 'scheduled');
	}, SOON_MS);
	await stage.redis?.run();
	return trials;
}

/** A second runner takes the posts while n8n gets no claims, and dies with all of them in its hands. */
async function killRunner(
	stage: Stage,
	planned: PlannedTrial[],
	notes: string[],
): Promise<Trial[]> {
	stage.way.refusesClaims = true;
	try {
		const casualty = await stage.runner('casualty', true);
		const due = dueAfterMaking(planned.length);
		const trials = await stage.prepare(planned, due);
		await stage.wait(due - Date.now());
		const hung = await stage.heldBy(await stage.met(trials, MEET_MS), /^casualty$/);
		await casualty.kill();
		return placed(stage, trials, hung, notes);
	} finally {
		stage.way.refusesClaims = false;
	}
}

/** The posts are live, their answers on the way, and Postgres gets SIGKILL; it is started again. */
async function killStore(stage: Stage, planned: PlannedTrial[]): Promise<Trial[]> {
	const trials = await dueNow(stage, planned);
	await stage.met(trials, SOON_MS);
	process.kill(stage.world.store.postgres.pid(), 'SIGKILL');
	await stage.until(async () => (await stage.look(trials[0])) !== null);
	return trials;
}

/** n8n and a runner that leaves it nothing reach for the same posts at the same moment. */
async function race(stage: Stage, planned: PlannedTrial[]): Promise<Trial[]> {
	const racer = await stage.runner('racer', true);
	const trials = await dueNow(stage, planned);
	await stage.until(async () => {
		const posts = await Promise.all(trials.map(async (trial) => await stage.look(trial)));
		return posts.every((post) => post !== null && !/scheduled|publishing/.test(post.state));
	}, SOON_MS);
	await racer.kill();
	return trials;
}
