import {
	type Query,
	QueryClient,
	type QueryKey,
	type RefetchOptions,
	type RefetchQueryFilters,
} from '@tanstack/react-query';

/** The next page of this list is on its way. */
const isGrowing = (query: Pick<Query, 'state'>) =>
	query.state.fetchStatus !== 'idle' && query.state.fetchMeta?.fetchMore !== undefined;

/**
 * A list whose next page is on its way is asked for again after that page has come. TanStack's own client
 * drops the page, and an event that comes just then would take away what somebody has clicked.
 */
export class PatientQueryClient extends QueryClient {
	override async refetchQueries<Key extends QueryKey = QueryKey>(
		filters: RefetchQueryFilters<Key> = {},
		options: RefetchOptions = {},
	): Promise<void> {
		const growing = this.getQueryCache().findAll(filters).filter(isGrowing);
		const others: RefetchQueryFilters<Key> = {
			...filters,
			predicate: (query) => !isGrowing(query) && (filters.predicate?.(query) ?? true),
		};
		await Promise.all([
			super.refetchQueries(others, options),
			...growing.map(async ({ promise, queryKey }) => {
				await promise?.catch(() => undefined);
				await this.refetchQueries({ queryKey, exact: true, type: filters.type }, options);
			}),
		]);
	}
}
