import type { KpiBucket, KpiGroup } from '../../../../../core/store/contract';
import { successRate } from '../../../../shared/kpis';
import { kpiWords as words } from '../../strings/kpis';
import { count, duration, percent } from '../../ui/duration';
import { stepName } from './steps';

export type Column =
	| 'created'
	| 'published'
	| 'failed'
	| 'missed'
	| 'cancelled'
	| 'needsReview'
	| 'success'
	| 'p50'
	| 'p95';

function cell(group: KpiGroup, column: Column): string {
	if (column === 'success') {
		const rate = successRate(group);
		return rate === null ? words.cards.nothing : percent(rate);
	}
	if (column === 'p50' || column === 'p95') {
		return group.lateness ? duration(group.lateness[column]) : words.cards.nothing;
	}
	return count(group[column]);
}

/** What a chart shows, in numbers. Rows are steps of time, or groups with a name. */
export function KpiTable({
	caption,
	groups,
	columns,
	bucket,
	name,
}: {
	caption: string;
	groups: KpiGroup[];
	columns: Column[];
	bucket?: KpiBucket;
	name?: (key: string) => string;
}) {
	const rowName = (key: string) => (bucket ? stepName(key, bucket) : (name?.(key) ?? key));
	return (
		<div
			className="max-h-80 overflow-auto"
			tabIndex={0}
			role="region"
			aria-label={`${caption}: ${words.charts.table}`}
		>
			<table className="w-full text-sm tabular-nums">
				<caption className="sr-only">{caption}</caption>
				<thead>
					<tr className="sticky top-0 bg-card text-left text-muted-foreground">
						<th scope="col" className="py-1.5 pr-3 font-medium">
							{bucket ? words.bucket[bucket] : words.charts.group}
						</th>
						{columns.map((column) => (
							<th key={column} scope="col" className="py-1.5 pl-3 text-right font-medium">
								{words.columns[column]}
							</th>
						))}
					</tr>
				</thead>
				<tbody className="divide-y">
					{groups.map((group) => (
						<tr key={group.key}>
							<th scope="row" className="py-1.5 pr-3 text-left font-normal whitespace-nowrap">
								{rowName(group.key)}
							</th>
							{columns.map((column) => (
								<td key={column} className="py-1.5 pl-3 text-right whitespace-nowrap">
									{cell(group, column)}
								</td>
							))}
						</tr>
					))}
				</tbody>
			</table>
		</div>
	);
}
