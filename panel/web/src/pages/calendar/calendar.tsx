import { useRef, useState } from 'react';
import type { CalendarPost } from '../../../../../core/store/contract';
import { useMayChange, useSession } from '../../api/queries';
import { calendarStrings as words } from '../../strings/calendar';
import { Button } from '../../ui/button';
import { LoadFailed, Notice, ProblemNotice } from '../../ui/notice';
import { Empty, PageHead } from '../../ui/surface';
import { postPath } from '../posts/actions';
import { movableFrom, MoveDialog } from '../posts/move-dialog';
import { Agenda } from './agenda';
import { nextHour, sameTimeOn, todayIn } from './days';
import { Followed } from './followed';
import { Grid } from './grid';
import { Toolbar } from './toolbar';
import { useCalendar } from './use-calendar';
import { type News, useMove } from './use-move';

/** Posts by day: a month or a week as a grid, on a narrow screen as a list. */
export function Calendar() {
	const mayMove = useMayChange();
	const own = useSession().user?.owner ?? 'default';
	const shown = useCalendar();
	const { view, date, phone, filters, calendar, zone, linkTo, hold } = shown;
	const owner = filters.owner || own;
	const move = useMove(shown, owner);
	const [asking, setAsking] = useState<{ post: CalendarPost; wallTime?: string } | null>(null);
	const followed = useRef<string | null>(null);
	const answer = calendar.data;
	const lead = phone ? words.leadPhone : mayMove ? words.lead : words.leadViewer;
	const hrefOf = (post: CalendarPost) => postPath({ id: post.id, owner }, own);
	const moreOf = (day: string) => {
		if (view === 'month' && !phone) return linkTo({ view: 'week', date: day });
		const query = new URLSearchParams({ by: 'due', from: day, until: day });
		if (filters.owner) query.set('owner', filters.owner);
		return `/posts?${query}`;
	};
	const onMove = (post: CalendarPost, day: string, byKeys: boolean) => {
		if (day < todayIn(zone)) return;
		followed.current = byKeys ? post.id : null;
		// At the same time of day it would be over: another time is asked for.
		if (!move.toDay(post, day)) {
			const wallTime = sameTimeOn(day, post.at, zone).slice(0, 16);
			const soon = nextHour(zone);
			setAsking({ post, wallTime: wallTime > soon ? wallTime : soon });
		}
	};
	const nothing = answer?.days.every(({ posts }) => posts.length === 0) ?? false;
	const empty = view === 'month' ? words.emptyMonth : words.emptyWeek;
	return (
		<Followed value={followed}>
			<PageHead title={words.title} lead={lead} />
			<Toolbar shown={shown} />
			<NewsBar news={move.news} close={() => move.setNews(null)} />
			{calendar.isPending && <GridLoading />}
			{calendar.isError && !answer && (
				<LoadFailed error={calendar.error} again={() => void calendar.refetch()} />
			)}
			{answer && nothing && phone && <Empty title={empty}>{words.emptyHelp}</Empty>}
			{answer && nothing && !phone && (
				<p className="mb-3 text-sm text-muted-foreground">
					{empty}. {words.emptyHelp}
				</p>
			)}
			{answer && phone && (
				<Agenda
					answer={answer}
					mayMove={mayMove}
					hrefOf={hrefOf}
					moreOf={moreOf}
					onMove={(post) => setAsking({ post })}
				/>
			)}
			{answer && !phone && (
				<Grid
					answer={answer}
					view={view}
					date={date}
					mayMove={mayMove}
					hrefOf={hrefOf}
					moreOf={moreOf}
					onMove={onMove}
					onHold={hold}
				/>
			)}
			{asking && (
				<MoveDialog
					post={movableFrom(asking.post, owner)}
					zone={zone}
					{...(asking.wallTime ? { wallTime: asking.wallTime } : {})}
					close={() => setAsking(null)}
					moved={(given) => {
						followed.current = asking.post.id;
						move.told(given, asking.post);
					}}
				/>
			)}
		</Followed>
	);
}

/** What became of the last move, with the way back. Stays until the next one. */
function NewsBar({ news, close }: { news: News | null; close: () => void }) {
	return (
		<div role="status" className="mb-4 empty:hidden">
			{news?.kind === 'moved' && (
				<Notice
					tone="success"
					title={news.text}
					action={
						<span className="flex gap-2">
							{news.undo && (
								<Button look="outline" size="small" className="text-foreground" onClick={news.undo}>
									{words.undo}
								</Button>
							)}
							<Button look="quiet" size="small" className="text-foreground" onClick={close}>
								{words.dismiss}
							</Button>
						</span>
					}
				/>
			)}
			{news?.kind === 'refused' && <ProblemNotice problem={news.problem} />}
		</div>
	);
}

function GridLoading() {
	return (
		<div
			role="status"
			className="grid grid-cols-7 gap-px overflow-hidden rounded-xl border bg-border"
		>
			<span className="sr-only">{words.loading}</span>
			{Array.from({ length: 35 }, (_, cell) => (
				<div key={cell} aria-hidden className="h-28 bg-card p-2">
					<div className="h-3 w-6 animate-pulse rounded bg-muted" />
				</div>
			))}
		</div>
	);
}
