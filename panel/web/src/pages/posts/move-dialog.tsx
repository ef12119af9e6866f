import { useState } from 'react';
import type { CalendarPost, PostRowView } from '../../../../../core/store/contract';
import type { PostActionAnswer } from '../../../../shared/posts';
import { postStrings } from '../../strings/posts';
import { Button } from '../../ui/button';
import { Dialog } from '../../ui/dialog';
import { Field } from '../../ui/field';
import { Form } from '../../ui/form';
import { ProblemNotice } from '../../ui/notice';
import { ZoneField } from '../../ui/zone-field';
import { deviceZone } from '../../ui/zones';
import { act, usePostAction } from './actions';
import { wallTimeOf } from './wall-time';

const words = postStrings.move;

export interface Movable
	extends Pick<PostRowView, 'id' | 'owner' | 'version' | 'state' | 'account'> {
	/** Its time now. */
	at: string;
}

export const movableOf = (post: PostRowView): Movable => ({ ...post, at: post.scheduledAt ?? '' });
export const movableFrom = (post: CalendarPost, owner: string): Movable => ({ ...post, owner });

/** Another time for a post, with its zone. */
export function MoveDialog({
	post,
	zone,
	wallTime,
	close,
	moved,
}: {
	post: Movable;
	/** The zone that is shown first; the device's unless set. */
	zone?: string;
	/** The time that is shown first; the post's own unless set. */
	wallTime?: string;
	close: () => void;
	moved: (answer: PostActionAnswer) => void;
}) {
	return (
		<Dialog
			open
			onOpenChange={(open) => !open && close()}
			title={words.title}
			description={
				post.state === 'draft' ? words.draftLead(post.account) : words.lead(post.account)
			}
		>
			<MoveForm post={post} zone={zone} wallTime={wallTime} close={close} moved={moved} />
		</Dialog>
	);
}

function MoveForm({
	post,
	zone = deviceZone(),
	wallTime,
	close,
	moved,
}: Parameters<typeof MoveDialog>[0]) {
	const [timeZone, setTimeZone] = useState(zone);
	const [time, setTime] = useState(() => wallTime ?? startOf(post, zone));
	const [wrong, setWrong] = useState<string | null>(null);
	const move = usePostAction(
		(to: { wallTime: string; timeZone: string }) =>
			act(post, 'reschedule', { version: post.version, ...to }),
		(answer) => {
			close();
			moved(answer);
		},
	);
	const { problem } = move;
	return (
		<Form
			onSubmit={() => {
				if (time === '') return setWrong(words.unreadable);
				// What the clock shows there now; only a zone that this browser lacks cannot be compared.
				const now = safeWallTime(timeZone);
				if (now !== null && time <= now) return setWrong(words.past);
				setWrong(null);
				move.mutate({ wallTime: time, timeZone });
			}}
		>
			{problem && <ProblemNotice problem={problem} />}
			<Field
				label={words.time}
				type="datetime-local"
				value={time}
				error={wrong}
				onChange={(event) => setTime(event.target.value)}
			/>
			<ZoneField label={words.zone} value={timeZone} onChange={setTimeZone} />
			<div className="flex justify-end gap-2">
				<Button look="outline" onClick={close}>
					{postStrings.keep}
				</Button>
				<Button type="submit" busy={move.isPending}>
					{words.save}
				</Button>
			</div>
		</Form>
	);
}

const HOUR_MS = 3_600_000;

/** The post's own time, or the next full hour where that is over. */
function startOf(post: Movable, zone: string): string {
	const soon = new Date(Math.ceil(Date.now() / HOUR_MS) * HOUR_MS).toISOString();
	return wallTimeOf(Date.parse(post.at) > Date.now() ? post.at : soon, zone);
}

function safeWallTime(zone: string): string | null {
	try {
		return wallTimeOf(new Date().toISOString(), zone);
	} catch {
		return null;
	}
}
