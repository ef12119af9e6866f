import { Ellipsis } from 'lucide-react';
import type { ReactNode } from 'react';
import { Button } from './button';
import { Menu } from './menu';

/** What else can be done with something, behind three dots. */
export function MoreMenu({
	label,
	busy,
	children,
}: {
	/** For screen readers: whose menu it is. */
	label: string;
	/** One of its actions is on its way. */
	busy: boolean;
	children: ReactNode;
}) {
	return (
		<Menu
			trigger={
				<Button look="outline" size="small" className="px-2.5" busy={busy} aria-label={label}>
					{!busy && <Ellipsis aria-hidden />}
				</Button>
			}
		>
			{children}
		</Menu>
	);
}
