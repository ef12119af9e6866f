import { Agent, createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import sharp from 'sharp';
import { TwitterApi } from 'twitter-api-v2';
import type { ITwitterApiClientPlugin } from 'twitter-api-v2';
import type { AccountInput, SeededAccount } from '../../sandbox/src/accounts';
import type { FaultInput } from '../../sandbox/src/faults';
import type { LedgerEntry } from '../../sandbox/src/ledger';
import type { RequestRecord } from '../../sandbox/src/records';
import { startSandbox } from '../../sandbox/src/server';
import type { RunningSandbox, SandboxOptions } from '../../sandbox/src/server';
import type { SettingsPatch } from '../../sandbox/src/settings';

/** A sandbox on a free port, spoken to only over HTTP. */
export interface SandboxUnderTest extends RunningSandbox {
	seed(input: AccountInput): Promise<SeededAccount>;
	set(settings: SettingsPatch): Promise<void>;
	fault(...list: FaultInput[]): Promise<void>;
	ledger(query?: string): Promise<LedgerEntry[]>;
	seenRequests(query?: string): Promise<RequestRecord[]>;
	reset(): Promise<void>;
}

export async function sandboxUnderTest(options: SandboxOptions = {}): Promise<SandboxUnderTest> {
	const running = await startSandbox({ port: 0, ...options });
	const send = async (method: string, path: string, body?: unknown): Promise<unknown> => {
		const response = await fetch(`${running.url}${path}`, {
			method,
			...(body === undefined
				? {}
				: { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
		});
		const text = await response.text();
		if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
		return text === '' ? null : JSON.parse(text);
	};
	return {
		...running,
		seed: async (input) => (await send('POST', '/_accounts', input)) as SeededAccount,
		set: async (settings) => void (await send('POST', '/_settings', settings)),
		fault: async (...list) => void (await send('POST', '/_faults', list)),
		ledger: async (query = '') =>
			((await send('GET', `/_ledger?${query}`)) as { entries: LedgerEntry[] }).entries,
		seenRequests: async (query = '') =>
			((await send('GET', `/_requests?${query}`)) as { requests: RequestRecord[] }).requests,
		reset: async () => void (await send('POST', '/_reset')),
	};
}

/** The official-shape client, its fixed hosts turned to the sandbox by a request plugin. */
export function xClient(
	sandbox: RunningSandbox,
	credentials: string | { clientId: string; clientSecret?: string },
): TwitterApi {
	const redirect: ITwitterApiClientPlugin = {
		onBeforeRequestConfig: ({ params }) => {
			const { pathname, search } = new URL(params.url);
			params.url = `${sandbox.url}/x${pathname}${search}`;
			// The client picks the body's form by the path, which now has a prefix.
			params.forceBodyMode ??= pathname.startsWith('/2/oauth2/') ? 'url' : 'json';
		},
	};
	const settings = { plugins: [redirect], httpAgent: new Agent() };
	if (typeof credentials === 'string') return new TwitterApi(credentials, settings);
	const { clientId, clientSecret } = credentials;
	return new TwitterApi(
		clientSecret === undefined ? { clientId } : { clientId, clientSecret },
		settings,
	);
}

/** A picture of one colour. */
export async function picture(
	format: 'jpeg' | 'png' | 'webp' | 'gif',
	width = 400,
	height = 400,
): Promise<Buffer> {
	const base = sharp({ create: { width, height, channels: 3, background: '#336699' } });
	return await base.toFormat(format).toBuffer();
}

export interface FileServer {
	url: string;
	hits: string[];
	stop(): Promise<void>;
}

/** Serves the given files by path; a number is a bare status, a string a redirect. */
export async function fileServer(
	files: Record<string, Buffer | number | string>,
): Promise<FileServer> {
	const hits: string[] = [];
	const server: Server = createServer((req, res) => {
		hits.push(req.url ?? '');
		const file = files[req.url ?? ''] ?? 404;
		if (typeof file === 'number') res.writeHead(file).end();
		else if (typeof file === 'string') res.writeHead(302, { location: file }).end();
		else res.writeHead(200, { 'content-type': 'application/octet-stream' }).end(file);
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	return {
		url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
		hits,
		stop: async () => {
			await new Promise<void>((resolve) => {
				server.close(() => resolve());
				server.closeAllConnections();
			});
		},
	};
}
