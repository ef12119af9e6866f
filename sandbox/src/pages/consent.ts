import type { Request, Response, Router } from 'express';
import { ensureAccount } from '../accounts';
import { formBody, queryParam } from '../body';
import type { Account, Client, Code, Platform } from '../records';
import type { SandboxState } from '../state';
import { findClient, issueCode, redirectAllowed } from '../tokens';
import { escapeHtml, PLATFORM_NAMES, sendPage } from './layout';

export interface ConsentRules {
	platform: Platform;
	path: string | RegExp;
	scopeSeparator: ' ' | ',';
	/** `required` as on X; elsewhere a given challenge is still honoured. */
	pkce: 'required' | 'optional';
	stateRequired: boolean;
	/** Query of the redirect when the person says no. */
	denied: Record<string, string>;
	/** Meta appends `#_` to the redirect. */
	suffix: string;
	codeMs(state: SandboxState): number;
}

interface ConsentRequest {
	client: Client;
	redirectUri: string;
	scopes: string[];
	state: string | null;
	challenge: Code['challenge'];
	query: Record<string, string>;
}

/** Adds the consent page of a platform: `GET` shows it, `POST` takes the decision. */
export function consentPage(router: Router, state: SandboxState, rules: ConsentRules): void {
	router.get(rules.path, (req, res) => {
		const request = readRequest(state, rules, (name) => queryParam(req, name));
		if (typeof request === 'string') return refuse(res, rules.platform, request);
		showConsent(res, state, rules, request, queryParam(req, 'login_hint'));
	});
	router.post(rules.path, (req, res) => {
		if (!sameOrigin(req)) return refuse(res, rules.platform, 'The form came from another site.');
		const form = formBody(req);
		const request = readRequest(state, rules, (name) => form.get(name) ?? undefined);
		if (typeof request === 'string') return refuse(res, rules.platform, request);
		decide(res, state, rules, request, form);
	});
}

/** A browser's form post must come from the page itself. */
function sameOrigin(req: Request): boolean {
	const { origin, host } = req.headers;
	return origin === undefined || origin === `http://${host}` || origin === `https://${host}`;
}

function readRequest(
	state: SandboxState,
	rules: ConsentRules,
	get: (name: string) => string | undefined,
): ConsentRequest | string {
	const client = findClient(state, rules.platform, get('client_id'));
	if (!client) return 'The app (client_id) is not known to this sandbox.';
	const redirectUri = get('redirect_uri') ?? '';
	if (!redirectAllowed(client, redirectUri)) {
		return 'The redirect_uri is not registered exactly like this for the app.';
	}
	if (get('response_type') !== 'code') return 'The response_type must be "code".';
	const scopes = (get('scope') ?? '').split(rules.scopeSeparator === ' ' ? / +/ : /[, ]+/);
	if (scopes.join('') === '') return 'The scope is missing.';
	const stateValue = get('state') ?? null;
	if (rules.stateRequired && !stateValue) return 'The state is missing.';
	if (stateValue !== null && stateValue.length > 500)
		return 'The state is longer than 500 characters.';
	const challenge = get('code_challenge');
	// X takes `s256` too, which twitter-api-v2 sends.
	const asked = get('code_challenge_method') ?? 'plain';
	const method = asked.toLowerCase() === 's256' ? 'S256' : asked;
	if (rules.pkce === 'required' && !challenge) return 'The code_challenge is missing.';
	if (challenge && method !== 'S256' && method !== 'plain') {
		return 'The code_challenge_method must be S256 or plain.';
	}
	const query: Record<string, string> = {};
	for (const name of QUERY_FIELDS) {
		const value = get(name);
		if (value !== undefined) query[name] = value;
	}
	return {
		client,
		redirectUri,
		scopes: scopes.filter((scope) => scope !== ''),
		state: stateValue,
		challenge: challenge ? { value: challenge, method: method as 'S256' | 'plain' } : null,
		query,
	};
}

const QUERY_FIELDS = [
	'response_type',
	'client_id',
	'redirect_uri',
	'scope',
	'state',
	'code_challenge',
	'code_challenge_method',
];

function decide(
	res: Response,
	state: SandboxState,
	rules: ConsentRules,
	request: ConsentRequest,
	form: URLSearchParams,
): void {
	const target = new URL(request.redirectUri);
	const answer: Record<string, string> = {};
	if (form.get('decision') !== 'approve') {
		Object.assign(answer, rules.denied);
	} else {
		const account = chosenAccount(state, rules.platform, form);
		if (!account) return refuse(res, rules.platform, 'No account was chosen.');
		const ticked = form.getAll('granted');
		const withheld = state.settings.tokens.withheldScopes;
		const scopes = request.scopes.filter(
			(scope) => !withheld.includes(scope) && (!form.has('choice') || ticked.includes(scope)),
		);
		const grant = { account, clientId: request.client.id, scopes };
		const code = issueCode(
			state,
			grant,
			request.redirectUri,
			request.challenge,
			rules.codeMs(state),
		);
		answer.code = code.value;
	}
	if (request.state !== null) answer.state = request.state;
	for (const [name, value] of Object.entries(answer)) target.searchParams.set(name, value);
	res
		.status(302)
		.set({ location: `${target.href}${rules.suffix}`, 'cache-control': 'no-store' })
		.end();
}

function chosenAccount(
	state: SandboxState,
	platform: Platform,
	form: URLSearchParams,
): Account | undefined {
	const chosen = form.get('account') ?? '';
	if (chosen !== '' && chosen !== 'new') return state.accounts.get(`${platform}:${chosen}`);
	const handle = (form.get('handle') ?? '').trim();
	if (!/^@?[A-Za-z0-9_.-]{1,60}$/.test(handle)) return undefined;
	return ensureAccount(state, platform, handle);
}

function showConsent(
	res: Response,
	state: SandboxState,
	rules: ConsentRules,
	request: ConsentRequest,
	hint: string | undefined,
): void {
	const accounts = state.accounts
		.values()
		.filter(
			(account) =>
				account.platform === rules.platform && account.kind !== 'organization' && !account.hidden,
		);
	const picked =
		accounts.find((account) => account.handle === hint)?.id ?? accounts[0]?.id ?? 'new';
	const radio = (value: string, label: string): string =>
		`<label><input type="radio" name="account" value="${escapeHtml(value)}"${value === picked ? ' checked' : ''}> ${label}</label>`;
	const hidden = Object.entries(request.query)
		.map(([name, value]) => `<input type="hidden" name="${name}" value="${escapeHtml(value)}">`)
		.join('');
	const scopes = request.scopes
		.map((scope) =>
			rules.platform === 'instagram'
				? `<label><input type="checkbox" name="granted" value="${escapeHtml(scope)}" checked> <code>${escapeHtml(scope)}</code></label>`
				: `<li><code>${escapeHtml(scope)}</code></li>`,
		)
		.join('');
	const name = PLATFORM_NAMES[rules.platform];
	sendPage(res, 200, {
		title: `Authorize on ${name}`,
		platform: rules.platform,
		main: `<form class="card" method="post" action="${escapeHtml(`/${rules.platform}${res.req.path}`)}">
<h1>Let an app use your ${name} account?</h1>
<p class="muted">The app <strong>${escapeHtml(request.client.id)}</strong> asks for access and will send you back to <code>${escapeHtml(new URL(request.redirectUri).origin)}</code>.</p>
${hidden}
<fieldset><legend>Sign in as</legend>
${accounts.map((account) => radio(account.id, `${escapeHtml(account.displayName)} <span class="muted">@${escapeHtml(account.handle)}</span>`)).join('')}
${radio('new', 'Another account')}
<label>Handle of the other account <input type="text" name="handle" autocomplete="off" spellcheck="false"></label>
</fieldset>
<fieldset><legend>The app will be allowed to</legend>
${rules.platform === 'instagram' ? `<input type="hidden" name="choice" value="1">${scopes}` : `<ul>${scopes}</ul>`}
</fieldset>
<div class="actions"><button class="main" name="decision" value="approve">Authorize app</button><button name="decision" value="deny">Cancel</button></div>
</form>`,
	});
}

function refuse(res: Response, platform: Platform, reason: string): void {
	sendPage(res, 400, {
		title: 'Something went wrong',
		platform,
		main: `<div class="card"><h1>Something went wrong</h1><p>You were not able to give access to the app. ${escapeHtml(reason)}</p><p class="muted">Go back and try to sign in again.</p></div>`,
	});
}
