import { useInfiniteQuery } from '@tanstack/react-query';
import { Plus, Send } from 'lucide-react';
import { useEffect, useState } from 'react';
import { Link, useNavigate, useSearchParams } from 'react-router';
import type { AccountsAnswer } from '../../../shared/api';
import { call } from '../api/client';
import { useMayChange } from '../api/queries';
import { strings } from '../strings';
import { Button } from '../ui/button';
import { LoadFailed } from '../ui/notice';
import { Empty, ListLoading, PageHead } from '../ui/surface';
import { useToast } from '../ui/toast';
import { AccountCard } from './account-card';
import { ClientLink } from './client-link';
import { takeComeBack } from './wizard/come-back';

const words = strings.accounts;

/** Says once that a consent has connected accounts, and takes it out of the address. */
function useConnectedNews(): void {
	const say = useToast();
	const navigate = useNavigate();
	const [search, setSearch] = useSearchParams();
	const connected = search.get('connected');
	useEffect(() => {
		if (connected === null) return;
		say(words.connectedSome(connected.split(',').length));
		if (takeComeBack()) void navigate('/welcome', { replace: true });
		else setSearch({}, { replace: true });
	}, [connected, say, setSearch, navigate]);
}

/** Accounts with their state, what is wrong with them, and what can be done about it. */
export function Accounts() {
	const mayChange = useMayChange();
	const [linking, setLinking] = useState(false);
	useConnectedNews();
	const accounts = useInfiniteQuery({
		queryKey: ['accounts'],
		initialPageParam: '',
		queryFn: ({ pageParam }) =>
			call<AccountsAnswer>(
				'GET',
				`/api/accounts${pageParam ? `?${new URLSearchParams({ cursor: pageParam })}` : ''}`,
			),
		getNextPageParam: (page) => page.nextCursor,
		refetchInterval: 30_000,
	});
	const all = accounts.data?.pages.flatMap((page) => page.accounts) ?? [];
	const connect = mayChange && (
		<div className="flex flex-wrap gap-2">
			<Button look="outline" onClick={() => setLinking(true)}>
				<Send aria-hidden />
				{strings.clientLink.open}
			</Button>
			<Button asChild>
				<Link to="/accounts/connect">
					<Plus aria-hidden />
					{words.connect}
				</Link>
			</Button>
		</div>
	);
	return (
		<>
			<PageHead
				title={words.title}
				lead={words.lead}
				action={all.length > 0 ? connect : undefined}
			/>
			{accounts.isPending && <ListLoading />}
			{accounts.isError && !accounts.data && (
				<LoadFailed error={accounts.error} again={() => void accounts.refetch()} />
			)}
			{accounts.data && all.length === 0 && (
				<Empty title={words.empty} action={connect}>
					{mayChange ? words.emptyHelp : words.emptyViewer}
				</Empty>
			)}
			<ul className="grid gap-3">
				{all.map((account) => (
					<AccountCard key={account.id} account={account} />
				))}
			</ul>
			{accounts.hasNextPage && (
				<div className="mt-5 flex justify-center">
					<Button
						look="outline"
						busy={accounts.isFetchingNextPage}
						onClick={() => void accounts.fetchNextPage()}
					>
						{strings.common.loadMore}
					</Button>
				</div>
			)}
			{mayChange && <ClientLink open={linking} onOpenChange={setLinking} />}
		</>
	);
}
