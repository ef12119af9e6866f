import { Agent } from 'node:http';
import * as oauth from 'oauth4webapi';
import { ApiResponseError, TwitterApi, type ITwitterApiClientPlugin } from 'twitter-api-v2';
import { excerpt } from '../../../core/platforms/answers';
import type { TokenSecret } from '../../../core/platforms/platform';
import type { Mode } from '../../../core/store/contract';
import { within } from '../../../fallback-runner/src/within';
import type { ApiProblem } from '../../shared/api';
import { endpointsOf, type Connector, type OAuthRules } from './connectors';

export interface DeveloperApp {
	clientId: string;
	clientSecret: string | null;
}

export interface Consent {
	connector: Connector;
	rules: OAuthRules;
	mode: Mode;
	sandboxUrl: string | undefined;
	app: DeveloperApp;
	redirectUri: string;
}

/** Where the person is sent; `verifier` has to be kept until they are back. */
export interface ConsentPage {
	url: string;
	verifier: string | null;
}

export type Exchange =
	| { outcome: 'ok'; secret: TokenSecret; scopes: string[] | null }
	/** What the platform did not take: the code, the app's id or secret, the redirect URI. */
	| { outcome: 'refused'; cause: 'code' | 'app' | 'redirect' | 'other'; problem: ApiProblem }
	| { outcome: 'later'; problem: ApiProblem };

/** A person waits in front of the page. */
const LIMIT_MS = 20_000;

/** Address of the consent page, with PKCE where the platform has it. */
export async function consentPage(consent: Consent, state: string): Promise<ConsentPage> {
	const { connector, rules, mode, sandboxUrl, app, redirectUri } = consent;
	const { authorize } = endpointsOf(connector, rules, mode, sandboxUrl);
	if (rules.client === 'x') {
		const link = xClient(consent).generateOAuth2AuthLink(redirectUri, {
			scope: rules.scopes,
			state,
		});
		const { search } = new URL(link.url);
		return { url: `${authorize}${search}`, verifier: link.codeVerifier };
	}
	const url = new URL(authorize);
	const verifier = rules.pkce ? oauth.generateRandomCodeVerifier() : null;
	const query: Record<string, string> = {
		response_type: 'code',
		client_id: app.clientId,
		redirect_uri: redirectUri,
		scope: rules.scopes.join(rules.scopeSeparator),
		state,
		...rules.extra,
		...(verifier === null
			? {}
			: {
					code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
					code_challenge_method: 'S256',
				}),
	};
	for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
	return { url: url.href, verifier };
}

/** Code into token. `query` is what the callback came with; its state has been checked. */
export async function exchangeCode(
	consent: Consent,
	query: URLSearchParams,
	state: string,
	verifier: string | null,
): Promise<Exchange> {
	try {
		const got =
			consent.rules.client === 'x'
				? await exchangeAtX(consent, query, verifier)
				: await exchangeStandard(consent, query, state, verifier);
		const { clientId, clientSecret } = consent.app;
		const now = Date.now();
		return {
			outcome: 'ok',
			scopes: got.scopes,
			secret: {
				accessToken: got.accessToken,
				...(got.refreshToken ? { refreshToken: got.refreshToken } : {}),
				...(got.expiresIn === null ? {} : { expiresAt: now + got.expiresIn * 1000 }),
				issuedAt: now,
				clientId,
				...(clientSecret === null ? {} : { clientSecret }),
			},
		};
	} catch (error) {
		return readFailure(consent, error);
	}
}

interface Granted {
	accessToken: string;
	refreshToken: string | null;
	expiresIn: number | null;
	scopes: string[] | null;
}

async function exchangeAtX(
	consent: Consent,
	query: URLSearchParams,
	verifier: string | null,
): Promise<Granted> {
	const login = xClient(consent).loginWithOAuth2({
		code: query.get('code') ?? '',
		codeVerifier: verifier ?? '',
		redirectUri: consent.redirectUri,
	});
	const { accessToken, refreshToken, expiresIn, scope } = await withinLimit(login);
	return { accessToken, refreshToken: refreshToken ?? null, expiresIn, scopes: scope };
}

/** The client's hosts are fixed; a plugin turns them to the sandbox. */
function xClient({ app, mode, sandboxUrl }: Consent): TwitterApi {
	const { clientId, clientSecret } = app;
	const tokens = clientSecret === null ? { clientId } : { clientId, clientSecret };
	if (mode === 'live') return new TwitterApi(tokens);
	const turn: ITwitterApiClientPlugin = {
		onBeforeRequestConfig: ({ params }) => {
			const { pathname, search } = new URL(params.url);
			params.url = `${sandboxUrl ?? ''}/x${pathname}${search}`;
			// The client picks the body's form by the path, which now has a prefix.
			params.forceBodyMode ??= 'url';
		},
	};
	return new TwitterApi(tokens, { plugins: [turn], httpAgent: new Agent() });
}

class TooSlow extends Error {}

/** The platform answered with something that is no answer to the question. */
class Away extends Error {
	constructor(readonly status: number) {
		super('away');
	}
}

async function withinLimit<T>(work: Promise<T>): Promise<T> {
	return await within(work, LIMIT_MS, () => {
		throw new TooSlow();
	});
}

async function exchangeStandard(
	consent: Consent,
	query: URLSearchParams,
	state: string,
	verifier: string | null,
): Promise<Granted> {
	const { connector, rules, mode, sandboxUrl, app, redirectUri } = consent;
	const { authorize, token } = endpointsOf(connector, rules, mode, sandboxUrl);
	const server: oauth.AuthorizationServer = {
		issuer: new URL(authorize).origin,
		authorization_endpoint: authorize,
		token_endpoint: token,
	};
	const client: oauth.Client = { client_id: app.clientId };
	// Meta and LinkedIn name no issuer in the callback, and what else they add is not ours to judge.
	const known = new URLSearchParams({ code: query.get('code') ?? '', state });
	const callback = oauth.validateAuthResponse(server, client, known, state);
	const answer = await oauth.authorizationCodeGrantRequest(
		server,
		client,
		app.clientSecret === null ? oauth.None() : oauth.ClientSecretPost(app.clientSecret),
		callback,
		redirectUri,
		verifier ?? oauth.nopkce,
		{
			[oauth.allowInsecureRequests]: mode === 'sandbox',
			[oauth.customFetch]: asStandard,
			signal: AbortSignal.timeout(LIMIT_MS),
		},
	);
	const body = await oauth.processAuthorizationCodeResponse(server, client, answer);
	return {
		accessToken: body.access_token,
		refreshToken: body.refresh_token ?? null,
		expiresIn: body.expires_in ?? null,
		scopes: body.scope === undefined ? null : body.scope.split(/[ ,]+/).filter(Boolean),
	};
}

/**
 * The token answers of LinkedIn and Meta in the form of RFC 6749: no `token_type` at Instagram, errors
 * of their own shape at Meta, an `id_token` at LinkedIn that we do not ask for identity.
 */
async function asStandard(
	url: string,
	options: oauth.CustomFetchOptions<'POST', URLSearchParams>,
): Promise<Response> {
	const response = await fetch(url, { ...options, redirect: 'manual' } as RequestInit);
	const text = await response.text();
	const body = parsed(text);
	const json = (value: unknown) =>
		new Response(JSON.stringify(value), {
			status: response.status,
			headers: { 'content-type': 'application/json' },
		});
	// A redirect or a server error is not the token endpoint's word.
	if (!response.ok && (response.status < 400 || response.status >= 500)) {
		throw new Away(response.status);
	}
	if (!response.ok) return json(standardError(body));
	const scope = body.scope ?? body.permissions;
	return json({
		access_token: body.access_token,
		token_type: 'bearer',
		...(body.expires_in === undefined ? {} : { expires_in: Number(body.expires_in) }),
		...(typeof body.refresh_token === 'string' ? { refresh_token: body.refresh_token } : {}),
		...(Array.isArray(scope) ? { scope: scope.join(' ') } : {}),
		...(typeof scope === 'string' ? { scope } : {}),
	});
}

function parsed(text: string): Record<string, unknown> {
	try {
		const value: unknown = JSON.parse(text);
		return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
	} catch {
		return {};
	}
}

function standardError(body: Record<string, unknown>): {
	error: string;
	error_description: string;
} {
	const graph = body.error as { message?: unknown } | undefined;
	const said =
		body.error_description ?? body.error_message ?? graph?.message ?? body.message ?? 'no reason';
	const code = typeof body.error === 'string' ? body.error : 'invalid_request';
	return { error: code, error_description: String(said) };
}

function readFailure(consent: Consent, error: unknown): Exchange {
	const name = consent.connector.definition.displayName;
	const refusal = refusalOf(error);
	if (refusal === null || refusal.status < 400 || refusal.status >= 500 || refusal.status === 429) {
		const why = refusal === null ? 'no answer' : `HTTP ${refusal.status}`;
		return {
			outcome: 'later',
			problem: {
				code: 'consent_platform_away',
				message: `${name} could not be asked for the access (${why}). Nothing was connected or changed.`,
				remedy: `Connect again in a few minutes${consent.mode === 'sandbox' ? '; is the sandbox running?' : '.'}`,
			},
		};
	}
	return refusedBy(name, refusal);
}

interface Refusal {
	status: number;
	code: string;
	words: string;
}

function refusalOf(error: unknown): Refusal | null {
	if (error instanceof oauth.ResponseBodyError) {
		const words = excerpt(error.error_description ?? error.error);
		return { status: error.status, code: error.error, words };
	}
	if (error instanceof Away) return { status: error.status, code: '', words: '' };
	if (error instanceof ApiResponseError) {
		const data = error.data as unknown as Record<string, unknown>;
		const code = typeof data.error === 'string' ? data.error : '';
		const words = excerpt(String(data.error_description ?? data.detail ?? code));
		return { status: error.code, code, words };
	}
	return null;
}

const APP =
	/client secret|platform app|client authentication|authorization header|validating application|unauthorized_client|invalid_client/i;
const REDIRECT = /redirect[ _]ur[il]/i;
const CODE = /authorization code|verification code|matching code|code has|code was/i;

function refusedBy(name: string, refusal: Refusal): Exchange {
	const { code, words } = refusal;
	if (APP.test(code) || APP.test(words)) {
		return {
			outcome: 'refused',
			cause: 'app',
			problem: {
				code: 'app_refused',
				message: `${name} does not take the client id and secret of the developer app (“${words}”). Nothing was connected or changed.`,
				remedy: 'Copy both again from the app’s page into the connector’s settings.',
			},
		};
	}
	if (CODE.test(words)) {
		return {
			outcome: 'refused',
			cause: 'code',
			problem: {
				code: 'consent_code_refused',
				message: `${name} no longer takes the code of this sign-in (“${words}”): it has run out or was used. Nothing was connected or changed.`,
				remedy: 'Connect again and go on without a pause; X gives half a minute.',
			},
		};
	}
	if (REDIRECT.test(words)) {
		return {
			outcome: 'refused',
			cause: 'redirect',
			problem: {
				code: 'app_redirect_refused',
				message: `${name} does not know this redirect URI (“${words}”). Nothing was connected or changed.`,
				remedy: 'Enter the redirect URI at the developer app exactly as the connector shows it.',
			},
		};
	}
	return {
		outcome: 'refused',
		cause: 'other',
		problem: {
			code: 'consent_refused',
			message: `${name} gave no access (HTTP ${refusal.status}: “${words}”). Nothing was connected or changed.`,
			remedy: 'Connect again; if it stays so, run the connector’s check.',
		},
	};
}
