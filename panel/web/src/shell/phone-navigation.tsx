import { Ellipsis } from 'lucide-react';
import { NavLink, useLocation, useNavigate } from 'react-router';
import { strings } from '../strings';
import { cn } from '../ui/class-names';
import { Menu, MenuItem } from '../ui/menu';
import type { Place } from './navigation';

/** Five fit beside each other at 320 px with their names. */
const FIT = 5;

const look =
	'grid w-full justify-items-center gap-1 px-1 py-2.5 text-xs font-medium text-muted-foreground';

function Sign({ icon: Icon, active }: { icon: Place['icon']; active: boolean }) {
	return (
		<span className={cn('rounded-full px-4 py-1', active && 'bg-accent')}>
			<Icon className="size-5" aria-hidden />
		</span>
	);
}

/** The places at the foot of a phone: the first ones, and the others behind "More". */
export function PhoneNavigation({ places }: { places: Place[] }) {
	const { pathname } = useLocation();
	const navigate = useNavigate();
	const shown = places.length > FIT ? places.slice(0, FIT - 1) : places;
	const more = places.slice(shown.length);
	const inMore = more.some(({ to }) => pathname === to || pathname.startsWith(`${to}/`));
	return (
		<nav
			aria-label={strings.nav.label}
			className="fixed inset-x-0 bottom-0 z-20 border-t bg-card pb-[env(safe-area-inset-bottom)] sm:hidden"
		>
			<ul className="flex justify-around">
				{shown.map(({ to, label, icon }) => (
					<li key={to} className="min-w-0 flex-1">
						<NavLink
							to={to}
							end={to === '/'}
							className={({ isActive }) => cn(look, isActive && 'text-accent-foreground')}
						>
							{({ isActive }) => (
								<>
									<Sign icon={icon} active={isActive} />
									<span className="max-w-full truncate">{label}</span>
								</>
							)}
						</NavLink>
					</li>
				))}
				{more.length > 0 && (
					<li className="min-w-0 flex-1">
						<Menu
							side="top"
							trigger={
								<button
									type="button"
									className={cn(look, inMore && 'text-accent-foreground')}
									{...(inMore ? { 'aria-current': 'true' as const } : {})}
								>
									<Sign icon={Ellipsis} active={inMore} />
									{strings.nav.more}
								</button>
							}
						>
							{more.map(({ to, label, icon: Icon }) => (
								<MenuItem key={to} onSelect={() => void navigate(to)}>
									<Icon aria-hidden />
									{label}
								</MenuItem>
							))}
						</Menu>
					</li>
				)}
			</ul>
		</nav>
	);
}
