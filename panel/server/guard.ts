import { isIP } from 'node:net';
import type { NextFunction, Request, Response } from 'express';
import { sendMessage } from './message-page';

/** Host name without port and brackets. */
function nameOf(host: string): string {
	const bracketed = /^\[([^\]]+)\](?::\d+)?$/.exec(host);
	return (bracketed ? bracketed[1] : host.replace(/:\d+$/, '')).toLowerCase();
}

/**
 * Refuses requests whose Host header is a foreign name: a page on the web could point its own name at
 * this machine and read the panel (DNS rebinding). An address is no name that anybody can point.
 */
export function onlyOurHosts(extra: string[]) {
	const names = new Set(['localhost', 'host.docker.internal', ...extra.map(nameOf)]);
	return (request: Request, response: Response, next: NextFunction) => {
		const name = nameOf(request.headers.host ?? '');
		if (isIP(name) !== 0 || names.has(name)) {
			next();
			return;
		}
		sendMessage(response, 421, {
			title: 'Not under this name',
			lines: [
				'The panel answers to localhost and to IP addresses. Start it with MUSEKIT_PANEL_HOSTS=<name> to allow another name.',
			],
			link: null,
		});
	};
}
