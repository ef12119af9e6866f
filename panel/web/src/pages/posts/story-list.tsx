import type { StoryEntry } from '../../../../shared/posts';
import { cn } from '../../ui/class-names';
import { Time } from '../../ui/time';

const DOTS: Record<StoryEntry['tone'], string> = {
	neutral: 'bg-border',
	info: 'bg-info',
	success: 'bg-success',
	warning: 'bg-warning',
	danger: 'bg-danger',
};

/** What happened to a post, oldest first. */
export function StoryList({ story }: { story: StoryEntry[] }) {
	return (
		<ol className="grid grid-cols-[minmax(0,1fr)]">
			{story.map((entry, at) => (
				<li
					key={at}
					className="group relative grid grid-cols-[minmax(0,1fr)] gap-0.5 pb-5 pl-7 last:pb-0"
				>
					<span
						aria-hidden
						className="absolute top-4 bottom-0 left-[0.3125rem] w-px bg-border group-last:hidden"
					/>
					<span
						aria-hidden
						className={cn('absolute top-1.5 left-0 size-2.5 rounded-full', DOTS[entry.tone])}
					/>
					<div className="flex flex-wrap items-baseline justify-between gap-x-4">
						<p className="min-w-0 font-medium break-words">{entry.title}</p>
						<p className="text-sm text-muted-foreground">
							<Time iso={entry.at} />
						</p>
					</div>
					{(entry.note || entry.when) && (
						<p className="text-sm break-words text-muted-foreground">
							{entry.note} {entry.when && <Time iso={entry.when} />}
						</p>
					)}
				</li>
			))}
		</ol>
	);
}
