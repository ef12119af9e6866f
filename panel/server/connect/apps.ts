import { openText, sealText } from '../../../core/accounts/vault';
import type { AppView, Mode } from '../../../core/store/contract';
import type { ApiProblem, AppCheckAnswer, ConnectorView, SaveAppRequest } from '../../shared/api';
import {
	CONNECTORS,
	connectorView,
	redirectUriOf,
	sandboxApp,
	type Connector,
	type OAuthRules,
} from './connectors';
import { Refused, valueOf, type ConnectContext } from './context';
import { consentPage, exchangeCode, type Consent, type DeveloperApp } from './oauth';

const PLACE = { source: 'apps.sealed', owner: 'apps' };

/** Every connector as pages show it to an owner: live, and in the sandbox where there is one. */
export async function listConnectors(
	context: ConnectContext,
	owner: string,
): Promise<ConnectorView[]> {
	const [apps, ability] = await Promise.all([
		context.store.call('social_app_list', {}),
		context.store.call('social_owner_get', { p_owner: owner }),
	]);
	const { items } = valueOf(apps);
	const { platformsOff } = valueOf(ability);
	const modes: Mode[] = context.sandboxUrl === undefined ? ['live'] : ['live', 'sandbox'];
	return modes.flatMap((mode) =>
		CONNECTORS.map((connector) => {
			const view = viewWith(context, connector, mode, items);
			const off = platformsOff[connector.definition.name];
			return off === null ? view : { ...view, unavailable: switchedOff(off) };
		}),
	);
}

function switchedOff(reason: string): ApiProblem {
	return {
		code: 'off',
		message: `${reason}. No account can be connected.`,
		remedy: 'An admin switches it on under Features & Integrations.',
	};
}

/** One connector as pages show it. */
export async function viewOfConnector(
	context: ConnectContext,
	connector: Connector,
	mode: Mode,
): Promise<ConnectorView> {
	const { items } = valueOf(await context.store.call('social_app_list', {}));
	return viewWith(context, connector, mode, items);
}

function viewWith(
	context: ConnectContext,
	connector: Connector,
	mode: Mode,
	apps: AppView[],
): ConnectorView {
	const saved = apps.find((app) => app.connector === connector.id && app.mode === mode);
	const known = saved !== undefined || mode === 'sandbox';
	return connectorView(connector, mode, {
		publicUrl: context.publicUrl,
		clientId: saved?.clientId ?? (mode === 'sandbox' ? sandboxApp(connector).clientId : null),
		hasSecret: saved?.hasSecret ?? mode === 'sandbox',
		unavailable:
			mode === 'sandbox' && context.sandboxUrl === undefined
				? sandboxOff()
				: connector.oauth !== null && !known
					? appMissing(connector)
					: null,
	});
}

/** The app to ask with. Refused when none is saved, or when there is no sandbox. */
export async function appOf(
	context: ConnectContext,
	connector: Connector,
	mode: Mode,
): Promise<DeveloperApp> {
	if (mode === 'sandbox' && context.sandboxUrl === undefined) {
		throw new Refused(409, sandboxOff());
	}
	const app = valueOf(
		await context.store.call('social_app_open', { p_connector: connector.id, p_mode: mode }),
	);
	if (app === null) {
		if (mode === 'sandbox') return sandboxApp(connector);
		throw new Refused(409, appMissing(connector));
	}
	if (app.sealed === null) return { clientId: app.clientId, clientSecret: null };
	const opened = await openText(
		context.ports.crypto,
		await context.vaultKey(),
		{ ...PLACE, id: `${connector.id}:${mode}` },
		app.sealed,
	);
	if (opened.outcome === 'ok') return { clientId: app.clientId, clientSecret: opened.text };
	throw new Refused(409, {
		code: 'app_secret_unreadable',
		message: `The saved secret of the developer app for ${connector.label} cannot be opened with this panel’s vault key.`,
		remedy: 'Give the panel the vault key of the store, or enter the secret again.',
	});
}

/** Saves an app. Without a secret the saved one stays, as long as the client id is the same. */
export async function saveApp(
	context: ConnectContext,
	connector: Connector,
	mode: Mode,
	request: SaveAppRequest,
): Promise<ConnectorView> {
	const secret = request.clientSecret?.trim();
	const place = { ...PLACE, id: `${connector.id}:${mode}` };
	valueOf(
		await context.store.call('social_app_save', {
			p_connector: connector.id,
			p_mode: mode,
			p_client_id: request.clientId.trim(),
			p_sealed: secret
				? await sealText(context.ports.crypto, await context.vaultKey(), place, secret)
				: null,
		}),
	);
	return await viewOfConnector(context, connector, mode);
}

/** A code that no platform ever gave: how it is refused shows whether it knows the app. */
const NO_CODE = 'musekit-social-check';

/**
 * What can be found out about a developer app without a person: whether id and secret fit, whether
 * the redirect URI is known, and, after the first consent, which scopes did not come.
 */
export async function checkApp(
	context: ConnectContext,
	connector: Connector,
	rules: OAuthRules,
	mode: Mode,
): Promise<AppCheckAnswer> {
	const app = await appOf(context, connector, mode);
	const consent: Consent = {
		connector,
		rules,
		mode,
		sandboxUrl: context.sandboxUrl,
		app,
		redirectUri: redirectUriOf(connector, context.publicUrl),
	};
	const findings: ApiProblem[] = [
		...addressFindings(consent),
		...(await tokenFindings(consent)),
		...(await pageFindings(consent)),
		...(await scopeFindings(context, consent)),
	];
	return { ok: findings.length === 0, findings };
}

function addressFindings({ connector, rules, mode, redirectUri }: Consent): ApiProblem[] {
	const url = new URL(redirectUri);
	const loopback = ['127.0.0.1', 'localhost', '[::1]'].includes(url.hostname);
	if (mode === 'sandbox' || url.protocol === 'https:' || (loopback && rules.httpOnLoopback)) {
		return [];
	}
	return [
		{
			code: 'redirect_not_https',
			message: `${connector.definition.displayName} takes only https redirect URIs, and this panel is at ${url.origin}.`,
			remedy: 'Put the panel behind https and tell it its public address.',
		},
	];
}

async function tokenFindings(consent: Consent): Promise<ApiProblem[]> {
	const state = 'check';
	// X wants a verifier of at least 43 characters.
	const verifier = consent.rules.pkce ? NO_CODE.padEnd(43, '-') : null;
	const query = new URLSearchParams({ code: NO_CODE, state });
	const answer = await exchangeCode(consent, query, state, verifier);
	if (answer.outcome === 'ok') return [];
	if (answer.outcome === 'later') return [answer.problem];
	return answer.cause === 'app' || answer.cause === 'redirect' ? [answer.problem] : [];
}

/** Platforms that refuse an address or scope at once say so with a 4xx; others only to a signed-in person. */
async function pageFindings(consent: Consent): Promise<ApiProblem[]> {
	const name = consent.connector.definition.displayName;
	const page = await consentPage(consent, 'check');
	let status: number;
	let text: string;
	try {
		const answer = await fetch(page.url, {
			redirect: 'manual',
			signal: AbortSignal.timeout(10_000),
		});
		status = answer.status;
		text = (await answer.text()).slice(0, 200_000);
	} catch {
		return [];
	}
	if (status < 400 || status >= 500) return [];
	if (/redirect_uri|redirect uri/i.test(text)) {
		return [
			{
				code: 'app_redirect_refused',
				message: `${name} does not know this redirect URI for the app: ${consent.redirectUri}.`,
				remedy: 'Enter it at the developer app exactly as it is shown here.',
			},
		];
	}
	if (/scope/i.test(text)) {
		return [
			{
				code: 'app_scope_refused',
				message: `${name} does not let this app ask for ${consent.rules.scopes.join(', ')}.`,
				remedy: 'Add the products and permissions that the steps name to the developer app.',
			},
		];
	}
	return [];
}

async function scopeFindings(context: ConnectContext, consent: Consent): Promise<ApiProblem[]> {
	const { connector, mode, rules } = consent;
	const app = valueOf(
		await context.store.call('social_app_open', { p_connector: connector.id, p_mode: mode }),
	);
	if (app?.provenScopes == null) return [];
	const lacks = rules.scopes.filter((scope) => !app.provenScopes?.includes(scope));
	return lacks.map((scope) => ({
		code: 'app_scope_missing',
		message: `The last consent through this app brought no ${scope}.`,
		remedy: `Check that the app has the product or permission for ${scope}, then connect again and allow it.`,
	}));
}

function appMissing(connector: Connector): ApiProblem {
	return {
		code: 'app_missing',
		message: `${connector.label} needs a developer app of yours, and none is saved yet.`,
		remedy:
			'Follow the steps in the connector’s settings (an admin can) and save client id and secret.',
	};
}

function sandboxOff(): ApiProblem {
	return {
		code: 'sandbox_off',
		message: 'This panel knows no sandbox.',
		remedy: 'Use npm start, or set MUSEKIT_SANDBOX_URL.',
	};
}
