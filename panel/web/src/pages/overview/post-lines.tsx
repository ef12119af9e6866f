import type { ReactNode } from 'react';
import { Link } from 'react-router';
import type { PostView } from '../../../../../core/store/contract';
import { strings } from '../../strings';
import { overviewWords as words } from '../../strings/overview';
import { PlatformMark } from '../../ui/platform-mark';
import { Ago, Time } from '../../ui/time';
import { Section } from './section';

export function NextUp({ posts }: { posts: PostView[] }) {
	return (
		<Section
			title={words.next.title}
			{...(posts.length > 0
				? { more: { to: '/posts?state=scheduled', label: words.next.all } }
				: {})}
		>
			{posts.length === 0 ? (
				<p className="text-muted-foreground">{words.next.nothing}</p>
			) : (
				<Lines posts={posts} when={(post) => post.scheduledAt && <Time iso={post.scheduledAt} />} />
			)}
		</Section>
	);
}

export function Lately({ posts }: { posts: PostView[] }) {
	return (
		<Section
			title={words.lately.title}
			{...(posts.length > 0
				? { more: { to: '/posts?state=published', label: words.lately.all } }
				: {})}
		>
			{posts.length === 0 ? (
				<p className="text-muted-foreground">{words.lately.nothing}</p>
			) : (
				<Lines posts={posts} when={(post) => post.publishedAt && <Ago iso={post.publishedAt} />} />
			)}
		</Section>
	);
}

function Lines({ posts, when }: { posts: PostView[]; when: (post: PostView) => ReactNode }) {
	return (
		<ul className="divide-y">
			{posts.map((post) => (
				<li key={post.id} className="py-2.5 first:pt-0 last:pb-0">
					<Link
						to={`/posts/${post.id}`}
						className="flex items-center gap-3 rounded-md outline-offset-4 hover:[&_.title]:underline"
					>
						<PlatformMark platform={post.platform} />
						<span className="min-w-0 flex-1">
							<span className="title block truncate underline-offset-4">
								{post.content.text ||
									(post.media.length > 0 ? words.images(post.media.length) : words.noText)}
							</span>
							<span className="block truncate text-sm text-muted-foreground">
								{when(post)} · {post.account}
								{post.mode === 'sandbox' && ` (${strings.modes.sandbox})`}
							</span>
						</span>
					</Link>
				</li>
			))}
		</ul>
	);
}
