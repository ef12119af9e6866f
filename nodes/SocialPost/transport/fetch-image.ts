import type { IExecuteFunctions, NodeEgressFilter } from 'n8n-workflow';

import type { Problem } from '../input/problem';
import { lowerCaseHeaders } from './http-port';
import { readWireFailure } from './wire-failure';

/** Larger than any platform's image limit; more is refused while it is read. */
export const IMAGE_BYTES_MAX = 16 * 1024 * 1024;
const IMAGE_LIMIT_MS = 30_000;

export type FetchedImage =
	| { outcome: 'ok'; bytes: Uint8Array }
	| { outcome: 'refused'; problem: Problem };

interface Address {
	address: string;
}

/**
 * Fetches a picture once, guarded against server-side request forgery: http(s) only, no redirects,
 * private, loopback and link-local ranges refused after DNS (n8n's own egress filter in its
 * enforced form, whether or not the instance switched the protection on), and the request goes to
 * the very address that was checked, so a second DNS answer cannot lead it elsewhere.
 */
export async function fetchImage(
	helpers: Pick<IExecuteFunctions['helpers'], 'httpRequest' | 'getSecureEgressFilter'>,
	text: string,
	limitMs = IMAGE_LIMIT_MS,
): Promise<FetchedImage> {
	const url = parseUrl(text);
	if (!url) {
		return refused(
			'The image URL is not an address that starts with http:// or https://.',
			'Enter the full URL of the picture, without user name or password in it.',
		);
	}
	if (typeof helpers.getSecureEgressFilter !== 'function') {
		return refused(
			'This version of n8n has no protected way to fetch a URL.',
			'Update n8n to 2.41 or later, or fetch the picture with an HTTP Request node and pass it on as binary data.',
		);
	}
	const address = await checkedAddress(helpers.getSecureEgressFilter('enforced'), url);
	if (address === 'blocked') {
		return refused(
			'The image URL leads to an address inside a private network, which is not fetched.',
			'Use a public URL, or fetch the picture with an HTTP Request node and pass it on as binary data.',
		);
	}
	if (address === 'unknown') {
		return refused(
			'The host of the image URL cannot be found.',
			'Check the URL in a browser, then run it again.',
		);
	}
	return await download(helpers, url, address.address, limitMs);
}

function parseUrl(text: string): URL | null {
	if (!URL.canParse(text.trim())) return null;
	const url = new URL(text.trim());
	const web = url.protocol === 'http:' || url.protocol === 'https:';
	return web && url.hostname !== '' && url.username === '' && url.password === '' ? url : null;
}

async function checkedAddress(
	filter: NodeEgressFilter,
	url: URL,
): Promise<Address | 'blocked' | 'unknown'> {
	try {
		const allowed = await filter.validateUrl(url);
		if (!allowed.ok) return 'blocked';
	} catch {
		return 'unknown';
	}
	const host = url.hostname.replace(/^\[|\]$/g, '');
	if (/^[\d.]+$/.test(host) || host.includes(':')) return { address: host };
	return await new Promise((resolve) => {
		filter.createSecureLookup()(host, { all: false }, (error, address) => {
			if (error) resolve(error.name.startsWith('SsrfBlocked') ? 'blocked' : 'unknown');
			else if (typeof address === 'string') resolve({ address });
			else resolve(address.length > 0 ? address[0] : 'unknown');
		});
	});
}

async function download(
	helpers: Pick<IExecuteFunctions['helpers'], 'httpRequest'>,
	url: URL,
	address: string | undefined,
	limitMs: number,
): Promise<FetchedImage> {
	const pinned = new URL(url);
	if (address !== undefined) pinned.hostname = address.includes(':') ? `[${address}]` : address;
	try {
		const response = (await helpers.httpRequest({
			method: 'GET',
			url: pinned.href,
			headers: { host: url.host, accept: 'image/*' },
			agentOptions: { servername: url.hostname },
			returnFullResponse: true,
			ignoreHttpStatusErrors: true,
			disableFollowRedirect: true,
			encoding: 'stream',
			abortSignal: AbortSignal.timeout(limitMs),
		})) as {
			statusCode: number;
			headers: Record<string, unknown>;
			body: AsyncIterable<Uint8Array> & { destroy?(): void };
		};
		return await readBody(response.statusCode, lowerCaseHeaders(response.headers), response.body);
	} catch (error) {
		const failure = readWireFailure(error);
		// The instance has the protection switched on and allows this host by name, not by address:
		// then n8n itself checks every address of the name when it connects.
		if (failure.blocked && address !== undefined) {
			return await download(helpers, url, undefined, limitMs);
		}
		return refused(
			`The picture could not be fetched: ${failure.reason}.`,
			'Check the URL in a browser, then run it again.',
		);
	}
}

async function readBody(
	status: number,
	headers: Record<string, string>,
	body: AsyncIterable<Uint8Array> & { destroy?(): void },
): Promise<FetchedImage> {
	const tooLarge = () => {
		body.destroy?.();
		return refused(
			'The picture behind the image URL is larger than 16 MB.',
			'Use a smaller picture; the platforms accept less than that.',
		);
	};
	if (status >= 300 && status < 400) {
		body.destroy?.();
		return refused(
			'The image URL redirects to another address, which is not followed.',
			'Enter the final address of the picture.',
		);
	}
	if (status !== 200) {
		body.destroy?.();
		return refused(
			`The image URL answered with status ${status} and no picture.`,
			'Check that the URL opens without signing in, then run it again.',
		);
	}
	if (Number(headers['content-length'] ?? 0) > IMAGE_BYTES_MAX) return tooLarge();
	const chunks: Uint8Array[] = [];
	let size = 0;
	for await (const chunk of body) {
		size += chunk.length;
		if (size > IMAGE_BYTES_MAX) return tooLarge();
		chunks.push(chunk);
	}
	return { outcome: 'ok', bytes: new Uint8Array(Buffer.concat(chunks)) };
}

function refused(message: string, remedy: string): FetchedImage {
	return { outcome: 'refused', problem: { message, remedy } };
}
