import type { IAllExecuteFunctions, IExecuteFunctions, IHttpRequestOptions } from 'n8n-workflow';

import type { RpcAnswer, StorePort, StoreRefusal } from '../../../core/ports';
import { MEDIA_BUCKET } from '../../../core/store/contract';
import { readWireFailure } from './wire-failure';

export const CREDENTIAL = 'museKitSocialApi';

/** Longer than any function runs under load; every call may be repeated with the same ids. */
const RPC_LIMIT_MS = 20_000;
const OBJECT_LIMIT_MS = 60_000;

/** What the store needs from n8n; every context of n8n (run, editor list) has it. */
export type StoreContext = Pick<
	IExecuteFunctions,
	'getCredentials' | 'getNode' | 'helpers' | 'logger'
>;

/**
 * The store through the credential: `POST /rest/v1/rpc/{name}` and Supabase's storage routes.
 *
 * n8n passes its cancel signal to every authenticated request whose `this` has
 * `getExecutionCancelSignal` (n8n-core 2.41 `request-helpers/authentication.js`). Stop must not
 * abort the saving of evidence, so the calls run on a context without it.
 */
export function createStorePort(context: StoreContext, url: string): StorePort {
	const base = url.trim().replace(/\/+$/, '');
	const uncancelled = {
		getCredentials: async (type: string) => await context.getCredentials(type),
		getNode: () => context.getNode(),
		helpers: context.helpers,
		logger: context.logger,
	};

	async function call<T>(
		options: IHttpRequestOptions,
		limitMs: number,
		read: (response: FullResponse) => T,
	): Promise<RpcAnswer<T>> {
		let response: FullResponse;
		try {
			response = await context.helpers.httpRequestWithAuthentication.call(
				uncancelled as unknown as IAllExecuteFunctions,
				CREDENTIAL,
				{
					...options,
					returnFullResponse: true,
					ignoreHttpStatusErrors: true,
					disableFollowRedirect: true,
					abortSignal: AbortSignal.timeout(limitMs),
				},
			);
		} catch (error) {
			return { kind: 'unreachable', reason: readWireFailure(error).reason };
		}
		if (response.statusCode >= 200 && response.statusCode < 300) {
			try {
				return { kind: 'ok', value: read(response) };
			} catch {
				return {
					kind: 'unreachable',
					reason: 'the answer of the Project URL is not that of a store',
				};
			}
		}
		return readRefusal(response);
	}

	return {
		rpc: async <T>(name: string, args: Record<string, unknown>) =>
			await call<T>(
				{
					method: 'POST',
					url: `${base}/rest/v1/rpc/${name}`,
					headers: { 'content-type': 'application/json' },
					body: Buffer.from(JSON.stringify(args), 'utf8'),
					encoding: 'text',
				},
				RPC_LIMIT_MS,
				(response) =>
					(textOf(response.body) === '' ? null : JSON.parse(textOf(response.body))) as T,
			),
		putObject: async (path, bytes, mime) =>
			await call<null>(
				{
					method: 'POST',
					url: `${base}/storage/v1/object/${MEDIA_BUCKET}/${path}`,
					headers: { 'content-type': mime, 'x-upsert': 'true' },
					body: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength),
					encoding: 'text',
				},
				OBJECT_LIMIT_MS,
				() => null,
			),
		getObject: async (path) =>
			await call<Uint8Array>(
				{
					method: 'GET',
					url: `${base}/storage/v1/object/${MEDIA_BUCKET}/${path}`,
					encoding: 'arraybuffer',
				},
				OBJECT_LIMIT_MS,
				(response) => new Uint8Array(response.body as ArrayBuffer | Buffer),
			),
		signObject: async (path, seconds, publicBase) =>
			await call<string>(
				{
					method: 'POST',
					url: `${base}/storage/v1/object/sign/${MEDIA_BUCKET}/${path}`,
					headers: { 'content-type': 'application/json' },
					body: Buffer.from(JSON.stringify({ expiresIn: seconds }), 'utf8'),
					encoding: 'text',
				},
				RPC_LIMIT_MS,
				(response) => {
					const { signedURL } = JSON.parse(textOf(response.body)) as { signedURL: string };
					if (typeof signedURL !== 'string') throw new TypeError('no signed URL in the answer');
					const origin = (publicBase ?? base).replace(/\/+$/, '');
					return `${origin}/storage/v1${signedURL.startsWith('/') ? '' : '/'}${signedURL}`;
				},
			),
	};
}

interface FullResponse {
	body: unknown;
	statusCode: number;
}

interface RefusalBody {
	code?: unknown;
	message?: unknown;
	error?: unknown;
	details?: unknown;
	hint?: unknown;
}

/** Our own refusals come as code `PT4xx` with our code as message and a JSON text as details. */
function readRefusal(response: FullResponse): RpcAnswer<never> {
	const status = response.statusCode;
	const body = parseObject(textOf(response.body)) as RefusalBody;
	const wireCode = typeof body.code === 'string' ? body.code : '';
	const message = typeof body.message === 'string' ? body.message : '';
	const hint = typeof body.hint === 'string' && body.hint !== '' ? { hint: body.hint } : {};
	if (/^PT4\d\d$/.test(wireCode)) {
		const details = parseObject(typeof body.details === 'string' ? body.details : '');
		const { sentence, ...facts } = details;
		return {
			kind: 'refused',
			refusal: {
				status,
				code: message,
				message: typeof sentence === 'string' ? sentence : message,
				...hint,
				details: facts,
			},
		};
	}
	// 5xx, redirects and pages of something else say nothing about what the store did.
	if (status >= 500 || status < 400) {
		return { kind: 'unreachable', reason: `the Project URL answered with status ${status}` };
	}
	const known: StoreRefusal | undefined = accessRefusal(status, wireCode);
	return {
		kind: 'refused',
		refusal: known ?? { status, code: wireCode || `http_${status}`, message, ...hint },
	};
}

function accessRefusal(status: number, code: string): StoreRefusal | undefined {
	if (status === 401 || status === 403) {
		return {
			status,
			code: 'secret_key_refused',
			message: 'The store did not accept the secret key.',
			hint: 'Open the credential "MuseKit Social API" and enter the secret key (sb_secret_… or service_role) of this project.',
		};
	}
	if (status === 404) {
		return {
			status,
			code: code || 'store_missing',
			message: 'The Project URL answers, but there is no MuseKit Social store of this version.',
			hint: 'Check the Project URL in the credential and apply the migrations (npm run migrate).',
		};
	}
	if (status === 429) {
		return {
			status,
			code: 'store_busy',
			message: 'The store gets too many requests at the moment.',
			hint: 'Wait a minute and run it again; running again is safe.',
		};
	}
	return undefined;
}

function textOf(body: unknown): string {
	if (typeof body === 'string') return body;
	if (ArrayBuffer.isView(body)) return new TextDecoder().decode(body as Uint8Array<ArrayBuffer>);
	return '';
}

function parseObject(text: string): Record<string, unknown> {
	try {
		const value: unknown = JSON.parse(text);
		return typeof value === 'object' && value !== null && !Array.isArray(value)
			? (value as Record<string, unknown>)
			: {};
	} catch {
		return {};
	}
}
