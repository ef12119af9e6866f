import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { SandboxState } from '../state';

const LIMIT_MS = 10_000;

export type Fetched = { bytes: Buffer } | { failed: true } | { tooLarge: true };

/**
 * Fetches a picture as Meta does: no redirects, no sign-in, `200` only. The sandbox reaches hosts
 * of this machine only, so that it never becomes a way into a network.
 */
export async function fetchImage(
	state: SandboxState,
	uri: string,
	maxBytes: number,
): Promise<Fetched> {
	if (!URL.canParse(uri)) return { failed: true };
	const url = new URL(uri);
	const send = url.protocol === 'https:' ? httpsRequest : httpRequest;
	if (!['http:', 'https:'].includes(url.protocol) || !state.fetchHosts.has(url.hostname)) {
		return { failed: true };
	}
	return await new Promise((resolve) => {
		const request = send(
			url,
			{
				headers: { 'user-agent': 'facebookexternalhit/1.1', accept: '*/*' },
				signal: AbortSignal.timeout(LIMIT_MS),
				agent: false,
			},
			(response) => {
				if (response.statusCode !== 200) {
					response.destroy();
					return resolve({ failed: true });
				}
				const chunks: Buffer[] = [];
				let size = 0;
				response.on('data', (chunk: Buffer) => {
					size += chunk.length;
					if (size > maxBytes) {
						resolve({ tooLarge: true });
						response.destroy();
					} else chunks.push(chunk);
				});
				response.on('end', () => resolve({ bytes: Buffer.concat(chunks) }));
				response.on('error', () => resolve({ failed: true }));
				response.on('aborted', () => resolve({ failed: true }));
			},
		);
		request.on('error', () => resolve({ failed: true }));
		request.end();
	});
}
