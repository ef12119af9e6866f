import { Router } from 'express';
import type { Request, RequestHandler, Response } from 'express';
import { authorUrn } from '../accounts';
import { queryParam, routeParam } from '../body';
import { callOf } from '../calls';
import type { SandboxState } from '../state';
import { tokenProblem } from '../tokens';
import { accessDenied, linkedinError, TOKEN_ERRORS } from './errors';
import { linkedinImages, linkedinUploads } from './images';
import { linkedinOauth } from './oauth';
import { linkedinPosts } from './posts';

/** Everything below `/linkedin` that an app calls, and LinkedIn's consent page. */
export function linkedinRouter(state: SandboxState): Router {
	const router = Router();
	linkedinOauth(router, state);
	linkedinUploads(router, state);
	router.use(['/rest', '/v2'], authenticate(state));
	router.use('/rest', checkVersion(state));
	router.get('/v2/userinfo', userinfo);
	router.get('/rest/organizationAcls', (req, res) => organizationAcls(req, res, state));
	router.get('/rest/organizations/:id', (req, res) => organization(req, res, state));
	linkedinImages(router, state);
	linkedinPosts(router, state);
	router.use(['/rest', '/v2'], (req, res) =>
		linkedinError(res, 404, {
			code: 'RESOURCE_NOT_FOUND',
			message: `No virtual resource found for ${req.method} ${req.baseUrl.replace('/linkedin', '')}${req.path}`,
		}),
	);
	return router;
}

function authenticate(state: SandboxState): RequestHandler {
	return (req, res, next) => {
		const { token } = callOf(res);
		if (req.headers.authorization === undefined) {
			return linkedinError(res, 401, TOKEN_ERRORS.missing);
		}
		const problem = tokenProblem(state, token);
		if (problem !== null) return linkedinError(res, 401, TOKEN_ERRORS[problem]);
		next();
	};
}

/** `LinkedIn-Version: YYYYMM` and Rest.li 2.0.0 on every versioned call. */
function checkVersion(state: SandboxState): RequestHandler {
	return (req, res, next) => {
		const version = req.headers['linkedin-version'];
		if (typeof version !== 'string' || version === '') {
			return linkedinError(res, 400, {
				code: 'VERSION_MISSING',
				message:
					'A version must be present. Please specify a version by adding the LinkedIn-Version header.',
			});
		}
		const { from, to } = state.settings.linkedinVersions;
		const month = Number(version.slice(4));
		const wellFormed = /^\d{6}$/.test(version) && month >= 1 && month <= 12;
		if (!wellFormed || version < from || version > to) {
			return linkedinError(res, 426, {
				code: 'NONEXISTENT_VERSION',
				message: `Requested version ${wellFormed ? `${version}01` : version} is not active`,
			});
		}
		if (req.headers['x-restli-protocol-version'] !== '2.0.0') {
			return linkedinError(res, 400, {
				code: 'ILLEGAL_ARGUMENT',
				message: 'Header X-Restli-Protocol-Version must be 2.0.0',
			});
		}
		next();
	};
}

function userinfo(_req: Request, res: Response): void {
	const { account, token } = callOf(res);
	if (!account || !token?.scopes.includes('openid'))
		return accessDenied(res, 'userinfo.GET.NO_VERSION');
	const [given, ...family] = account.displayName.split(' ');
	res.status(200).json({
		sub: account.id,
		...(token.scopes.includes('profile')
			? {
					name: account.displayName,
					given_name: given,
					family_name: family.join(' '),
					locale: { country: 'US', language: 'en' },
				}
			: {}),
		...(token.scopes.includes('email')
			? { email: `${account.handle}@example.com`, email_verified: true }
			: {}),
	});
}

function organizationAcls(req: Request, res: Response, state: SandboxState): void {
	const { account, token } = callOf(res);
	if (!account || !token?.scopes.includes('rw_organization_admin')) {
		return accessDenied(res, 'organizationAcls.FINDER-roleAssignee');
	}
	if (queryParam(req, 'q') !== 'roleAssignee') {
		return linkedinError(res, 400, { message: 'Unknown finder', code: 'ILLEGAL_ARGUMENT' });
	}
	const elements = state.accounts
		.values()
		.filter((known) => known.platform === 'linkedin' && known.admins.includes(account.id))
		.map((organization) => ({
			role: 'ADMINISTRATOR',
			organization: authorUrn(organization),
			roleAssignee: authorUrn(account),
			state: 'APPROVED',
		}));
	res.status(200).json({
		paging: { start: 0, count: 10, links: [], total: elements.length },
		elements,
	});
}

function organization(req: Request, res: Response, state: SandboxState): void {
	const { account, token } = callOf(res);
	const found = state.accounts.get(`linkedin:${routeParam(req, 'id')}`);
	const administers = account !== null && found?.admins.includes(account.id) === true;
	if (!found || !administers || !token?.scopes.includes('rw_organization_admin')) {
		return accessDenied(res, 'organizations.GET');
	}
	res.status(200).json({
		id: /^\d{1,15}$/.test(found.id) ? Number(found.id) : found.id,
		vanityName: found.handle,
		localizedName: found.displayName,
	});
}
