import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import express, { type NextFunction, type Request, type Response, Router } from 'express';
import helmet from 'helmet';
import { sendMessage } from './message-page';

/** What `vite build` puts where a tag's nonce belongs (`html.cspNonce` in panel/web/vite.config.ts). */
export const NONCE_PLACEHOLDER = '__CSP_NONCE__';

/**
 * The page's policy: scripts and styles are our own files or carry this answer's nonce, nothing comes
 * from elsewhere, nobody frames us.
 */
export function pagePolicy() {
	const nonceOf = (response: unknown) => `'nonce-${(response as Response).locals.nonce as string}'`;
	return [
		(_request: Request, response: Response, next: NextFunction) => {
			response.locals.nonce = randomBytes(18).toString('base64');
			next();
		},
		helmet({
			contentSecurityPolicy: {
				useDefaults: false,
				directives: {
					defaultSrc: ["'none'"],
					scriptSrc: ["'self'", (_request, response) => nonceOf(response)],
					styleSrc: ["'self'", (_request, response) => nonceOf(response)],
					imgSrc: ["'self'", 'data:'],
					fontSrc: ["'self'"],
					connectSrc: ["'self'"],
					baseUri: ["'none'"],
					formAction: ["'none'"],
					frameAncestors: ["'none'"],
				},
			},
			// Plain http on this machine has nothing to upgrade to; a TLS proxy in front sets its own.
			strictTransportSecurity: false,
			referrerPolicy: { policy: 'no-referrer' },
		}),
	];
}

/** The built pages: files of `assets/` for ever (their names are hashes), `index.html` for the rest. */
export function createPagesRouter(folder: string): Router {
	const router = Router();
	const index = path.join(folder, 'index.html');
	let page: string | null = null;
	router.use(
		'/assets',
		express.static(path.join(folder, 'assets'), {
			index: false,
			redirect: false,
			immutable: true,
			maxAge: '1y',
		}),
		(_request: Request, response: Response) => {
			response.status(404).type('text').send('There is no such file.');
		},
	);
	router.get('/{*path}', (request, response, next) => {
		if (/\.[a-z0-9]+$/i.test(request.path)) {
			next();
			return;
		}
		if (page === null && existsSync(index)) page = readFileSync(index, 'utf8');
		if (page === null) {
			sendMessage(response, 503, {
				title: 'The pages are not built',
				lines: [
					'npm start builds them. By hand: node node_modules/vite/bin/vite.js build panel/web.',
				],
			});
			return;
		}
		response
			.set('Cache-Control', 'no-store')
			.type('html')
			.send(page.replaceAll(NONCE_PLACEHOLDER, response.locals.nonce as string));
	});
	return router;
}
