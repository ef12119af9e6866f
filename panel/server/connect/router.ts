import { Router, type Request, type Response } from 'express';
import { connectWithAppPassword } from '../../../core/accounts/connect';
import type { StartConnectAnswer } from '../../shared/api';
import { requireRole, sessionOf, SIGNED_OUT } from '../session';
import { accountRoutes } from './accounts';
import { checkApp, listConnectors, saveApp } from './apps';
import { browsersOf, sessionBrowser } from './browser';
import { connectorOf, type Connector } from './connectors';
import {
	allowedOwner,
	createContext,
	problemOf,
	Refused,
	valueOf,
	type ConnectContext,
	type ConnectOptions,
} from './context';
import { chooseInFlow, connectorUnknown, finishFlow, readFlow, startFlow } from './flows';
import { handled } from './handled';
import * as input from './input';
import { linkRoutes } from './links';
import { sendConnected, sendConsentProblem } from './result-page';

/** Pages of the web panel that connecting leads to. */
export const PAGES = { accounts: '/accounts', choose: '/accounts/connect', link: '/l' };

/**
 * Routes of connecting. Mounted at the root, after sign-in, roles and CSRF: `response.locals.session`
 * is set below `/api` and `/connect` (see `../session`), JSON bodies are parsed.
 */
export function createConnectRouter(options: ConnectOptions): Router {
	const context = createContext(options);
	const router = Router();
	connectorRoutes(router, context);
	flowRoutes(router, context);
	router.use(accountRoutes(context));
	router.use(linkRoutes(context));
	router.get('/connect/callback/:connector', async (request, response, next) => {
		try {
			await callback(context, request, response);
		} catch (error) {
			if (!(error instanceof Refused)) return next(error);
			const back =
				sessionOf(response) === null
					? null
					: { href: PAGES.accounts, label: 'Back to the accounts' };
			sendConsentProblem(response, error.status, error.problem, back);
		}
	});
	return router;
}

function connectorRoutes(router: Router, context: ConnectContext): void {
	router.get(
		'/api/connectors',
		requireRole('viewer'),
		handled(async (_request, response) => {
			const owner = sessionOf(response)?.owner ?? 'default';
			response.json({ connectors: await listConnectors(context, owner) });
		}),
	);
	router.put(
		'/api/connectors/:id/app',
		requireRole('admin'),
		handled(async (request, response) => {
			const connector = named(request.params.id);
			const { mode } = input.modeQuery.parse(request.query);
			if (connector.oauth === null) throw new Refused(400, connectorUnknown(connector.id));
			const app = input.appRequest.parse(request.body);
			response.json(await saveApp(context, connector, mode, app));
		}),
	);
	router.delete(
		'/api/connectors/:id/app',
		requireRole('admin'),
		handled(async (request, response) => {
			const connector = named(request.params.id);
			const { mode } = input.modeQuery.parse(request.query);
			const args = { p_connector: connector.id, p_mode: mode };
			response.json(valueOf(await context.store.call('social_app_delete', args)));
		}),
	);
	router.post(
		'/api/connectors/:id/check',
		requireRole('admin'),
		handled(async (request, response) => {
			const connector = named(request.params.id);
			const { mode } = input.modeQuery.parse(request.query);
			if (connector.oauth === null) throw new Refused(400, connectorUnknown(connector.id));
			response.json(await checkApp(context, connector, connector.oauth, mode));
		}),
	);
}

function flowRoutes(router: Router, context: ConnectContext): void {
	router.post(
		'/api/connect',
		requireRole('admin'),
		handled(async (request, response) => {
			const wanted = input.startRequest.parse(request.body);
			const redirectTo = await startFlow(context, {
				connector: named(wanted.connector),
				mode: wanted.mode,
				owner: owned(response, wanted.owner),
				browser: browserOf(response),
				...(wanted.accountId === undefined ? {} : { accountId: wanted.accountId }),
			});
			const answer: StartConnectAnswer = { redirectTo };
			response.json(answer);
		}),
	);
	router.post(
		'/api/connect/app-password',
		requireRole('admin'),
		handled(async (request, response) => {
			const { connector: id, ...wanted } = input.appPasswordRequest.parse(request.body);
			const { definition } = named(id);
			const outcome = await connectWithAppPassword(
				context.ports,
				{ vaultKey: await context.vaultKey(), definition },
				{ ...wanted, owner: owned(response, wanted.owner) },
			);
			if (outcome.outcome === 'choose') throw new Refused(409, connectorUnknown(id));
			if (outcome.outcome !== 'connected') throw problemOf(outcome);
			response.json({ accounts: [outcome.account], warnings: outcome.warnings });
		}),
	);
	router.get(
		'/api/connect/:flow',
		requireRole('admin'),
		handled(async (request, response) => {
			const { flow } = input.flowParam.parse(request.params);
			const { answer } = await readFlow(context, flow, browserOf(response));
			response.json(answer);
		}),
	);
	router.post(
		'/api/connect/:flow',
		requireRole('admin'),
		handled(async (request, response) => {
			const { flow } = input.flowParam.parse(request.params);
			const { remoteIds } = input.choice.parse(request.body);
			const { answer } = await chooseInFlow(context, flow, browserOf(response), remoteIds);
			response.json(answer);
		}),
	);
}

/** The platform sends the person back; every end is a page or a redirect to one. */
async function callback(
	context: ConnectContext,
	request: Request,
	response: Response,
): Promise<void> {
	const connector = named(request.params.connector);
	const query = new URL(request.originalUrl, context.publicUrl).searchParams;
	const browsers = browsersOf(request, response);
	const end = await finishFlow(context, connector, query, browsers);
	if (end.to === 'choose') {
		const page =
			end.linkToken === null
				? `${PAGES.choose}/${end.flow.id}`
				: `${PAGES.link}/${end.linkToken}?flow=${end.flow.id}`;
		response.redirect(303, page);
		return;
	}
	const { accounts } = end.answer;
	if (end.linkToken !== null) {
		sendConnected(
			response,
			accounts.map((account) => `@${account.handle}`),
		);
		return;
	}
	const ids = accounts.map((account) => account.id).join(',');
	response.redirect(303, `${PAGES.accounts}?connected=${encodeURIComponent(ids)}`);
}

function named(id: string | string[]): Connector {
	const connector = connectorOf(String(id));
	if (connector === null) throw new Refused(404, connectorUnknown(String(id)));
	return connector;
}

function owned(response: Response, asked: string): string {
	const message = 'You may connect accounts only for yourself. Nothing was changed.';
	return allowedOwner(response, asked, message);
}

function browserOf(response: Response): string {
	const browser = sessionBrowser(response);
	if (browser !== null) return browser;
	throw new Refused(401, SIGNED_OUT);
}
