import { DatabaseError } from 'pg';
import type { Refusal, Role } from './keys';

/** PostgREST's error body. */
export function pgrstError(
	status: number,
	code: string,
	message: string,
	more: { details?: string | null; hint?: string | null } = {},
): Refusal {
	return {
		status,
		body: { code, details: more.details ?? null, hint: more.hint ?? null, message },
	};
}

/** Exact codes first, then classes; everything else is 400. (Source: PostgREST, src/PostgREST/Error.hs.) */
const STATUS: readonly (readonly [prefix: string, status: number])[] = [
	['23503', 409],
	['23505', 409],
	['25006', 405],
	['42883', 404],
	['42P01', 404],
	['42P17', 500],
	['57P01', 503],
	['P0001', 400],
	['53400', 500],
	['21000', 500],
	['08', 503],
	['09', 500],
	['0L', 403],
	['0P', 403],
	['25', 500],
	['28', 403],
	['2D', 500],
	['38', 500],
	['39', 500],
	['3B', 500],
	['40', 500],
	['53', 503],
	['54', 500],
	['55', 500],
	['57', 500],
	['58', 500],
	['F0', 500],
	['HV', 500],
	['P0', 500],
	['XX', 500],
];

/** HTTP status of a SQLSTATE; `PTnnn` names its own. Anonymous callers get 401 where others get 403. */
export function statusOf(code: string, message: string, role: Role): number {
	if (code === '42501') return role === 'anon' ? 401 : 403;
	const own = /^PT(\d{3})$/.exec(code);
	if (own) return Number(own[1]) >= 200 && Number(own[1]) <= 599 ? Number(own[1]) : 500;
	if (code === '22023' && /^role .* does not exist$/.test(message)) return 401;
	if (code === '21000' && message.endsWith('requires a WHERE clause')) return 400;
	return STATUS.find(([prefix]) => code.startsWith(prefix))?.[1] ?? 400;
}

/** The database's error as PostgREST would answer it; a lost connection is 503. */
export function fromDatabase(error: unknown, role: Role): Refusal {
	if (error instanceof DatabaseError && error.code) {
		const status = statusOf(error.code, error.message, role);
		const refusal = pgrstError(status, error.code, error.message, {
			details: error.detail,
			hint: error.hint,
		});
		if (status === 401) refusal.headers = { 'www-authenticate': 'Bearer' };
		return refusal;
	}
	return pgrstError(503, 'PGRST001', 'Database client error. Retrying the connection.');
}

/** No connection could be had. */
export function noConnection(error: unknown): Refusal {
	const text = error instanceof Error ? error.message : '';
	// pg-pool's words for "all connections are in use".
	if (text.includes('timeout exceeded when trying to connect')) {
		return pgrstError(504, 'PGRST003', 'Timed out acquiring connection from connection pool.');
	}
	return pgrstError(503, 'PGRST000', 'Database connection error. Retrying the connection.');
}
