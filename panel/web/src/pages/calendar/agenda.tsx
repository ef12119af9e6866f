import { CalendarClock } from 'lucide-react';
import { Link } from 'react-router';
import type { CalendarPost } from '../../../../../core/store/contract';
import type { CalendarAnswer } from '../../../../shared/posts';
import { strings } from '../../strings';
import { calendarStrings as words } from '../../strings/calendar';
import { postStrings } from '../../strings/posts';
import { Button } from '../../ui/button';
import { cn } from '../../ui/class-names';
import { PlatformMark } from '../../ui/platform-mark';
import { Card } from '../../ui/surface';
import { longDay, timeIn, todayIn } from './days';
import { useFollowed } from './followed';

/** The days that have posts, one below the other, for a narrow screen. */
export function Agenda({
	answer,
	mayMove,
	hrefOf,
	moreOf,
	onMove,
}: {
	answer: CalendarAnswer;
	mayMove: boolean;
	hrefOf: (post: CalendarPost) => string;
	moreOf: (day: string) => string;
	onMove: (post: CalendarPost) => void;
}) {
	const zone = answer.timeZone;
	const today = todayIn(zone);
	return (
		<ol className="grid gap-6">
			{answer.days
				.filter(({ posts }) => posts.length > 0)
				.map(({ day, posts, more }) => (
					<li key={day} className="grid gap-2">
						<h2
							className={cn(
								'text-sm font-semibold',
								day < today && 'text-muted-foreground',
								day === today && 'text-accent-foreground',
							)}
						>
							{longDay(day)}
							{day === today && ` · ${words.today}`}
						</h2>
						<ul className="grid gap-2">
							{posts.map((post) => (
								<AgendaPost
									key={post.id}
									post={post}
									zone={zone}
									href={hrefOf(post)}
									onMove={mayMove && post.movable ? onMove : null}
								/>
							))}
						</ul>
						{more > 0 && (
							<Link
								to={moreOf(day)}
								className="text-sm font-medium text-accent-foreground underline underline-offset-4"
							>
								{words.moreOf(more, longDay(day))}
							</Link>
						)}
					</li>
				))}
		</ol>
	);
}

function AgendaPost({
	post,
	zone,
	href,
	onMove,
}: {
	post: CalendarPost;
	zone: string;
	href: string;
	onMove: ((post: CalendarPost) => void) | null;
}) {
	const takeFocus = useFollowed(post.id);
	return (
		<li>
			<Card className="flex items-start gap-3 p-3">
				<PlatformMark platform={post.platform} />
				<div className="min-w-0 flex-1">
					<p className="text-sm text-muted-foreground">
						<span className="font-semibold text-foreground tabular-nums">
							{timeIn(post.at, zone)}
						</span>{' '}
						· {strings.platforms[post.platform] ?? post.platform} · {postStrings.states[post.state]}
					</p>
					<p className="truncate text-sm">{post.account}</p>
					<Link to={href} className="line-clamp-2 text-sm break-words hover:underline">
						{post.text || postStrings.noText}
					</Link>
				</div>
				{onMove && (
					<Button
						ref={takeFocus}
						look="outline"
						size="icon"
						aria-label={words.move(post.account)}
						onClick={() => onMove(post)}
					>
						<CalendarClock aria-hidden />
					</Button>
				)}
			</Card>
		</li>
	);
}
