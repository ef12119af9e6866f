import type { CheckResult } from '../../shared/features';

/** What a check found. */
export type Finding = Omit<CheckResult, 'id' | 'label'>;

/** All is well. */
export function ok(message: string): Finding {
	return { state: 'ok', message, remedy: null, to: null };
}

/** It works, and somebody should look. */
export function warning(message: string, remedy: string, to: string | null = null): Finding {
	return { state: 'warning', message, remedy, to };
}

/** It cannot work like this. */
export function bad(message: string, remedy: string, to: string | null = null): Finding {
	return { state: 'bad', message, remedy, to };
}
