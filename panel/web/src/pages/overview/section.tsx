import { ArrowRight } from 'lucide-react';
import type { ReactNode } from 'react';
import { Link } from 'react-router';
import { Card } from '../../ui/surface';

/** One part of the overview with its title and, where there is more, the way there. */
export function Section({
	title,
	more,
	children,
}: {
	title: string;
	more?: { to: string; label: string };
	children: ReactNode;
}) {
	return (
		<Card className="grid gap-3">
			<div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-1">
				<h2 className="text-sm font-medium text-muted-foreground">{title}</h2>
				{more && (
					<Link
						to={more.to}
						className="inline-flex items-center gap-1 text-sm font-medium text-accent-foreground underline-offset-4 hover:underline"
					>
						{more.label}
						<ArrowRight className="size-3.5" aria-hidden />
					</Link>
				)}
			</div>
			{children}
		</Card>
	);
}
