import { useQueryClient } from '@tanstack/react-query';
import { CloudOff } from 'lucide-react';
import { useEffect, useSyncExternalStore } from 'react';
import { Outlet, ScrollRestoration } from 'react-router';
import { reachability } from '../api/client';
import { strings } from '../strings';
import { ToastProvider } from '../ui/toast';
import { useDeviceTheme } from './theme';

const PROBE_MS = 3_000;

/** Says that the panel or its store is out of reach, asks until it is back, then loads everything anew. */
function LostBanner() {
	const state = useSyncExternalStore(reachability.subscribe, reachability.get);
	const client = useQueryClient();
	useEffect(() => {
		if (state === 'ok') return;
		const timer = setInterval(() => {
			// Also the store's state shows in the session's answer.
			fetch('/api/session', { cache: 'no-store' })
				.then(async (answer) => {
					if (!answer.ok) return;
					reachability.set('ok');
					await client.invalidateQueries();
				})
				.catch(() => undefined);
		}, PROBE_MS);
		return () => clearInterval(timer);
	}, [state, client]);
	return (
		<div role="status">
			{state !== 'ok' && (
				<p className="flex items-center justify-center gap-2 bg-warning-soft px-4 py-2 text-center text-sm text-warning">
					<CloudOff className="size-4 shrink-0" aria-hidden />
					{state === 'panel' ? strings.problems.lost : strings.problems.storeLost}
				</p>
			)}
		</div>
	);
}

/** Around every page, signed in or not. */
export function Frame() {
	useDeviceTheme();
	return (
		<ToastProvider>
			<LostBanner />
			<Outlet />
			<ScrollRestoration />
		</ToastProvider>
	);
}
