import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { CalendarPost } from '../../../../../core/store/contract';
import type { ApiProblem } from '../../../../shared/api';
import type { CalendarAnswer, PostActionAnswer } from '../../../../shared/posts';
import { problemOf } from '../../api/client';
import { calendarStrings as words } from '../../strings/calendar';
import { act, POST_QUERIES } from '../posts/actions';
import { instantOf, momentIn, sameTimeOn, wallTimeIn } from './days';
import type { useCalendar } from './use-calendar';

interface Wish {
	post: CalendarPost;
	wallTime: string;
	/** Of the days that show it. */
	key: string[];
	/** It takes a move back. */
	undoes?: boolean;
}

export type News =
	| { kind: 'moved'; text: string; undo: (() => void) | null }
	| { kind: 'refused'; problem: ApiProblem };

/** The days with one post at another time; the others as they are. */
function withPostAt(answer: CalendarAnswer, post: CalendarPost, at: string): CalendarAnswer {
	const day = wallTimeIn(at, answer.timeZone).slice(0, 10);
	return {
		...answer,
		days: answer.days.map((one) => {
			const others = one.posts.filter(({ id }) => id !== post.id);
			if (one.day !== day) return { ...one, posts: others };
			const posts = [...others, { ...post, at }];
			posts.sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
			return { ...one, posts };
		}),
	};
}

/**
 * Moves posts to other days. The page shows it at once; when the store refuses, the post is back where
 * it was, with the reason.
 */
export function useMove(
	{ key, zone, hold }: Pick<ReturnType<typeof useCalendar>, 'key' | 'zone' | 'hold'>,
	owner: string,
) {
	const client = useQueryClient();
	const [news, setNews] = useState<News | null>(null);
	const show = ({ post, key }: Wish, at: string) =>
		client.setQueryData<CalendarAnswer>(key, (answer) => answer && withPostAt(answer, post, at));
	const move = useMutation<PostActionAnswer, unknown, Wish>({
		mutationFn: ({ post, wallTime }) =>
			act({ id: post.id, owner }, 'reschedule', {
				version: post.version,
				wallTime,
				timeZone: zone,
			}),
		onMutate: async (wish) => {
			setNews(null);
			await client.cancelQueries({ queryKey: wish.key });
			show(wish, instantOf(wish.wallTime, zone));
		},
		onError: (error, wish) => {
			show(wish, wish.post.at);
			setNews({ kind: 'refused', problem: problemOf(error) });
		},
		onSuccess: (answer, { post, undoes }) => {
			told(answer, post, undoes ?? false);
		},
		onSettled: () => {
			hold(false);
			for (const name of POST_QUERIES) void client.invalidateQueries({ queryKey: [name] });
		},
	});
	const begin = (wish: Wish) => {
		hold(true);
		move.mutate(wish);
	};
	/** Says where the post is now, and offers the way back. */
	const told = (answer: PostActionAnswer, post: CalendarPost, undone: boolean) => {
		const at = answer.post.scheduledAt ?? post.at;
		setNews({
			kind: 'moved',
			text: undone ? words.undone(post.account) : words.moved(post.account, momentIn(at, zone)),
			undo: undone
				? null
				: () =>
						begin({
							post: { ...post, at, version: answer.post.version },
							wallTime: wallTimeIn(post.at, zone),
							key,
							undoes: true,
						}),
		});
	};
	return {
		news,
		setNews,
		told: (answer: PostActionAnswer, post: CalendarPost) => told(answer, post, false),
		/** To the same time on another day; false when that time is over there. */
		toDay: (post: CalendarPost, day: string): boolean => {
			const wallTime = sameTimeOn(day, post.at, zone);
			if (Date.parse(instantOf(wallTime, zone)) <= Date.now()) return false;
			begin({ post, wallTime, key });
			return true;
		},
	};
}
