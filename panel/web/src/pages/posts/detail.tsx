import { useQuery } from '@tanstack/react-query';
import { ArrowLeft } from 'lucide-react';
import type { ReactNode } from 'react';
import { Link, useParams, useSearchParams } from 'react-router';
import type { PostRowView } from '../../../../../core/store/contract';
import type { PostDetailAnswer } from '../../../../shared/posts';
import { ApiError, call } from '../../api/client';
import { useSession } from '../../api/queries';
import { postStrings } from '../../strings/posts';
import { Button } from '../../ui/button';
import { LoadFailed, Notice, ProblemNotice } from '../../ui/notice';
import { OutsideLink } from '../../ui/outside-link';
import { PlatformMark, platformName } from '../../ui/platform-mark';
import { Card, Empty, ListLoading, PageHead } from '../../ui/surface';
import { Time } from '../../ui/time';
import { fits } from './actions';
import { usePostMenu } from './post-menu';
import { ResolveBox } from './resolve-box';
import { isUnplanned, StateBadges, When } from './state-badge';
import { StoryList } from './story-list';
import { Pictures } from './thumbs';

const words = postStrings.detail;

/** A post that is on its way changes within seconds. */
const REFRESH_MS = 5_000;

/** One post: what it says, where it stands, what happened to it and what can be done. */
export function PostDetail() {
	const { id = '' } = useParams();
	const [search] = useSearchParams();
	const session = useSession();
	const owner = search.get('owner') ?? session.user?.owner ?? 'default';
	const view = useQuery({
		queryKey: ['post', owner, id],
		queryFn: () =>
			call<PostDetailAnswer>(
				'GET',
				`/api/posts/${encodeURIComponent(id)}?${new URLSearchParams({ owner })}`,
			),
		refetchInterval: REFRESH_MS,
	});
	const back = (
		<Link
			to="/posts"
			className="mb-4 inline-flex items-center gap-1.5 text-sm font-medium text-accent-foreground hover:underline"
		>
			<ArrowLeft className="size-4" aria-hidden />
			{words.back}
		</Link>
	);
	if (view.isPending) {
		return (
			<>
				{back}
				<PageHead title={words.title} />
				<ListLoading rows={2} />
			</>
		);
	}
	if (!view.data) {
		const missing =
			view.error instanceof ApiError && (view.error.status === 404 || view.error.status === 400);
		return (
			<>
				{back}
				<PageHead title={words.title} />
				{missing ? (
					<Empty
						title={words.notThere}
						action={
							<Button asChild look="outline">
								<Link to="/posts">{words.back}</Link>
							</Button>
						}
					>
						{words.notThereHelp}
					</Empty>
				) : (
					<LoadFailed error={view.error} again={() => void view.refetch()} />
				)}
			</>
		);
	}
	return (
		<>
			{back}
			<Shown answer={view.data} />
		</>
	);
}

function Shown({ answer }: { answer: PostDetailAnswer }) {
	const { post, account, story } = answer;
	const { menu, dialogs, problem } = usePostMenu(post, 'detail');
	const resolvable = fits(post).resolve;
	return (
		<>
			<PageHead
				title={words.of(post.account)}
				lead={
					<span className="flex flex-wrap items-center gap-x-3 gap-y-2">
						<span>
							{platformName(post.platform)} · <When post={post} />
						</span>
						<StateBadges post={post} />
					</span>
				}
				action={
					<div className="flex flex-wrap items-center gap-3">
						{post.url && post.deletedAt === null && (
							<OutsideLink href={post.url}>{words.openLive}</OutsideLink>
						)}
						{menu}
					</div>
				}
			/>
			<div className="grid grid-cols-[minmax(0,1fr)] gap-5">
				{problem && <ProblemNotice problem={problem} />}
				{resolvable && <ResolveBox post={post} profileUrl={account.profileUrl} />}
				{post.error && !resolvable && (
					<Notice tone="danger" title={post.error.message}>
						{post.error.remedy}
					</Notice>
				)}
				{post.state === 'scheduled' && post.waitReason && !post.error && (
					<Notice tone="info" title={postStrings.waits[post.waitReason]} />
				)}
				<div className="grid grid-cols-[minmax(0,1fr)] items-start gap-5 lg:grid-cols-[minmax(0,3fr)_minmax(0,2fr)]">
					<div className="grid grid-cols-[minmax(0,1fr)] gap-5">
						<Content post={post} />
						<Card>
							<h2 className="mb-4 text-base font-semibold">{words.story}</h2>
							<StoryList story={story} />
						</Card>
					</div>
					<Facts answer={answer} />
				</div>
			</div>
			{dialogs}
		</>
	);
}

function Content({ post }: { post: PostRowView }) {
	const { live, planned, other } = words.text;
	const title =
		post.state === 'published'
			? live
			: ['scheduled', 'draft', 'publishing'].includes(post.state)
				? planned
				: other;
	return (
		<Card className="grid gap-4">
			<div className="flex items-center gap-3">
				<PlatformMark platform={post.platform} />
				<h2 className="text-base font-semibold">{title}</h2>
			</div>
			<p className="break-words whitespace-pre-wrap">{post.content.text || postStrings.noText}</p>
			{(post.content.media?.length ?? 0) > 0 && (
				<section aria-label={words.pictures}>
					<Pictures post={post} captions />
				</section>
			)}
		</Card>
	);
}

const LENGTHS: [Intl.NumberFormatOptions['unit'] & string, number][] = [
	['hour', 3_600_000],
	['minute', 60_000],
	['second', 1_000],
];

function lengthOf(ms: number): string {
	const [unit, length] = LENGTHS.find(([, one]) => ms >= one) ?? LENGTHS[2];
	return new Intl.NumberFormat(undefined, {
		style: 'unit',
		unit,
		unitDisplay: 'long',
		maximumFractionDigits: 0,
	}).format(ms / length);
}

function Facts({ answer: { post, account } }: { answer: PostDetailAnswer }) {
	const late =
		post.publishedAt && post.scheduledAt
			? Date.parse(post.publishedAt) - Date.parse(post.scheduledAt)
			: null;
	const rows: [string, ReactNode][] = [
		[
			words.account,
			<>
				{account.displayName || post.account}
				{account.profileUrl && (
					<>
						<br />
						<OutsideLink href={account.profileUrl} className="text-sm">
							{post.mode === 'sandbox' ? words.timeline : words.accountPage}
						</OutsideLink>
					</>
				)}
			</>,
		],
	];
	if (post.scheduledAt && !isUnplanned(post)) {
		rows.push([
			words.planned,
			<>
				<Time iso={post.scheduledAt} />
				{post.timeZone && <span className="block text-muted-foreground">{post.timeZone}</span>}
			</>,
		]);
	}
	if (post.publishedAt) {
		rows.push([
			words.published,
			<>
				<Time iso={post.publishedAt} />
				{late !== null && late >= 1_000 && (
					<span className="block text-muted-foreground">{words.lateness(lengthOf(late))}</span>
				)}
			</>,
		]);
	}
	if (post.carrier) rows.push([words.carrier, post.carrier]);
	if (post.attempts > 0) rows.push([words.attempts, String(post.attempts)]);
	if (post.remoteId) {
		rows.push([
			words.remoteId,
			<code className="font-mono text-xs break-all">{post.remoteId}</code>,
		]);
	}
	if (post.confirmedBy) rows.push([words.confirmed, words.confirmedBy[post.confirmedBy]]);
	return (
		<Card>
			<h2 className="mb-4 text-base font-semibold">{words.facts}</h2>
			<dl className="grid gap-4 text-sm">
				{rows.map(([label, value]) => (
					<div key={label} className="grid gap-0.5">
						<dt className="text-xs text-muted-foreground">{label}</dt>
						<dd className="break-words">{value}</dd>
					</div>
				))}
			</dl>
		</Card>
	);
}
