import type { StoreRefusal } from '../../../core/ports';
import type { Problem } from './problem';

/** Why the store gave no value, for people. */
export function storeProblem(
	answer: { kind: 'refused'; refusal: StoreRefusal } | { kind: 'unreachable'; reason: string },
): Problem {
	if (answer.kind === 'unreachable') {
		return {
			message: `The store cannot be reached: ${answer.reason}.`,
			remedy:
				'Check that it is running (npm start, or the Supabase project is not paused) and the Project URL in the credential, then run it again.',
		};
	}
	const { refusal } = answer;
	return {
		message:
			refusal.message === '' ? `The store refused the call (${refusal.code}).` : refusal.message,
		remedy: refusal.hint ?? '',
	};
}
