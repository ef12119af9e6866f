import type { ChaosCell } from '../report';
import { timesLive, type ClassicPost } from './posts';

/** What the user did about a run that failed or was cut off. */
export type Recovery = 'nothing' | 'retried from the executions list';

/** One line of the comparison; rates are per 100 posts. */
export interface ComparisonRow {
	fault: string;
	column: string;
	recovery: Recovery;
	posts: number;
	/** Live more than once. */
	duplicatesPer100: number;
	/** Not live at all. */
	lossesPer100: number;
	/** Live, and n8n says that the run failed or was cut off: by our own count a loss as well. */
	liveButFailedPer100: number;
	duplicated: number;
	lost: number;
	liveButFailed: number;
}

const per100 = (count: number, of: number): number => Math.round((count / of) * 1000) / 10;

/** The posts as they stand now, by fault and column. */
export function rowsOf(posts: ClassicPost[], recovery: Recovery): ComparisonRow[] {
	const groups = new Map<string, ClassicPost[]>();
	for (const post of posts) {
		const key = `${post.fault.name}\n${post.column.name}`;
		groups.set(key, [...(groups.get(key) ?? []), post]);
	}
	return [...groups.values()].map((group) => {
		const live = group.map((post) => ({ times: timesLive(post), end: post.end }));
		const duplicated = live.filter(({ times }) => times > 1).length;
		const lost = live.filter(({ times }) => times === 0).length;
		const liveButFailed = live.filter(({ times, end }) => times > 0 && end !== 'success').length;
		return {
			fault: group[0].fault.name,
			column: group[0].column.name,
			recovery,
			posts: group.length,
			duplicatesPer100: per100(duplicated, group.length),
			lossesPer100: per100(lost, group.length),
			liveButFailedPer100: per100(liveButFailed, group.length),
			duplicated,
			lost,
			liveButFailed,
		};
	});
}

/** The table for people and for the docs page, in Markdown: per 100, "duplicates / losses". */
export function markdown(rows: ComparisonRow[]): string {
	const columns = [...new Set(rows.map(({ column }) => column))];
	const lines = [
		['Fault', 'Afterwards', ...columns],
		['---', '---', ...columns.map(() => '---')],
	];
	for (const fault of [...new Set(rows.map((row) => row.fault))]) {
		for (const recovery of [...new Set(rows.map((row) => row.recovery))]) {
			const cells = columns.map((column) => {
				const row = rows.find(
					(one) => one.fault === fault && one.recovery === recovery && one.column === column,
				);
				if (row === undefined) return '';
				const failed = row.liveButFailed > 0 ? ` (${row.liveButFailedPer100} live but failed)` : '';
				return `${row.duplicatesPer100} / ${row.lossesPer100}${failed}`;
			});
			lines.push([fault, recovery, ...cells]);
		}
	}
	return lines.map((line) => `| ${line.join(' | ')} |`).join('\n');
}

/** The same rows as cells of the matrix: measured on somebody else's node, so outside our promise. */
export function cellsOf(rows: ComparisonRow[]): ChaosCell[] {
	return rows.map((row) => ({
		platform: `HTTP Request: ${row.column}`,
		fault: `${row.fault}, ${row.recovery}`,
		trials: row.posts,
		publishedOnce: row.posts - row.duplicated - row.lost,
		duplicated: row.duplicated,
		lost: row.lost,
		needsReview: 0,
		needsReviewAllowed: 0,
		resolvedByLookup: 0,
		outside: true,
	}));
}
