import { brotliDecompressSync, gunzipSync, inflateSync } from 'node:zlib';
import { Client, type Dispatcher } from 'undici';
import type { HttpAnswer, HttpPort, HttpRequest } from '../../../core/ports';

export interface HttpOptions {
	/** Largest answer body kept, in bytes, before and after unpacking. Default 4 MiB. */
	maxAnswerBytes?: number;
}

/** Platform answers are JSON of a few KiB. */
const MAX_ANSWER_BYTES = 4 * 1024 * 1024;

/** What undici tells nobody when the connection goes; without it, it makes a new error each time. */
const OVER = new Error('the exchange is over');

/**
 * One call is one request on one fresh connection: no retry, no redirect, no reuse. An idle
 * connection that the platform closes at the moment of writing would turn a safe refusal into an
 * unclear answer. `mayStillSend` is asked in undici's `onRequestStart`, which runs in the same tick
 * as the write of the first byte, after DNS, TCP and TLS.
 */
export function createHttpPort(options: HttpOptions = {}): HttpPort {
	const cap = options.maxAnswerBytes ?? MAX_ANSWER_BYTES;
	return {
		send: async (request) =>
			await new Promise<HttpAnswer>((resolve) => exchange(request, cap, resolve)),
	};
}

function exchange(request: HttpRequest, cap: number, resolve: (answer: HttpAnswer) => void): void {
	let url: URL;
	let client: Client;
	try {
		url = new URL(request.url);
		client = new Client(url.origin, {
			allowH2: false,
			pipelining: 1,
			connect: { timeout: request.limitMs },
			headersTimeout: 0,
			bodyTimeout: 0,
		});
	} catch (thrown) {
		resolve({ kind: 'not_sent', reason: `the address cannot be used (${said(thrown)})` });
		return;
	}
	let started = false;
	let ended = false;
	const finish = (answer: HttpAnswer): void => {
		if (ended) return;
		ended = true;
		clearTimeout(limit);
		resolve(answer);
		client.destroy(OVER).catch(() => undefined);
	};
	const broken = (reason: string): HttpAnswer =>
		started ? { kind: 'lost', reason } : { kind: 'not_sent', reason };
	const limit = setTimeout(
		() => finish(broken(`no complete answer within ${request.limitMs} ms`)),
		request.limitMs,
	);
	try {
		client.dispatch(
			{
				path: `${url.pathname}${url.search}`,
				method: request.method,
				headers: { 'accept-encoding': 'gzip, deflate, br', ...request.headers },
				body: request.body ?? null,
				reset: true,
			},
			reader(cap, {
				mayStart: () => !ended && (request.mayStillSend?.() ?? true),
				onStart: () => {
					started = true;
				},
				onCalledOff: () => finish({ kind: 'not_sent', reason: 'the time to send was over' }),
				onAnswer: finish,
				onBroken: (reason) => finish(broken(reason)),
			}),
		);
	} catch (thrown) {
		finish(broken(`the request was refused by the client (${said(thrown)})`));
	}
}

interface Events {
	mayStart(): boolean;
	onStart(): void;
	onCalledOff(): void;
	onAnswer(answer: HttpAnswer): void;
	onBroken(reason: string): void;
}

function reader(cap: number, events: Events): Dispatcher.DispatchHandler {
	const chunks: Buffer[] = [];
	let held = 0;
	let status = 0;
	let headers: Record<string, string> = {};
	return {
		onRequestStart(controller) {
			if (events.mayStart()) {
				events.onStart();
				return;
			}
			events.onCalledOff();
			controller.abort(new Error('called off'));
		},
		onResponseStart(_controller, statusCode, received) {
			if (statusCode < 200) return;
			status = statusCode;
			headers = plain(received);
		},
		onResponseData(controller, chunk) {
			held += chunk.length;
			if (held <= cap) {
				chunks.push(chunk);
				return;
			}
			events.onBroken(`the answer is longer than ${cap} bytes`);
			controller.abort(new Error('answer too long'));
		},
		onResponseEnd() {
			const text = unpack(Buffer.concat(chunks), headers['content-encoding'] ?? '', cap);
			if (text === null) events.onBroken('the answer could not be unpacked');
			else events.onAnswer({ kind: 'response', status, headers, text });
		},
		onResponseError(_controller, error) {
			events.onBroken(inOurWords(error));
		},
	};
}

function plain(received: Record<string, string | string[] | undefined>): Record<string, string> {
	return Object.fromEntries(
		Object.entries(received).flatMap(([name, value]) =>
			value === undefined
				? []
				: [[name.toLowerCase(), Array.isArray(value) ? value.join(', ') : value]],
		),
	);
}

function unpack(body: Buffer, encoding: string, cap: number): string | null {
	const limits = { maxOutputLength: cap };
	try {
		switch (encoding.trim().toLowerCase()) {
			case '':
			case 'identity':
				return body.toString('utf8');
			case 'gzip':
			case 'x-gzip':
				return body.length === 0 ? '' : gunzipSync(body, limits).toString('utf8');
			case 'deflate':
				return body.length === 0 ? '' : inflateSync(body, limits).toString('utf8');
			case 'br':
				return body.length === 0 ? '' : brotliDecompressSync(body, limits).toString('utf8');
			default:
				return null;
		}
	} catch {
		return null;
	}
}

/** Words for people by error code; n8n replaces any text that holds an errno name. */
const WORDS: Record<string, string> = {
	ECONNREFUSED: 'the connection was refused',
	ENOTFOUND: 'the name is not known',
	EAI_AGAIN: 'the name could not be looked up',
	EHOSTUNREACH: 'the host cannot be reached',
	ENETUNREACH: 'the network cannot be reached',
	ECONNRESET: 'the connection was reset',
	EPIPE: 'the connection was closed while sending',
	ETIMEDOUT: 'the connection timed out',
	UND_ERR_CONNECT_TIMEOUT: 'the connection timed out',
	UND_ERR_SOCKET: 'the connection was closed before the answer was complete',
	UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'the answer was cut off',
	UND_ERR_HEADERS_OVERFLOW: 'the answer has too many headers',
};

function inOurWords(error: unknown): string {
	const code =
		typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
	if (code in WORDS) return WORDS[code];
	return /CERT|TLS|SSL|SELF_SIGNED|SIGNATURE/.test(code)
		? 'the certificate or TLS handshake was not accepted'
		: 'the connection failed';
}

function said(thrown: unknown): string {
	return thrown instanceof Error ? thrown.message : 'unknown reason';
}
