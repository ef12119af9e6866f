import type { UseInfiniteQueryResult } from '@tanstack/react-query';
import type { ComponentProps } from 'react';
import { strings } from '../strings';
import { Button } from './button';

type List = Pick<
	UseInfiniteQueryResult,
	'hasNextPage' | 'isFetching' | 'isFetchingNextPage' | 'fetchNextPage' | 'refetch'
>;

/** The next page puts aside that its list was being asked for again; that comes after it. */
async function bringNextPage(list: List): Promise<void> {
	const again = list.isFetching;
	await list.fetchNextPage();
	if (again) await list.refetch({ cancelRefetch: false });
}

/** Brings the next page of a list, where there is one. */
export function LoadMore({
	list,
	children = strings.common.loadMore,
	...look
}: { list: List } & Pick<ComponentProps<typeof Button>, 'size' | 'className' | 'children'>) {
	if (!list.hasNextPage) return null;
	return (
		<Button
			look="outline"
			busy={list.isFetchingNextPage}
			onClick={() => void bringNextPage(list)}
			{...look}
		>
			{children}
		</Button>
	);
}
