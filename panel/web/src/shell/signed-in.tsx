import { useQuery } from '@tanstack/react-query';
import { ChevronsUpDown, CircleUser } from 'lucide-react';
import { Suspense } from 'react';
import { Navigate, NavLink, Outlet, useLocation, useNavigation } from 'react-router';
import type { SessionAnswer } from '../../../shared/api';
import { sessionQuery } from '../api/queries';
import { strings } from '../strings';
import { Button } from '../ui/button';
import { cn } from '../ui/class-names';
import { LoadFailed } from '../ui/notice';
import { Bell, useNotifications } from './bell/bell';
import { Brand } from './brand';
import { Loading } from './loading';
import { sectionsFor } from './navigation';
import { PersonMenu } from './person-menu';
import { PhoneNavigation } from './phone-navigation';

/** The pages behind sign-in, with their navigation: at the side, on a phone at the foot. */
export function SignedIn() {
	const session = useQuery(sessionQuery);
	const { pathname, search } = useLocation();
	if (session.isPending) return <Loading />;
	if (!session.data) {
		return (
			<main className="mx-auto grid min-h-dvh max-w-lg place-content-center p-6">
				<h1 className="sr-only">{strings.app.name}</h1>
				<LoadFailed error={session.error} again={() => void session.refetch()} />
			</main>
		);
	}
	if (session.data.signIn === 'setup') return <Navigate to="/setup" replace />;
	if (session.data.user === null) {
		const back =
			pathname === '/' && search === '' ? '' : `?${new URLSearchParams({ to: pathname + search })}`;
		return <Navigate to={`/sign-in${back}`} replace />;
	}
	return <Shell session={session.data} user={session.data.user} />;
}

function Shell({
	session,
	user,
}: {
	session: SessionAnswer;
	user: NonNullable<SessionAnswer['user']>;
}) {
	const sections = sectionsFor(session);
	const busy = useNavigation().state === 'loading';
	const bell = useNotifications();
	return (
		<div className="sm:grid sm:min-h-dvh sm:grid-cols-[15rem_minmax(0,1fr)]">
			<a
				href="#content"
				className="sr-only z-50 rounded-md bg-card px-4 py-2 focus:not-sr-only focus:fixed focus:top-2 focus:left-2"
			>
				{strings.app.skip}
			</a>
			<header className="sticky top-0 hidden h-dvh flex-col border-r bg-card px-3 py-5 sm:flex">
				<div className="flex items-center justify-between pb-5 pl-2.5">
					<Brand />
					<Bell {...bell} side="right" />
				</div>
				<nav aria-label={strings.nav.label} className="grid gap-5 overflow-y-auto">
					{sections.map(({ label, places }) => (
						<div key={label}>
							<p className="px-2.5 pb-1.5 text-xs font-medium text-muted-foreground">{label}</p>
							<ul className="grid gap-0.5">
								{places.map(({ to, label: text, icon: Icon }) => (
									<li key={to}>
										<NavLink
											to={to}
											end={to === '/'}
											className={({ isActive }) =>
												cn(
													'flex items-center gap-2.5 rounded-md px-2.5 py-2 text-sm font-medium transition-colors hover:bg-muted',
													isActive && 'bg-accent text-accent-foreground hover:bg-accent',
												)
											}
										>
											<Icon className="size-4" aria-hidden />
											{text}
										</NavLink>
									</li>
								))}
							</ul>
						</div>
					))}
				</nav>
				<div className="mt-auto pt-4">
					<PersonMenu
						side="top"
						trigger={
							<button
								type="button"
								className="flex w-full items-center gap-2.5 rounded-md px-2.5 py-2 text-left transition-colors hover:bg-muted"
							>
								<CircleUser className="size-5 shrink-0 text-muted-foreground" aria-hidden />
								<span className="min-w-0 flex-1">
									<span className="sr-only">{strings.menu.of} </span>
									<span className="block truncate text-sm font-medium">{user.name}</span>
									<span className="block text-xs text-muted-foreground">
										{strings.roles[user.role]}
									</span>
								</span>
								<ChevronsUpDown className="size-4 text-muted-foreground" aria-hidden />
							</button>
						}
					/>
				</div>
			</header>
			<header className="flex items-center justify-between border-b bg-card px-4 py-2 sm:hidden">
				<Brand />
				<div className="flex items-center">
					<Bell {...bell} />
					<PersonMenu
						trigger={
							<Button look="quiet" size="icon" aria-label={strings.menu.label(user.name)}>
								<CircleUser className="size-5!" aria-hidden />
							</Button>
						}
					/>
				</div>
			</header>
			<main
				id="content"
				tabIndex={-1}
				aria-busy={busy || undefined}
				className={cn(
					'mx-auto w-full max-w-5xl px-4 pt-6 pb-28 outline-none transition-opacity sm:px-8 sm:py-10',
					busy && 'opacity-60',
				)}
			>
				<Suspense fallback={null}>
					<Outlet />
				</Suspense>
			</main>
			<PhoneNavigation places={sections.flatMap(({ places }) => places)} />
		</div>
	);
}
