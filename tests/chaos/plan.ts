import { createHash } from 'node:crypto';
import type { CarrierKind } from '../../core/store/contract';
import { OptionRefused } from './options';

/** Rows of the matrix; LinkedIn answers differently about members and about pages. */
export const ROWS = ['x', 'linkedin', 'linkedin-page', 'instagram', 'bluesky'] as const;
export type Row = (typeof ROWS)[number];

/** Columns of the matrix. */
export const FAULTS = [
	/** SIGKILL of the carrier at a point. */
	'kill',
	/** SIGSTOP at a point, SIGCONT long after the lease. */
	'freeze',
	/** SIGKILL or SIGSTOP of a second carrier in the middle of its look-up (or repeat). */
	'look-up-kill',
	'look-up-freeze',
	/** The platform does the work and the connection breaks. */
	'drop-after-commit',
	'drop-before-commit',
	'500-after-commit',
	/** The answer comes after the limit; the work is done before it or after it. */
	'timeout',
	'429',
	'truncated',
	/** The store does what it was asked and its answer is lost. */
	'store-answer-lost',
	/** The call never reaches the store, or a 503 answers it. */
	'store-call-lost',
	/** The store's Postgres is killed while carriers stand at a point each. */
	'store-restart',
	/** Redis below the real runner is killed and comes back empty, or is flushed. */
	'redis-kill',
	'redis-flush',
	/** n8n and runner try to claim the same post all the time. */
	'race',
	/** The clock of one carrier is two minutes off, from the start or from a point on. */
	'clock-skew',
	/** SIGSTOP in the middle of a TLS handshake. */
	'tls-stop',
	/** The same in n8n, whose client has no hook before the first byte: outside the fault model. */
	'tls-stop-n8n',
] as const;
export type Fault = (typeof FAULTS)[number];

/** One trial, made from seed and index alone. Fractions choose from lists that are known later. */
export interface TrialPlan {
	seed: number;
	index: number;
	row: Row;
	fault: Fault;
	kind: CarrierKind;
	/** With a picture; Instagram always has one. */
	image: boolean;
	/** 0–1: which point. */
	pointAt: number;
	/** 0–1: which step of the platform, when it is not the visible one. */
	stepAt: number;
	/** The fault hits the visible step. */
	onVisible: boolean;
	/** One of two ways in which this fault may come. */
	variant: boolean;
	/** How long a frozen carrier stands, fast ms: longer than the lease. */
	freezeMs: number;
	/** Clock error, fast ms. */
	skewMs: number;
	/** 0–1: when a Redis goes, within the trial. */
	moment: number;
}

/** mulberry32 */
export function seeded(seed: number): () => number {
	let state = seed >>> 0;
	return () => {
		state = (state + 0x6d2b79f5) >>> 0;
		let t = Math.imul(state ^ (state >>> 15), 1 | state);
		t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
		return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
	};
}

function seedOf(...parts: (string | number)[]): number {
	return createHash('sha256').update(parts.join('/')).digest().readUInt32LE(0);
}

export interface PlanFilter {
	platform: string | null;
	fault: string | null;
	/** What this machine cannot do. */
	without: { rows: readonly Row[]; faults: readonly Fault[] };
}

export interface Cell {
	row: Row;
	fault: Fault;
}

/**
 * All cells that are asked for, in an order of the seed.
 * @throws OptionRefused for names that do not exist
 */
export function cellsOf(seed: number, filter: PlanFilter): Cell[] {
	if (filter.platform !== null && !ROWS.some((row) => row === filter.platform)) {
		throw new OptionRefused(
			`There is no platform "${filter.platform}". Known: ${ROWS.join(', ')}.`,
		);
	}
	if (filter.fault !== null && !FAULTS.some((fault) => fault === filter.fault)) {
		throw new OptionRefused(`There is no fault "${filter.fault}". Known: ${FAULTS.join(', ')}.`);
	}
	const cells = FAULTS.flatMap((fault) => ROWS.map((row) => ({ row, fault }))).filter(
		({ row, fault }) =>
			(filter.platform === null || row === filter.platform) &&
			(filter.fault === null || fault === filter.fault) &&
			!filter.without.rows.includes(row) &&
			!filter.without.faults.includes(fault),
	);
	const random = seeded(seedOf(seed, 'cells'));
	return cells
		.map((cell) => ({ cell, rank: random() }))
		.sort((a, b) => a.rank - b.rank)
		.map(({ cell }) => cell);
}

/** The trial of this index: cells in turn, everything else by chance. */
export function planTrial(seed: number, index: number, { row, fault }: Cell): TrialPlan {
	const random = seeded(seedOf(seed, index));
	const kind: CarrierKind = random() < 0.5 ? 'n8n' : 'runner';
	const forced: Partial<Record<Fault, CarrierKind>> = {
		'tls-stop': 'runner',
		'tls-stop-n8n': 'n8n',
		'redis-kill': 'runner',
		'redis-flush': 'runner',
	};
	// Pictures go to an address of the platform's own choice, which a front in another's place is not.
	const image = random() < 0.4 && !fault.startsWith('tls-');
	return {
		seed,
		index,
		row,
		fault,
		kind: forced[fault] ?? kind,
		image: row === 'instagram' || image,
		pointAt: random(),
		stepAt: random(),
		onVisible: random() < 0.65,
		variant: random() < 0.5,
		freezeMs: 90_000 + Math.floor(random() * 110_000),
		skewMs: random() < 0.5 ? -120_000 : 120_000,
		moment: random(),
	};
}

/** Trials of a run in their order. */
export function planRun(
	options: { seed: number; index: number; trials: number },
	filter: PlanFilter,
): TrialPlan[] {
	const cells = cellsOf(options.seed, filter);
	if (cells.length === 0) return [];
	return Array.from({ length: options.trials }, (_, nth) => {
		const index = options.index + nth;
		return planTrial(options.seed, index, cells[index % cells.length]);
	});
}

/** The command that runs this trial alone. */
export function replayOf(
	plan: TrialPlan,
	run: { factor: number; duplicateRules: boolean },
): string {
	return [
		`npm run chaos -- --seed ${plan.seed} --trials 1 --index ${plan.index}`,
		`--platform ${plan.row} --fault ${plan.fault}`,
		run.factor === 1 ? '--times default' : `--factor ${run.factor}`,
		...(run.duplicateRules ? [] : ['--no-duplicate-rules']),
	].join(' ');
}
