import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { Search } from 'lucide-react';
import { useDeferredValue, useState } from 'react';
import { Link } from 'react-router';
import type { Platform } from '../../../../../core/store/contract';
import type { AccountRow, AccountsAnswer } from '../../../../shared/api';
import type { ComposeView } from '../../../../shared/compose';
import { call } from '../../api/client';
import { strings } from '../../strings';
import { composeStrings } from '../../strings/compose';
import { Button } from '../../ui/button';
import { cn } from '../../ui/class-names';
import { LoadMore } from '../../ui/load-more';
import { platformName } from '../../ui/platform-mark';
import { QueryState } from '../../ui/query-state';
import { Badge, Card, Empty } from '../../ui/surface';
import type { ChosenAccount } from './wish';

const words = composeStrings.accounts;
/** With fewer accounts nobody needs a search. */
const SEARCH_FROM = 9;

/** Why an account cannot be posted with; null when it can. */
export function unusable(
	account: Pick<AccountRow, 'status' | 'statusReason' | 'platform'>,
	off: ComposeView['off'] | undefined,
): string | null {
	const reason = off?.[account.platform]?.publish;
	if (reason) return `${reason}.`;
	if (account.status === 'disconnected') return words.disconnected;
	if (account.status === 'reconnect') return account.statusReason ?? words.reconnect;
	return null;
}

function chosenOf(account: AccountRow): ChosenAccount {
	const { id, platform, mode, handle, displayName, missingScopes, warnings } = account;
	return { id, platform, mode, handle, displayName, missingScopes, warnings };
}

/** Accounts by platform, to be ticked. */
export function AccountPicker({
	owner,
	chosen,
	onChange,
}: {
	owner: string;
	chosen: ChosenAccount[];
	onChange: (chosen: ChosenAccount[]) => void;
}) {
	const [search, setSearch] = useState('');
	const asked = useDeferredValue(search.trim());
	const view = useQuery({
		queryKey: ['compose', owner],
		queryFn: () => call<ComposeView>('GET', `/api/compose?${new URLSearchParams({ owner })}`),
	});
	const accounts = useInfiniteQuery({
		queryKey: ['accounts', 'choice', owner, asked],
		initialPageParam: '',
		queryFn: ({ pageParam }) => {
			const query = new URLSearchParams({ owner, limit: '100' });
			if (asked) query.set('search', asked);
			if (pageParam) query.set('cursor', pageParam);
			return call<AccountsAnswer>('GET', `/api/accounts?${query}`);
		},
		getNextPageParam: (page) => page.nextCursor,
		placeholderData: (before) => before,
	});
	if (!accounts.data) return <QueryState query={accounts} rows={1} />;
	const all = accounts.data.pages.flatMap((page) => page.accounts);
	if (all.length === 0 && asked === '') {
		return (
			<Empty
				title={words.none}
				action={
					<Button asChild>
						<Link to="/accounts/connect">{words.connect}</Link>
					</Button>
				}
			>
				{words.noneHelp}
			</Empty>
		);
	}
	const off = view.data?.off;
	const usable = all.filter((account) => unusable(account, off) === null);
	const isChosen = (id: string) => chosen.some((account) => account.id === id);
	const toggle = (account: AccountRow) =>
		onChange(
			isChosen(account.id)
				? chosen.filter(({ id }) => id !== account.id)
				: [...chosen, chosenOf(account)],
		);
	const platforms = [...new Set(all.map(({ platform }) => platform))].sort();
	const searchable = search !== '' || all.length >= SEARCH_FROM || accounts.hasNextPage;
	return (
		<Card>
			<fieldset className="grid gap-4">
				<legend className="sr-only">{words.legend}</legend>
				<div className="flex flex-wrap items-center gap-x-4 gap-y-2">
					<h2 className="text-base font-semibold">{words.legend}</h2>
					<span aria-live="polite" className="text-sm text-muted-foreground">
						{words.chosen(chosen.length)}
					</span>
					<span className="ml-auto flex gap-1">
						{usable.some(({ id }) => !isChosen(id)) && (
							<Button
								look="quiet"
								size="small"
								onClick={() =>
									onChange([...chosen, ...usable.filter(({ id }) => !isChosen(id)).map(chosenOf)])
								}
							>
								{words.all}
							</Button>
						)}
						{chosen.length > 0 && (
							<Button look="quiet" size="small" onClick={() => onChange([])}>
								{words.clear}
							</Button>
						)}
					</span>
				</div>
				{searchable && (
					<div className="relative">
						<Search
							className="pointer-events-none absolute top-3 left-3 size-4 text-muted-foreground"
							aria-hidden
						/>
						<input
							type="search"
							value={search}
							aria-label={words.search}
							placeholder={words.search}
							onChange={(event) => setSearch(event.target.value)}
							className="h-10 w-full rounded-md border border-input bg-card pr-3 pl-9 placeholder:text-muted-foreground"
						/>
					</div>
				)}
				{all.length === 0 && <p className="text-sm text-muted-foreground">{words.noMatch}</p>}
				{platforms.map((platform) => (
					<Group
						key={platform}
						platform={platform}
						accounts={all.filter((account) => account.platform === platform)}
						off={off}
						isChosen={isChosen}
						toggle={toggle}
					/>
				))}
				<LoadMore list={accounts} size="small" className="justify-self-start">
					{words.more}
				</LoadMore>
			</fieldset>
		</Card>
	);
}

function Group({
	platform,
	accounts,
	off,
	isChosen,
	toggle,
}: {
	platform: Platform;
	accounts: AccountRow[];
	off: ComposeView['off'] | undefined;
	isChosen: (id: string) => boolean;
	toggle: (account: AccountRow) => void;
}) {
	return (
		<div className="grid gap-2">
			<h3 className="text-sm font-medium text-muted-foreground">{platformName(platform)}</h3>
			<ul className="grid gap-2 sm:grid-cols-2">
				{accounts.map((account) => (
					<Choice
						key={account.id}
						account={account}
						reason={unusable(account, off)}
						checked={isChosen(account.id)}
						toggle={() => toggle(account)}
					/>
				))}
			</ul>
		</div>
	);
}

function Choice({
	account,
	reason,
	checked,
	toggle,
}: {
	account: AccountRow;
	reason: string | null;
	checked: boolean;
	toggle: () => void;
}) {
	const note = `why-${account.id}`;
	return (
		<li>
			<label
				className={cn(
					'flex h-full items-center gap-3 rounded-lg border p-3 transition-colors',
					reason === null ? 'cursor-pointer hover:bg-muted' : 'bg-muted',
					checked && 'border-primary bg-accent hover:bg-accent',
				)}
			>
				<input
					type="checkbox"
					checked={checked}
					disabled={reason !== null && !checked}
					onChange={toggle}
					aria-describedby={reason === null ? undefined : note}
					className="size-4 shrink-0 accent-primary"
				/>
				<span className="grid min-w-0 flex-1">
					<span className="flex items-center gap-2">
						<span className="min-w-0 flex-1 truncate text-sm font-medium">
							{account.displayName || `@${account.handle}`}
						</span>
						{account.mode === 'sandbox' && <Badge tone="accent">{strings.modes.sandbox}</Badge>}
					</span>
					<span className="truncate text-sm text-muted-foreground">@{account.handle}</span>
					{reason !== null && (
						<span id={note} className="text-sm text-warning">
							{reason}
						</span>
					)}
				</span>
			</label>
		</li>
	);
}
