import { Link } from 'react-router';
import type { PostRowView } from '../../../../../core/store/contract';
import { useSession } from '../../api/queries';
import { postStrings as words } from '../../strings/posts';
import { ProblemNotice } from '../../ui/notice';
import { OutsideLink } from '../../ui/outside-link';
import { PlatformMark, platformName } from '../../ui/platform-mark';
import { Card } from '../../ui/surface';
import { fits, postPath } from './actions';
import { usePostMenu } from './post-menu';
import { ResolveBox } from './resolve-box';
import { StateBadges, When } from './state-badge';
import { Pictures } from './thumbs';

/** One post of the list: where it stands, what it says, and what can be done about it. */
export function PostRow({ post }: { post: PostRowView }) {
	const own = useSession().user?.owner ?? '';
	const { menu, dialogs, problem } = usePostMenu(post, 'list');
	const { text } = post.content;
	const waits = post.state === 'scheduled' && post.waitReason !== null;
	return (
		<li>
			<Card className="grid gap-3">
				<div className="flex flex-wrap items-center gap-x-3 gap-y-2">
					<PlatformMark platform={post.platform} />
					<div className="min-w-0 flex-1 max-sm:basis-[calc(100%-3.25rem)]">
						<p className="truncate font-medium">{post.account}</p>
						<p className="text-sm text-muted-foreground">
							{platformName(post.platform)} · <When post={post} />
						</p>
					</div>
					<StateBadges post={post} />
					<div className="max-sm:ml-auto">{menu}</div>
				</div>
				<Link
					to={postPath(post, own)}
					className="line-clamp-3 break-words whitespace-pre-wrap hover:underline hover:underline-offset-4"
				>
					{text || words.noText}
				</Link>
				{(post.content.media?.length ?? 0) > 0 && <Pictures post={post} />}
				{waits && !post.error && (
					<p className="text-sm text-muted-foreground">{words.waits[post.waitReason!]}</p>
				)}
				{post.error && !fits(post).resolve && (
					<p className="rounded-lg bg-danger-soft px-3 py-2 text-sm">
						<span className="font-medium text-danger">{post.error.message}</span>{' '}
						{post.error.remedy}
					</p>
				)}
				{problem && <ProblemNotice problem={problem} />}
				{fits(post).resolve && <ResolveBox post={post} />}
				{post.url && post.deletedAt === null && (
					<OutsideLink href={post.url} className="justify-self-start text-sm">
						{words.openPost}
					</OutsideLink>
				)}
			</Card>
			{dialogs}
		</li>
	);
}
