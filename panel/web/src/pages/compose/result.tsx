import { useQuery } from '@tanstack/react-query';
import { Link } from 'react-router';
import type { PostView } from '../../../../../core/store/contract';
import type { ComposeResult, ComposeWhen, MadeView } from '../../../../shared/compose';
import { call } from '../../api/client';
import { strings } from '../../strings';
import { composeStrings } from '../../strings/compose';
import { Button } from '../../ui/button';
import { OutsideLink } from '../../ui/outside-link';
import { PlatformMark, platformName } from '../../ui/platform-mark';
import { StateBadge } from '../../ui/state-badge';
import { Badge, Card, PageHead } from '../../ui/surface';
import { Time } from '../../ui/time';

const words = composeStrings.result;

/** How often the states are asked for while posts are on their way. */
const REFRESH_MS = 2_000;

/** The posts as they are now; asked for while something of them may still happen soon. */
function useMade(
	results: ComposeResult[],
	owner: string,
	watching: boolean,
): Map<string, PostView> {
	const made = results.flatMap(({ post }) => (post === null ? [] : [post]));
	const ids = made.map(({ id }) => id).join(',');
	const { data } = useQuery({
		queryKey: ['compose', 'made', owner, ids],
		queryFn: () =>
			call<MadeView>('GET', `/api/compose/posts?${new URLSearchParams({ owner, ids })}`),
		enabled: ids !== '' && watching,
		refetchInterval: ({ state }) =>
			state.data?.posts.every((post) => !['scheduled', 'publishing'].includes(post.state))
				? false
				: REFRESH_MS,
	});
	return new Map([...made, ...(data?.posts ?? [])].map((post) => [post.id, post]));
}

/** What became of each account's post, and where to go from here. */
export function Result({
	owner,
	as,
	results,
	onCorrect,
	onRepeat,
	onAnother,
}: {
	owner: string;
	as: ComposeWhen['as'];
	results: ComposeResult[];
	onCorrect: () => void;
	onRepeat: (accountIds: string[]) => void;
	onAnother: () => void;
}) {
	const posts = useMade(results, owner, as === 'now');
	const refused = results.filter(({ result }) => result === 'invalid');
	const made = results.length - refused.length;
	const repeated = results.filter(({ result }) => result === 'duplicate');
	return (
		<>
			<PageHead
				title={made === 0 ? words.none : refused.length > 0 ? words.partly : words.title}
				lead={made > 0 ? words.lead[as] : undefined}
			/>
			<ul className="grid gap-3" aria-live="polite">
				{results.map((result) => (
					<Row
						key={result.accountId}
						result={result}
						post={posts.get(result.post?.id ?? '') ?? null}
					/>
				))}
			</ul>
			<div className="mt-6 flex flex-wrap gap-2">
				{refused.length > 0 && <Button onClick={onCorrect}>{words.correct(refused.length)}</Button>}
				{repeated.length > 0 && (
					<Button
						look="outline"
						onClick={() => onRepeat(repeated.map(({ accountId }) => accountId))}
					>
						{words.repeat}
					</Button>
				)}
				<Button look={refused.length > 0 ? 'outline' : 'primary'} onClick={onAnother}>
					{words.another}
				</Button>
				<Button look="outline" asChild>
					<Link to="/posts">{words.list}</Link>
				</Button>
			</div>
		</>
	);
}

function Row({ result, post }: { result: ComposeResult; post: PostView | null }) {
	const { account, problems, warnings } = result;
	const profile = account?.profileUrl;
	return (
		<li>
			<Card className="grid gap-3">
				<div className="flex flex-wrap items-center gap-3">
					{account && <PlatformMark platform={account.platform} />}
					<div className="min-w-0 flex-1">
						<p className="truncate font-medium">
							{account ? account.displayName || `@${account.handle}` : words.unknown}
						</p>
						{account && (
							<p className="truncate text-sm text-muted-foreground">
								{platformName(account.platform)} · @{account.handle}
							</p>
						)}
					</div>
					<span className="flex flex-wrap gap-1.5">
						{account?.mode === 'sandbox' && <Badge tone="accent">{strings.modes.sandbox}</Badge>}
						{post ? (
							<StateBadge state={post.state} />
						) : (
							<Badge tone="danger">{words.refused}</Badge>
						)}
					</span>
				</div>
				{post?.state === 'scheduled' && post.scheduledAt !== null && (
					<p className="text-sm text-muted-foreground">
						{strings.posts.scheduledFor} <Time iso={post.scheduledAt} />
					</p>
				)}
				{result.result === 'duplicate' && <p className="text-sm">{words.duplicate}</p>}
				{[...problems, ...(post?.error ? [post.error] : []), ...warnings].map(
					({ message, remedy }, line) => (
						<p key={line} className="text-sm">
							{message} {remedy}
						</p>
					),
				)}
				{post && (
					<p className="flex flex-wrap gap-x-5 gap-y-1 text-sm">
						<Link
							to={`/posts/${post.id}`}
							className="font-medium text-accent-foreground underline underline-offset-4 hover:no-underline"
						>
							{words.details}
						</Link>
						{post.url && /^https?:/.test(post.url) && (
							<OutsideLink href={post.url}>{words.open}</OutsideLink>
						)}
						{profile && /^https?:/.test(profile) && (
							<OutsideLink href={profile}>
								{account.mode === 'sandbox' ? strings.posts.timeline : strings.posts.accountPage}
							</OutsideLink>
						)}
					</p>
				)}
			</Card>
		</li>
	);
}
