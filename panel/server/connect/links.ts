import { randomUUID } from 'node:crypto';
import { Router, type Request, type Response } from 'express';
import { z } from 'zod';
import { connectWithAppPassword } from '../../../core/accounts/connect';
import { createConnectLink, linkHash } from '../../../core/accounts/connect-link';
import type { LinkView } from '../../../core/store/contract';
import type { ConnectLinkAnswer, LinkConnectedAnswer, LinkPageAnswer } from '../../shared/api';
import { requireRole } from '../session';
import { viewOfConnector } from './apps';
import { flowCookie } from './browser';
import { connectorOf, type Connector } from './connectors';
import { problemOf, Refused, valueOf, type ConnectContext } from './context';
import { chooseInFlow, connectorUnknown, readFlow, startFlow } from './flows';
import { handled } from './handled';
import { appPasswordFields, choice, linkRequest } from './input';

/** Clients read mail after a weekend, too. */
const DEFAULT_HOURS = 72;

/** Links for clients: made by an admin, used without a sign-in. */
export function linkRoutes(context: ConnectContext): Router {
	const router = Router();
	router.post(
		'/api/connect-links',
		requireRole('admin'),
		handled(async (request, response) => {
			const input = linkRequest.parse(request.body);
			const connector = connectorOf(input.connector);
			if (connector === null) throw new Refused(404, connectorUnknown(input.connector));
			const made = valueOf(
				await createConnectLink(context.ports, {
					owner: input.owner,
					connector: connector.id,
					platform: connector.definition.name,
					mode: input.mode,
					ttlMs: Math.round((input.expiresInHours ?? DEFAULT_HOURS) * 3_600_000),
				}),
			);
			const answer: ConnectLinkAnswer = {
				url: `${context.publicUrl}${made.path}`,
				expiresAt: made.expiresAt,
			};
			response.json(answer);
		}),
	);
	router.get(
		'/api/connect-links/:token',
		handled(async (request, response) => {
			const { link, connector } = await openLink(context, request);
			const { unavailable } = await viewOfConnector(context, connector, link.mode);
			const answer: LinkPageAnswer = {
				connector: connector.id,
				platform: connector.definition.name,
				label: connector.label,
				mode: link.mode,
				kind: connector.oauth === null ? 'app_password' : 'oauth',
				unavailable,
				expiresAt: link.expiresAt,
			};
			response.json(answer);
		}),
	);
	router.post(
		'/api/connect-links/:token/start',
		handled(async (request, response) => {
			const { link, connector, token } = await openLink(context, request);
			const browser = flowCookie(request, response);
			const redirectTo = await startFlow(context, {
				connector,
				mode: link.mode,
				owner: link.owner,
				browser,
				link: { id: link.id, token },
			});
			response.json({ redirectTo });
		}),
	);
	router.post(
		'/api/connect-links/:token/app-password',
		handled(async (request, response) => {
			const { link, connector } = await openLink(context, request);
			const fields = appPasswordFields.parse(request.body);
			const use = { p_id: link.id, p_flow_id: randomUUID() };
			valueOf(await context.store.call('social_link_use', use));
			const outcome = await connectWithAppPassword(
				context.ports,
				{ vaultKey: await context.vaultKey(), definition: connector.definition },
				{ ...fields, owner: link.owner, mode: link.mode },
			);
			const done = outcome.outcome === 'connected';
			await context.store.call('social_link_use', { ...use, p_done: done });
			if (outcome.outcome === 'choose') throw new Refused(409, connectorUnknown(connector.id));
			if (outcome.outcome !== 'connected') throw problemOf(outcome);
			const { handle, displayName } = outcome.account;
			const answer: LinkConnectedAnswer = { accounts: [{ handle, displayName }] };
			response.json(answer);
		}),
	);
	choiceRoutes(router, context);
	return router;
}

function choiceRoutes(router: Router, context: ConnectContext): void {
	const place = '/api/connect-links/:token/flow/:flow';
	router.get(
		place,
		handled(async (request, response) => {
			const { flow, browser, token } = ofLink(request, response);
			const { answer, linkToken } = await readFlow(context, flow, browser);
			if (linkToken !== token) throw new Refused(404, linkUnknown());
			const { connector, candidates, expiresAt } = answer;
			response.json({ connector, candidates, expiresAt });
		}),
	);
	router.post(
		place,
		handled(async (request, response) => {
			const { flow, browser, token } = ofLink(request, response);
			const { remoteIds } = choice.parse(request.body);
			const read = await readFlow(context, flow, browser);
			if (read.linkToken !== token) throw new Refused(404, linkUnknown());
			const { answer } = await chooseInFlow(context, flow, browser, remoteIds);
			const accounts = answer.accounts.map(({ handle, displayName }) => ({ handle, displayName }));
			response.json({ accounts } satisfies LinkConnectedAnswer);
		}),
	);
}

const params = z.object({ token: z.string().regex(/^[A-Za-z0-9_-]{43}$/), flow: z.uuid() });

/** Flows of links are bound to the browser's own cookie, signed in or not. */
function ofLink(request: Request, response: Response) {
	const parsed = params.safeParse(request.params);
	if (!parsed.success) throw new Refused(404, linkUnknown());
	return { ...parsed.data, browser: flowCookie(request, response) };
}

async function openLink(
	context: ConnectContext,
	request: Request,
): Promise<{ link: LinkView; connector: Connector; token: string }> {
	const token = params.shape.token.safeParse(request.params.token);
	if (!token.success) throw new Refused(404, linkUnknown());
	const link = valueOf(
		await context.store.call('social_link_open', {
			p_token_hash: await linkHash(context.ports, token.data),
		}),
	);
	const connector = connectorOf(link.connector);
	if (connector === null) throw new Refused(404, connectorUnknown(link.connector));
	return { link, connector, token: token.data };
}

function linkUnknown() {
	return {
		code: 'link_unknown',
		message: 'There is no such link.',
		remedy: 'Ask whoever sent it for a new one.',
	};
}
