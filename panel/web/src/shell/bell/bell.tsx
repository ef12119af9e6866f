import { useInfiniteQuery } from '@tanstack/react-query';
import { Bell as Icon } from 'lucide-react';
import { Popover } from 'radix-ui';
import { lazy, Suspense, useCallback, useRef, useState } from 'react';
import type { LiveNotice } from '../../../../shared/notifications';
import { useSession } from '../../api/queries';
import { bellWords as words, noticeTitle } from '../../strings/notifications';
import { Button } from '../../ui/button';
import { ListLoading } from '../../ui/surface';
import { useToast } from '../../ui/toast';
import { useLive } from './live';
import { notificationsQuery, placeOf } from './queries';

const List = lazy(async () => ({ default: (await import('./list')).NotificationList }));

/** Says once what needs a decision; where it comes again by a reconnection it has been said. */
function useSayReviews(): (notice: LiveNotice) => void {
	const say = useToast();
	const said = useRef(new Set<string>());
	const owner = useSession().user?.owner ?? '';
	return useCallback(
		(notice: LiveNotice) => {
			const key = `${notice.id} ${notice.count}`;
			if (notice.kind !== 'needs_review' || notice.overAt !== null || said.current.has(key)) return;
			said.current.add(key);
			say(noticeTitle(notice), { to: placeOf(notice, owner), label: words.look });
		},
		[say, owner],
	);
}

/** Live updates for the whole panel, and what is unread. One for each page. */
export function useNotifications() {
	const live = useLive(useSayReviews());
	const { data } = useInfiniteQuery(notificationsQuery(live));
	return { live, unread: data?.pages[0]?.unread ?? 0 };
}

/** The bell with the number of unread notices; the list is loaded when it is first opened. */
export function Bell({
	live,
	unread,
	side = 'bottom',
}: {
	live: boolean;
	unread: number;
	side?: 'bottom' | 'right';
}) {
	const [open, setOpen] = useState(false);
	return (
		<Popover.Root open={open} onOpenChange={setOpen}>
			<Popover.Trigger asChild>
				<Button look="quiet" size="icon" className="relative" aria-label={words.label(unread)}>
					<Icon className="size-5!" aria-hidden />
					{unread > 0 && (
						<span
							aria-hidden
							className="absolute top-0.5 right-0.5 grid h-4.5 min-w-4.5 place-items-center rounded-full bg-danger px-1 text-[0.6875rem] leading-none font-semibold text-card tabular-nums"
						>
							{unread > 99 ? words.many : unread}
						</span>
					)}
				</Button>
			</Popover.Trigger>
			<Popover.Portal>
				<Popover.Content
					side={side}
					align={side === 'right' ? 'start' : 'end'}
					sideOffset={8}
					collisionPadding={12}
					aria-label={words.title}
					className="z-40 flex max-h-[min(36rem,var(--radix-popover-content-available-height))] w-[min(25rem,calc(100vw-1.5rem))] flex-col overflow-hidden rounded-xl border bg-card shadow-xl outline-none animate-in"
				>
					<Suspense
						fallback={
							<div className="p-4">
								<ListLoading rows={2} />
							</div>
						}
					>
						<List live={live} close={() => setOpen(false)} />
					</Suspense>
				</Popover.Content>
			</Popover.Portal>
		</Popover.Root>
	);
}
