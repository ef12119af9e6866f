import { CircleCheck } from 'lucide-react';
import { Link } from 'react-router';
import type { OverviewAnswer } from '../../../../shared/overview';
import { overviewWords } from '../../strings/overview';
import { Button } from '../../ui/button';
import { PlatformMark, platformName } from '../../ui/platform-mark';
import { Card } from '../../ui/surface';
import { Time } from '../../ui/time';
import { Section } from './section';

const words = overviewWords.person;

/** What waits for somebody: posts to decide about, and accounts that have to be connected again. */
export function NeedsPerson({ answer, mayChange }: { answer: OverviewAnswer; mayChange: boolean }) {
	const { review, reviewCount } = answer;
	const accounts = answer.accounts.filter(({ status }) => status === 'reconnect');
	if (review.length === 0 && accounts.length === 0) {
		return (
			<Card className="flex items-center gap-3">
				<CircleCheck className="size-5 shrink-0 text-success" aria-hidden />
				<h2 className="sr-only">{words.title}</h2>
				<p>{words.nothing}</p>
			</Card>
		);
	}
	const more =
		reviewCount > review.length
			? {
					to: '/posts?state=needs_review',
					label: words.more(reviewCount > 99 ? '99+' : String(reviewCount)),
				}
			: undefined;
	return (
		<Section title={words.title} {...(more ? { more } : {})}>
			<ul className="divide-y">
				{review.map((post) => (
					<li
						key={post.id}
						className="flex flex-wrap items-center gap-x-4 gap-y-2 py-3 first:pt-0 last:pb-0"
					>
						<PlatformMark platform={post.platform} />
						<div className="min-w-0 flex-1 basis-48">
							<p className="truncate font-medium">{post.content.text || overviewWords.noText}</p>
							<p className="text-sm text-muted-foreground">
								{post.account} · <Time iso={post.updatedAt} />
							</p>
							{post.error && <p className="mt-1 text-sm">{post.error.message}</p>}
						</div>
						<Button asChild size="small" look={mayChange ? 'primary' : 'outline'}>
							<Link to={`/posts/${post.id}`} aria-label={words.decideOne(post.account)}>
								{words.decide}
							</Link>
						</Button>
					</li>
				))}
				{accounts.map((account) => (
					<li
						key={account.id}
						className="flex flex-wrap items-center gap-x-4 gap-y-2 py-3 first:pt-0 last:pb-0"
					>
						<PlatformMark platform={account.platform} />
						<div className="min-w-0 flex-1 basis-48">
							<p className="truncate font-medium">
								@{account.handle} {words.account[account.status]}
							</p>
							<p className="text-sm text-muted-foreground">
								{platformName(account.platform)}
								{account.statusReason && ` · ${account.statusReason}`}
							</p>
						</div>
						<Button asChild size="small" look="outline">
							<Link to="/accounts" aria-label={words.reconnectOne(account.handle)}>
								{words.reconnect}
							</Link>
						</Button>
					</li>
				))}
			</ul>
		</Section>
	);
}
