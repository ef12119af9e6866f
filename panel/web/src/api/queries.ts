import {
	QueryCache,
	type QueryClient,
	queryOptions,
	useMutation,
	useQuery,
	useQueryClient,
} from '@tanstack/react-query';
import type { SessionAnswer } from '../../../shared/api';
import { ApiError, call, keepCsrfToken, problemOf } from './client';
import { PatientQueryClient } from './query-client';

const isPassing = (error: unknown) =>
	error instanceof ApiError && (error.status === 0 || error.status === 503);

/** One client for all pages. The panel is often on this machine, so "no network" stops nothing. */
export const queryClient: QueryClient = new PatientQueryClient({
	queryCache: new QueryCache({
		onError: (error, query) => {
			// A session that ended elsewhere shows on the next answer; the shell then asks to sign in.
			if (error instanceof ApiError && error.status === 401 && query.queryKey[0] !== 'session') {
				void queryClient.invalidateQueries({ queryKey: ['session'] });
			}
		},
	}),
	defaultOptions: {
		queries: {
			networkMode: 'always',
			retry: false,
			staleTime: 5_000,
			// What cannot be reached is asked for again until it can.
			refetchInterval: (query) => (isPassing(query.state.error) ? 3_000 : false),
		},
		mutations: { networkMode: 'always', retry: false },
	},
});

export const sessionQuery = queryOptions({
	queryKey: ['session'],
	queryFn: async () => {
		const session = await call<SessionAnswer>('GET', '/api/session');
		keepCsrfToken(session.csrfToken);
		return session;
	},
	staleTime: 60_000,
});

/** The session that the shell has loaded before it shows any page. */
export function useSession(): SessionAnswer {
	const { data } = useQuery(sessionQuery);
	return data ?? { user: null, csrfToken: null, signIn: 'local', version: '' };
}

/** True when buttons that change something are shown. The server decides by itself. */
export function useMayChange(): boolean {
	return useSession().user?.role === 'admin';
}

/** Takes over the session that a sign-in or sign-out answered; nothing of the former person stays. */
export function takeSession(client: QueryClient, session: SessionAnswer): void {
	keepCsrfToken(session.csrfToken);
	client.removeQueries({ predicate: (query) => query.queryKey[0] !== 'session' });
	client.setQueryData(sessionQuery.queryKey, session);
}

/**
 * A write; `done` gets its answer after the lists named by `changes` were asked for again. `problem` is
 * what to tell people when it was refused, `errorOf` what of it is about one field.
 */
export function useSend<Body, Answer>(
	send: (body: Body) => Promise<Answer>,
	options: { changes?: string[]; done?: (answer: Answer, body: Body) => void } = {},
) {
	const client = useQueryClient();
	const write = useMutation<Answer, unknown, Body>({
		mutationFn: send,
		onSuccess: (answer, body) => options.done?.(answer, body),
		onSettled: async (_answer, error) => {
			if (error instanceof ApiError && error.status === 401) {
				await client.invalidateQueries({ queryKey: ['session'] });
			}
			for (const key of options.changes ?? []) {
				void client.invalidateQueries({ queryKey: [key] });
			}
		},
	});
	const problem = write.error ? problemOf(write.error) : null;
	return {
		...write,
		problem,
		errorOf: (field: string) => (problem?.field === field ? problem.message : null),
	};
}
