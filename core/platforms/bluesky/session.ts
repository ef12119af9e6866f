import { fromBase64 } from '../../accounts/encoding';
import type { HttpAnswer, HttpRequest } from '../../ports';
import type { PostError } from '../../store/contract';
import {
	excerpt,
	isSuccess,
	jsonOf,
	numberAt,
	objectsAt,
	objectAt,
	textAt,
	type Json,
} from '../answers';
import type { TokenSecret } from '../platform';

const LIMIT_MS = 20_000;

/** What a sign-in with an app password brings. */
export interface Session {
	/** The account's lasting id, `did:plc:…`. */
	did: string;
	handle: string;
	/** Server that holds the account, where the sign-in named one; calls go there. */
	server: string | null;
	secret: TokenSecret;
}

export type SessionReading =
	| { outcome: 'ok'; session: Session }
	| { outcome: 'refused'; error: PostError };

/** Signs in (30 times in five minutes at most, so sessions are kept). Use app passwords. */
export function sessionRequest(authUrl: string, identifier: string, password: string): HttpRequest {
	return {
		method: 'POST',
		url: `${authUrl}/xrpc/com.atproto.server.createSession`,
		headers: { 'content-type': 'application/json', accept: 'application/json' },
		body: JSON.stringify({ identifier, password }),
		limitMs: LIMIT_MS,
	};
}

/** Reads the answer to `sessionRequest`. */
export function readSession(answer: HttpAnswer, nowMs: number): SessionReading {
	if (answer.kind !== 'response') return refused('bluesky_not_reached', answer.reason);
	const body = jsonOf(answer) ?? {};
	const secret = secretOf(body, nowMs);
	const did = textAt(body, 'did');
	const handle = textAt(body, 'handle');
	if (isSuccess(answer) && secret !== null && did !== undefined && handle !== undefined) {
		return { outcome: 'ok', session: { did, handle, server: serverOf(body), secret } };
	}
	const words = textAt(body, 'message') ?? `HTTP ${answer.status}`;
	return refused(`bluesky_sign_in`, excerpt(words), answer.status);
}

/** The token pair of a session answer; null when it is not whole. */
export function secretOf(body: Json, nowMs: number): TokenSecret | null {
	const accessToken = textAt(body, 'accessJwt');
	const refreshToken = textAt(body, 'refreshJwt');
	if (accessToken === undefined || refreshToken === undefined) return null;
	const lifeMs = lifetimeMs(accessToken);
	return {
		accessToken,
		refreshToken,
		issuedAt: nowMs,
		...(lifeMs === null ? {} : { expiresAt: nowMs + lifeMs }),
	};
}

/** How long a token lives by its own words, so that no clock but ours counts. */
function lifetimeMs(token: string): number | null {
	const bytes = fromBase64(token.split('.')[1] ?? '');
	const claims = bytes === null ? null : jsonOf({ text: new TextDecoder().decode(bytes) });
	const issued = numberAt(claims ?? {}, 'iat');
	const ends = numberAt(claims ?? {}, 'exp');
	return issued === undefined || ends === undefined || ends <= issued
		? null
		: (ends - issued) * 1000;
}

function serverOf(body: Json): string | null {
	const services = objectsAt(objectAt(body, 'didDoc'), 'service') ?? [];
	const service = services.find((entry) => textAt(entry, 'id')?.endsWith('#atproto_pds'));
	const address = textAt(service ?? {}, 'serviceEndpoint');
	return address !== undefined && URL.canParse(address) ? new URL(address).origin : null;
}

function refused(code: string, why: string, status?: number): SessionReading {
	return {
		outcome: 'refused',
		error: {
			code,
			message: `Bluesky did not sign in (${why}). The account was not connected.`,
			remedy: 'Check handle and app password (Bluesky, Settings, App passwords), then try again.',
			...(status === undefined ? {} : { status }),
		},
	};
}
