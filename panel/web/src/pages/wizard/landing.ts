import { redirect } from 'react-router';
import type { WizardAnswer } from '../../../../shared/wizard';

/**
 * Whoever comes to the start page while nothing can be done is led to the first steps. Asked without
 * the shell's client: somebody who is not signed in yet is no news here.
 */
export async function toFirstSteps(): Promise<Response | null> {
	try {
		const answer = await fetch('/api/wizard', { cache: 'no-store' });
		if (!answer.ok) return null;
		const { show } = (await answer.json()) as WizardAnswer;
		return show ? redirect('/welcome') : null;
	} catch {
		// The page itself says that the panel does not answer.
		return null;
	}
}
