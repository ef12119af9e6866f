import { Router } from 'express';
import type { Request, RequestHandler, Response } from 'express';
import { callOf } from '../calls';
import type { Account } from '../records';
import type { SandboxState } from '../state';
import { issueToken, tokenProblem } from '../tokens';
import { containerStatus, createContainer, statusSentence } from './containers';
import { GRAPH_ERRORS, graphAnswer, graphError, unknownObject } from './errors';
import { instagramOauth, listPermissions, revokePermissions, tokenGraphError } from './oauth';
import { askedFields, graphParams, pick } from './params';
import { listMedia, mediaView, publishContainer, publishingLimit } from './publish';

const PUBLISH_SCOPES = ['instagram_business_content_publish', 'instagram_content_publish'];
const CALLS_PER_HOUR = 200;

/** Everything below `/instagram` that an app calls, with and without a version in the path. */
export function instagramRouter(state: SandboxState): Router {
	const router = Router();
	instagramOauth(router, state);
	const api = Router();
	graphRoutes(api, state);
	router.use(/^\/v\d+\.\d+/, api);
	router.use(api);
	return router;
}

function graphRoutes(api: Router, state: SandboxState): void {
	const guard = authenticate(state);
	api.get('/me', guard, (req, res) => sendMe(req, res, state));
	api.get('/me/accounts', guard, (_req, res) => sendPages(res, state));
	api.get('/me/permissions', guard, (_req, res) => {
		const { token } = callOf(res);
		if (token?.kind === 'facebook_user') listPermissions(res, token);
		else graphError(res, unknownObject('GET', 'me'));
	});
	api.delete(/^\/(me|\d+)\/permissions$/, guard, (_req, res) => {
		const { token } = callOf(res);
		if (token) revokePermissions(res, state, token);
	});
	api.post(/^\/(me|\d+)\/media$/, guard, needPublish, async (req, res) => {
		const account = owner(req, res);
		if (account) await createContainer(req, res, state, account);
	});
	api.post(/^\/(me|\d+)\/media_publish$/, guard, needPublish, (req, res) => {
		const account = owner(req, res);
		if (account) publishContainer(req, res, state, account);
	});
	api.get(/^\/(me|\d+)\/media$/, guard, (req, res) => {
		const account = owner(req, res);
		if (account) listMedia(req, res, state, account);
	});
	api.get(/^\/(me|\d+)\/content_publishing_limit$/, guard, (req, res) => {
		const account = owner(req, res);
		if (account) publishingLimit(res, state, account);
	});
	api.get(/^\/(\d+)$/, guard, (req, res) => sendObject(req, res, state));
	api.all(/^\/v\d+\.\d+\/.*$/, guard, (req, res) =>
		graphError(res, unknownObject(req.method, req.path)),
	);
}

function authenticate(state: SandboxState): RequestHandler {
	return (req, res, next) => {
		const { token, account } = callOf(res);
		const given = req.headers.authorization ?? graphParams(req).access_token;
		const usage = countCalls(state, account);
		res.set('x-app-usage', JSON.stringify(usage));
		const problem = given === undefined ? 'missing' : tokenProblem(state, token);
		if (problem !== null) return graphError(res, tokenGraphError(state, token, problem));
		if (state.settings.rateLimits.enabled && usage.call_count > 100) {
			return graphError(res, GRAPH_ERRORS.throttled);
		}
		next();
	};
}

/** Percent of the hourly calls that are used up, as `X-App-Usage` tells it. */
function countCalls(
	state: SandboxState,
	account: Account | null,
): { call_count: number; total_cputime: number; total_time: number } {
	const key = `instagram:calls:${account?.id ?? ''}`;
	const known = state.counters.get(key);
	const fresh = known && state.now() - known.startedAt < 3_600_000 ? known : undefined;
	const counter = fresh ?? { startedAt: state.now(), count: 0 };
	counter.count += 1;
	state.counters.set(key, counter);
	const limit =
		state.settings.rateLimits.overrides['instagram:calls']?.limit ?? CALLS_PER_HOUR * 24;
	return {
		call_count: Math.ceil((counter.count / limit) * 100),
		total_cputime: 0,
		total_time: 0,
	};
}

const needPublish: RequestHandler = (_req, res, next) => {
	const { token } = callOf(res);
	if (PUBLISH_SCOPES.some((scope) => token?.scopes.includes(scope))) return next();
	graphError(res, GRAPH_ERRORS.permission);
};

/** The caller's account when the path names it. */
function owner(req: Request, res: Response): Account | null {
	const { account } = callOf(res);
	const id = /\/(me|\d+)\/[a-z_]+$/.exec(req.path)?.[1] ?? '';
	if (account && (id === 'me' || id === account.id)) return account;
	graphError(res, unknownObject(req.method, id));
	return null;
}

function sendMe(req: Request, res: Response, state: SandboxState): void {
	const { account, token } = callOf(res);
	if (!account) return graphError(res, GRAPH_ERRORS.noToken);
	const fields = askedFields(graphParams(req));
	if (token?.kind === 'facebook_user' || token?.kind === 'page') {
		return graphAnswer(res, {
			id: `2${account.id.slice(1)}`,
			name: account.displayName,
		});
	}
	graphAnswer(res, pick(accountView(state, account), fields));
}

/** Facebook Login: Pages of the person with their tokens and Instagram accounts. */
function sendPages(res: Response, state: SandboxState): void {
	const { account, token } = callOf(res);
	if (!account || token?.kind !== 'facebook_user') {
		return graphError(res, unknownObject('GET', 'me'));
	}
	if (!token.scopes.includes('pages_show_list')) return graphAnswer(res, { data: [] });
	const grant = { account, clientId: token.clientId, scopes: token.scopes, family: token.family };
	const page = issueToken(state, grant, 'access', null, 'page');
	graphAnswer(res, {
		data: [
			{
				access_token: page.value,
				id: `3${account.id.slice(1)}`,
				name: account.displayName,
				instagram_business_account: { id: account.id },
			},
		],
	});
}

function accountView(state: SandboxState, account: Account): Record<string, unknown> {
	return {
		id: account.id,
		user_id: account.id,
		username: account.handle,
		name: account.displayName,
		account_type: 'BUSINESS',
		media_count: state.timeline('instagram', account.id).length,
	};
}

/** `GET /{id}` of an account, a container or a published post, of the caller only. */
function sendObject(req: Request, res: Response, state: SandboxState): void {
	const id = req.path.slice(1);
	const { account } = callOf(res);
	const fields = askedFields(graphParams(req));
	if (account?.id === id) return graphAnswer(res, pick(accountView(state, account), fields));
	const container = state.containers.get(id);
	if (container && container.accountId === account?.id) {
		const view = {
			id,
			status_code: containerStatus(state, container),
			status: statusSentence(state, container),
		};
		return graphAnswer(res, pick(view, fields));
	}
	const entry = state.entries.get(`instagram:${id}`);
	if (!entry || entry.accountId !== account?.id || entry.deletedAt !== null) {
		return graphError(res, unknownObject(req.method, id));
	}
	graphAnswer(res, pick(mediaView(state, entry), fields));
}
