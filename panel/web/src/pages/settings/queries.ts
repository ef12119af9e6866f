import { queryOptions } from '@tanstack/react-query';
import type {
	AbilityAnswer,
	ChangeSettingsRequest,
	SettingsAnswer,
} from '../../../../shared/settings';
import { call } from '../../api/client';
import { useSend } from '../../api/queries';
import { settingsWords as words } from '../../strings/settings';
import { useToast } from '../../ui/toast';

export const settingsQuery = queryOptions({
	queryKey: ['settings'],
	queryFn: () => call<SettingsAnswer>('GET', '/api/settings'),
});

/** What the signed-in person's owner may do, and the time zone that counts for them. */
export const abilityQuery = queryOptions({
	queryKey: ['ability'],
	queryFn: () => call<AbilityAnswer>('GET', '/api/ability'),
	staleTime: 30_000,
});

/** Saves a part of the settings and says so. */
export function useSaveSettings() {
	const say = useToast();
	return useSend(
		(change: ChangeSettingsRequest) => call<SettingsAnswer>('PATCH', '/api/settings', change),
		{ changes: ['settings', 'ability', 'feature-checks', 'wizard'], done: () => say(words.saved) },
	);
}
