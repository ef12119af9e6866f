import type { Request, RequestHandler, Response } from 'express';
import { formBody, queryParam } from './body';
import type { Account, Platform, Token } from './records';
import type { SandboxState } from './state';

/** One API request, as faults, limits and the request log see it. */
export interface Call {
	platform: Platform;
	/** Name of what is asked for, e.g. `tweet.create`; the same on every platform where it fits. */
	step: string;
	/** Path below the platform's prefix, without query. */
	path: string;
	/** Who calls, as far as any token in the request tells. */
	account: Account | null;
	/** The access token, whatever its state. */
	token: Token | null;
	/** Set when a fault was applied. */
	fault: string | null;
	/** When it came in, Unix ms of the sandbox's clock. */
	at: number;
}

/** `[method, path below the platform's prefix, step]`; the first fit counts. */
const STEPS: Record<Platform, readonly (readonly [string, RegExp, string])[]> = {
	x: [
		['POST', /^\/2\/oauth2\/token$/, 'oauth.token'],
		['POST', /^\/2\/oauth2\/revoke$/, 'oauth.revoke'],
		['GET', /^\/2\/users\/me$/, 'me'],
		['GET', /^\/2\/users\/\d+\/tweets$/, 'timeline'],
		['POST', /^\/2\/tweets$/, 'tweet.create'],
		['GET', /^\/2\/tweets$/, 'tweet.get'],
		['GET', /^\/2\/tweets\/\d+$/, 'tweet.get'],
		['DELETE', /^\/2\/tweets\/\d+$/, 'tweet.delete'],
		['POST', /^\/2\/media\/upload\/initialize$/, 'media.initialize'],
		['POST', /^\/2\/media\/upload\/\d+\/append$/, 'media.append'],
		['POST', /^\/2\/media\/upload\/\d+\/finalize$/, 'media.finalize'],
		['GET', /^\/2\/media\/upload$/, 'media.status'],
		['POST', /^\/2\/media\/upload$/, 'media.upload'],
		['POST', /^\/2\/media\/metadata$/, 'media.metadata'],
		['*', /^\/2\//, 'unknown'],
	],
	linkedin: [
		['POST', /^\/oauth\/v2\/accessToken$/, 'oauth.token'],
		['POST', /^\/oauth\/v2\/revoke$/, 'oauth.revoke'],
		['POST', /^\/oauth\/v2\/introspectToken$/, 'oauth.introspect'],
		['GET', /^\/v2\/userinfo$/, 'me'],
		['GET', /^\/rest\/organizationAcls$/, 'organizations'],
		['GET', /^\/rest\/organizations\/.+$/, 'organization.get'],
		['POST', /^\/rest\/images$/, 'image.initialize'],
		['GET', /^\/rest\/images\/.+$/, 'image.get'],
		['PUT', /^\/dms-uploads\/.+$/, 'image.upload'],
		['POST', /^\/rest\/posts$/, 'post.create'],
		['GET', /^\/rest\/posts$/, 'timeline'],
		['GET', /^\/rest\/posts\/.+$/, 'post.get'],
		['DELETE', /^\/rest\/posts\/.+$/, 'post.delete'],
		['*', /^\/(rest|v2|oauth\/v2\/(?!authorization))/, 'unknown'],
	],
	instagram: [
		['POST', /^(\/v[\d.]+)?\/oauth\/access_token$/, 'oauth.token'],
		['GET', /^(\/v[\d.]+)?\/oauth\/access_token$/, 'oauth.token'],
		['GET', /^(\/v[\d.]+)?\/access_token$/, 'oauth.exchange'],
		['GET', /^(\/v[\d.]+)?\/refresh_access_token$/, 'oauth.refresh'],
		['GET', /^(\/v[\d.]+)?\/debug_token$/, 'oauth.introspect'],
		['DELETE', /^(\/v[\d.]+)?\/(me|\d+)\/permissions$/, 'oauth.revoke'],
		['GET', /^(\/v[\d.]+)?\/me$/, 'me'],
		['GET', /^(\/v[\d.]+)?\/me\/accounts$/, 'pages'],
		['POST', /^(\/v[\d.]+)?\/(me|\d+)\/media$/, 'container.create'],
		['GET', /^(\/v[\d.]+)?\/(me|\d+)\/media$/, 'timeline'],
		['POST', /^(\/v[\d.]+)?\/(me|\d+)\/media_publish$/, 'publish'],
		['GET', /^(\/v[\d.]+)?\/(me|\d+)\/content_publishing_limit$/, 'limit'],
		['GET', /^(\/v[\d.]+)?\/\d+$/, 'object'],
		['*', /^\/v[\d.]+\/(?!dialog\/)/, 'unknown'],
	],
};

/** The step's name, or null for a page that people look at. */
export function stepOf(platform: Platform, method: string, path: string): string | null {
	const found = STEPS[platform].find(
		([verb, pattern]) => (verb === '*' || verb === method) && pattern.test(path),
	);
	return found ? found[2] : null;
}

/** Notes who calls what, for everything that comes after; pages pass without a note. */
export function noteCall(state: SandboxState, platform: Platform): RequestHandler {
	return (req, res, next) => {
		const step = stepOf(platform, req.method, req.path);
		if (step === null) return next();
		const call: Call = {
			platform,
			step: platform === 'instagram' && step === 'object' ? objectStep(state, req.path) : step,
			path: req.path,
			...identify(state, platform, req),
			fault: null,
			at: state.now(),
		};
		res.locals.call = call;
		let ended = false;
		const note = (status: number | null): void => {
			if (ended) return;
			ended = true;
			state.record({
				platform,
				account: call.account?.handle ?? null,
				method: req.method,
				path: platform === 'linkedin' && call.step === 'image.upload' ? '/dms-uploads' : req.path,
				step: call.step,
				status,
				fault: call.fault,
				at: new Date(state.now()).toISOString(),
			});
		};
		res.on('finish', () => note(res.statusCode));
		res.on('close', () => note(null));
		next();
	};
}

/** The note of an API request. */
export function callOf(res: Response): Call {
	return res.locals.call as Call;
}

function objectStep(state: SandboxState, path: string): string {
	const id = path.split('/').pop() ?? '';
	if (state.containers.get(id)) return 'container.get';
	return state.accounts.get(`instagram:${id}`) ? 'me' : 'media.get';
}

function identify(
	state: SandboxState,
	platform: Platform,
	req: Request,
): { account: Account | null; token: Token | null } {
	const upload = /^\/dms-uploads\/([^/]+)\//.exec(req.path);
	if (platform === 'linkedin' && upload) {
		const asset = state.assets.get(`urn:li:image:${upload[1]}`);
		const account = asset && state.accounts.get(`linkedin:${asset.accountId}`);
		return { account: account ?? null, token: null };
	}
	const form = formBody(req);
	const bearer = /^Bearer (.+)$/i.exec(req.headers.authorization ?? '')?.[1];
	const access = bearer ?? queryParam(req, 'access_token') ?? form.get('access_token') ?? undefined;
	const token = access === undefined ? undefined : state.tokens.get(access);
	const other = state.tokens.get(form.get('refresh_token') ?? form.get('token') ?? '');
	const code = state.codes.get(form.get('code') ?? queryParam(req, 'code') ?? '');
	const accountId = (token ?? other ?? code)?.accountId;
	const account =
		accountId === undefined ? undefined : state.accounts.get(`${platform}:${accountId}`);
	return {
		account: account ?? null,
		token: token && token.platform === platform && token.use === 'access' ? token : null,
	};
}
