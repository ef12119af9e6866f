import { LoadFailed } from './notice';
import { ListLoading } from './surface';

/** What shows of a list or page until it is there: grey shapes, or why it could not be loaded. */
export function QueryState({
	query,
	rows = 3,
}: {
	query: { isPending: boolean; data: unknown; error: unknown; refetch: () => Promise<unknown> };
	rows?: number;
}) {
	if (query.isPending) return <ListLoading rows={rows} />;
	if (query.data) return null;
	return <LoadFailed error={query.error} again={() => void query.refetch()} />;
}
