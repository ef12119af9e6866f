import { Link } from 'react-router';
import type { RiskView } from '../../../../core/store/contract';
import { accountStrings } from '../strings/accounts';
import { Notice } from '../ui/notice';
import { Time } from '../ui/time';

const words = accountStrings;

/** What will make scheduled posts fail unless somebody acts: one line for each cause, with its posts. */
export function AtRisk({ warnings }: { warnings: RiskView[] }) {
	const posts = new Set(warnings.flatMap(({ postId }) => postId ?? []));
	return (
		<Notice tone="warning" title={posts.size > 0 ? words.atRisk(posts.size) : words.nextPost}>
			<ul className="grid gap-2">
				{warnings.map(({ at, code, message, postId, remedy }) => (
					<li key={`${code} ${postId}`} className="grid gap-0.5">
						<span>
							{message} {remedy}
						</span>
						{(at !== null || postId !== null) && (
							<span className="flex flex-wrap gap-x-4 text-muted-foreground">
								{at !== null && (
									<span>
										{words.from} <Time iso={at} />
									</span>
								)}
								{postId !== null && (
									<Link
										to={`/posts/${postId}`}
										className="font-medium text-accent-foreground underline underline-offset-4 hover:no-underline"
									>
										{words.post}
									</Link>
								)}
							</span>
						)}
					</li>
				))}
			</ul>
		</Notice>
	);
}
