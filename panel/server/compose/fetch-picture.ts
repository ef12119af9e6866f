import { lookup } from 'node:dns/promises';
import http from 'node:http';
import https from 'node:https';
import { BlockList, isIP, type LookupFunction } from 'node:net';
import type { PostError } from '../../../core/store/contract';
import { PICTURE_BYTES_MAX } from '../../shared/compose';

export type FetchedPicture =
	| { outcome: 'ok'; bytes: Uint8Array }
	| { outcome: 'refused'; problem: PostError };

export type FetchPicture = (address: string) => Promise<FetchedPicture>;

const LIMIT_MS = 20_000;

/** Addresses that are not on the public internet (RFC 6890 and IANA's special-purpose registries). */
const INSIDE = new BlockList();
for (const [net, bits] of [
	['0.0.0.0', 8],
	['10.0.0.0', 8],
	['100.64.0.0', 10],
	['127.0.0.0', 8],
	['169.254.0.0', 16],
	['172.16.0.0', 12],
	['192.0.0.0', 24],
	['192.0.2.0', 24],
	['192.88.99.0', 24],
	['192.168.0.0', 16],
	['198.18.0.0', 15],
	['198.51.100.0', 24],
	['203.0.113.0', 24],
	['224.0.0.0', 3],
] as const) {
	INSIDE.addSubnet(net, bits, 'ipv4');
}
/** Public IPv6 is 2000::/3 without these; addresses that carry an IPv4 one could lead inside by it. */
const PUBLIC_6 = new BlockList();
PUBLIC_6.addSubnet('2000::', 3, 'ipv6');
const INSIDE_6 = new BlockList();
for (const [net, bits] of [
	['2001::', 23],
	['2001:db8::', 32],
	['2002::', 16],
	['3fff::', 20],
] as const) {
	INSIDE_6.addSubnet(net, bits, 'ipv6');
}

/** True for an address that anybody on the internet may reach. */
export function isPublicAddress(address: string): boolean {
	if (isIP(address) === 4) return !INSIDE.check(address, 'ipv4');
	return isIP(address) === 6 && PUBLIC_6.check(address, 'ipv6') && !INSIDE_6.check(address, 'ipv6');
}

function refused(code: string, message: string, remedy: string): FetchedPicture {
	return { outcome: 'refused', problem: { code, message, remedy } };
}

const inside = () =>
	refused(
		'import_picture_inside',
		'The picture’s address leads into a private network, which is not fetched.',
		'Use a public address.',
	);

const away = (reason: string) =>
	refused(
		'import_picture_away',
		`The picture could not be fetched: ${reason}.`,
		'Check that the address opens in a browser without signing in.',
	);

/**
 * Fetches a picture by its address: http(s) only, no redirects, 16 MB, and only from addresses that
 * `allowed` lets through. The connection goes to the very address that was checked, so that a second
 * answer of the name server leads nowhere else.
 */
export function pictureFetcher(
	allowed: (address: string) => boolean = isPublicAddress,
): FetchPicture {
	return async (text) => {
		const url = URL.canParse(text) ? new URL(text) : null;
		if (!url || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '') {
			return refused(
				'import_picture_address',
				`"${text.slice(0, 60)}" is no address of a picture.`,
				'Write the full address, beginning with https://; several with | between them.',
			);
		}
		const host = url.hostname.replace(/^\[|\]$/g, '');
		const found = await lookup(host, { all: true }).catch(() => []);
		if (found.length === 0) return away('its host is not known');
		const [first] = found;
		if (!found.every(({ address }) => allowed(address))) return inside();
		return await download(url, (_host, options, done) => {
			if (options.all) done(null, [first]);
			else done(null, first.address, first.family);
		});
	};
}

async function download(url: URL, toChecked: LookupFunction): Promise<FetchedPicture> {
	const client = url.protocol === 'https:' ? https : http;
	try {
		return await new Promise<FetchedPicture>((resolve, reject) => {
			const request = client.get(
				url,
				{
					lookup: toChecked,
					agent: false,
					headers: { accept: 'image/*' },
					signal: AbortSignal.timeout(LIMIT_MS),
				},
				(response) => {
					readBody(response).then(resolve, reject);
				},
			);
			request.on('error', reject);
		});
	} catch {
		return away('its server gave no complete answer');
	}
}

async function readBody(response: http.IncomingMessage): Promise<FetchedPicture> {
	const status = response.statusCode ?? 0;
	if (status !== 200) {
		response.destroy();
		return away(
			status >= 300 && status < 400
				? 'it redirects to another address; use the final one'
				: `its server answered ${status}`,
		);
	}
	const chunks: Buffer[] = [];
	let size = 0;
	for await (const chunk of response) {
		size += (chunk as Buffer).length;
		if (size > PICTURE_BYTES_MAX) {
			response.destroy();
			return refused(
				'media_too_large',
				'The picture is larger than 16 MB.',
				'Use a smaller picture; the platforms accept less than that.',
			);
		}
		chunks.push(chunk as Buffer);
	}
	return { outcome: 'ok', bytes: new Uint8Array(Buffer.concat(chunks)) };
}
