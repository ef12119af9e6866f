import type { StoreRefusal } from '../../core/ports';

/** A call that the store refuses: nothing of it stays but a spent fence number. */
export class Refused extends Error {
	constructor(readonly refusal: StoreRefusal) {
		super(`${refusal.status} ${refusal.code}: ${refusal.message}`);
	}
}

/** `musekit_social.refuse`: our code with its sentence, what to do, and facts. */
export function refuse(
	status: number,
	code: string,
	message: string,
	hint = '',
	details?: Record<string, unknown>,
): never {
	throw new Refused({
		status,
		code,
		message,
		...(hint === '' ? {} : { hint }),
		...(details === undefined ? {} : { details }),
	});
}

const SQLSTATES = {
	check: { code: '23514', status: 400, message: 'a check of the table is violated' },
	unique: { code: '23505', status: 409, message: 'a key is in use' },
	syntax: { code: '22P02', status: 400, message: 'a value cannot be read' },
} as const;

/** What Postgres itself refuses; the gateway passes its SQLSTATE on. */
export function violation(kind: keyof typeof SQLSTATES): never {
	throw new Refused({ ...SQLSTATES[kind] });
}
