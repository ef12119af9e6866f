import { useInfiniteQuery } from '@tanstack/react-query';
import { KeyRound, Plus } from 'lucide-react';
import { useState } from 'react';
import type { CarrierSign, KeyView } from '../../../../../core/store/contract';
import type { KeysAnswer } from '../../../../shared/settings';
import { call } from '../../api/client';
import { useSend } from '../../api/queries';
import { strings } from '../../strings';
import { settingsWords } from '../../strings/settings';
import { Button } from '../../ui/button';
import { Confirm } from '../../ui/dialog';
import { LoadMore } from '../../ui/load-more';
import { Notice } from '../../ui/notice';
import { OutsideLink } from '../../ui/outside-link';
import { QueryState } from '../../ui/query-state';
import { Badge, Card, Empty } from '../../ui/surface';
import { Ago } from '../../ui/time';
import { useToast } from '../../ui/toast';
import { MakeKey } from './make-key';

const words = settingsWords.keys;

/** Keys for n8n where the store keeps them, and else where they are made. */
export function Keys() {
	const [making, setMaking] = useState(false);
	const keys = useInfiniteQuery({
		queryKey: ['keys'],
		initialPageParam: '',
		queryFn: ({ pageParam }) =>
			call<KeysAnswer>(
				'GET',
				`/api/keys${pageParam ? `?${new URLSearchParams({ cursor: pageParam })}` : ''}`,
			),
		getNextPageParam: (page) => page.nextCursor,
		refetchInterval: 30_000,
	});
	const [first] = keys.data?.pages ?? [];
	const all = keys.data?.pages.flatMap((page) => page.keys) ?? [];
	const make = (
		<Button onClick={() => setMaking(true)}>
			<Plus aria-hidden />
			{words.make}
		</Button>
	);
	return (
		<div className="grid gap-6">
			<div className="flex flex-wrap items-center justify-between gap-3">
				<p className="text-muted-foreground">{words.help}</p>
				{all.length > 0 && first?.embedded && make}
			</div>
			<QueryState query={keys} />
			{first && !first.embedded && first.dashboardUrl && (
				<Notice tone="info" title={words.supabase}>
					<p>{words.supabaseHelp}</p>
					<p className="mt-2">
						<OutsideLink href={first.dashboardUrl}>{words.dashboard}</OutsideLink>
					</p>
				</Notice>
			)}
			{first?.embedded && all.length === 0 && (
				<Empty title={words.empty} action={make}>
					{words.emptyHelp}
				</Empty>
			)}
			{all.length > 0 && (
				<Card className="p-0 sm:p-0">
					<ul className="divide-y">
						{all.map((key) => (
							<Key key={key.id} item={key} />
						))}
					</ul>
				</Card>
			)}
			<LoadMore list={keys} className="justify-self-center" />
			{first && <Carriers carriers={first.carriers} />}
			<MakeKey open={making} onOpenChange={setMaking} />
		</div>
	);
}

function Key({ item }: { item: KeyView }) {
	const say = useToast();
	const [asking, setAsking] = useState(false);
	const revoke = useSend(() => call<KeyView>('DELETE', `/api/keys/${item.id}`), {
		changes: ['keys'],
		done: ({ name }) => say(words.revokedNow(name)),
	});
	return (
		<li className="flex flex-wrap items-center gap-x-4 gap-y-2 p-4">
			<KeyRound className="size-5 shrink-0 text-muted-foreground" aria-hidden />
			<div className="min-w-0 flex-1 basis-52">
				<p className="truncate font-medium">{item.name}</p>
				<p className="text-sm text-muted-foreground">
					{words.ends(item.hint)} · {words.madeBy} {item.madeBy ?? '–'},{' '}
					<Ago iso={item.createdAt} /> · {words.lastUsed}:{' '}
					{item.lastUsedAt ? <Ago iso={item.lastUsedAt} /> : strings.common.never}
				</p>
			</div>
			{item.revokedAt ? (
				<Badge tone="danger">{words.revoked}</Badge>
			) : (
				<>
					<Badge tone="success">{words.works}</Badge>
					<Button
						look="outline"
						size="small"
						aria-label={words.actions(item.name)}
						onClick={() => setAsking(true)}
					>
						{words.revoke}
					</Button>
				</>
			)}
			<Confirm
				open={asking}
				onOpenChange={setAsking}
				title={words.revokeTitle(item.name)}
				description={words.revokeHelp}
				action={words.revoke}
				onConfirm={() => revoke.mutateAsync(undefined)}
			/>
		</li>
	);
}

function Carriers({ carriers }: { carriers: CarrierSign[] }) {
	return (
		<section className="grid gap-3">
			<h3 className="font-semibold">{words.carriers}</h3>
			{carriers.length === 0 && (
				<p className="text-sm text-muted-foreground">{words.carriersEmpty}</p>
			)}
			{carriers.length > 0 && (
				<Card className="p-0 sm:p-0">
					<ul className="divide-y">
						{carriers.map(({ carrier, version, lastAt, fresh }) => (
							<li key={carrier} className="flex flex-wrap items-center gap-x-4 gap-y-1 p-4">
								<div className="min-w-0 flex-1">
									<p className="truncate font-medium">{carrier}</p>
									<p className="text-sm text-muted-foreground">
										{words.version(version)} · {words.lastSign}: <Ago iso={lastAt} />
									</p>
								</div>
								<Badge tone={fresh ? 'success' : 'warning'}>
									{fresh ? words.fresh : words.silent}
								</Badge>
							</li>
						))}
					</ul>
				</Card>
			)}
		</section>
	);
}
