import type { Request, Response, Router } from 'express';
import { formBody } from '../body';
import { consentPage } from '../pages/consent';
import type { Client, Token } from '../records';
import type { SandboxState } from '../state';
import { findClient, issueToken, revokeFamily, secretFits, takeCode } from '../tokens';
import type { CodeProblem, TokenGrant } from '../tokens';

const CODE_ERRORS: Record<CodeProblem, string> = {
	unknown: 'Value passed for the authorization code was invalid.',
	expired: 'Value passed for the authorization code was invalid.',
	used: 'Value passed for the authorization code was invalid.',
	client: 'Value passed for the authorization code was invalid.',
	redirect_uri:
		'Value passed for the redirect uri did not match the uri of the authorization code.',
	verifier: 'Value passed for the code verifier did not match the code challenge.',
};

/** OAuth 2.0 of X: PKCE always, confidential clients by Basic, single-use refresh tokens. */
export function xOauth(router: Router, state: SandboxState): void {
	consentPage(router, state, {
		platform: 'x',
		path: '/i/oauth2/authorize',
		scopeSeparator: ' ',
		pkce: 'required',
		stateRequired: true,
		denied: { error: 'access_denied' },
		suffix: '',
		codeMs: () => state.settings.tokens.x.codeMs,
	});
	router.post('/2/oauth2/token', (req, res) => {
		const form = formBody(req);
		const client = authenticate(state, req, form);
		if (typeof client === 'string') return refuse(res, 401, 'unauthorized_client', client);
		switch (form.get('grant_type')) {
			case 'authorization_code':
				return exchange(res, state, client, form);
			case 'refresh_token':
				return refresh(res, state, client, form);
			case null:
				return refuse(res, 400, 'invalid_request', 'Missing required parameter [grant_type].');
			default:
				return refuse(
					res,
					400,
					'unsupported_grant_type',
					'Value passed for the grant type was invalid.',
				);
		}
	});
	router.post('/2/oauth2/revoke', (req, res) => {
		const form = formBody(req);
		const client = authenticate(state, req, form);
		if (typeof client === 'string') return refuse(res, 401, 'unauthorized_client', client);
		const token = state.tokens.get(form.get('token') ?? '');
		if (!form.get('token')) {
			return refuse(res, 400, 'invalid_request', 'Missing required parameter [token].');
		}
		if (token?.platform === 'x' && token.clientId === client.id) {
			if (token.use === 'refresh') revokeFamily(state, token.family);
			else state.tokens.put(token.value, { ...token, status: 'revoked' });
		}
		res.status(200).json({ revoked: true });
	});
}

/** The calling app, or what is wrong with how it names itself. */
function authenticate(state: SandboxState, req: Request, form: URLSearchParams): Client | string {
	const basic = /^Basic (.+)$/i.exec(req.headers.authorization ?? '')?.[1];
	if (basic === undefined) {
		const client = findClient(state, 'x', form.get('client_id'));
		if (client?.secret === null) return client;
		return 'Missing valid authorization header';
	}
	const pair = Buffer.from(basic, 'base64').toString('utf8');
	const at = pair.indexOf(':');
	const client = findClient(state, 'x', decode(pair.slice(0, at)));
	if (!client || !secretFits(client, decode(pair.slice(at + 1)))) {
		return 'Missing valid authorization header';
	}
	return client;
}

function decode(part: string): string {
	try {
		return decodeURIComponent(part);
	} catch {
		return part;
	}
}

function exchange(res: Response, state: SandboxState, client: Client, form: URLSearchParams): void {
	for (const name of ['code', 'redirect_uri', 'code_verifier']) {
		if (!form.get(name)) {
			return refuse(res, 400, 'invalid_request', `Missing required parameter [${name}].`);
		}
	}
	const { code, problem } = takeCode(
		state,
		'x',
		form.get('code'),
		client.id,
		form.get('redirect_uri'),
		form.get('code_verifier'),
	);
	if (problem !== null) return refuse(res, 400, 'invalid_request', CODE_ERRORS[problem]);
	const account = state.account('x', code.accountId);
	grantPair(res, state, {
		account,
		clientId: client.id,
		scopes: code.scopes,
		family: code.family,
	});
}

function refresh(res: Response, state: SandboxState, client: Client, form: URLSearchParams): void {
	const token = state.tokens.get(form.get('refresh_token') ?? '');
	const invalid = (): void =>
		refuse(res, 400, 'invalid_request', 'Value passed for the token was invalid.');
	if (!token || token.use !== 'refresh' || token.platform !== 'x') return invalid();
	if (token.clientId !== client.id) return invalid();
	if (token.status === 'rotated') {
		// The second use of a rotated token: X takes it for stolen (trypostit/trypost #126, #299).
		revokeFamily(state, token.family);
		return invalid();
	}
	if (token.status !== 'live' || isOver(state, token)) return invalid();
	state.tokens.put(token.value, { ...token, status: 'rotated' });
	const account = state.account('x', token.accountId);
	grantPair(res, state, {
		account,
		clientId: client.id,
		scopes: token.scopes,
		family: token.family,
	});
}

function isOver(state: SandboxState, token: Token): boolean {
	return token.expiresAt !== null && token.expiresAt <= state.now();
}

function grantPair(res: Response, state: SandboxState, grant: TokenGrant): void {
	const lives = state.settings.tokens.x;
	const access = issueToken(state, grant, 'access', lives.accessMs);
	const refreshToken = grant.scopes.includes('offline.access')
		? issueToken(state, { ...grant, family: access.family }, 'refresh', lives.refreshMs).value
		: undefined;
	res
		.status(200)
		.set('cache-control', 'no-store')
		.json({
			token_type: 'bearer',
			expires_in: Math.floor(lives.accessMs / 1000),
			access_token: access.value,
			scope: grant.scopes.join(' '),
			...(refreshToken === undefined ? {} : { refresh_token: refreshToken }),
		});
}

function refuse(res: Response, status: number, error: string, description: string): void {
	res.status(status).json({ error, error_description: description });
}
