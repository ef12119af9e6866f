import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Link, useSearchParams } from 'react-router';
import type { PostState, PostView } from '../../../../core/store/contract';
import type { PostsAnswer } from '../../../shared/api';
import { call } from '../api/client';
import { strings } from '../strings';
import { Button } from '../ui/button';
import { cn } from '../ui/class-names';
import { LoadFailed } from '../ui/notice';
import { OutsideLink } from '../ui/outside-link';
import { PlatformMark, platformName } from '../ui/platform-mark';
import { Badge, Card, Empty, ListLoading, PageHead, type Tone } from '../ui/surface';
import { Ago, Time } from '../ui/time';

const words = strings.posts;

const STATES: PostState[] = [
	'needs_review',
	'scheduled',
	'publishing',
	'published',
	'failed',
	'missed',
	'draft',
	'cancelled',
];

const TONES: Record<PostState, Tone> = {
	needs_review: 'warning',
	scheduled: 'info',
	publishing: 'info',
	published: 'success',
	failed: 'danger',
	missed: 'danger',
	draft: 'neutral',
	cancelled: 'neutral',
};

/** Short enough to see what is happening, long enough to be no load. */
const REFRESH_MS = 5_000;
const TEXT_SHOWN = 280;

/** The store's posts, newest first, by state. */
export function Posts() {
	const [search, setSearch] = useSearchParams();
	const state = STATES.find((name) => name === search.get('state')) ?? null;
	const cursor = search.get('cursor');
	const owner = search.get('owner');
	const query = new URLSearchParams();
	if (owner) query.set('owner', owner);
	if (state) query.set('state', state);
	if (cursor) query.set('cursor', cursor);
	const posts = useQuery({
		queryKey: ['posts', query.toString()],
		queryFn: () => call<PostsAnswer>('GET', `/api/posts?${query}`),
		placeholderData: keepPreviousData,
		refetchInterval: REFRESH_MS,
	});
	const go = (changes: { state?: PostState | null; cursor?: string | null }) => {
		const next = new URLSearchParams(search);
		for (const [name, value] of Object.entries({ cursor: null, ...changes })) {
			if (value === null) next.delete(name);
			else next.set(name, value);
		}
		return `?${next}`;
	};
	return (
		<>
			<PageHead title={words.title} lead={words.lead} />
			{posts.isPending && <ListLoading />}
			{posts.isError && !posts.data && (
				<LoadFailed error={posts.error} again={() => void posts.refetch()} />
			)}
			{posts.data && (
				<div className="grid gap-5">
					<Filter answer={posts.data} state={state} go={go} />
					<Carriers answer={posts.data} />
					{posts.data.posts.length === 0 ? (
						<Empty
							title={state ? words.emptyState(words.states[state]) : words.empty}
							action={
								state && (
									<Button look="outline" onClick={() => setSearch(go({ state: null }))}>
										{words.showAll}
									</Button>
								)
							}
						>
							{state ? null : words.emptyHelp}
						</Empty>
					) : (
						<ol className="grid gap-3">
							{posts.data.posts.map((post) => (
								<PostRow key={post.id} post={post} profile={posts.data.profiles[post.accountId]} />
							))}
						</ol>
					)}
					{(cursor || posts.data.nextCursor) && (
						<nav aria-label={words.pages} className="flex justify-center gap-2">
							{cursor && (
								<Button look="outline" asChild>
									<Link to={go({})}>{words.newest}</Link>
								</Button>
							)}
							{posts.data.nextCursor && (
								<Button look="outline" asChild>
									<Link to={go({ cursor: posts.data.nextCursor })}>{words.older}</Link>
								</Button>
							)}
						</nav>
					)}
				</div>
			)}
		</>
	);
}

function Filter({
	answer,
	state,
	go,
}: {
	answer: PostsAnswer;
	state: PostState | null;
	go: (changes: { state: PostState | null }) => string;
}) {
	const total = STATES.reduce((sum, name) => sum + (answer.counts[name] ?? 0), 0);
	const choice = (value: PostState | null, label: string, count: number) => (
		<li key={value ?? 'all'}>
			<Link
				to={go({ state: value })}
				aria-current={state === value ? 'true' : undefined}
				className={cn(
					'flex items-center gap-2 rounded-full border bg-card px-3 py-1.5 text-sm whitespace-nowrap transition-colors hover:bg-muted',
					state === value &&
						'border-transparent bg-accent font-medium text-accent-foreground hover:bg-accent',
				)}
			>
				{label}
				<span className="text-muted-foreground tabular-nums">{count}</span>
			</Link>
		</li>
	);
	return (
		<nav aria-label={words.filter}>
			<ul className="-mx-4 flex gap-2 overflow-x-auto px-4 pb-1 sm:mx-0 sm:flex-wrap sm:px-0">
				{choice(null, words.all, total)}
				{STATES.filter((name) => name === state || (answer.counts[name] ?? 0) > 0).map((name) =>
					choice(name, words.states[name], answer.counts[name] ?? 0),
				)}
			</ul>
		</nav>
	);
}

function Carriers({ answer }: { answer: PostsAnswer }) {
	return (
		<p className="flex flex-wrap items-center gap-x-5 gap-y-1 text-sm text-muted-foreground">
			<span>{words.due(answer.due)}</span>
			{answer.carriers.length === 0 && <span>{words.nobody}</span>}
			{answer.carriers.map(({ carrier, fresh, lastAt }) => (
				<span key={carrier} className="inline-flex items-center gap-2">
					<span
						aria-hidden
						className={cn('size-2 rounded-full', fresh ? 'bg-success' : 'bg-warning')}
					/>
					<span>
						{fresh ? words.carrierFresh(carrier) : words.carrierSilent(carrier)}, {words.lastSign}{' '}
						<Ago iso={lastAt} />
					</span>
				</span>
			))}
		</p>
	);
}

function When({ post }: { post: PostView }) {
	if (post.publishedAt)
		return (
			<>
				{words.publishedAt} <Time iso={post.publishedAt} />
			</>
		);
	if (post.state === 'scheduled' && post.nextAt && post.waitReason) {
		return (
			<>
				{words.nextTry} <Time iso={post.nextAt} />
			</>
		);
	}
	if (post.scheduledAt && post.state !== 'draft')
		return (
			<>
				{words.scheduledFor} <Time iso={post.scheduledAt} />
			</>
		);
	return (
		<>
			{words.created} <Time iso={post.createdAt} />
		</>
	);
}

function PostRow({ post, profile }: { post: PostView; profile: string | undefined }) {
	const { text } = post.content;
	return (
		<li>
			<Card className="grid gap-3">
				<div className="flex flex-wrap items-center gap-x-3 gap-y-2">
					<PlatformMark platform={post.platform} />
					<div className="min-w-0 flex-1 max-sm:basis-[calc(100%-3.25rem)]">
						<p className="truncate font-medium">@{post.account.replace(/^@/, '')}</p>
						<p className="text-sm text-muted-foreground">
							{platformName(post.platform)} · <When post={post} />
						</p>
					</div>
					<div className="flex flex-wrap items-center gap-1.5">
						{post.mode === 'sandbox' && <Badge tone="accent">{strings.modes.sandbox}</Badge>}
						{post.deletedAt && <Badge>{words.deleted}</Badge>}
						<Badge tone={TONES[post.state]}>{words.states[post.state]}</Badge>
					</div>
				</div>
				<p className="break-words whitespace-pre-wrap">
					{text.length > TEXT_SHOWN ? `${text.slice(0, TEXT_SHOWN)}…` : text || words.noText}
				</p>
				{post.error && (
					<p className="rounded-lg bg-danger-soft px-3 py-2 text-sm">
						<span className="font-medium text-danger">{post.error.message}</span>{' '}
						{post.error.remedy}
					</p>
				)}
				<div className="flex flex-wrap items-center gap-x-5 gap-y-2 text-sm empty:hidden">
					{post.media.length > 0 && (
						<span className="text-muted-foreground">{words.images(post.media.length)}</span>
					)}
					{post.url && post.deletedAt === null ? (
						<OutsideLink href={post.url}>{words.open}</OutsideLink>
					) : null}
					{profile && (
						<OutsideLink href={profile}>
							{post.mode === 'sandbox' ? words.timeline : words.accountPage}
						</OutsideLink>
					)}
				</div>
			</Card>
		</li>
	);
}
