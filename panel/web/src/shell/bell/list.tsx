import { useInfiniteQuery } from '@tanstack/react-query';
import {
	CalendarX2,
	CircleHelp,
	CircleX,
	type LucideIcon,
	Plug,
	ShieldAlert,
	Unplug,
	Workflow,
} from 'lucide-react';
import { Link } from 'react-router';
import type { Notice, NoticeKind } from '../../../../../core/store/contract';
import { useSession } from '../../api/queries';
import { bellWords as words, noticeTitle } from '../../strings/notifications';
import { Button } from '../../ui/button';
import { cn } from '../../ui/class-names';
import { LoadMore } from '../../ui/load-more';
import { LoadFailed } from '../../ui/notice';
import { ListLoading } from '../../ui/surface';
import { Ago } from '../../ui/time';
import { notificationsQuery, placeOf, useRead } from './queries';

const LOOKS: Record<NoticeKind, { icon: LucideIcon; tone: string }> = {
	needs_review: { icon: CircleHelp, tone: 'bg-warning-soft text-warning' },
	missed: { icon: CalendarX2, tone: 'bg-danger-soft text-danger' },
	failed: { icon: CircleX, tone: 'bg-danger-soft text-danger' },
	account_at_risk: { icon: ShieldAlert, tone: 'bg-warning-soft text-warning' },
	account_disconnected: { icon: Unplug, tone: 'bg-danger-soft text-danger' },
	carrier_took_over: { icon: Workflow, tone: 'bg-info-soft text-info' },
	carrier_back: { icon: Plug, tone: 'bg-success-soft text-success' },
};

/** What happened, newest first. Opening one notes it as read. */
export function NotificationList({ live, close }: { live: boolean; close: () => void }) {
	const list = useInfiniteQuery(notificationsQuery(live));
	const read = useRead();
	const items = list.data?.pages.flatMap((page) => page.items) ?? [];
	const unread = list.data?.pages[0]?.unread ?? 0;
	return (
		<>
			<div className="flex min-h-14 items-center justify-between gap-3 border-b px-4">
				<h2 className="font-semibold">{words.title}</h2>
				{unread > 0 && (
					<Button look="quiet" size="small" busy={read.isPending} onClick={() => read.mutate(null)}>
						{words.readAll}
					</Button>
				)}
			</div>
			{!live && (
				<p role="status" className="bg-muted px-4 py-2 text-xs text-muted-foreground">
					{words.asking}
				</p>
			)}
			<div
				className="min-h-0 overflow-y-auto overscroll-contain"
				tabIndex={0}
				aria-label={words.title}
				role="region"
			>
				{list.isPending && (
					<div className="p-4">
						<ListLoading rows={2} />
					</div>
				)}
				{list.isError && !list.data && (
					<div className="p-4">
						<LoadFailed error={list.error} again={() => void list.refetch()} />
					</div>
				)}
				{list.data && items.length === 0 && (
					<div className="grid gap-1 px-6 py-12 text-center">
						<p className="font-medium">{words.empty}</p>
						<p className="text-sm text-muted-foreground">{words.emptyHelp}</p>
					</div>
				)}
				{items.length > 0 && (
					<ul className="divide-y">
						{items.map((notice) => (
							<Row
								key={notice.id}
								notice={notice}
								follow={() => {
									if (notice.unread) read.mutate([notice.id]);
									close();
								}}
							/>
						))}
					</ul>
				)}
				{list.hasNextPage && (
					<div className="flex justify-center border-t p-3">
						<LoadMore list={list} size="small">
							{words.more}
						</LoadMore>
					</div>
				)}
			</div>
		</>
	);
}

function Row({ notice, follow }: { notice: Notice; follow: () => void }) {
	const owner = useSession().user?.owner ?? '';
	const { icon: Icon, tone } = LOOKS[notice.kind];
	const { text, reason } = notice.facts;
	return (
		<li>
			<Link
				to={placeOf(notice, owner)}
				onClick={follow}
				className="flex gap-3 px-4 py-3 -outline-offset-2 transition-colors hover:bg-muted"
			>
				<span
					aria-hidden
					className={cn(
						'mt-0.5 grid size-8 shrink-0 place-items-center rounded-full',
						notice.overAt ? 'bg-muted text-muted-foreground' : tone,
					)}
				>
					<Icon className="size-4" />
				</span>
				<span className="grid min-w-0 flex-1 gap-0.5">
					<span
						className={cn('text-sm break-words', notice.unread ? 'font-semibold' : 'font-medium')}
					>
						{noticeTitle(notice)}
					</span>
					{(reason ?? text) && (
						<span className="line-clamp-2 text-sm break-words text-muted-foreground">
							{reason ?? text}
						</span>
					)}
					<span className="flex flex-wrap gap-x-2 text-xs text-muted-foreground">
						<Ago iso={notice.lastAt} />
						{notice.count > 1 && <span>{words.times(notice.count)}</span>}
						{notice.owner !== null && notice.owner !== owner && (
							<span>{words.owner(notice.owner)}</span>
						)}
						{notice.overAt && <span>{words.settled}</span>}
					</span>
				</span>
				{notice.unread && (
					<span className="mt-2 size-2 shrink-0 rounded-full bg-primary">
						<span className="sr-only">{words.unread}</span>
					</span>
				)}
			</Link>
		</li>
	);
}
