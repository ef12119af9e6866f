import {
	closestCenter,
	type CollisionDetection,
	DndContext,
	type DragEndEvent,
	DragOverlay,
	KeyboardCode,
	type KeyboardCoordinateGetter,
	KeyboardSensor,
	MouseSensor,
	pointerWithin,
	TouchSensor,
	useDroppable,
	useSensor,
	useSensors,
} from '@dnd-kit/core';
import { useMemo, useState } from 'react';
import { Link } from 'react-router';
import type { CalendarPost } from '../../../../../core/store/contract';
import type { CalendarAnswer } from '../../../../shared/posts';
import { calendarStrings as words } from '../../strings/calendar';
import { cn } from '../../ui/class-names';
import { FixedChip, HeldChip, MovableChip, spoken } from './chip';
import { dayNumber, longDay, plusDays, sameMonth, todayIn, type View, weekday } from './days';

type Day = CalendarAnswer['days'][number];

/** A click is no drag; a finger that scrolls is none either. */
const MOUSE_PIXELS = 6;
const TOUCH_MS = 250;
const TOUCH_PIXELS = 8;

const STEPS: Record<string, number> = {
	[KeyboardCode.Left]: -1,
	[KeyboardCode.Right]: 1,
	[KeyboardCode.Up]: -7,
	[KeyboardCode.Down]: 7,
};

/** The arrow keys go from day to day. */
const byDays: KeyboardCoordinateGetter = (event, { context }) => {
	const step = STEPS[event.code];
	const { active, collisionRect, droppableContainers, droppableRects, over } = context;
	if (step === undefined || active === null || collisionRect === null) return undefined;
	event.preventDefault();
	const from = String(over?.id ?? (active.data.current as { day: string }).day);
	const day = plusDays(from, step);
	const rect = droppableRects.get(day);
	if (rect === undefined || droppableContainers.get(day)?.disabled) return undefined;
	return {
		x: rect.left + (rect.width - collisionRect.width) / 2,
		y: rect.top + (rect.height - collisionRect.height) / 2,
	};
};

const underPointer: CollisionDetection = (args) =>
	args.pointerCoordinates === null ? closestCenter(args) : pointerWithin(args);

interface GridProps {
	answer: CalendarAnswer;
	view: View;
	/** A day of the month that is shown. */
	date: string;
	mayMove: boolean;
	hrefOf: (post: CalendarPost) => string;
	/** Where the posts of a day are shown in full. */
	moreOf: (day: string) => string;
	onMove: (post: CalendarPost, day: string, byKeys: boolean) => void;
	onHold: (held: boolean) => void;
}

/** Month or week as a grid of days; posts that may be moved are dragged from one to another. */
export function Grid({ answer, view, date, mayMove, hrefOf, moreOf, onMove, onHold }: GridProps) {
	const [held, setHeld] = useState<CalendarPost | null>(null);
	const sensors = useSensors(
		useSensor(MouseSensor, { activationConstraint: { distance: MOUSE_PIXELS } }),
		useSensor(TouchSensor, {
			activationConstraint: { delay: TOUCH_MS, tolerance: TOUCH_PIXELS },
		}),
		useSensor(KeyboardSensor, {
			coordinateGetter: byDays,
			keyboardCodes: {
				start: [KeyboardCode.Space],
				cancel: [KeyboardCode.Esc],
				end: [KeyboardCode.Space, KeyboardCode.Enter],
			},
		}),
	);
	const zone = answer.timeZone;
	const roomy = view === 'week';
	const today = todayIn(zone);
	const accessibility = useMemo(() => announced(zone), [zone]);
	const hold = (post: CalendarPost | null) => {
		setHeld(post);
		onHold(post !== null);
	};
	const drop = ({ active, over, activatorEvent }: DragEndEvent) => {
		hold(null);
		const { post, day } = active.data.current as { post: CalendarPost; day: string };
		if (over === null || over.id === day) return;
		onMove(post, String(over.id), activatorEvent instanceof KeyboardEvent);
	};
	return (
		<DndContext
			sensors={sensors}
			collisionDetection={underPointer}
			accessibility={accessibility}
			onDragStart={({ active }) => hold((active.data.current as { post: CalendarPost }).post)}
			onDragCancel={() => hold(null)}
			onDragEnd={drop}
		>
			<div className="overflow-hidden rounded-xl border bg-border">
				<div aria-hidden className="grid grid-cols-7 gap-px border-b bg-muted">
					{answer.days.slice(0, 7).map(({ day }) => (
						<p key={day} className="px-2 py-1.5 text-xs font-medium text-muted-foreground">
							{weekday(day)}
						</p>
					))}
				</div>
				<ol className="grid grid-cols-7 gap-px">
					{answer.days.map((day) => (
						<DayCell
							key={day.day}
							day={day}
							zone={zone}
							today={today}
							roomy={roomy}
							outside={view === 'month' && !sameMonth(day.day, date)}
							mayMove={mayMove}
							hrefOf={hrefOf}
							moreOf={moreOf}
						/>
					))}
				</ol>
			</div>
			<DragOverlay dropAnimation={null}>
				{held && <HeldChip post={held} zone={zone} roomy={roomy} />}
			</DragOverlay>
		</DndContext>
	);
}

function DayCell({
	day: { day, posts, more },
	zone,
	today,
	roomy,
	outside,
	mayMove,
	hrefOf,
	moreOf,
}: Pick<GridProps, 'mayMove' | 'hrefOf' | 'moreOf'> & {
	day: Day;
	zone: string;
	today: string;
	roomy: boolean;
	outside: boolean;
}) {
	const { setNodeRef, isOver } = useDroppable({ id: day, disabled: day < today });
	return (
		<li
			ref={setNodeRef}
			data-day={day}
			className={cn(
				'grid min-w-0 content-start gap-1 bg-card p-1.5 transition-colors',
				roomy ? 'min-h-80' : 'min-h-28',
				(outside || day < today) && 'bg-background',
				isOver && 'bg-accent',
			)}
		>
			<h2 className="text-xs">
				<span className="sr-only">{longDay(day)}</span>
				<span
					aria-hidden
					className={cn(
						'inline-grid min-w-6 place-items-center rounded-full px-1 py-0.5 tabular-nums',
						day === today ? 'bg-primary font-semibold text-primary-foreground' : 'font-medium',
						(outside || day < today) && day !== today && 'text-muted-foreground',
					)}
				>
					{dayNumber(day)}
				</span>
			</h2>
			{posts.length > 0 && (
				<ul className="grid min-w-0 gap-1">
					{posts.map((post) => {
						const Chip = mayMove && post.movable ? MovableChip : FixedChip;
						return (
							<li key={post.id} className="min-w-0">
								<Chip post={post} day={day} zone={zone} roomy={roomy} href={hrefOf(post)} />
							</li>
						);
					})}
				</ul>
			)}
			{more > 0 && (
				<Link
					to={moreOf(day)}
					aria-label={words.moreOf(more, longDay(day))}
					className="px-1 text-xs font-medium text-accent-foreground underline-offset-4 hover:underline"
				>
					{words.more(more, more >= MOST)}
				</Link>
			)}
		</li>
	);
}

/** The store counts no further. */
const MOST = 100;

/** What is said while a post is moved without seeing it. */
function announced(zone: string) {
	const nameOf = ({ data }: Told['active']) =>
		spoken((data.current as { post: CalendarPost }).post, zone);
	// The day that it is picked up from would be said at once, in the place of the first words.
	let away = false;
	const { pick } = words;
	return {
		screenReaderInstructions: { draggable: pick.instructions },
		announcements: {
			onDragStart: ({ active }: Pick<Told, 'active'>) => {
				away = false;
				return pick.start(nameOf(active));
			},
			onDragOver: ({ active, over }: Told) => {
				away ||= over !== null && over.id !== active.data.current?.day;
				if (!away) return undefined;
				return over
					? pick.over(nameOf(active), longDay(String(over.id)))
					: pick.none(nameOf(active));
			},
			onDragEnd: ({ active, over }: Told) =>
				over ? pick.end(nameOf(active), longDay(String(over.id))) : pick.cancel(nameOf(active)),
			onDragCancel: ({ active }: Told) => pick.cancel(nameOf(active)),
		},
	};
}

interface Told {
	active: { data: { current?: Record<string, unknown> } };
	over: { id: string | number } | null;
}
