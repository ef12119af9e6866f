import type { Response, Router } from 'express';
import { formBody } from '../body';
import { consentPage } from '../pages/consent';
import type { Client, Token } from '../records';
import type { SandboxState } from '../state';
import { findClient, issueToken, secretFits, takeCode, tokenProblem } from '../tokens';

const EXCHANGE_ERROR =
	'Unable to retrieve access token: appid/redirect uri/code verifier does not match authorization code. Or authorization code expired. Or external member binding exists';
const REFRESH_ERROR =
	'The provided authorization grant or refresh token is invalid, expired or revoked.';

/** LinkedIn's OAuth: app id and secret in the form, refresh tokens that stay the same. */
export function linkedinOauth(router: Router, state: SandboxState): void {
	consentPage(router, state, {
		platform: 'linkedin',
		path: '/oauth/v2/authorization',
		scopeSeparator: ' ',
		pkce: 'optional',
		stateRequired: false,
		denied: {
			error: 'user_cancelled_authorize',
			error_description: 'The user cancelled the authorization',
		},
		suffix: '',
		codeMs: () => state.settings.tokens.linkedin.codeMs,
	});
	router.post('/oauth/v2/accessToken', (req, res) => {
		const form = formBody(req);
		const client = authenticate(res, state, form);
		if (!client) return;
		if (form.get('grant_type') === 'authorization_code') return exchange(res, state, client, form);
		if (form.get('grant_type') === 'refresh_token') return refresh(res, state, client, form);
		refuse(res, 400, 'unsupported_grant_type', 'The grant type is not supported');
	});
	router.post('/oauth/v2/revoke', (req, res) => {
		const form = formBody(req);
		const client = authenticate(res, state, form);
		if (!client) return;
		const token = state.tokens.get(form.get('token') ?? '');
		if (token?.platform !== 'linkedin' || token.clientId !== client.id) {
			return refuse(res, 400, 'invalid_request', 'The token is invalid');
		}
		state.tokens.put(token.value, { ...token, status: 'revoked' });
		res.status(200).json({});
	});
	router.post('/oauth/v2/introspectToken', (req, res) => {
		const form = formBody(req);
		const client = authenticate(res, state, form);
		if (!client) return;
		const token = state.tokens.get(form.get('token') ?? '');
		if (token?.platform !== 'linkedin' || token.clientId !== client.id) {
			res.status(200).json({ active: false });
			return;
		}
		const problem = tokenProblem(state, token);
		res.status(200).json({
			active: problem === null,
			client_id: client.id,
			authorized_at: seconds(token.issuedAt),
			created_at: seconds(token.issuedAt),
			status: problem === null ? 'active' : problem,
			expires_at: token.expiresAt === null ? null : seconds(token.expiresAt),
			scope: token.scopes.join(','),
			auth_type: '3L',
		});
	});
}

function authenticate(res: Response, state: SandboxState, form: URLSearchParams): Client | null {
	const client = findClient(state, 'linkedin', form.get('client_id'));
	if (client && secretFits(client, form.get('client_secret'))) return client;
	if (!form.get('client_id')) {
		refuse(res, 400, 'invalid_request', 'A required parameter "client_id" is missing');
	} else {
		refuse(res, 401, 'invalid_client', 'Client authentication failed');
	}
	return null;
}

function exchange(res: Response, state: SandboxState, client: Client, form: URLSearchParams): void {
	for (const name of ['code', 'redirect_uri']) {
		if (!form.get(name)) {
			return refuse(res, 400, 'invalid_request', `A required parameter "${name}" is missing`);
		}
	}
	const { code } = takeCode(
		state,
		'linkedin',
		form.get('code'),
		client.id,
		form.get('redirect_uri'),
		form.get('code_verifier'),
	);
	if (!code) return refuse(res, 400, 'invalid_request', EXCHANGE_ERROR);
	const grant = {
		account: state.account('linkedin', code.accountId),
		clientId: client.id,
		scopes: code.scopes,
		family: code.family,
	};
	const lives = state.settings.tokens.linkedin;
	const refreshToken = issueToken(state, grant, 'refresh', lives.refreshMs);
	sendTokens(res, state, refreshToken);
}

/** The refresh token stays and its life counts down from the first consent. */
function refresh(res: Response, state: SandboxState, client: Client, form: URLSearchParams): void {
	const token = state.tokens.get(form.get('refresh_token') ?? '');
	const fits =
		token?.platform === 'linkedin' && token.use === 'refresh' && token.clientId === client.id;
	if (!token || !fits || tokenProblem(state, token) !== null) {
		return refuse(res, 400, 'invalid_request', REFRESH_ERROR);
	}
	sendTokens(res, state, token);
}

function sendTokens(res: Response, state: SandboxState, refreshToken: Token): void {
	const { accessMs } = state.settings.tokens.linkedin;
	const access = issueToken(
		state,
		{
			account: state.account('linkedin', refreshToken.accountId),
			clientId: refreshToken.clientId,
			scopes: refreshToken.scopes,
			family: refreshToken.family,
		},
		'access',
		accessMs,
	);
	res
		.status(200)
		.set('cache-control', 'no-store')
		.json({
			access_token: access.value,
			expires_in: seconds(accessMs),
			refresh_token: refreshToken.value,
			refresh_token_expires_in: seconds((refreshToken.expiresAt ?? 0) - state.now()),
			scope: refreshToken.scopes.join(','),
			token_type: 'Bearer',
		});
}

function refuse(res: Response, status: number, error: string, description: string): void {
	res.status(status).json({ error, error_description: description });
}

function seconds(ms: number): number {
	return Math.floor(ms / 1000);
}
