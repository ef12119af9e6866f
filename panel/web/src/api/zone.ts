import type { AbilityAnswer } from '../../../shared/settings';
import { call } from './client';

let chosen: string | null = null;

/** The time zone that was chosen for this person's owner or for the panel; null: none was. */
export const chosenZone = () => chosen;

/** Loader of pages where times are entered: their first choice is the chosen zone. */
export async function loadZone(): Promise<null> {
	try {
		const ability = await call<AbilityAnswer>('GET', '/api/ability');
		chosen = ability.zoneChosen ? ability.zone : null;
	} catch {
		// The device's own zone does as well; the page says by itself when nobody answers.
	}
	return null;
}
