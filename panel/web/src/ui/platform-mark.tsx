import type { Platform } from '../../../../core/store/contract';
import { strings } from '../strings';

/** A small sign for a platform; its name stands beside it in words. */
export function PlatformMark({ platform }: { platform: Platform }) {
	return (
		<span
			aria-hidden
			className="grid size-10 shrink-0 place-items-center rounded-lg bg-muted text-sm font-bold tracking-tight"
		>
			{strings.marks[platform] ?? platform.slice(0, 2)}
		</span>
	);
}

/** A platform that this page does not know yet is called by its id. */
export function platformName(platform: Platform): string {
	return strings.platforms[platform] ?? platform;
}
