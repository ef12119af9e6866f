import type { PostRowView } from '../../../../../core/store/contract';
import { postStrings as words } from '../../strings/posts';
import { cn } from '../../ui/class-names';

export const pictureAddress = (hash: string, owner: string) =>
	`/api/media/${hash}?${new URLSearchParams({ owner })}`;

/** Pictures of a post as they are, each with its description. */
export function Pictures({ post, captions = false }: { post: PostRowView; captions?: boolean }) {
	const refs = post.content.media ?? [];
	return (
		<ul className={cn('flex flex-wrap gap-3', captions && 'grid gap-4 sm:grid-cols-2')}>
			{refs.map(({ hash, altText }, at) => {
				const info = post.media.find((one) => one.hash === hash);
				return (
					<li key={`${hash}-${at}`}>
						<figure className="grid gap-1.5">
							<img
								src={pictureAddress(hash, post.owner)}
								alt={altText || words.imageOf(at + 1, refs.length)}
								loading="lazy"
								width={info?.width}
								height={info?.height}
								className={cn(
									'rounded-lg border bg-muted object-cover',
									captions ? 'h-auto max-h-96 w-full object-contain' : 'size-16',
								)}
							/>
							{captions && (
								<figcaption className="text-sm text-muted-foreground">
									{altText ? words.detail.alt(altText) : words.detail.noAlt}
								</figcaption>
							)}
						</figure>
					</li>
				);
			})}
		</ul>
	);
}
