import type { PostView } from '../../../core/store/contract';
import { noRedis } from '../../runner/redis';
import { noBluesky, type Kind, type Live } from '../../takeover/system/world';
import type { ChaosOptions } from '../options';
import { Tally, type ChaosReport, type TrialEnd } from '../report';
import { playRound } from './acts';
import { plan, ROWS, type Act, type PlannedTrial } from './plan';
import { Stage, type Trial } from './stage';

/** Trials of one round: about a quarter of them hang in n8n at the same time, also on a slow machine. */
const PER_ROUND = 60;
/** A post that is not at its end so long after the last fault does not get there any more. */
const PATIENCE_MS = 15 * 60_000;
/** Behind the name of a fault that came while the post stood at another point. */
export const ELSEWHERE = ' (post elsewhere)';
const ENDED = new Set<PostView['state']>([
	'published',
	'failed',
	'missed',
	'needs_review',
	'cancelled',
]);

/** What these runs look at; the shipped times are not scaled, and one batch shares one n8n. */
export type N8nChaosOptions = Pick<
	ChaosOptions,
	'trials' | 'seed' | 'index' | 'platform' | 'fault' | 'duplicateRules' | 'say' | 'signal'
>;

/** A report of trials in which a real n8n was killed, frozen or cut off. */
export interface N8nChaosReport extends ChaosReport {
	n8n: true;
}

/**
 * Trials on the real n8n with the packed node and the shipped template, at the shipped times. Many
 * posts on accounts of their own share one kill. Ends everything it has started.
 */
export async function runN8n(options: N8nChaosOptions): Promise<N8nChaosReport> {
	const began = Date.now();
	const notes: string[] = [];
	const planned = plan({ ...options, ...whatIsMissing(notes) });
	const tally = new Tally();
	const stage = await Stage.start(options);
	try {
		const trials: Trial[] = [];
		for (let at = 0; at < planned.length; at += PER_ROUND) {
			trials.push(...(await playRound(stage, planned.slice(at, at + PER_ROUND), notes)));
		}
		await quiesce(stage, trials);
		for (const trial of trials) await count(stage, trial, options, tally);
	} finally {
		await stage.stop();
	}
	const seconds = (Date.now() - began) / 1000;
	return { ...tally.report({ seed: options.seed, seconds, notes }), n8n: true };
}

function whatIsMissing(notes: string[]): { without: Kind[]; withoutActs: Act[] } {
	const bluesky = noBluesky();
	if (bluesky !== null) notes.push(`Bluesky is left out: ${bluesky}`);
	if (noRedis !== null) notes.push(`Redis is left out: ${noRedis}`);
	return {
		without: bluesky === null ? [] : ['bluesky'],
		withoutActs: noRedis === null ? [] : ['queue'],
	};
}

/** Every post at its end, every run over, every carrier gone. */
export async function quiesce(stage: Stage, trials: Trial[]): Promise<void> {
	const waiting = new Set(trials);
	let said = '';
	await stage.until(async () => {
		for (const trial of waiting) {
			const post = await stage.look(trial);
			if (post !== null && ENDED.has(post.state)) waiting.delete(trial);
		}
		const now = `${waiting.size} of ${trials.length} posts are not at their end yet`;
		if (now !== said) stage.say((said = now));
		if (waiting.size > 0) await stage.wait(1_000);
		return waiting.size === 0;
	}, PATIENCE_MS);
	await stage.endSchedule();
	await stage.until(async () => (await stage.runsUnderWay()) === 0, PATIENCE_MS);
	await stage.world.n8n.stop();
	await stage.endRunners();
}

/** Compares what is live with what the store says. */
export async function count(
	stage: Stage,
	trial: Trial,
	options: Pick<N8nChaosOptions, 'seed' | 'duplicateRules'>,
	tally: Tally,
): Promise<void> {
	const post = await stage.world.post(trial.post.id);
	const live = await stage.world.live(trial.account, trial.post);
	const platform = ROWS[trial.kind];
	const fault = trial.elsewhere === true ? `${trial.fault.name}${ELSEWHERE}` : trial.fault.name;
	// A member can only be asked by a repeat: without LinkedIn's rule the ground is taken away.
	const outside = !options.duplicateRules && trial.kind === 'linkedin member';
	tally.add({
		platform,
		fault,
		end: endOf(post, live),
		resolvedByLookup: post.confirmedBy === 'lookup' || post.confirmedBy === 'duplicate',
		outside,
		what: `${live.length} live, stored as ${post.state} (${post.remoteId ?? 'no id'}), ${JSON.stringify(post.error)}`,
		replay: replayOf(trial, options),
	});
}

/** How a trial ended: what is live, and whether the store says the same. */
export function endOf(post: Pick<PostView, 'state' | 'remoteId'>, live: Live[]): TrialEnd {
	if (live.length > 1) return 'duplicated';
	if (post.state === 'needs_review') return 'needs_review';
	const same = live.length === 1 && live[0].id === post.remoteId;
	return post.state === 'published' && same ? 'published_once' : 'lost';
}

function replayOf(
	{ kind, fault }: PlannedTrial,
	{ seed, duplicateRules }: Pick<N8nChaosOptions, 'seed' | 'duplicateRules'>,
): string {
	const rules = duplicateRules ? '' : ' --no-duplicate-rules';
	return `npm run chaos -- --n8n --seed ${seed} --platform ${ROWS[kind]} --fault ${fault.name} --trials 1${rules}`;
}
