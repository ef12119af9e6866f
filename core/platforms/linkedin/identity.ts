import type { HttpRequest } from '../../ports';
import type { CarriedAccount } from '../../store/contract';
import { objectsAt, textAt, type Json } from '../answers';
import type {
	AccountCandidate,
	IdentityContext,
	IdentityReading,
	IdentityRules,
} from '../identity';
import { ask, noAccount } from '../identity-answers';
import type { TokenSecret } from '../platform';
import { DEFAULT_VERSION } from './capabilities';
import { REFUSALS } from './errors';

const LINKEDIN = { name: 'linkedin', displayName: 'LinkedIn' };
const LIMIT_MS = 15_000;
/** People rarely administer more pages; each costs one call for its name. */
const MOST_PAGES = 25;

/**
 * `GET /v2/userinfo` names the member, `organizationAcls` the pages they administer (only with
 * `rw_organization_admin`, so a refusal there means "no pages", never "no access").
 */
async function identify(context: IdentityContext): Promise<IdentityReading> {
	const { known } = context;
	const page = known?.settings.authorUrn;
	if (known !== null && typeof page === 'string' && page.startsWith('urn:li:organization:')) {
		const found = await organisation(context, known.remoteId);
		return found.outcome === 'ok'
			? { outcome: 'ok', candidates: [found.candidate], scopes: null }
			: found;
	}
	const answer = await ask(
		context.http,
		REFUSALS,
		{ url: `${context.baseUrl}/v2/userinfo`, headers: bearer(context) },
		context.nowMs,
	);
	if (answer.outcome === 'refused' && !answer.tokenRefused && known === null) {
		// Apps with the Community Management API have no product that names the member.
		const pages = await organisations(context);
		return pages.length === 0 ? answer : { outcome: 'ok', candidates: pages, scopes: null };
	}
	if (answer.outcome !== 'ok') return answer;
	const id = textAt(answer.body, 'sub');
	if (id === undefined) {
		return noAccount(
			LINKEDIN,
			'LinkedIn named no member for this access. Nothing was changed.',
			'Add the product “Sign In with LinkedIn using OpenID Connect” to the developer app, then connect again.',
		);
	}
	const member = memberOf(context, answer.body, id);
	const pages = known === null ? await organisations(context) : [];
	return { outcome: 'ok', candidates: [member, ...pages], scopes: null };
}

function memberOf(context: IdentityContext, body: Json, id: string): AccountCandidate {
	const name = textAt(body, 'name') ?? 'LinkedIn member';
	return {
		remoteId: id,
		// LinkedIn tells no public handle of a member.
		handle: handleOf(name, id),
		displayName: name,
		kind: 'person',
		// Members' pages cannot be told from their id at the real LinkedIn.
		profileUrl: context.mode === 'live' ? null : `${context.baseUrl}/in/${id}`,
		settings: { authorUrn: `urn:li:person:${id}` },
		unavailable: null,
	};
}

function handleOf(name: string, id: string): string {
	const plain = name
		.normalize('NFKD')
		.replace(/\p{M}/gu, '')
		.toLowerCase()
		.replace(/[^a-z0-9]+/g, '-')
		.replace(/^-|-$/g, '');
	return plain === '' ? id : plain;
}

async function organisations(context: IdentityContext): Promise<AccountCandidate[]> {
	const query = new URLSearchParams({
		q: 'roleAssignee',
		role: 'ADMINISTRATOR',
		state: 'APPROVED',
		count: String(MOST_PAGES),
	});
	const answer = await ask(
		context.http,
		REFUSALS,
		{
			url: `${context.baseUrl}/rest/organizationAcls?${query.toString()}`,
			headers: versioned(context),
		},
		context.nowMs,
	);
	if (answer.outcome !== 'ok') return [];
	const ids = (objectsAt(answer.body, 'elements') ?? []).flatMap((entry) => {
		const urn = textAt(entry, 'organization') ?? textAt(entry, 'organizationTarget') ?? '';
		const id = /^urn:li:organization:([A-Za-z0-9_-]+)$/.exec(urn)?.[1];
		return id === undefined ? [] : [id];
	});
	const found: AccountCandidate[] = [];
	for (const id of [...new Set(ids)].slice(0, MOST_PAGES)) {
		const read = await organisation(context, id);
		if (read.outcome === 'ok') found.push(read.candidate);
	}
	return found;
}

async function organisation(context: IdentityContext, id: string) {
	const answer = await ask(
		context.http,
		REFUSALS,
		{
			url: `${context.baseUrl}/rest/organizations/${encodeURIComponent(id)}`,
			headers: versioned(context),
		},
		context.nowMs,
	);
	if (answer.outcome !== 'ok') return answer;
	const handle = textAt(answer.body, 'vanityName') ?? id;
	const candidate: AccountCandidate = {
		remoteId: id,
		handle,
		displayName: textAt(answer.body, 'localizedName') ?? handle,
		kind: 'organisation',
		profileUrl:
			context.mode === 'live'
				? `https://www.linkedin.com/company/${encodeURIComponent(handle)}/`
				: `${context.baseUrl}/company/${encodeURIComponent(handle)}`,
		settings: { authorUrn: `urn:li:organization:${id}` },
		unavailable: null,
	};
	return { outcome: 'ok' as const, candidate };
}

function bearer(context: IdentityContext): Record<string, string> {
	return { authorization: `Bearer ${context.secret.accessToken}` };
}

function versioned(context: IdentityContext): Record<string, string> {
	const version = context.known?.settings.linkedinVersion;
	return {
		...bearer(context),
		'linkedin-version': typeof version === 'string' && version !== '' ? version : DEFAULT_VERSION,
		'x-restli-protocol-version': '2.0.0',
	};
}

/** `POST /oauth/v2/revoke` for each token (learn.microsoft.com, token revocation). */
function revoke(account: CarriedAccount, secret: TokenSecret): HttpRequest[] {
	return [secret.accessToken, secret.refreshToken].flatMap((token) =>
		token
			? [
					{
						method: 'POST' as const,
						url: `${account.authUrl}/oauth/v2/revoke`,
						headers: {
							'content-type': 'application/x-www-form-urlencoded',
							accept: 'application/json',
						},
						body: new URLSearchParams({
							token,
							client_id: secret.clientId ?? '',
							client_secret: secret.clientSecret ?? '',
						}).toString(),
						limitMs: LIMIT_MS,
					},
				]
			: [],
	);
}

/** Connecting LinkedIn members and pages (products Share on LinkedIn, Community Management API). */
export const IDENTITY: IdentityRules = {
	requiredScopes: ({ kind }) =>
		kind === 'organisation' ? ['w_organization_social'] : ['w_member_social'],
	wantedScopes: ({ kind }) => (kind === 'organisation' ? ['r_organization_social'] : []),
	lengthen: null,
	identify,
	signIn: null,
	revoke,
};
