/** One line of the table. `ratio` is value ÷ reference, unless its name says otherwise. */
export interface Metric {
	name: string;
	value: number;
	unit: string;
	/** What the value is compared with, in the same unit; null when it stands for itself. */
	reference: number | null;
	ratio: number | null;
	/** In words, such as `ratio >= 0.5`; null when there is none. */
	goal: string | null;
	/** Null without a goal, or where a run is too small to tell. */
	met: boolean | null;
}

/** How large a benchmark runs. */
export interface Scale {
	/** Small enough for a test: checks that everything works, says nothing about speed. */
	tiny: boolean;
	/** Kills of n8n in `takeover`. */
	runs: number;
	/** A sentence on how far it is; goes to stderr. */
	say(text: string): void;
}

export type Benchmark = (scale: Scale) => Promise<Metric[]>;

type Comparison = '>=' | '<=';

export interface Goal {
	of: 'value' | 'ratio';
	is: Comparison;
	bound: number;
}

/** A metric whose `ratio` and `met` are worked out; a tiny run meets and misses nothing. */
export function metric(
	name: string,
	value: number,
	unit: string,
	more: { reference?: number; goal?: Goal; tiny?: boolean } = {},
): Metric {
	const { reference, goal } = more;
	const ratio = reference === undefined ? null : value / reference;
	const judged = goal?.of === 'ratio' ? ratio : value;
	const judge = goal !== undefined && judged !== null && more.tiny !== true;
	return {
		name,
		value: rounded(value),
		unit,
		reference: reference === undefined ? null : rounded(reference),
		ratio: ratio === null ? null : rounded(ratio),
		goal: goal === undefined ? null : `${goal.of} ${goal.is} ${goal.bound}`,
		met: judge ? (goal.is === '>=' ? judged >= goal.bound : judged <= goal.bound) : null,
	};
}

function rounded(value: number): number {
	return Number(value.toPrecision(4));
}

/** The value below which a share (0 to 1) of them lies: nearest rank. */
export function percentile(values: number[], share: number): number {
	if (values.length === 0) throw new Error('A percentile of nothing was asked for');
	const sorted = [...values].sort((a, b) => a - b);
	return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
}

/** The metrics as a table for people. */
export function table(metrics: Metric[]): string {
	const rows = metrics.map(({ name, value, unit, reference, ratio, goal, met }) => [
		name,
		`${value} ${unit}`,
		reference === null ? '' : `${reference} ${unit}`,
		ratio === null ? '' : String(ratio),
		goal ?? '',
		met === null ? '' : met ? 'met' : 'NOT MET',
	]);
	const head = ['metric', 'value', 'reference', 'ratio', 'goal', ''];
	const widths = head.map((_, at) => Math.max(...[head, ...rows].map((row) => row[at].length)));
	const line = (row: string[]) =>
		row
			.map((cell, at) => cell.padEnd(widths[at]))
			.join('  ')
			.trimEnd();
	return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n');
}
