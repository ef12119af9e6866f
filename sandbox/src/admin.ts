import { Router } from 'express';
import type { Request, RequestHandler } from 'express';
import { z } from 'zod';
import { accountInput, seedAccount } from './accounts';
import { jsonBody, queryParam, rawBody, routeParam } from './body';
import type { FaultList } from './faults';
import { faultInput } from './faults';
import { readLedger } from './ledger';
import type { Platform } from './records';
import { mergeSettings, settingsPatch } from './settings';
import type { SandboxState } from './state';
import { revokeAccount } from './tokens';

const clientInput = z.strictObject({
	platform: z.enum(['x', 'linkedin', 'instagram']),
	clientId: z.string().min(1),
	clientSecret: z.string().min(1).nullable().default(null),
	redirectUris: z.array(z.string()).min(1).default(['loopback']),
});

const accountPatch = z.strictObject({
	credits: z.enum(['ok', 'depleted', 'spend_cap']).optional(),
	restricted: z.boolean().optional(),
	/** Takes the app's access away, as the person can in the platform's settings. */
	revoke: z.boolean().optional(),
});

/** Routes for tests and for `npm start`; only for programs on this machine. */
export function adminRouter(state: SandboxState, faults: FaultList): Router {
	const router = Router();
	router.get('/_media/:sha256', (req, res) => {
		const sha256 = routeParam(req, 'sha256');
		const bytes = state.blob(sha256);
		const mimes = state.entries.values().flatMap((entry) => entry.media);
		const mime = mimes.find((media) => media.sha256 === sha256)?.mime;
		if (!bytes) return void res.status(404).json({ message: 'No such media' });
		res
			.status(200)
			.set({
				'content-type': mime?.startsWith('image/') ? mime : 'application/octet-stream',
				'x-content-type-options': 'nosniff',
				'content-security-policy': "default-src 'none'; sandbox",
				'cross-origin-resource-policy': 'same-origin',
				'cache-control': 'private, max-age=3600',
			})
			.end(bytes);
	});
	router.use((req, res, next) => {
		if (req.path.startsWith('/_')) onlyThisMachine(req, res, next);
		else next();
	});
	readRoutes(router, state, faults);
	writeRoutes(router, state, faults);
	return router;
}

function readRoutes(router: Router, state: SandboxState, faults: FaultList): void {
	router.get('/_health', (_req, res) => void res.json({ status: 'ok' }));
	router.get('/_settings', (_req, res) => void res.json(state.settings));
	router.get('/_faults', (_req, res) => void res.json({ faults: faults.list() }));
	router.get('/_ledger', (req, res) => {
		const entries = readLedger(state, {
			platform: queryParam(req, 'platform'),
			account: queryParam(req, 'account'),
		});
		const wanted = queryParam(req, 'live') === 'true' ? entries.filter((e) => !e.deleted) : entries;
		res.json({ count: wanted.length, entries: wanted });
	});
	router.get('/_requests', (req, res) => {
		const filters = ['platform', 'account', 'step', 'method'] as const;
		const since = queryParam(req, 'since');
		const requests = state.requests.filter(
			(request) =>
				(since === undefined || request.at >= since) &&
				filters.every((name) => {
					const wanted = queryParam(req, name);
					return wanted === undefined || request[name] === wanted;
				}),
		);
		res.json({ count: requests.length, requests });
	});
	router.get('/_accounts', (_req, res) => void res.json({ accounts: state.accounts.values() }));
}

function writeRoutes(router: Router, state: SandboxState, faults: FaultList): void {
	router.post('/_faults', (req, res) => {
		const given: unknown = JSON.parse(rawBody(req).toString('utf8') || 'null');
		const list = z.array(faultInput).parse(Array.isArray(given) ? given : [given]);
		res.status(201).json({ faults: list.map((fault) => faults.add(fault)) });
	});
	router.delete('/_faults', (_req, res) => {
		faults.remove();
		res.status(204).end();
	});
	router.delete('/_faults/:id', (req, res) => {
		faults.remove(routeParam(req, 'id'));
		res.status(204).end();
	});
	router.post('/_settings', (req, res) => {
		state.settings = mergeSettings(state.settings, settingsPatch.parse(jsonBody(req)));
		res.json(state.settings);
	});
	router.post('/_reset', (req, res) => {
		state.reset(jsonBody(req)?.everything === true);
		faults.remove();
		res.status(204).end();
	});
	router.post('/_accounts', (req, res) => {
		res.status(201).json(seedAccount(state, accountInput.parse(jsonBody(req))));
	});
	router.patch('/_accounts/:platform/:handle', (req, res) => {
		const platform = routeParam(req, 'platform') as Platform;
		const account = state.findAccount(platform, routeParam(req, 'handle'));
		if (!account) return void res.status(404).json({ message: 'No such account' });
		const { revoke, ...patch } = accountPatch.parse(jsonBody(req));
		if (revoke) revokeAccount(state, platform, account.id);
		res.json(state.saveAccount({ ...account, ...withoutUndefined(patch) }));
	});
	router.post('/_clients', (req, res) => {
		const { platform, clientId, clientSecret, redirectUris } = clientInput.parse(jsonBody(req));
		state.clients.put(`${platform}:${clientId}`, {
			platform,
			id: clientId,
			secret: clientSecret,
			redirectUris,
		});
		res.status(201).json({ platform, clientId, redirectUris });
	});
}

function withoutUndefined<T extends object>(object: T): Partial<T> {
	return Object.fromEntries(
		Object.entries(object).filter(([, value]) => value !== undefined),
	) as Partial<T>;
}

/** Loopback peers, a loopback host name (no DNS rebinding) and no request made by a foreign page. */
const onlyThisMachine: RequestHandler = (req, res, next) => {
	const peer = req.socket.remoteAddress ?? '';
	const local = ['127.0.0.1', '::1', '::ffff:127.0.0.1'].includes(peer);
	const host = (req.headers.host ?? '').replace(/:\d+$/, '').toLowerCase();
	const localHost = ['127.0.0.1', 'localhost', '[::1]'].includes(host);
	if (local && localHost && !fromForeignPage(req)) return next();
	res.status(403).json({ message: 'Only programs on this machine may use this route.' });
};

function fromForeignPage(req: Request): boolean {
	const { origin, host } = req.headers;
	const site = req.headers['sec-fetch-site'];
	if (site === 'cross-site' || site === 'same-site') return true;
	return origin !== undefined && origin !== `http://${host}`;
}
