import { useQuery } from '@tanstack/react-query';
import { ListFilter, Search, X } from 'lucide-react';
import { useEffect, useId, useRef, useState } from 'react';
import { Link } from 'react-router';
import type { Platform, PostState } from '../../../../../core/store/contract';
import { LIST_ORDERS, POST_STATES } from '../../../../shared/posts';
import { strings } from '../../strings';
import { postStrings as words } from '../../strings/posts';
import { Button } from '../../ui/button';
import { cn } from '../../ui/class-names';
import { Field, SelectField } from '../../ui/field';
import { Card } from '../../ui/surface';
import { accountChoices } from './accounts-query';
import { type Filters, isUnfiltered, type Order } from './use-filters';

interface BarProps {
	filters: Filters;
	linkTo: (change: Partial<Filters>) => string;
	go: (to: string) => void;
}

/** After the last key; typing is not searched letter by letter. */
const PAUSE_MS = 300;

const PLATFORMS = Object.keys(strings.platforms) as Platform[];

const chipLook =
	'flex items-center gap-2 rounded-full border bg-card px-3 py-1.5 text-sm whitespace-nowrap transition-colors hover:bg-muted';
const chosenLook =
	'border-transparent bg-accent font-medium text-accent-foreground hover:bg-accent';

/** Search, the other filters behind one button, and those that are set, each with a way to drop it. */
export function FilterBar({ filters, linkTo, go }: BarProps) {
	const panel = useId();
	const [open, setOpen] = useState(false);
	const set = [
		filters.platforms.length > 0,
		filters.account,
		filters.from,
		filters.until,
		filters.by !== 'created',
	].filter(Boolean).length;
	return (
		<div className="grid gap-3">
			<div className="flex flex-wrap gap-2">
				<SearchField filters={filters} linkTo={linkTo} go={go} />
				<Button
					look="outline"
					className="h-11"
					aria-expanded={open}
					aria-controls={panel}
					onClick={() => setOpen(!open)}
				>
					<ListFilter aria-hidden />
					{set === 0 ? words.filters : words.filtersSet(set)}
				</Button>
			</div>
			<div id={panel} hidden={!open}>
				{open && <FilterPanel filters={filters} linkTo={linkTo} go={go} />}
			</div>
			{!isUnfiltered(filters) && <SetFilters filters={filters} linkTo={linkTo} />}
		</div>
	);
}

function SearchField({ filters, linkTo, go }: BarProps) {
	const [text, setText] = useState(filters.search);
	const sent = useRef(filters.search);
	useEffect(() => {
		// Another way to the page, such as "back", wins over what was typed.
		if (filters.search !== sent.current) setText(filters.search);
		sent.current = filters.search;
	}, [filters.search]);
	useEffect(() => {
		const wanted = text.trim();
		if (wanted === filters.search) return;
		const timer = setTimeout(() => {
			sent.current = wanted;
			go(linkTo({ search: wanted }));
		}, PAUSE_MS);
		return () => clearTimeout(timer);
	}, [text, filters.search, go, linkTo]);
	return (
		<search className="relative min-w-48 flex-1">
			<Search
				aria-hidden
				className="pointer-events-none absolute top-1/2 left-3 size-4 -translate-y-1/2 text-muted-foreground"
			/>
			<input
				type="search"
				value={text}
				maxLength={200}
				aria-label={words.search}
				placeholder={words.searchHelp}
				onChange={(event) => setText(event.target.value)}
				className="h-11 w-full rounded-md border border-input bg-card pr-3 pl-9 text-base placeholder:text-muted-foreground sm:text-[0.9375rem]"
			/>
		</search>
	);
}

function FilterPanel({ filters, linkTo, go }: BarProps) {
	const accounts = useQuery(accountChoices(filters.owner));
	const change = (next: Partial<Filters>) => go(linkTo(next));
	return (
		<Card className="grid gap-4">
			<fieldset>
				<legend className="mb-1.5 text-sm font-medium">{words.platforms}</legend>
				<div className="flex flex-wrap gap-2">
					{PLATFORMS.map((platform) => {
						const chosen = filters.platforms.includes(platform);
						return (
							<button
								key={platform}
								type="button"
								aria-pressed={chosen}
								className={cn(chipLook, chosen && chosenLook)}
								onClick={() =>
									change({
										platforms: chosen
											? filters.platforms.filter((one) => one !== platform)
											: [...filters.platforms, platform],
									})
								}
							>
								{strings.platforms[platform]}
							</button>
						);
					})}
				</div>
			</fieldset>
			<div className="grid gap-4 sm:grid-cols-2">
				<SelectField
					label={words.account}
					value={filters.account ?? ''}
					onChange={(event) => change({ account: event.target.value || null })}
				>
					<option value="">{words.anyAccount}</option>
					{(accounts.data ?? []).map(({ id, handle, platform }) => (
						<option key={id} value={id}>
							@{handle} ({strings.platforms[platform] ?? platform})
						</option>
					))}
				</SelectField>
				<SelectField
					label={words.order}
					value={filters.by}
					onChange={(event) => change({ by: event.target.value as Order })}
				>
					{LIST_ORDERS.map((order) => (
						<option key={order} value={order}>
							{words.orders[order]}
						</option>
					))}
				</SelectField>
				<Field
					label={words.from[filters.by]}
					type="date"
					value={filters.from ?? ''}
					max={filters.until ?? undefined}
					onChange={(event) => change({ from: event.target.value || null })}
				/>
				<Field
					label={words.until[filters.by]}
					type="date"
					value={filters.until ?? ''}
					min={filters.from ?? undefined}
					onChange={(event) => change({ until: event.target.value || null })}
				/>
			</div>
		</Card>
	);
}

const days = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeZone: 'UTC' });
const dayText = (day: string) => days.format(new Date(`${day}T00:00Z`));

function SetFilters({ filters, linkTo }: Omit<BarProps, 'go'>) {
	const { data } = useQuery({
		...accountChoices(filters.owner),
		enabled: filters.account !== null,
	});
	const handle = data?.find(({ id }) => id === filters.account)?.handle;
	const chips: { text: string; without: Partial<Filters> }[] = [
		...(filters.search ? [{ text: `“${filters.search}”`, without: { search: '' } }] : []),
		...filters.platforms.map((platform) => ({
			text: strings.platforms[platform as Platform] ?? platform,
			without: { platforms: filters.platforms.filter((one) => one !== platform) },
		})),
		...(filters.account
			? [{ text: handle ? `@${handle}` : words.account, without: { account: null } }]
			: []),
		...(filters.from
			? [{ text: `${words.from[filters.by]} ${dayText(filters.from)}`, without: { from: null } }]
			: []),
		...(filters.until
			? [{ text: `${words.until[filters.by]} ${dayText(filters.until)}`, without: { until: null } }]
			: []),
	];
	if (chips.length === 0) return null;
	return (
		<ul className="flex flex-wrap items-center gap-2">
			{chips.map(({ text, without }) => (
				<li key={text}>
					<Link
						to={linkTo(without)}
						replace
						aria-label={words.remove(text)}
						className="flex items-center gap-1.5 rounded-full bg-muted py-1 pr-2 pl-3 text-sm hover:bg-accent"
					>
						{text}
						<X className="size-3.5" aria-hidden />
					</Link>
				</li>
			))}
			<li>
				<Link
					to={linkTo({
						search: '',
						platforms: [],
						account: null,
						from: null,
						until: null,
						states: [],
					})}
					replace
					className="px-1 text-sm font-medium text-accent-foreground underline underline-offset-4 hover:no-underline"
				>
					{words.clear}
				</Link>
			</li>
		</ul>
	);
}

/** One chip for each state that has posts; several may be chosen. */
export function StateChips({
	filters,
	linkTo,
	counts,
	most,
}: Pick<BarProps, 'filters' | 'linkTo'> & {
	counts: Record<PostState, number>;
	most: number;
}) {
	const shown = POST_STATES.filter(
		(state) => filters.states.includes(state) || (counts[state] ?? 0) > 0,
	);
	if (shown.length === 0) return null;
	const all = POST_STATES.reduce((sum, state) => sum + (counts[state] ?? 0), 0);
	const more = POST_STATES.some((state) => counts[state] >= most);
	const chip = (label: string, count: string, chosen: boolean, states: string[]) => (
		<li key={label}>
			<Link
				to={linkTo({ states })}
				replace
				aria-current={chosen ? 'true' : undefined}
				className={cn(chipLook, chosen && chosenLook)}
			>
				{label}
				<span className="text-muted-foreground tabular-nums">{count}</span>
			</Link>
		</li>
	);
	return (
		<nav aria-label={words.byState}>
			<ul className="-mx-4 flex gap-2 overflow-x-auto px-4 pb-1 sm:mx-0 sm:flex-wrap sm:px-0">
				{chip(
					words.all,
					more ? words.countOr(most, most) : String(all),
					filters.states.length === 0,
					[],
				)}
				{shown.map((state) => {
					const chosen = filters.states.includes(state);
					return chip(
						words.states[state],
						words.countOr(counts[state] ?? 0, most),
						chosen,
						chosen ? filters.states.filter((one) => one !== state) : [...filters.states, state],
					);
				})}
			</ul>
		</nav>
	);
}
