import type { HttpRequest } from '../../ports';
import type { CarriedAccount } from '../../store/contract';
import { numberAt, objectAt, objectsAt, textAt, type Json } from '../answers';
import type {
	AccountCandidate,
	IdentityContext,
	IdentityReading,
	IdentityRules,
	LengthenReading,
} from '../identity';
import { ask, noAccount } from '../identity-answers';
import type { TokenSecret } from '../platform';
import { GRAPH_VERSION } from './capabilities';
import { REFUSALS } from './errors';

const INSTAGRAM = { name: 'instagram', displayName: 'Instagram' };
const LIMIT_MS = 15_000;
const FACEBOOK_LOGIN = 'facebook';

/** Names of the rights that mean the same in Meta's two login products. */
const SCOPES: Record<string, { required: string[]; wanted: string[] }> = {
	instagram: {
		required: ['instagram_business_basic', 'instagram_business_content_publish'],
		wanted: ['instagram_business_manage_insights'],
	},
	[FACEBOOK_LOGIN]: {
		required: ['instagram_basic', 'instagram_content_publish', 'pages_show_list'],
		wanted: ['pages_read_engagement', 'instagram_manage_insights'],
	},
};

function scopesOf(product: string | null) {
	return SCOPES[product === FACEBOOK_LOGIN ? FACEBOOK_LOGIN : 'instagram'];
}

/**
 * One hour into 60 days: `ig_exchange_token` (Instagram Login) or `fb_exchange_token` (Facebook
 * Login). Meta takes token and secret in the query only.
 */
async function lengthen(context: IdentityContext): Promise<LengthenReading> {
	const { secret } = context;
	const facebook = context.product === FACEBOOK_LOGIN;
	const query = new URLSearchParams(
		facebook
			? {
					grant_type: 'fb_exchange_token',
					client_id: secret.clientId ?? '',
					client_secret: secret.clientSecret ?? '',
					fb_exchange_token: secret.accessToken,
				}
			: {
					grant_type: 'ig_exchange_token',
					client_secret: secret.clientSecret ?? '',
					access_token: secret.accessToken,
				},
	);
	const url = facebook
		? `${context.authUrl}/${GRAPH_VERSION}/oauth/access_token?${query.toString()}`
		: `${context.baseUrl}/access_token?${query.toString()}`;
	const answer = await ask(context.http, REFUSALS, { url, headers: {} }, context.nowMs);
	if (answer.outcome !== 'ok') return answer;
	const accessToken = textAt(answer.body, 'access_token');
	if (accessToken === undefined) {
		return noAccount(
			INSTAGRAM,
			'Instagram gave no lasting access. Nothing was changed.',
			'Check the app secret in the connection’s settings, then connect again.',
		);
	}
	const seconds = numberAt(answer.body, 'expires_in');
	const lasting: TokenSecret = { ...secret, accessToken, issuedAt: context.nowMs };
	// The end of the short one is not that of the lasting one.
	delete lasting.expiresAt;
	if (seconds !== undefined) lasting.expiresAt = context.nowMs + seconds * 1000;
	return { outcome: 'ok', secret: lasting, scopes: permissionsOf(answer.body) };
}

function permissionsOf(body: Json): string[] | null {
	const list = body.permissions;
	if (Array.isArray(list)) return list.filter((name): name is string => typeof name === 'string');
	return typeof list === 'string' && list !== '' ? list.split(/[, ]+/) : null;
}

async function identify(context: IdentityContext): Promise<IdentityReading> {
	const { known } = context;
	if (known !== null) return await byId(context, known.remoteId);
	return context.product === FACEBOOK_LOGIN ? await byPages(context) : await byInstagram(context);
}

/** `GET /me` of Instagram Login: always the one professional account that consented. */
async function byInstagram(context: IdentityContext): Promise<IdentityReading> {
	const answer = await graph(context, 'me', 'user_id,username,name,account_type');
	if (answer.outcome !== 'ok') return answer;
	const id = textAt(answer.body, 'user_id') ?? textAt(answer.body, 'id');
	if (id === undefined) {
		return noAccount(
			INSTAGRAM,
			'Instagram named no account for this access. Nothing was changed.',
			'Connect again with a professional (Business or Creator) account.',
		);
	}
	return { outcome: 'ok', scopes: null, candidates: [professional(context, answer.body, id)] };
}

/** Validates the account of a row, with a token of either product. */
async function byId(context: IdentityContext, id: string): Promise<IdentityReading> {
	const answer = await graph(context, id, 'id,username,name');
	if (answer.outcome !== 'ok') return answer;
	return { outcome: 'ok', scopes: null, candidates: [professional(context, answer.body, id)] };
}

/** Facebook Login: pages of the person, each with its token and its Instagram account. */
async function byPages(context: IdentityContext): Promise<IdentityReading> {
	const me = await graph(context, 'me', 'id,name');
	if (me.outcome !== 'ok') return me;
	const granted = await graph(context, 'me/permissions', 'permission,status');
	const answer = await graph(
		context,
		'me/accounts',
		'id,name,access_token,instagram_business_account{id,username,name}',
	);
	if (answer.outcome !== 'ok') return answer;
	const candidates: AccountCandidate[] = [];
	for (const page of objectsAt(answer.body, 'data') ?? []) {
		const found = await behindPage(context, page, textAt(me.body, 'id'));
		if (found !== null) candidates.push(found);
	}
	if (candidates.length === 0) {
		return noAccount(
			INSTAGRAM,
			'None of the Facebook pages that you allowed has a professional Instagram account. Nothing was changed.',
			'Link the Instagram account to a Facebook page (page settings, Linked accounts), or connect with Instagram Login.',
		);
	}
	return {
		outcome: 'ok',
		candidates,
		scopes: granted.outcome === 'ok' ? grantedOf(granted.body) : null,
	};
}

function grantedOf(body: Json): string[] | null {
	const list = objectsAt(body, 'data');
	if (list === null) return null;
	return list.flatMap((entry) => {
		const name = textAt(entry, 'permission');
		return name !== undefined && entry.status === 'granted' ? [name] : [];
	});
}

async function behindPage(
	context: IdentityContext,
	page: Json,
	person: string | undefined,
): Promise<AccountCandidate | null> {
	const linked = objectAt(page, 'instagram_business_account');
	const id = textAt(linked, 'id');
	const token = textAt(page, 'access_token');
	if (id === undefined || token === undefined) return null;
	const { clientId, clientSecret, accessToken } = context.secret;
	// A page's token of a long-lived person's token has no end (platforms.md §4 a).
	const secret: TokenSecret = {
		accessToken: token,
		issuedAt: context.nowMs,
		revokeToken: accessToken,
		...(clientId === undefined ? {} : { clientId }),
		...(clientSecret === undefined ? {} : { clientSecret }),
	};
	const named =
		textAt(linked, 'username') === undefined
			? await graph({ ...context, secret }, id, 'id,username,name')
			: { outcome: 'ok' as const, body: linked };
	if (named.outcome !== 'ok') return null;
	const candidate = professional(context, named.body, id);
	return {
		...candidate,
		displayName: textAt(named.body, 'name') ?? textAt(page, 'name') ?? candidate.displayName,
		settings: {
			login: FACEBOOK_LOGIN,
			pageId: textAt(page, 'id') ?? null,
			...(person === undefined ? {} : { grant: `facebook:${person}` }),
		},
		secret,
	};
}

function professional(context: IdentityContext, body: Json, id: string): AccountCandidate {
	const handle = textAt(body, 'username') ?? id;
	const type = textAt(body, 'account_type');
	const personal = type !== undefined && !/BUSINESS|CREATOR|MEDIA/i.test(type);
	return {
		remoteId: id,
		handle,
		displayName: textAt(body, 'name') ?? handle,
		kind: 'professional',
		profileUrl:
			context.mode === 'live'
				? `https://www.instagram.com/${encodeURIComponent(handle)}/`
				: `${context.baseUrl}/${encodeURIComponent(handle)}`,
		settings: context.known === null ? { login: context.product ?? 'instagram' } : {},
		unavailable: personal
			? {
					code: 'instagram_not_professional',
					message: `@${handle} is a personal account; Instagram lets apps post for professional ones only. Nothing was changed.`,
					remedy:
						'Switch it to Business or Creator in the Instagram app (Settings, Account type and tools), then connect again.',
				}
			: null,
	};
}

async function graph(context: IdentityContext, path: string, fields: string) {
	const query = new URLSearchParams({ fields });
	return await ask(
		context.http,
		REFUSALS,
		{
			url: `${context.baseUrl}/${GRAPH_VERSION}/${path}?${query.toString()}`,
			headers: { authorization: `Bearer ${context.secret.accessToken}` },
		},
		context.nowMs,
	);
}

/**
 * Facebook Login: `DELETE /me/permissions` takes the app away from the person. Instagram Login has
 * no such call; the person removes the app in Instagram's settings.
 */
function revoke(account: CarriedAccount, secret: TokenSecret): HttpRequest[] {
	if (!secret.revokeToken) return [];
	return [
		{
			method: 'DELETE',
			url: `${account.authUrl}/${GRAPH_VERSION}/me/permissions`,
			headers: { accept: 'application/json', authorization: `Bearer ${secret.revokeToken}` },
			limitMs: LIMIT_MS,
		},
	];
}

/** Connecting Instagram by Instagram Login or, with `product` `facebook`, Facebook Login. */
export const IDENTITY: IdentityRules = {
	requiredScopes: ({ product }) => scopesOf(product).required,
	wantedScopes: ({ product }) => scopesOf(product).wanted,
	lengthen,
	identify,
	signIn: null,
	revoke,
};
