import type { Request, Response, Router } from 'express';
import { formBody } from '../body';
import { consentPage } from '../pages/consent';
import type { Client, Token } from '../records';
import type { SandboxState } from '../state';
import {
	findClient,
	issueToken,
	revokeFamily,
	secretFits,
	takeCode,
	tokenProblem,
} from '../tokens';
import type { TokenProblem } from '../tokens';
import {
	GRAPH_ERRORS,
	graphAnswer,
	graphError,
	invalidParameter,
	missingParameter,
	sessionExpired,
} from './errors';
import type { GraphError } from './errors';
import { graphParams } from './params';

const DENIED = {
	error: 'access_denied',
	error_reason: 'user_denied',
	error_description: 'The user denied your request',
};

/** Both login products of Meta: Instagram Login and Facebook Login. */
export function instagramOauth(router: Router, state: SandboxState): void {
	const consent = {
		platform: 'instagram' as const,
		scopeSeparator: ',' as const,
		pkce: 'optional' as const,
		stateRequired: false,
		denied: DENIED,
		codeMs: () => state.settings.tokens.instagram.codeMs,
	};
	consentPage(router, state, { ...consent, path: '/oauth/authorize', suffix: '#_' });
	consentPage(router, state, { ...consent, path: /^(\/v[\d.]+)?\/dialog\/oauth$/, suffix: '#_=_' });
	router.post('/oauth/access_token', (req, res) => exchangeCode(req, res, state));
	router.get(/^(\/v[\d.]+)?\/access_token$/, (req, res) => exchangeLong(req, res, state));
	router.get(/^(\/v[\d.]+)?\/refresh_access_token$/, (req, res) => extend(req, res, state));
	router.get(/^(\/v[\d.]+)?\/oauth\/access_token$/, (req, res) => facebookToken(req, res, state));
	// OAuth clients send it as a form; without a version the path is Instagram's own.
	router.post(/^\/v[\d.]+\/oauth\/access_token$/, (req, res) => facebookToken(req, res, state));
	router.get(/^(\/v[\d.]+)?\/debug_token$/, (req, res) => debugToken(req, res, state));
}

/** Instagram Login: code to short token. Errors are not in Graph form here. */
function exchangeCode(req: Request, res: Response, state: SandboxState): void {
	const form = formBody(req);
	const refuse = (message: string): void => {
		res.status(400).json({ error_type: 'OAuthException', code: 400, error_message: message });
	};
	const client = findClient(state, 'instagram', form.get('client_id'));
	if (!client) return refuse('Invalid platform app');
	if (!secretFits(client, form.get('client_secret'))) {
		return refuse('Error validating client secret.');
	}
	if (form.get('grant_type') !== 'authorization_code') return refuse('Invalid grant type');
	const taken = takeCode(
		state,
		'instagram',
		form.get('code'),
		client.id,
		form.get('redirect_uri'),
		form.get('code_verifier'),
	);
	if (taken.problem === 'redirect_uri') {
		return refuse(
			'Error validating verification code. Please make sure your redirect_uri is identical to the one you used in the OAuth dialog request',
		);
	}
	if (taken.problem === 'used') return refuse('This authorization code has been used');
	if (!taken.code) return refuse('Matching code was not found or was already used');
	const { code } = taken;
	const grant = {
		account: state.account('instagram', code.accountId),
		clientId: client.id,
		scopes: code.scopes,
		family: code.family,
	};
	const short = issueToken(
		state,
		grant,
		'access',
		state.settings.tokens.instagram.shortMs,
		'short',
	);
	res.status(200).json({
		access_token: short.value,
		user_id: code.accountId,
		permissions: code.scopes,
	});
}

/** `ig_exchange_token`: short token to one of 60 days. */
function exchangeLong(req: Request, res: Response, state: SandboxState): void {
	const params = graphParams(req);
	if (params.grant_type !== 'ig_exchange_token') {
		return graphError(res, invalidParameter('Unsupported grant type'));
	}
	const token = usable(res, state, params.access_token);
	if (!token) return;
	const client = state.clients.get(`instagram:${token.clientId}`);
	if (!client || !secretFits(client, params.client_secret)) {
		return graphError(res, { status: 400, code: 1, message: 'Error validating client secret.' });
	}
	if (token.kind !== 'short') {
		return graphError(res, invalidParameter('Only a short-lived token can be exchanged'));
	}
	sendLong(res, state, token);
}

/** `ig_refresh_token`: 60 more days for a token that is at least 24 h old and still lives. */
function extend(req: Request, res: Response, state: SandboxState): void {
	const params = graphParams(req);
	if (params.grant_type !== 'ig_refresh_token') {
		return graphError(res, invalidParameter('Unsupported grant type'));
	}
	const token = usable(res, state, params.access_token);
	if (!token) return;
	const tooYoung = state.now() - token.issuedAt < state.settings.tokens.instagram.refreshAgeMs;
	if (token.kind !== 'long' || tooYoung) {
		return graphError(
			res,
			invalidParameter('Only a long-lived token that is at least 24 hours old can be refreshed'),
		);
	}
	sendLong(res, state, token);
}

function sendLong(res: Response, state: SandboxState, from: Token): void {
	const { longMs } = state.settings.tokens.instagram;
	const grant = {
		account: state.account('instagram', from.accountId),
		clientId: from.clientId,
		scopes: from.scopes,
		family: from.family,
	};
	const long = issueToken(state, grant, 'access', longMs, 'long');
	graphAnswer(res, {
		access_token: long.value,
		token_type: 'bearer',
		expires_in: Math.floor(longMs / 1000),
		permissions: from.scopes.join(','),
	});
}

/** Facebook Login: code to user token, and user token to one of 60 days. */
function facebookToken(req: Request, res: Response, state: SandboxState): void {
	const params = graphParams(req);
	const client = findClient(state, 'instagram', params.client_id);
	if (!client || !secretFits(client, params.client_secret)) {
		return graphError(res, { status: 400, code: 1, message: 'Error validating client secret.' });
	}
	const life = state.settings.tokens.instagram;
	if (params.grant_type === 'fb_exchange_token') {
		const token = usable(res, state, params.fb_exchange_token);
		if (token) sendFacebook(res, state, client, token, life.longMs);
		return;
	}
	if (!params.code) return graphError(res, missingParameter('code'));
	const { code, problem } = takeCode(
		state,
		'instagram',
		params.code,
		client.id,
		params.redirect_uri,
		params.code_verifier,
	);
	if (!code) {
		const message =
			problem === 'used'
				? 'This authorization code has been used.'
				: 'Error validating verification code. Please make sure your redirect_uri is identical to the one you used in the OAuth dialog request';
		return graphError(res, { status: 400, code: 100, subcode: 36009, message });
	}
	sendFacebook(res, state, client, code, life.shortMs);
}

function sendFacebook(
	res: Response,
	state: SandboxState,
	client: Client,
	from: { accountId: string; scopes: string[]; family: string },
	lifeMs: number,
): void {
	const grant = {
		account: state.account('instagram', from.accountId),
		clientId: client.id,
		scopes: from.scopes,
		family: from.family,
	};
	const token = issueToken(state, grant, 'access', lifeMs, 'facebook_user');
	graphAnswer(res, {
		access_token: token.value,
		token_type: 'bearer',
		expires_in: Math.floor(lifeMs / 1000),
	});
}

function debugToken(req: Request, res: Response, state: SandboxState): void {
	const params = graphParams(req);
	const token = state.tokens.get(params.input_token ?? '');
	if (!token || token.platform !== 'instagram') {
		return graphAnswer(res, {
			data: {
				is_valid: false,
				scopes: [],
				error: { code: 190, message: GRAPH_ERRORS.cannotParseToken.message },
			},
		});
	}
	const problem = tokenProblem(state, token);
	const expiresAt = token.expiresAt === null ? 0 : Math.floor(token.expiresAt / 1000);
	graphAnswer(res, {
		data: {
			app_id: token.clientId,
			type: token.kind === 'page' ? 'PAGE' : 'USER',
			is_valid: problem === null,
			issued_at: Math.floor(token.issuedAt / 1000),
			expires_at: expiresAt,
			scopes: token.scopes,
			user_id: token.accountId,
			...(problem === null
				? {}
				: { error: { code: 190, message: 'Error validating access token.' } }),
		},
	});
}

function usable(res: Response, state: SandboxState, value: string | undefined): Token | null {
	const token = value === undefined ? undefined : state.tokens.get(value);
	const problem = tokenProblem(state, token?.platform === 'instagram' ? token : undefined);
	if (token && problem === null) return token;
	graphError(res, tokenGraphError(state, token, problem ?? 'invalid'));
	return null;
}

/** Meta's error for a token that cannot be used. */
export function tokenGraphError(
	state: SandboxState,
	token: Token | null | undefined,
	problem: TokenProblem,
): GraphError {
	if (problem === 'expired') return sessionExpired(token?.expiresAt ?? 0, state.now());
	if (problem === 'revoked') return GRAPH_ERRORS.notAuthorizedApp;
	return problem === 'missing' ? GRAPH_ERRORS.noToken : GRAPH_ERRORS.cannotParseToken;
}

/** `DELETE /me/permissions`: the person takes the app away. */
export function revokePermissions(res: Response, state: SandboxState, token: Token): void {
	revokeFamily(state, token.family);
	graphAnswer(res, { success: true });
}

/** `GET /me/permissions`: what the person allowed and what not (Facebook Login only). */
export function listPermissions(res: Response, token: Token): void {
	graphAnswer(res, {
		data: token.scopes.map((permission) => ({ permission, status: 'granted' })),
	});
}
