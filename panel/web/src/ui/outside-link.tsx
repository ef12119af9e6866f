import { ExternalLink } from 'lucide-react';
import type { ReactNode } from 'react';
import { strings } from '../strings';
import { cn } from './class-names';

/** A link that leaves the panel. The server lets only http(s) addresses through. */
export function OutsideLink({
	href,
	children,
	className,
}: {
	href: string;
	children: ReactNode;
	className?: string;
}) {
	return (
		<a
			href={href}
			target="_blank"
			rel="noopener noreferrer"
			className={cn(
				'inline-flex items-center gap-1.5 font-medium text-accent-foreground underline underline-offset-4 decoration-from-font hover:no-underline',
				className,
			)}
		>
			{children}
			<ExternalLink className="size-3.5" aria-hidden />
			<span className="sr-only">{strings.common.opensNew}</span>
		</a>
	);
}
