/** What happened to the posts of one platform under one fault. */
export interface ChaosCell {
	/** Row of the matrix: `x`, `linkedin`, `linkedin-page`, `instagram`, `bluesky`. */
	platform: string;
	/** Column of the matrix. */
	fault: string;
	trials: number;
	/** Exactly one live entry, and the store knows it. */
	publishedOnce: number;
	/** More than one live entry. */
	duplicated: number;
	/** Live but stored otherwise; or due, allowed and not published after quiescence. */
	lost: number;
	needsReview: number;
	/** Those of `needsReview` in trials whose fault takes the look-up (or the repeat) away. */
	needsReviewAllowed: number;
	/** Published, and known from a look-up or a refused repeat instead of an answer. */
	resolvedByLookup: number;
	/** True where the fault model is left: measured, never a reason to fail. */
	outside: boolean;
}

/** A trial that broke the promise. */
export interface ChaosFailure {
	platform: string;
	fault: string;
	/** One sentence: what was expected and what was seen. */
	what: string;
	/** Command that runs the same trial again. */
	replay: string;
}

/** One run; `--json` prints it as its last line. */
export interface ChaosReport {
	trials: number;
	publishedOnce: number;
	duplicated: number;
	lost: number;
	needsReview: number;
	resolvedByLookup: number;
	cells: ChaosCell[];
	failures: ChaosFailure[];
	seed: number;
	/** Length of the run. */
	seconds: number;
	/** Trials that could not be run to their end, for a reason of the harness; none is a result. */
	brokenOff: number;
	/** What else a scenario wants to be read, such as versions or shares. */
	notes: string[];
}

/** How one trial ended. */
export type TrialEnd = 'published_once' | 'duplicated' | 'lost' | 'needs_review';

/** Collects trials into cells; the sums leave out what lies outside the fault model. */
export class Tally {
	private readonly cells = new Map<string, ChaosCell>();
	private readonly failures: ChaosFailure[] = [];
	private brokenOff = 0;

	/** @param trial `allowed`: the fault takes the look-up away, so a person may have to decide */
	add(trial: {
		platform: string;
		fault: string;
		end: TrialEnd;
		resolvedByLookup: boolean;
		allowed?: boolean;
		outside?: boolean;
		what?: string;
		replay?: string;
	}): void {
		const outside = trial.outside ?? false;
		const cell = this.cell(trial.platform, trial.fault, outside);
		cell.trials += 1;
		if (trial.end === 'published_once') cell.publishedOnce += 1;
		if (trial.end === 'duplicated') cell.duplicated += 1;
		if (trial.end === 'lost') cell.lost += 1;
		if (trial.end === 'needs_review') {
			cell.needsReview += 1;
			if (trial.allowed === true) cell.needsReviewAllowed += 1;
		}
		if (trial.resolvedByLookup) cell.resolvedByLookup += 1;
		const reviewed = trial.end === 'needs_review' && trial.allowed !== true;
		if (!outside && (trial.end === 'duplicated' || trial.end === 'lost' || reviewed)) {
			this.failures.push({
				platform: trial.platform,
				fault: trial.fault,
				what: trial.what ?? trial.end,
				replay: trial.replay ?? '',
			});
		}
	}

	/** A trial without a result: a failure of the run, counted in no cell. */
	breakOff(failure: ChaosFailure): void {
		this.brokenOff += 1;
		this.failures.push(failure);
	}

	report(run: { seed: number; seconds: number; notes: string[] }): ChaosReport {
		const cells = [...this.cells.values()].sort(
			(a, b) => a.platform.localeCompare(b.platform) || a.fault.localeCompare(b.fault),
		);
		const inside = cells.filter((cell) => !cell.outside);
		const sum = (read: (cell: ChaosCell) => number): number =>
			inside.reduce((total, cell) => total + read(cell), 0);
		return {
			trials: cells.reduce((total, cell) => total + cell.trials, 0),
			publishedOnce: sum((cell) => cell.publishedOnce),
			duplicated: sum((cell) => cell.duplicated),
			lost: sum((cell) => cell.lost),
			needsReview: sum((cell) => cell.needsReview),
			resolvedByLookup: sum((cell) => cell.resolvedByLookup),
			cells,
			failures: this.failures,
			brokenOff: this.brokenOff,
			...run,
		};
	}

	private cell(platform: string, fault: string, outside: boolean): ChaosCell {
		const key = `${platform} ${fault}`;
		const known = this.cells.get(key);
		if (known !== undefined) return known;
		const made: ChaosCell = {
			platform,
			fault,
			trials: 0,
			publishedOnce: 0,
			duplicated: 0,
			lost: 0,
			needsReview: 0,
			needsReviewAllowed: 0,
			resolvedByLookup: 0,
			outside,
		};
		this.cells.set(key, made);
		return made;
	}
}

/** The matrix for people: one line for each cell, sums at the end. */
export function matrix(report: ChaosReport): string {
	const head = ['platform', 'fault', 'trials', 'once', 'dup', 'lost', 'review', 'looked up'];
	const rows = report.cells.map((cell) => [
		cell.platform,
		cell.outside ? `${cell.fault} (outside the model)` : cell.fault,
		...[cell.trials, cell.publishedOnce, cell.duplicated, cell.lost, cell.needsReview].map(String),
		String(cell.resolvedByLookup),
	]);
	const { publishedOnce, duplicated, lost, needsReview, resolvedByLookup } = report;
	const trials = report.cells
		.filter((cell) => !cell.outside)
		.reduce((total, cell) => total + cell.trials, 0);
	const sums = [trials, publishedOnce, duplicated, lost, needsReview, resolvedByLookup].map(String);
	const lines = [head, ...rows, ['all inside the model', '', ...sums]];
	const widths = head.map((_, column) => Math.max(...lines.map((line) => line[column].length)));
	return lines
		.map((line) =>
			line
				.map((text, column) =>
					column < 2 ? text.padEnd(widths[column]) : text.padStart(widths[column]),
				)
				.join('  ')
				.trimEnd(),
		)
		.join('\n');
}
