import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Download } from 'lucide-react';
import type { KpisAnswer } from '../../../../shared/kpis';
import { call } from '../../api/client';
import { useSession } from '../../api/queries';
import { kpiWords as words } from '../../strings/kpis';
import { Button } from '../../ui/button';
import { cn } from '../../ui/class-names';
import { Notice } from '../../ui/notice';
import { QueryState } from '../../ui/query-state';
import { Empty, PageHead } from '../../ui/surface';
import { Time } from '../../ui/time';
import { Breakdowns, OverTime } from './figures';
import { FilterBar } from './filter-bar';
import { useKpiFilters, written } from './filters';
import { Totals } from './totals';

const REFRESH_MS = 30_000;
const AGAIN_MS = 3_000;

/** How much goes out, how well and how punctually. */
export function Kpis() {
	const [filters, change] = useKpiFilters();
	const admin = useSession().user?.role === 'admin';
	const query = written(filters).toString();
	const kpis = useQuery({
		queryKey: ['kpis', query],
		queryFn: () => call<KpisAnswer>('GET', `/api/kpis?${query}`),
		placeholderData: keepPreviousData,
		refetchInterval: ({ state }) => (state.status === 'error' ? AGAIN_MS : REFRESH_MS),
	});
	return (
		<>
			<PageHead
				title={words.title}
				lead={words.lead}
				action={
					<Button look="outline" asChild>
						<a href={`/api/kpis.csv?${query}`} download>
							<Download aria-hidden />
							{words.export}
						</a>
					</Button>
				}
			/>
			<div className="grid grid-cols-[minmax(0,1fr)] gap-5">
				<FilterBar filters={filters} change={change} maySeeAll={admin} />
				<QueryState query={kpis} />
				{kpis.data && (
					<div
						aria-busy={kpis.isPlaceholderData || undefined}
						className={cn(
							'grid grid-cols-[minmax(0,1fr)] gap-5 transition-opacity',
							kpis.isPlaceholderData && 'opacity-60',
						)}
					>
						<Figures answer={kpis.data} />
					</div>
				)}
			</div>
		</>
	);
}

function Figures({ answer }: { answer: KpisAnswer }) {
	const { created, published, failed, missed, cancelled, needsReview } = answer.totals;
	const nothing = created + published + failed + missed + cancelled + needsReview === 0;
	return (
		<>
			{answer.scope === 'all' && (
				<Notice tone="info" title={answer.enoughOwners ? words.privacy : words.tooFew}>
					{answer.enoughOwners && answer.withheld ? words.withheld : null}
				</Notice>
			)}
			{nothing ? (
				<Empty title={words.empty}>{words.emptyHelp}</Empty>
			) : (
				<>
					<Totals answer={answer} />
					<OverTime answer={answer} />
					<Breakdowns answer={answer} />
				</>
			)}
			<p className="text-sm text-muted-foreground">
				{words.utc} {words.asOf} <Time iso={answer.asOf} />.
			</p>
		</>
	);
}
