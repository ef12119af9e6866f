import { queryOptions, useQueryClient } from '@tanstack/react-query';
import type { WizardAnswer, WizardState } from '../../../../shared/wizard';
import { call } from '../../api/client';
import { useSend } from '../../api/queries';

export const wizardQuery = queryOptions({
	queryKey: ['wizard'],
	queryFn: () => call<WizardAnswer>('GET', '/api/wizard'),
});

/**
 * Keeps how far somebody came in the store, so that they can go on elsewhere. What was asked before
 * the answer came is older than it and is not believed.
 */
export function useKeepState() {
	const client = useQueryClient();
	return useSend(async (state: WizardState) => {
		const { queryKey } = wizardQuery;
		await client.cancelQueries({ queryKey });
		const answer = await call<WizardAnswer>('PATCH', '/api/wizard', state);
		await client.cancelQueries({ queryKey });
		client.setQueryData(queryKey, answer);
		return answer;
	});
}
