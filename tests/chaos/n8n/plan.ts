import { KINDS, type Kind } from '../../takeover/system/world';

/** What the process that carries the post, or a part beside it, meets. */
export type Act = 'kill' | 'freeze' | 'wire' | 'runner' | 'store' | 'queue' | 'race';

/**
 * Where a publish stands when it meets its fault: the answer to the claim, an upload, the answer to
 * the saved intent, the visible request (never done; done later; done, its answer on the way), the
 * evidence before it is saved.
 */
export const POINTS = [
	'claim',
	'upload',
	'intent',
	'before',
	'during',
	'after',
	'evidence',
] as const;
export type Point = (typeof POINTS)[number];

/** What becomes of the visible request while every process lives. */
export type Wire =
	| 'dropped-after-commit'
	| 'dropped-before-commit'
	| 'reset-after-commit'
	| '500-after-commit'
	| 'timeout-after-commit'
	| 'answer-cut-short'
	| '429';

export interface Fault {
	name: string;
	act: Act;
	point?: Point;
	wire?: Wire;
	/** What Bluesky's own server cannot be made to do. */
	notOn?: readonly Kind[];
}

const NO_BLUESKY = ['bluesky'] as const;
const withoutBluesky = (point: Point) => (point === 'during' ? { notOn: NO_BLUESKY } : {});
const wire = (name: Wire, notOn?: readonly Kind[]): Fault => ({
	name,
	act: 'wire',
	wire: name,
	...(notOn === undefined ? {} : { notOn }),
});

/** Every fault of the mode, in the order in which a plan takes them. */
export const FAULTS: readonly Fault[] = [
	...POINTS.map(
		(point): Fault => ({
			...{ name: `n8n-killed-${point}`, act: 'kill', point },
			...withoutBluesky(point),
		}),
	),
	wire('dropped-after-commit'),
	wire('dropped-before-commit'),
	wire('reset-after-commit', NO_BLUESKY),
	wire('500-after-commit'),
	wire('timeout-after-commit'),
	wire('answer-cut-short'),
	wire('429'),
	...POINTS.map(
		(point): Fault => ({
			...{ name: `n8n-frozen-${point}`, act: 'freeze', point },
			...withoutBluesky(point),
		}),
	),
	{ name: 'runner-killed-upload', act: 'runner', point: 'upload' },
	{ name: 'runner-killed-before', act: 'runner', point: 'before' },
	{ name: 'runner-killed-after', act: 'runner', point: 'after' },
	{ name: 'store-killed', act: 'store' },
	{ name: 'redis-killed-and-flushed', act: 'queue' },
	{ name: 'both-carriers-race', act: 'race' },
];

/** Rows of the matrix. */
export const ROWS: Record<Kind, string> = {
	x: 'x',
	'linkedin member': 'linkedin',
	'linkedin page': 'linkedin-page',
	instagram: 'instagram',
	bluesky: 'bluesky',
};

export interface PlannedTrial {
	index: number;
	kind: Kind;
	fault: Fault;
}

export interface PlanOptions {
	trials: number;
	seed: number;
	index: number;
	platform: string | null;
	fault: string | null;
	/** Kinds that cannot be had here. */
	without: readonly Kind[];
	withoutActs: readonly Act[];
}

/**
 * Trials `index` to `index + trials`: each made from seed and index alone. So many in a row as there
 * are faults name each fault once, five such rows name each on every platform.
 */
export function plan(options: PlanOptions): PlannedTrial[] {
	const faults = FAULTS.filter(
		({ name, act }) =>
			(options.fault === null || name === options.fault) && !options.withoutActs.includes(act),
	);
	const kinds = KINDS.filter(
		(kind) =>
			(options.platform === null || ROWS[kind] === options.platform) &&
			!options.without.includes(kind),
	);
	if (faults.length === 0 || kinds.length === 0) return [];
	return Array.from({ length: options.trials }, (_, offset) => {
		const index = options.index + offset;
		const fault = faults[index % faults.length];
		const turn = (index % faults.length) + Math.floor(index / faults.length) + options.seed;
		const order = kinds.map((_, step) => kinds[(turn + step) % kinds.length]);
		return { index, fault, kind: order.find((kind) => fault.notOn?.includes(kind) !== true) };
	}).filter((trial): trial is PlannedTrial => trial.kind !== undefined);
}
