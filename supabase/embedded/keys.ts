import { createHash, timingSafeEqual } from 'node:crypto';
import type { Request } from 'express';
import { errors, jwtVerify } from 'jose';

export type Role = 'anon' | 'authenticated' | 'service_role';

/** Who calls: the database role and the claims that SQL may read. */
export interface Caller {
	role: Role;
	claims: Record<string, unknown>;
	/** Set for a key that was issued for n8n. */
	keyId?: string;
}

export interface GatewayKeys {
	/** `sb_secret_…`: acts as service_role. */
	serviceKey: string;
	/** `sb_publishable_…`: acts as anon. */
	anonKey: string;
	/** HS256 secret of user tokens. */
	jwtSecret: string;
}

/** Finds keys that were issued for n8n (`issued-keys.ts`) by their SHA-256. */
export interface IssuedKeys {
	/** Id of the key while it works, null when there is none, undefined when that cannot be known now. */
	find(digest: string): Promise<string | null | undefined>;
}

/** JSON answer that ends a request. */
export interface Refusal {
	status: number;
	body: Record<string, unknown>;
	headers?: Record<string, string>;
}

/** SQL tells by `gateway` that it is not behind Supabase's own. */
const SERVICE_CLAIMS = { role: 'service_role', gateway: 'musekit' };

const ROLES: readonly string[] = ['anon', 'authenticated', 'service_role'];

function pgrst(status: number, code: string, message: string): Refusal {
	return {
		status,
		body: { code, details: null, hint: null, message },
		headers: status === 401 ? { 'www-authenticate': 'Bearer' } : {},
	};
}

function digestOf(text: string): Buffer {
	return createHash('sha256').update(text).digest();
}

function bearerOf(request: Request): string | null {
	const header = request.get('authorization');
	if (header === undefined) return null;
	return /^Bearer\s+(\S+)\s*$/i.exec(header)?.[1] ?? '';
}

/**
 * Finds out who calls, as Supabase's API gateway and PostgREST do: an `apikey` header, a Bearer
 * token, or both (then the Bearer says who, the key that one may ask at all).
 */
export function createKeyCheck(
	keys: GatewayKeys,
	issued?: IssuedKeys,
): (request: Request) => Promise<Caller | { refusal: Refusal }> {
	const secret = new TextEncoder().encode(keys.jwtSecret);
	// Compared as digests: neither length nor content shows in the time it takes.
	const serviceDigest = digestOf(keys.serviceKey);
	const anonDigest = digestOf(keys.anonKey);

	const byKey = async (given: string): Promise<Caller | { refusal: Refusal } | null> => {
		const digest = digestOf(given);
		const service = timingSafeEqual(digest, serviceDigest);
		const anon = timingSafeEqual(digest, anonDigest);
		if (service) return { role: 'service_role', claims: SERVICE_CLAIMS };
		if (anon) return { role: 'anon', claims: { role: 'anon' } };
		if (issued === undefined || !given.startsWith('sb_secret_')) return null;
		// Found by digest, so the time that it takes tells nothing about another key.
		const keyId = await issued.find(digest.toString('hex'));
		if (keyId === undefined) {
			return { refusal: pgrst(503, 'PGRST000', 'Could not connect with the database.') };
		}
		return keyId === null ? null : { role: 'service_role', claims: SERVICE_CLAIMS, keyId };
	};

	const byToken = async (given: string): Promise<Caller | { refusal: Refusal }> => {
		try {
			const { payload } = await jwtVerify(given, secret, { algorithms: ['HS256'] });
			const role = payload.role ?? 'anon';
			if (typeof role !== 'string' || !ROLES.includes(role)) {
				return { refusal: pgrst(403, '42501', 'permission denied to set this role') };
			}
			return { role: role as Role, claims: { ...payload } };
		} catch (error) {
			if (error instanceof errors.JWTExpired)
				return { refusal: pgrst(401, 'PGRST303', 'JWT expired') };
			if (error instanceof errors.JWTClaimValidationFailed) {
				return { refusal: pgrst(401, 'PGRST303', 'JWT not yet valid') };
			}
			if (error instanceof errors.JOSEAlgNotAllowed) {
				return { refusal: pgrst(401, 'PGRST301', 'Wrong or unsupported encoding algorithm') };
			}
			return { refusal: pgrst(401, 'PGRST301', 'No suitable key or wrong key type') };
		}
	};

	return async (request) => {
		const apikey = request.get('apikey');
		const bearer = bearerOf(request);
		if (apikey === undefined && bearer === null) {
			return {
				refusal: {
					status: 401,
					body: {
						message: 'No API key found in request',
						hint: 'No `apikey` request header or `Authorization: Bearer` was found.',
					},
				},
			};
		}
		const fromBrowser = /^Mozilla\//i.test(request.get('user-agent') ?? '');
		if (
			fromBrowser &&
			[apikey, bearer].some((given) => typeof given === 'string' && given.startsWith('sb_secret_'))
		) {
			return {
				refusal: {
					status: 401,
					body: {
						message: 'Forbidden use of secret API key in browser',
						hint: 'Secret API keys can only be used in a protected environment and should never be used in a browser. Delete this secret API key immediately.',
					},
				},
			};
		}
		let caller: Caller | null = null;
		if (apikey !== undefined) {
			const checked = (await byKey(apikey)) ?? (await byToken(apikey));
			if ('refusal' in checked && checked.refusal.status === 503) return checked;
			if ('refusal' in checked) {
				return {
					refusal: {
						status: 401,
						body: {
							message: 'Invalid API key',
							hint: 'Double check your Supabase `anon` or `service_role` API key.',
						},
					},
				};
			}
			caller = checked;
		}
		if (bearer !== null && bearer !== apikey) {
			const checked = (await byKey(bearer)) ?? (await byToken(bearer));
			if ('refusal' in checked) return checked;
			caller = checked;
		}
		return caller ?? { refusal: pgrst(401, 'PGRST301', 'No suitable key or wrong key type') };
	};
}
