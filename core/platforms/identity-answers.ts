import type { HttpAnswer, HttpPort, HttpRequest } from '../ports';
import type { PostError } from '../store/contract';
import { isSuccess, jsonOf, type Json } from './answers';
import type { Named } from './content-rules';
import type { AccountCandidate, IdentityFailure } from './identity';
import { readRefusal, refusedAnswer, type RefusalTable } from './refusals';

const LIMIT_MS = 20_000;

/** One read that asks about a token: its JSON object, or why there is none. */
export async function ask(
	http: HttpPort,
	table: RefusalTable,
	request: Pick<HttpRequest, 'url' | 'headers'>,
	nowMs: number,
): Promise<{ outcome: 'ok'; body: Json } | IdentityFailure> {
	const answer = await http.send({
		method: 'GET',
		url: request.url,
		headers: { accept: 'application/json', ...request.headers },
		limitMs: LIMIT_MS,
	});
	if (answer.kind === 'response' && isSuccess(answer)) {
		const body = jsonOf(answer);
		if (body !== null) return { outcome: 'ok', body };
	}
	return identityFailure(table, answer, nowMs);
}

/** Why an answer tells nothing about the account, in the words of connecting and validating. */
export function identityFailure(
	table: RefusalTable,
	answer: HttpAnswer,
	nowMs: number,
): IdentityFailure {
	if (answer.kind !== 'response') return unknownYet(table, answer.reason);
	if (isSuccess(answer)) return unknownYet(table, 'the answer could not be read');
	const refused = refusedAnswer(table, answer, nowMs);
	const why = `HTTP ${refused.status}${refused.words === '' ? '' : `: “${refused.words}”`}`;
	const reading = readRefusal(table, answer, { visible: false, redo: [], nowMs });
	const kind = reading.outcome === 'rejected' ? reading.class : 'retry';
	const facts = {
		status: refused.status,
		...(refused.platformCode === undefined ? {} : { platformCode: refused.platformCode }),
	};
	switch (kind) {
		case 'refresh':
			return {
				outcome: 'refused',
				tokenRefused: true,
				error: {
					code: `${table.platform}_identity_refused`,
					message: `${table.displayName} no longer takes this access (${why}). Nothing was changed.`,
					remedy: `Connect the account again and allow the app at ${table.displayName}.`,
					...facts,
				},
			};
		case 'rate_limit':
		case 'retry':
			return unknownYet(table, why, facts);
		case 'account':
			return {
				outcome: 'refused',
				tokenRefused: false,
				error: {
					code: `${table.platform}_identity_blocked`,
					message: `${table.displayName} does not serve this account or app now (${why}). Nothing was changed.`,
					remedy: `Settle at ${table.displayName} what it names (credits, restriction, app mode), then try again.`,
					...facts,
				},
			};
		default:
			return {
				outcome: 'refused',
				tokenRefused: false,
				error: {
					code: `${table.platform}_identity_forbidden`,
					message: `${table.displayName} does not tell whose access this is (${why}): a permission is missing. Nothing was changed.`,
					remedy:
						'Connect again and allow everything that is asked for; if it was, check the scopes and products of the developer app.',
					...facts,
				},
			};
	}
}

function unknownYet(
	platform: { platform: string; displayName: string },
	why: string,
	facts: Pick<PostError, 'status' | 'platformCode'> = {},
): IdentityFailure {
	return {
		outcome: 'later',
		error: {
			code: `${platform.platform}_identity_unknown`,
			message: `${platform.displayName} could not be asked about the account (${why}). Nothing was changed.`,
			remedy: 'Try again in a few minutes.',
			...facts,
		},
	};
}

/** A consent that leaves nothing to choose. */
export function noAccount(platform: Named, message: string, remedy: string): IdentityFailure {
	return {
		outcome: 'refused',
		tokenRefused: false,
		error: { code: `${platform.name}_no_account`, message, remedy },
	};
}

/** Marks a candidate that lacks what posting needs. */
export function lacking(
	platform: Named,
	candidate: Pick<AccountCandidate, 'handle'>,
	missing: string[],
): PostError | null {
	if (missing.length === 0) return null;
	return {
		code: 'scope_missing',
		message: `@${candidate.handle} cannot be connected: ${platform.displayName} did not grant ${missing.join(', ')}, and nothing can be posted without it.`,
		remedy:
			'Connect again and leave everything ticked on the consent page; if it was, add the scope to the developer app.',
	};
}
