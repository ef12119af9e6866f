import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { Plus, Send } from 'lucide-react';
import { useDeferredValue, useEffect, useState } from 'react';
import { Link, useNavigate, useSearchParams } from 'react-router';
import type { AccountsAnswer } from '../../../shared/api';
import { call } from '../api/client';
import { useMayChange } from '../api/queries';
import { strings } from '../strings';
import { accountStrings } from '../strings/accounts';
import { Button } from '../ui/button';
import { LoadMore } from '../ui/load-more';
import { QueryState } from '../ui/query-state';
import { Empty, PageHead } from '../ui/surface';
import { useToast } from '../ui/toast';
import { AccountCard, needsYou } from './account-card';
import { ClientLink } from './client-link';
import { takeComeBack } from './wizard/come-back';

const words = strings.accounts;
/** With fewer accounts nobody needs a search. */
const SEARCH_FROM = 9;

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
	const [search, setSearch] = useState('');
	const asked = useDeferredValue(search.trim());
	useConnectedNews();
	const accounts = useInfiniteQuery({
		queryKey: ['accounts', asked],
		initialPageParam: '',
		queryFn: ({ pageParam }) => {
			const query = new URLSearchParams();
			if (asked) query.set('search', asked);
			if (pageParam) query.set('cursor', pageParam);
			return call<AccountsAnswer>('GET', `/api/accounts?${query}`);
		},
		getNextPageParam: (page) => page.nextCursor,
		placeholderData: keepPreviousData,
		refetchInterval: 30_000,
	});
	const all = accounts.data?.pages.flatMap((page) => page.accounts) ?? [];
	const waiting = all.filter(needsYou).length;
	const searchable = search !== '' || accounts.hasNextPage || all.length >= SEARCH_FROM;
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
				action={all.length > 0 || search !== '' ? connect : undefined}
			/>
			<QueryState query={accounts} />
			{(searchable || waiting > 0) && (
				<div className="mb-4 flex flex-wrap items-center gap-x-4 gap-y-2">
					{searchable && (
						<input
							type="search"
							value={search}
							aria-label={accountStrings.search}
							placeholder={accountStrings.search}
							onChange={(event) => setSearch(event.target.value)}
							className="h-10 w-full rounded-md border border-input bg-card px-3 placeholder:text-muted-foreground sm:w-72"
						/>
					)}
					{waiting > 0 && (
						<p className="text-sm font-medium text-warning">{accountStrings.needYou(waiting)}</p>
					)}
				</div>
			)}
			{accounts.data && all.length === 0 && asked !== '' && (
				<Empty
					title={accountStrings.noMatch(asked)}
					action={
						<Button look="outline" onClick={() => setSearch('')}>
							{accountStrings.showAll}
						</Button>
					}
				/>
			)}
			{accounts.data && all.length === 0 && asked === '' && (
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
					<LoadMore list={accounts} />
				</div>
			)}
			{mayChange && <ClientLink open={linking} onOpenChange={setLinking} />}
		</>
	);
}
