import { queryOptions } from '@tanstack/react-query';
import type { AccountsAnswer } from '../../../../shared/api';
import { call } from '../../api/client';

/** Accounts to choose from in filters; more than these are found by their posts. */
export const accountChoices = (owner: string | null) =>
	queryOptions({
		queryKey: ['accounts', 'choices', owner],
		queryFn: async () => {
			const query = new URLSearchParams({ limit: '200', ...(owner ? { owner } : {}) });
			return (await call<AccountsAnswer>('GET', `/api/accounts?${query}`)).accounts;
		},
		staleTime: 60_000,
	});
