import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { Plus } from 'lucide-react';
import type { ReactNode } from 'react';
import { Link } from 'react-router';
import type { PostState } from '../../../../../core/store/contract';
import type { PostsAnswer } from '../../../../shared/posts';
import { call } from '../../api/client';
import { useMayChange } from '../../api/queries';
import { postStrings as words } from '../../strings/posts';
import { Button } from '../../ui/button';
import { LoadMore } from '../../ui/load-more';
import { QueryState } from '../../ui/query-state';
import { Empty, PageHead } from '../../ui/surface';
import { FilterBar, StateChips } from './filter-bar';
import { PostRow } from './post-row';
import { type Filters, isUnfiltered, queryOf, useFilters } from './use-filters';

/** Short enough to see what is happening, long enough to be no load. */
const REFRESH_MS = 5_000;
/** Somebody who has gone far back reads; the pages do not change under their eyes. */
const PAGES_KEPT_FRESH = 2;

/** An owner's posts: found by state, platform, account, time and words. */
export function Posts() {
	const mayChange = useMayChange();
	const [filters, linkTo, go] = useFilters();
	const query = queryOf(filters).toString();
	const posts = useInfiniteQuery({
		queryKey: ['posts', query],
		initialPageParam: '',
		queryFn: ({ pageParam }) => {
			const asked = new URLSearchParams(query);
			if (pageParam) asked.set('cursor', pageParam);
			return call<PostsAnswer>('GET', `/api/posts?${asked}`);
		},
		getNextPageParam: (page) => page.nextCursor,
		placeholderData: keepPreviousData,
		refetchInterval: ({ state }) =>
			(state.data?.pages.length ?? 0) > PAGES_KEPT_FRESH ? false : REFRESH_MS,
	});
	const pages = posts.data?.pages ?? [];
	const [first] = pages;
	const last = pages.at(-1);
	const all = pages.flatMap((page) => page.posts);
	const create = mayChange && (
		<Button asChild>
			<Link to="/posts/new">
				<Plus aria-hidden />
				{words.create}
			</Link>
		</Button>
	);
	return (
		<>
			<PageHead title={words.title} lead={words.lead} action={create} />
			<QueryState query={posts} />
			{first && (
				<div className="grid grid-cols-[minmax(0,1fr)] gap-5">
					<FilterBar filters={filters} linkTo={linkTo} go={go} />
					<StateChips filters={filters} linkTo={linkTo} counts={first.counts} most={first.most} />
					{all.length === 0 && !posts.hasNextPage ? (
						<NothingFits filters={filters} showAll={() => go(linkTo(EVERYTHING))} action={create} />
					) : (
						<ol
							className="grid grid-cols-[minmax(0,1fr)] gap-3"
							aria-busy={posts.isPlaceholderData || undefined}
						>
							{all.map((post) => (
								<PostRow key={post.id} post={post} />
							))}
						</ol>
					)}
					{posts.hasNextPage && (
						<div className="grid justify-items-center gap-2">
							{last?.partial && (
								<p className="text-sm text-muted-foreground" role="status">
									{words.partial}
								</p>
							)}
							<LoadMore list={posts}>{last?.partial ? words.lookFurther : words.loadMore}</LoadMore>
						</div>
					)}
				</div>
			)}
		</>
	);
}

const EVERYTHING: Partial<Filters> = {
	states: [],
	platforms: [],
	account: null,
	search: '',
	by: 'created',
	from: null,
	until: null,
};

function NothingFits({
	filters,
	showAll,
	action,
}: {
	filters: Filters;
	showAll: () => void;
	action: ReactNode;
}) {
	const mayChange = useMayChange();
	if (isUnfiltered(filters) && filters.by === 'created') {
		return (
			<Empty title={words.empty} action={action}>
				{mayChange ? words.emptyHelp : words.emptyViewer}
			</Empty>
		);
	}
	const [state, another] = filters.states;
	const onlyState = isUnfiltered({ ...filters, states: [] }) && another === undefined;
	return (
		<Empty
			title={
				onlyState && state ? words.emptyState(words.states[state as PostState]) : words.emptyFilter
			}
			action={
				<Button look="outline" onClick={showAll}>
					{words.showAll}
				</Button>
			}
		/>
	);
}
