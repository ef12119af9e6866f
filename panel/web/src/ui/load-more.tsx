import type { UseInfiniteQueryResult } from '@tanstack/react-query';
import type { ComponentProps } from 'react';
import { strings } from '../strings';
import { Button } from './button';

type List = Pick<UseInfiniteQueryResult, 'hasNextPage' | 'isFetchingNextPage' | 'fetchNextPage'>;

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
			onClick={() => void list.fetchNextPage()}
			{...look}
		>
			{children}
		</Button>
	);
}
