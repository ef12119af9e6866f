import type { Platform } from '../../../../../core/store/contract';
import { measure } from '../../../../shared/appearance';
import { composeStrings } from '../../strings/compose';
import { cn } from '../../ui/class-names';
import { platformName } from '../../ui/platform-mark';

const words = composeStrings.text;
/** Where the rest begins to matter. */
const NEARLY = 0.9;

/** How long a text is on each of these platforms, as they count. */
export function Counters({ text, platforms }: { text: string; platforms: Platform[] }) {
	if (platforms.length === 0) return null;
	return (
		<ul aria-label={words.counters} className="flex flex-wrap gap-x-4 gap-y-1 text-sm">
			{platforms.map((platform) => {
				const { length, max } = measure(platform, text);
				const over = length - max;
				return (
					<li
						key={platform}
						className={cn(
							'inline-flex items-baseline gap-1.5 tabular-nums',
							over > 0
								? 'font-medium text-danger'
								: length >= NEARLY * max
									? 'text-warning'
									: 'text-muted-foreground',
						)}
					>
						<span aria-hidden>
							{platformName(platform)} {length}/{max}
						</span>
						<span className="sr-only">{words.counter(platformName(platform), length, max)}</span>
						{over > 0 && <span>{words.over(over)}</span>}
					</li>
				);
			})}
		</ul>
	);
}
