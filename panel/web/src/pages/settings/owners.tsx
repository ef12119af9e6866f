import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { Plus } from 'lucide-react';
import { useDeferredValue, useState } from 'react';
import type { OwnerView, Tier } from '../../../../../core/store/contract';
import type { OwnersAnswer } from '../../../../shared/settings';
import { call } from '../../api/client';
import { tierNames } from '../../strings/features';
import { settingsWords } from '../../strings/settings';
import { Button } from '../../ui/button';
import { Field } from '../../ui/field';
import { LoadMore } from '../../ui/load-more';
import { QueryState } from '../../ui/query-state';
import { Badge, Card, Empty } from '../../ui/surface';
import { OwnerDialog } from './owner-dialog';

const words = settingsWords.owners;

/** Owners with their tier and time zone, in pages. */
export function Owners() {
	const [text, setText] = useState('');
	const search = useDeferredValue(text.trim());
	const [editing, setEditing] = useState<OwnerView | 'new' | null>(null);
	const owners = useInfiniteQuery({
		queryKey: ['owners', search],
		initialPageParam: '',
		queryFn: ({ pageParam }) => {
			const query = new URLSearchParams({
				...(search ? { search } : {}),
				...(pageParam ? { cursor: pageParam } : {}),
			});
			return call<OwnersAnswer>('GET', `/api/owners?${query}`);
		},
		getNextPageParam: (page) => page.nextCursor,
		placeholderData: keepPreviousData,
	});
	const all = owners.data?.pages.flatMap((page) => page.owners) ?? [];
	return (
		<div className="grid gap-5">
			<p className="text-muted-foreground">{words.help}</p>
			<div className="flex flex-wrap items-end gap-3">
				<Field
					className="min-w-0 flex-1 basis-60"
					label={words.search}
					type="search"
					autoComplete="off"
					value={text}
					onChange={(event) => setText(event.target.value)}
				/>
				<Button className="h-11" onClick={() => setEditing('new')}>
					<Plus aria-hidden />
					{words.add}
				</Button>
			</div>
			<QueryState query={owners} />
			{owners.data && all.length === 0 && <Empty title={words.none}>{words.noneHelp}</Empty>}
			{all.length > 0 && (
				<Card className="p-0 sm:p-0">
					<ul className="divide-y">
						{all.map((owner) => (
							<Row key={owner.id} owner={owner} change={() => setEditing(owner)} />
						))}
					</ul>
				</Card>
			)}
			<LoadMore list={owners} className="justify-self-center" />
			<OwnerDialog editing={editing} close={() => setEditing(null)} />
		</div>
	);
}

function Row({ owner, change }: { owner: OwnerView; change: () => void }) {
	return (
		<li className="flex flex-wrap items-center gap-x-4 gap-y-2 p-4">
			<div className="min-w-0 flex-1">
				<p className="truncate font-medium">{owner.id}</p>
				<p className="text-sm text-muted-foreground">
					{[
						words.accounts(owner.accounts),
						words.scheduled(owner.scheduled),
						owner.timeZone ?? words.zonePanel,
					].join(' · ')}
				</p>
			</div>
			<Badge tone={owner.tier === 'power' ? 'accent' : 'neutral'}>
				{tierNames[owner.tier satisfies Tier]}
			</Badge>
			<Button look="outline" size="small" aria-label={words.changeLabel(owner.id)} onClick={change}>
				{words.change}
			</Button>
		</li>
	);
}
