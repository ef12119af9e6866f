import { randomBytes, randomUUID } from 'node:crypto';
import { connectAccount } from '../../../core/accounts/connect';
import { identifyToken } from '../../../core/accounts/identify';
import { openText, sealText } from '../../../core/accounts/vault';
import type { TokenSecret } from '../../../core/platforms/platform';
import type { AccountView, FlowView, Mode, PostError } from '../../../core/store/contract';
import type { ConnectCandidate, ConnectedAnswer, ConnectFlowAnswer } from '../../shared/api';
import { appOf } from './apps';
import { connectorOf, placesOf, redirectUriOf, type Connector } from './connectors';
import { hashOf, problemOf, Refused, valueOf, type ConnectContext } from './context';
import { consentPage, exchangeCode, type Consent, type DeveloperApp } from './oauth';

/** Platforms end an unfinished consent within minutes; X's code lives half a minute. */
const FLOW_MS = 600_000;

export interface FlowStart {
	connector: Connector;
	mode: Mode;
	owner: string;
	accountId?: string;
	/** What binds it to one browser, hashed. */
	browser: string;
	link?: { id: string; token: string };
}

/** Sealed between click and callback. */
interface OnItsWay {
	state: string;
	verifier: string | null;
	app: DeveloperApp;
	linkToken: string | null;
}

/** Sealed between consent and choice. */
interface Consented {
	secret: TokenSecret;
	scopes: string[] | null;
	linkToken: string | null;
	connected: string[];
}

/** How a callback ended well. */
export type FlowEnd =
	| { to: 'done'; flow: FlowView; linkToken: string | null; answer: ConnectedAnswer }
	| { to: 'choose'; flow: FlowView; linkToken: string | null };

/** Begins a consent: the address of the platform's page. */
export async function startFlow(context: ConnectContext, start: FlowStart): Promise<string> {
	const { connector, mode } = start;
	const rules = connector.oauth;
	if (rules === null) throw new Refused(400, noConsentPage(connector));
	const app = await appOf(context, connector, mode);
	const state = randomBytes(32).toString('base64url');
	const redirectUri = redirectUriOf(connector, context.publicUrl);
	const page = await consentPage(
		{ connector, rules, mode, sandboxUrl: context.sandboxUrl, app, redirectUri },
		state,
	);
	const id = randomUUID();
	const kept: OnItsWay = {
		state,
		verifier: page.verifier,
		app,
		linkToken: start.link?.token ?? null,
	};
	valueOf(
		await context.store.call('social_flow_start', {
			p_id: id,
			p_state_hash: hashOf('state', state),
			p_browser_hash: start.browser,
			p_connector: connector.id,
			p_platform: connector.definition.name,
			p_mode: mode,
			p_owner: start.owner,
			p_account_id: start.accountId ?? null,
			p_link_id: start.link?.id ?? null,
			p_redirect_uri: redirectUri,
			p_sealed: await seal(context, { id, owner: start.owner }, kept),
			p_ttl_ms: FLOW_MS,
		}),
	);
	return page.url;
}

/**
 * The callback: takes the flow (once, in the browser that began it), exchanges the code and connects,
 * or keeps the token sealed until the person has chosen. Anything else is thrown as `Refused`.
 */
export async function finishFlow(
	context: ConnectContext,
	connector: Connector,
	query: URLSearchParams,
	browsers: string[],
): Promise<FlowEnd> {
	const rules = connector.oauth;
	if (rules === null) throw new Refused(404, noConsentPage(connector));
	const { flow, kept } = await takeFlow(context, connector, query.get('state') ?? '', browsers);
	const denied = query.get('error');
	if (denied !== null) throw new Refused(400, saidNo(connector, denied, flow));
	const consent: Consent = {
		connector,
		rules,
		mode: flow.mode,
		sandboxUrl: context.sandboxUrl,
		app: kept.app,
		redirectUri: flow.redirectUri,
	};
	const got = await exchangeCode(consent, query, kept.state, kept.verifier);
	if (got.outcome !== 'ok') {
		throw new Refused(got.outcome === 'later' ? 503 : 400, got.problem);
	}
	return await afterConsent(context, connector, flow, {
		secret: got.secret,
		scopes: got.scopes,
		linkToken: kept.linkToken,
		connected: [],
	});
}

async function takeFlow(
	context: ConnectContext,
	connector: Connector,
	state: string,
	browsers: string[],
): Promise<{ flow: FlowView; kept: OnItsWay }> {
	let last: unknown;
	for (const browser of browsers) {
		const answer = await context.store.call('social_flow_take', {
			p_state_hash: hashOf('state', state),
			p_browser_hash: browser,
			p_connector: connector.id,
		});
		if (answer.kind === 'ok') {
			const { sealed, ...flow } = answer.value;
			return { flow, kept: await open<OnItsWay>(context, flow, sealed) };
		}
		last = answer;
		// A signed-in browser may also have begun a link's flow.
		if (answer.kind !== 'refused' || answer.refusal.code !== 'flow_other_browser') break;
	}
	return valueOf(last as Parameters<typeof valueOf>[0]) as never;
}

async function afterConsent(
	context: ConnectContext,
	connector: Connector,
	flow: FlowView,
	consented: Consented,
): Promise<FlowEnd> {
	const { linkToken } = consented;
	if (consented.scopes !== null) {
		await context.store.call('social_app_proven', {
			p_connector: connector.id,
			p_mode: flow.mode,
			p_scopes: consented.scopes,
		});
	}
	const outcome = await withLink(
		context,
		flow,
		async () =>
			await connectAccount(context.ports, await optionsOf(context, connector), {
				...tokenOf(context, connector, flow, consented),
				owner: flow.owner,
				...(flow.accountId === null ? {} : { accountId: flow.accountId }),
			}),
	);
	if (outcome.outcome === 'connected') {
		const { account, warnings } = outcome;
		return { to: 'done', flow, linkToken, answer: { accounts: [account], warnings } };
	}
	if (outcome.outcome !== 'choose') throw problemOf(outcome);
	const kept = valueOf(
		await context.store.call('social_flow_keep', {
			p_id: flow.id,
			p_sealed: await seal(context, flow, {
				...consented,
				secret: outcome.secret,
				scopes: outcome.grantedScopes,
			}),
			p_ttl_ms: FLOW_MS,
		}),
	);
	return { to: 'choose', flow: kept, linkToken };
}

/** A link is held while its account is saved, and used up by the first account that is. */
async function withLink<T extends { outcome: string }>(
	context: ConnectContext,
	flow: Pick<FlowView, 'id' | 'linkId'>,
	work: () => Promise<T>,
): Promise<T> {
	if (flow.linkId === null) return await work();
	const link = { p_id: flow.linkId, p_flow_id: flow.id };
	valueOf(await context.store.call('social_link_use', link));
	const outcome = await work();
	const done = outcome.outcome === 'connected';
	await context.store.call('social_link_use', { ...link, p_done: done });
	return outcome;
}

/** What can be chosen after consent. */
export async function readFlow(
	context: ConnectContext,
	id: string,
	browser: string,
): Promise<{ flow: FlowView; linkToken: string | null; answer: ConnectFlowAnswer }> {
	const { flow, consented, connector } = await openFlow(context, id, browser);
	const found = await identifyToken(
		context.ports,
		connector.definition,
		tokenOf(context, connector, flow, consented),
	);
	if (found.outcome !== 'ok') throw problemOf(found);
	const candidates: ConnectCandidate[] = found.candidates.map((candidate) => ({
		remoteId: candidate.remoteId,
		handle: candidate.handle,
		displayName: candidate.displayName,
		kind: candidate.kind,
		unavailable: candidate.unavailable?.message ?? null,
	}));
	const { connector: name, owner, expiresAt } = flow;
	return {
		flow,
		linkToken: consented.linkToken,
		answer: { connector: name, owner, candidates, expiresAt },
	};
}

/** Connects what was chosen; one that fails is a warning when another one was connected. */
export async function chooseInFlow(
	context: ConnectContext,
	id: string,
	browser: string,
	remoteIds: string[],
): Promise<{ answer: ConnectedAnswer; linkToken: string | null }> {
	const { flow, consented, connector } = await openFlow(context, id, browser);
	const accounts: AccountView[] = [];
	const warnings: PostError[] = [];
	let failed: Refused | null = null;
	const options = await optionsOf(context, connector);
	// A link connects one account; the pages of a link let people choose one.
	const wanted = flow.linkId === null ? remoteIds : remoteIds.slice(0, 1);
	for (const remoteId of wanted) {
		const outcome = await withLink(
			context,
			flow,
			async () =>
				await connectAccount(context.ports, options, {
					...tokenOf(context, connector, flow, consented),
					owner: flow.owner,
					remoteId,
					...(flow.accountId === null ? {} : { accountId: flow.accountId }),
				}),
		);
		if (outcome.outcome === 'connected') {
			accounts.push(outcome.account);
			warnings.push(...outcome.warnings);
		} else if (outcome.outcome !== 'choose') {
			failed = problemOf(outcome);
			warnings.push(outcome.error);
		}
	}
	if (accounts.length === 0 && failed !== null) throw failed;
	await context.store.call('social_flow_end', { p_id: flow.id });
	return { answer: { accounts, warnings }, linkToken: consented.linkToken };
}

async function openFlow(context: ConnectContext, id: string, browser: string) {
	const { sealed, ...flow } = valueOf(
		await context.store.call('social_flow_open', { p_id: id, p_browser_hash: browser }),
	);
	const connector = connectorOf(flow.connector);
	if (connector === null) throw new Refused(404, connectorUnknown(flow.connector));
	return { flow, connector, consented: await open<Consented>(context, flow, sealed) };
}

async function optionsOf(context: ConnectContext, connector: Connector) {
	return { vaultKey: await context.vaultKey(), definition: connector.definition };
}

function tokenOf(
	context: ConnectContext,
	connector: Connector,
	flow: FlowView,
	{ secret, scopes }: Consented,
) {
	return {
		mode: flow.mode,
		...placesOf(connector, flow.mode, context.sandboxUrl),
		secret,
		grantedScopes: scopes,
		product: connector.product,
	};
}

const SOURCE = 'connect_flows.sealed';

async function seal(
	context: ConnectContext,
	row: { id: string; owner: string },
	value: OnItsWay | Consented,
): Promise<string> {
	const place = { source: SOURCE, id: row.id, owner: row.owner };
	return await sealText(
		context.ports.crypto,
		await context.vaultKey(),
		place,
		JSON.stringify(value),
	);
}

async function open<T>(
	context: ConnectContext,
	row: { id: string; owner: string },
	sealed: string,
): Promise<T> {
	const place = { source: SOURCE, id: row.id, owner: row.owner };
	const opened = await openText(context.ports.crypto, await context.vaultKey(), place, sealed);
	if (opened.outcome === 'ok') return JSON.parse(opened.text) as T;
	throw new Refused(409, {
		code: 'flow_unreadable',
		message: 'This sign-in was begun with another vault key. Nothing was connected or changed.',
		remedy: 'Begin again with Connect.',
	});
}

function saidNo(connector: Connector, error: string, flow: FlowView) {
	const name = connector.definition.displayName;
	const kept = flow.accountId === null ? '' : ' The connection that was there stays as it was.';
	const denied = /denied|cancel/i.test(error);
	return denied
		? {
				code: 'consent_denied',
				message: `You did not allow the access at ${name}, so nothing was connected.${kept}`,
				remedy: 'Connect again when you want to, and choose Authorize.',
			}
		: {
				code: 'consent_failed',
				message: `${name} ended the sign-in with “${error.slice(0, 80)}”. Nothing was connected.${kept}`,
				remedy: 'Run the connector’s check: a scope, product or redirect URI may be missing.',
			};
}

function noConsentPage(connector: Connector) {
	return {
		code: 'no_consent_page',
		message: `${connector.label} is connected by handle and app password.`,
		remedy: 'Use the form.',
	};
}

export function connectorUnknown(id: string) {
	return {
		code: 'connector_unknown',
		message: `There is no way to connect called ${id.slice(0, 40)}.`,
		remedy: 'Load the page again; the panel may have been updated.',
	};
}
