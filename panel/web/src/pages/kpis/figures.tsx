import { lazy, type ReactNode, Suspense, useState } from 'react';
import type { KpiGroup, Platform } from '../../../../../core/store/contract';
import type { KpisAnswer } from '../../../../shared/kpis';
import { kpiWords as words } from '../../strings/kpis';
import { Button } from '../../ui/button';
import { platformName } from '../../ui/platform-mark';
import { Card } from '../../ui/surface';
import { type Column, KpiTable } from './table';

const charts = () => import('./charts');
const PostsChart = lazy(async () => ({ default: (await charts()).PostsChart }));
const SuccessChart = lazy(async () => ({ default: (await charts()).SuccessChart }));
const LatenessChart = lazy(async () => ({ default: (await charts()).LatenessChart }));
const GroupsChart = lazy(async () => ({ default: (await charts()).GroupsChart }));

const COUNTS: Column[] = ['created', 'published', 'failed', 'missed', 'needsReview', 'cancelled'];

export function OverTime({ answer }: { answer: KpisAnswer }) {
	const table = (columns: Column[], caption: string) => (
		<KpiTable caption={caption} groups={answer.series} bucket={answer.bucket} columns={columns} />
	);
	const { posts, success, lateness } = words.charts;
	return (
		<>
			<Figure title={posts} table={table(COUNTS, posts)}>
				<PostsChart series={answer.series} bucket={answer.bucket} />
			</Figure>
			<div className="grid gap-5 lg:grid-cols-2">
				<Figure
					title={success}
					table={table(['success', 'published', 'failed', 'missed'], success)}
				>
					<SuccessChart series={answer.series} bucket={answer.bucket} />
				</Figure>
				<Figure title={lateness} table={table(['p50', 'p95', 'published'], lateness)}>
					<LatenessChart series={answer.series} bucket={answer.bucket} />
				</Figure>
			</div>
		</>
	);
}

const carrierName = (key: string) => words.carrier[key as 'n8n'] ?? key;
const tierName = (key: string) => words.tier[key as 'power'] ?? key;
const placeName = (key: string) =>
	key === 'other' ? words.platform.other : platformName(key as Platform);

/** A post that was only created has no carrier yet, and its group has nothing to show. */
const ended = (group: KpiGroup) =>
	group.published + group.failed + group.missed + group.cancelled + group.needsReview > 0;

export function Breakdowns({ answer }: { answer: KpisAnswer }) {
	const parts: [string, KpiGroup[], (key: string) => string][] = [
		[words.charts.platform, answer.platforms, placeName],
		[words.charts.carrier, answer.carriers.filter(ended), carrierName],
		[words.charts.tier, answer.tiers, tierName],
	];
	return (
		<div className="grid gap-5 lg:grid-cols-3">
			{parts.map(([title, groups, name]) => (
				<Figure
					key={title}
					title={title}
					low
					table={
						<KpiTable
							caption={title}
							groups={groups}
							name={name}
							columns={['published', 'failed', 'missed', 'success', 'p50', 'p95']}
						/>
					}
				>
					<GroupsChart groups={groups} name={name} />
				</Figure>
			))}
		</div>
	);
}

/** A chart and the same as a table: who cannot see the chart is read the table. */
function Figure({
	title,
	table,
	children,
	low = false,
}: {
	title: string;
	table: ReactNode;
	children: ReactNode;
	low?: boolean;
}) {
	const [asTable, setAsTable] = useState(false);
	const other = asTable ? words.charts.chart : words.charts.table;
	return (
		<Card>
			<section aria-label={title} className="grid min-w-0 gap-3">
				<div className="flex items-center justify-between gap-3">
					<h2 className="text-sm font-medium text-muted-foreground">{title}</h2>
					<Button
						look="quiet"
						size="small"
						aria-label={`${other}: ${title}`}
						onClick={() => setAsTable(!asTable)}
					>
						{other}
					</Button>
				</div>
				{asTable ? (
					table
				) : (
					<>
						<div aria-hidden className={low ? 'h-44' : 'h-64'}>
							<Suspense fallback={<p className="text-muted-foreground">{words.charts.loading}</p>}>
								{children}
							</Suspense>
						</div>
						<div className="sr-only">{table}</div>
					</>
				)}
			</section>
		</Card>
	);
}
