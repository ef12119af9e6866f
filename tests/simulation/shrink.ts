import { WHOLE, type Cut, type RunOptions } from './plan';
import { runSchedule, type ScheduleOutcome } from './world';

/** The shortest schedule found that still fails in the same way, told in words. */
export interface Shrunk {
	cut: Cut;
	outcome: ScheduleOutcome;
	/** Schedules that were tried. */
	tried: number;
}

/** Trying is quick, but a story that is nearly as short is as good. */
const MOST_TRIES = 600;

/**
 * Takes away what a failing schedule does not need: people, carriers, posts, then faults one by
 * one, until nothing can go without the failure going as well.
 */
export async function shrink(seed: number, options: RunOptions): Promise<Shrunk> {
	let best = await runSchedule(seed, options);
	const first = best.violations[0]?.kind;
	let tried = 1;
	const stillFails = async (cut: Cut): Promise<ScheduleOutcome | null> => {
		tried += 1;
		const outcome = await runSchedule(seed, options, cut);
		return outcome.violations.some(({ kind }) => kind === first) ? outcome : null;
	};
	let cut: Cut = { ...WHOLE, faults: new Set(best.struck.map(({ name }) => name)) };
	const without = async (smaller: Cut): Promise<boolean> => {
		if (tried >= MOST_TRIES) return false;
		const outcome = await stillFails(smaller);
		if (outcome === null) return false;
		best = outcome;
		// Faults that did not come up any more are not needed either.
		const struck = new Set(outcome.struck.map(({ name }) => name));
		cut = { ...smaller, faults: struck };
		return true;
	};
	for (let again = true; again; ) {
		again = false;
		if (cut.people) again = (await without({ ...cut, people: false })) || again;
		const posts = Math.min(cut.posts, best.posts.length) - 1;
		if (posts >= 1) again = (await without({ ...cut, posts })) || again;
		const carriers = Math.min(cut.carriers, best.carriers) - 1;
		if (carriers >= 1) again = (await without({ ...cut, carriers })) || again;
		again = (await withoutFaults(() => cut, without)) || again;
	}
	const told = await runSchedule(seed, options, cut, true);
	return { cut, outcome: told, tried };
}

/** First half of them at once, then smaller pieces, then each alone. */
async function withoutFaults(
	cutNow: () => Cut,
	without: (cut: Cut) => Promise<boolean>,
): Promise<boolean> {
	let shorter = false;
	let size = Math.ceil((cutNow().faults?.size ?? 0) / 2);
	while (size >= 1) {
		const faults = [...(cutNow().faults ?? [])];
		let taken = false;
		for (let from = 0; from < faults.length; from += size) {
			const drop = new Set(faults.slice(from, from + size));
			const now = cutNow();
			const left = [...(now.faults ?? [])].filter((name) => !drop.has(name));
			if (left.length === now.faults?.size) continue;
			if (await without({ ...now, faults: new Set(left) })) taken = true;
		}
		shorter ||= taken;
		if (size === 1 && !taken) break;
		size = taken && size === 1 ? 1 : Math.floor(size / 2);
	}
	return shorter;
}

/** What somebody needs to understand a failure, line by line. */
export function storyOf({ outcome, tried }: Shrunk): string[] {
	const { kind, posts, seed, struck, story, violations } = outcome;
	return [
		`Seed ${seed} on ${kind}, shrunk by ${tried} tries to ${posts.length} post(s) and ${struck.length} fault(s):`,
		...story,
		...violations.map((each) => `=> ${each.kind}: post ${each.post.slice(-4)}: ${each.message}`),
	];
}
