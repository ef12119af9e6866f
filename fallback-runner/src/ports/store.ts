import { createClient, type SupabaseClient } from '@supabase/supabase-js';
import { Agent, request } from 'undici';
import type { RpcAnswer, StorePort, StoreRefusal } from '../../../core/ports';
import { MEDIA_BUCKET } from '../../../core/store/contract';

export interface StoreOptions {
	/** Origin of the gateway or Supabase project. */
	url: string;
	/** Secret (service role) key. */
	key: string;
	/** Whole time of one call. Default 15 s. */
	limitMs?: number;
	/** Whole time of one upload or download. Default 60 s. */
	mediaLimitMs?: number;
}

const LIMIT_MS = 15_000;
const MEDIA_LIMIT_MS = 60_000;

/** supabase-js behind the port: one call is one request, a failure is a value. */
export function createStorePort(options: StoreOptions): StorePort {
	const client = createClient(options.url, options.key, {
		auth: { persistSession: false, autoRefreshToken: false, detectSessionInUrl: false },
		global: { fetch: boundedFetch(options) },
	});
	const bucket = () => client.storage.from(MEDIA_BUCKET);
	return {
		rpc: async <T>(name: string, args: Record<string, unknown>) =>
			await callRpc<T>(client, name, args),
		putObject: async (path, bytes, mime) =>
			await media<null>(async () => {
				const { error } = await bucket().upload(path, bytes, { contentType: mime, upsert: true });
				return error === null ? { value: null } : { error };
			}),
		getObject: async (path) =>
			await media<Uint8Array>(async () => {
				const { data, error } = await bucket().download(path);
				return error === null ? { value: new Uint8Array(await data.arrayBuffer()) } : { error };
			}),
		signObject: async (path, seconds, base) =>
			await media<string>(async () => {
				const { data, error } = await bucket().createSignedUrl(path, seconds);
				return error === null ? { value: rebased(data.signedUrl, base) } : { error };
			}),
	};
}

/** Bounds every request as a whole and follows no redirect, for a store never sends one. */
function boundedFetch(options: StoreOptions): typeof fetch {
	const agent = new Agent();
	return async (input, init) => {
		const address = input instanceof Request ? input.url : input.toString();
		if (address.includes('/rest/v1/rpc/') && typeof init?.body === 'string') {
			return await plainCall(agent, address, { ...init, body: init.body }, options);
		}
		const limit = address.includes('/storage/v1/')
			? (options.mediaLimitMs ?? MEDIA_LIMIT_MS)
			: (options.limitMs ?? LIMIT_MS);
		const signals = [AbortSignal.timeout(limit), ...(init?.signal ? [init.signal] : [])];
		return await fetch(input, { ...init, redirect: 'manual', signal: AbortSignal.any(signals) });
	};
}

/**
 * A function call without what `fetch` builds around each request (streams, signals that live until
 * their time is over): it stood out in a profile of the runner under load (2026-11).
 */
async function plainCall(
	agent: Agent,
	address: string,
	init: RequestInit & { body: string },
	options: StoreOptions,
): Promise<Response> {
	const late = new AbortController();
	const timer = setTimeout(() => late.abort(), options.limitMs ?? LIMIT_MS);
	try {
		const answer = await request(address, {
			dispatcher: agent,
			method: 'POST',
			headers: Object.fromEntries(new Headers(init.headers)),
			body: init.body,
			signal: late.signal,
		});
		const text = await answer.body.text();
		const headers = Object.entries(answer.headers).flatMap(([name, value]): [string, string][] =>
			value === undefined ? [] : [[name, Array.isArray(value) ? value.join(', ') : value]],
		);
		const status = answer.statusCode;
		// These statuses have no body, and Response refuses even an empty one.
		return new Response([204, 205, 304].includes(status) ? null : text, { status, headers });
	} finally {
		clearTimeout(timer);
	}
}

async function callRpc<T>(
	client: SupabaseClient,
	name: string,
	args: Record<string, unknown>,
): Promise<RpcAnswer<T>> {
	try {
		const { data, error, status } = await client.rpc(name, args).retry(false);
		if (error === null && status >= 200 && status < 300) return { kind: 'ok', value: data as T };
		if (error === null) return { kind: 'unreachable', reason: `the gateway answered ${status}` };
		if (status === 0) return { kind: 'unreachable', reason: 'the store gave no answer' };
		return { kind: 'refused', refusal: refusalOf({ status, ...error }) };
	} catch {
		return { kind: 'unreachable', reason: 'the store gave no readable answer' };
	}
}

/**
 * A refusal as SQL raises it: our code in `message`, the sentence and facts as JSON in `details`;
 * any other error keeps its SQLSTATE or PGRST code and its own message.
 */
export function refusalOf(error: {
	status: number;
	code?: string;
	message?: string;
	details?: string | null;
	hint?: string | null;
}): StoreRefusal {
	const code = error.code ?? '';
	const hint = error.hint ? { hint: error.hint } : {};
	if (/^PT\d{3}$/.test(code)) {
		const { sentence, ...facts } = factsOf(error.details);
		return {
			status: error.status,
			code: error.message ?? code,
			message: typeof sentence === 'string' ? sentence : (error.message ?? code),
			...hint,
			...(Object.keys(facts).length > 0 ? { details: facts } : {}),
		};
	}
	return {
		status: error.status,
		code: code === '' ? `http_${error.status}` : code,
		message: error.message ? error.message : `The store answered ${error.status}`,
		...hint,
	};
}

function factsOf(details: string | null | undefined): Record<string, unknown> {
	try {
		const value: unknown = JSON.parse(details ?? '{}');
		return typeof value === 'object' && value !== null ? { ...value } : {};
	} catch {
		return {};
	}
}

type MediaAnswer<T> = { value: T; error?: undefined } | { error: Error };

async function media<T>(call: () => Promise<MediaAnswer<T>>): Promise<RpcAnswer<T>> {
	try {
		const answer = await call();
		if (answer.error === undefined) return { kind: 'ok', value: answer.value };
		const { error } = answer;
		const status = 'status' in error && typeof error.status === 'number' ? error.status : 0;
		if (status === 0) return { kind: 'unreachable', reason: 'the media store gave no answer' };
		const code =
			'statusCode' in error && typeof error.statusCode === 'string' ? error.statusCode : 'storage';
		return { kind: 'refused', refusal: { status, code, message: error.message } };
	} catch {
		return { kind: 'unreachable', reason: 'the media store gave no readable answer' };
	}
}

/** The same path and query at another origin, for whoever fetches from outside. */
function rebased(signed: string, base: string | undefined): string {
	if (base === undefined) return signed;
	const url = new URL(signed);
	return `${base.replace(/\/+$/, '')}${url.pathname}${url.search}`;
}
