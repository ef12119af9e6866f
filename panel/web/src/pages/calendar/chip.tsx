import { useDraggable } from '@dnd-kit/core';
import { useCallback } from 'react';
import { Link, useNavigate } from 'react-router';
import type { CalendarPost, PostState } from '../../../../../core/store/contract';
import { strings } from '../../strings';
import { calendarStrings as words } from '../../strings/calendar';
import { postStrings } from '../../strings/posts';
import { cn } from '../../ui/class-names';
import { timeIn } from './days';
import { useFollowed } from './followed';

const LOOKS: Record<PostState, string> = {
	draft: 'border-dashed border-input bg-card',
	scheduled: 'border-transparent bg-info-soft text-info',
	publishing: 'border-transparent bg-info-soft text-info',
	published: 'border-transparent bg-success-soft text-success',
	needs_review: 'border-transparent bg-warning-soft text-warning',
	failed: 'border-transparent bg-danger-soft text-danger',
	missed: 'border-transparent bg-danger-soft text-danger',
	cancelled: 'border-transparent bg-muted',
};

const base =
	'block w-full min-w-0 rounded-md border px-2 py-1 text-left text-xs leading-snug transition-shadow hover:shadow-card hover:brightness-97 dark:hover:brightness-110';

/** A post as it is named while it is moved. */
export const spoken = (post: CalendarPost, zone: string) =>
	words.chip(
		postStrings.states[post.state],
		`${post.account} (${strings.platforms[post.platform] ?? post.platform})`,
		timeIn(post.at, zone),
		post.text || postStrings.noText,
	);

function Face({ post, zone, roomy }: { post: CalendarPost; zone: string; roomy: boolean }) {
	const platform = strings.platforms[post.platform] ?? post.platform;
	const state = postStrings.states[post.state];
	return (
		<span className="block min-w-0">
			<span className="flex min-w-0 items-baseline gap-1.5">
				<span className="shrink-0 font-semibold tabular-nums">{timeIn(post.at, zone)}</span>{' '}
				<span className="min-w-0 truncate">{post.account}</span>
			</span>
			<span className={cn('text-foreground', roomy ? 'block' : 'sr-only')}>
				{platform} · {state}:
			</span>{' '}
			<span className={cn('text-foreground', roomy ? 'line-clamp-3' : 'block truncate')}>
				{post.text || postStrings.noText}
			</span>
		</span>
	);
}

/** What is held while a post is dragged. */
export function HeldChip({
	post,
	zone,
	roomy,
}: {
	post: CalendarPost;
	zone: string;
	roomy: boolean;
}) {
	return (
		<span className={cn(base, LOOKS[post.state], 'rotate-1 bg-card shadow-lg ring-2 ring-ring')}>
			<Face post={post} zone={zone} roomy={roomy} />
		</span>
	);
}

export interface ChipProps {
	post: CalendarPost;
	day: string;
	zone: string;
	roomy: boolean;
	/** Where it is shown in full. */
	href: string;
}

/** A post in the calendar that stays where it is. */
export function FixedChip({ post, zone, roomy, href }: ChipProps) {
	return (
		<Link to={href} className={cn(base, LOOKS[post.state])}>
			<Face post={post} zone={zone} roomy={roomy} />
		</Link>
	);
}

/** A post that can be dragged to another day; a click opens it. */
export function MovableChip({ post, day, zone, roomy, href }: ChipProps) {
	const navigate = useNavigate();
	const { attributes, listeners, setNodeRef, isDragging } = useDraggable({
		id: post.id,
		data: { post, day },
		attributes: { roleDescription: words.pick.role },
	});
	const takeFocus = useFollowed(post.id);
	const ref = useCallback(
		(chip: HTMLButtonElement | null) => {
			setNodeRef(chip);
			takeFocus(chip);
		},
		[setNodeRef, takeFocus],
	);
	return (
		<button
			ref={ref}
			type="button"
			className={cn(base, LOOKS[post.state], 'touch-manipulation', isDragging && 'opacity-40')}
			{...attributes}
			{...listeners}
			onClick={() => void navigate(href)}
			// Space picks the post up; without this some browsers press the button when it is let go.
			onKeyUp={(event) => event.key === ' ' && event.preventDefault()}
		>
			<Face post={post} zone={zone} roomy={roomy} />
		</button>
	);
}
