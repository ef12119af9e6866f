import { useQuery } from '@tanstack/react-query';
import { Plus } from 'lucide-react';
import { Link, useSearchParams } from 'react-router';
import type { OverviewAnswer } from '../../../../shared/overview';
import { call } from '../../api/client';
import { useMayChange } from '../../api/queries';
import { overviewWords as words } from '../../strings/overview';
import { Button } from '../../ui/button';
import { QueryState } from '../../ui/query-state';
import { PageHead } from '../../ui/surface';
import { ModuleStatus } from '../features/module-status';
import { AccountsStatus, CarriersStatus, PlatformsStatus } from './status';
import { NeedsPerson } from './needs-person';
import { Lately, NextUp } from './post-lines';
import { Week } from './week';

const REFRESH_MS = 10_000;
const AGAIN_MS = 3_000;

/** What one sees first. */
export function Overview() {
	const [search] = useSearchParams();
	const owner = search.get('owner');
	const query = owner ? `?${new URLSearchParams({ owner })}` : '';
	const overview = useQuery({
		queryKey: ['overview', query],
		queryFn: () => call<OverviewAnswer>('GET', `/api/overview${query}`),
		refetchInterval: ({ state }) => (state.status === 'error' ? AGAIN_MS : REFRESH_MS),
	});
	const mayChange = useMayChange();
	return (
		<>
			<PageHead
				title={words.title}
				lead={words.lead}
				action={
					mayChange && (
						<Button asChild>
							<Link to="/posts/new">
								<Plus aria-hidden />
								{words.newPost}
							</Link>
						</Button>
					)
				}
			/>
			<QueryState query={overview} rows={4} />
			{overview.data && (
				<div className="grid gap-5">
					<NeedsPerson answer={overview.data} mayChange={mayChange} />
					<Week answer={overview.data} />
					<div className="grid items-start gap-5 lg:grid-cols-2">
						<div className="grid gap-5">
							<NextUp posts={overview.data.next} />
							<Lately posts={overview.data.lately} />
						</div>
						<div className="grid gap-5">
							<ModuleStatus />
							<CarriersStatus answer={overview.data} />
							<PlatformsStatus answer={overview.data} />
							<AccountsStatus answer={overview.data} />
						</div>
					</div>
				</div>
			)}
		</>
	);
}
