import { queryOptions, useQueryClient } from '@tanstack/react-query';
import type { WizardAnswer, WizardState } from '../../../../shared/wizard';
import { call } from '../../api/client';
import { useSend } from '../../api/queries';

export const wizardQuery = queryOptions({
	queryKey: ['wizard'],
	queryFn: () => call<WizardAnswer>('GET', '/api/wizard'),
});

/** Keeps how far somebody came in the store, so that they can go on elsewhere. */
export function useKeepState() {
	const client = useQueryClient();
	return useSend((state: WizardState) => call<WizardAnswer>('PATCH', '/api/wizard', state), {
		done: (answer) => client.setQueryData(wizardQuery.queryKey, answer),
	});
}
