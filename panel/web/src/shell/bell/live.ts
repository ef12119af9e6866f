import { type QueryClient, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import type { LiveNotice, StoreEvent } from '../../../../shared/notifications';
import { reachability } from '../../api/client';

/** A page nobody looks at gives its connection back: browsers have six for all pages of the panel. */
const HIDDEN_MS = 30_000;
/** Where the server refused a stream, it is asked again after so long. */
const AGAIN_MS = 20_000;

/** What events change on the pages. */
const TOLD_BY_EVENTS = ['notifications', 'overview', 'posts', 'accounts'];

function refresh(client: QueryClient): void {
	for (const key of TOLD_BY_EVENTS) void client.invalidateQueries({ queryKey: [key] });
}

/**
 * Listens to the server while the page shows. True while events come; meanwhile and after every gap
 * the lists are asked for, so nothing depends on an event.
 */
export function useLive(onNotice: (notice: LiveNotice) => void): boolean {
	const client = useQueryClient();
	const [live, setLive] = useState(false);
	useEffect(() => {
		let source: EventSource | null = null;
		let timer: ReturnType<typeof setTimeout> | undefined;

		const close = () => {
			source?.close();
			source = null;
			setLive(false);
		};
		const open = () => {
			clearTimeout(timer);
			if (source !== null) return;
			const opened = new EventSource('/api/events');
			source = opened;
			opened.addEventListener('ready', () => {
				setLive(true);
				refresh(client);
			});
			opened.addEventListener('notice', (event: MessageEvent<string>) => {
				onNotice(JSON.parse(event.data) as LiveNotice);
				refresh(client);
			});
			opened.addEventListener('store', (event: MessageEvent<string>) => {
				const { reachable } = JSON.parse(event.data) as StoreEvent;
				reachability.set(reachable ? 'ok' : 'store');
				if (reachable) void client.invalidateQueries();
			});
			opened.addEventListener('end', () => {
				close();
				// Signed out, or with another role: the session's answer says which, and the shell follows.
				void client
					.invalidateQueries({ queryKey: ['session'] })
					.then(() => (timer = setTimeout(open, AGAIN_MS)));
			});
			opened.addEventListener('error', () => {
				setLive(false);
				// Whoever cannot be reached for events may be away altogether: an answer will tell.
				void client.invalidateQueries({ queryKey: ['notifications'] });
				// The browser tries again by itself, but for answers that are no stream.
				if (opened.readyState !== EventSource.CLOSED) return;
				close();
				timer = setTimeout(open, AGAIN_MS);
			});
		};
		const follow = () => {
			clearTimeout(timer);
			if (document.visibilityState === 'visible') open();
			else timer = setTimeout(close, HIDDEN_MS);
		};
		// Until the first page has its answers, the stream would stand in their way.
		timer = setTimeout(follow, 300);
		document.addEventListener('visibilitychange', follow);
		return () => {
			document.removeEventListener('visibilitychange', follow);
			clearTimeout(timer);
			close();
		};
	}, [client, onNotice]);
	return live;
}
