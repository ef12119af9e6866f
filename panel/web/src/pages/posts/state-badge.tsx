import type { PostRowView } from '../../../../../core/store/contract';
import { strings } from '../../strings';
import { postStrings as words } from '../../strings/posts';
import { StateBadge } from '../../ui/state-badge';
import { Badge } from '../../ui/surface';
import { Time } from '../../ui/time';

/** Where a post stands, in one word each. */
export function StateBadges({ post }: { post: PostRowView }) {
	return (
		<div className="flex flex-wrap items-center gap-1.5">
			{post.mode === 'sandbox' && <Badge tone="accent">{strings.modes.sandbox}</Badge>}
			{post.deletedAt && <Badge>{words.deleted}</Badge>}
			{post.held && <Badge tone="warning">{words.held}</Badge>}
			{post.cancelRequested && post.state !== 'cancelled' && <Badge>{words.cancelling}</Badge>}
			<StateBadge state={post.state} />
		</div>
	);
}

/** A draft that was made without a time; the store notes that of its making. */
export const isUnplanned = ({ state, scheduledAt, createdAt }: PostRowView) =>
	state === 'draft' &&
	(scheduledAt === null || Date.parse(scheduledAt) < Date.parse(createdAt) + 1_000);

/** The time that matters most about a post now. */
export function When({ post }: { post: PostRowView }) {
	const [label, iso] = timeThatMatters(post);
	return (
		<>
			{label} <Time iso={iso} />
		</>
	);
}

function timeThatMatters(post: PostRowView): [string, string] {
	const { when } = words;
	if (post.publishedAt) return [when.published, post.publishedAt];
	if (post.state === 'scheduled' && post.nextAt && post.waitReason) {
		return [when.nextTry, post.nextAt];
	}
	if (post.scheduledAt && !isUnplanned(post)) {
		return [post.state === 'draft' ? when.draft : when.scheduled, post.scheduledAt];
	}
	return [when.created, post.createdAt];
}
