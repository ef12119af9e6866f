import type { IExecuteFunctions, IHttpRequestOptions } from 'n8n-workflow';

import type { HttpAnswer, HttpPort, HttpRequest } from '../../../core/ports';
import { readWireFailure } from './wire-failure';

type RequestHelper = Pick<IExecuteFunctions['helpers'], 'httpRequest'>;

/**
 * Calls of platforms through n8n's request helper: one call, one request on the wire, any status
 * is an answer. n8n's Stop is not passed on: a request on its way is finished.
 */
export function createHttpPort(helpers: RequestHelper): HttpPort {
	return {
		async send(request) {
			const options = requestOptions(request);
			if (request.mayStillSend?.() === false) {
				return { kind: 'not_sent', reason: 'the time to send it was over' };
			}
			try {
				return readAnswer(await helpers.httpRequest(options));
			} catch (error) {
				const failure = readWireFailure(error);
				return { kind: failure.notSent ? 'not_sent' : 'lost', reason: failure.reason };
			}
		},
	};
}

function requestOptions(request: HttpRequest): IHttpRequestOptions {
	return {
		method: request.method,
		url: request.url,
		headers: { ...request.headers },
		body: wireBody(request),
		returnFullResponse: true,
		ignoreHttpStatusErrors: true,
		disableFollowRedirect: true,
		encoding: 'text',
		// `timeout` counts only idle time; a trickling answer would never end.
		abortSignal: AbortSignal.timeout(request.limitMs),
	};
}

/**
 * Axios trims and re-quotes JSON given as text, and n8n cannot take bytes for a plain form, so
 * everything but a form goes out as bytes (axios then sends their length).
 */
function wireBody(request: HttpRequest): Buffer | string | undefined {
	const { body } = request;
	if (body === undefined || body.length === 0) return undefined;
	if (typeof body !== 'string') return Buffer.from(body.buffer, body.byteOffset, body.byteLength);
	const type = Object.entries(request.headers).find(
		([name]) => name.toLowerCase() === 'content-type',
	);
	if (type?.[1].startsWith('application/x-www-form-urlencoded')) return body;
	return Buffer.from(body, 'utf8');
}

interface FullResponse {
	body?: unknown;
	headers?: Record<string, unknown>;
	statusCode?: number;
}

/** Header names in lower case, several values of one header joined with a comma. */
export function lowerCaseHeaders(headers: Record<string, unknown> | undefined) {
	const lower: Record<string, string> = {};
	for (const [name, value] of Object.entries(headers ?? {})) {
		if (value === undefined || value === null) continue;
		lower[name.toLowerCase()] = Array.isArray(value) ? value.join(', ') : String(value);
	}
	return lower;
}

function readAnswer(response: FullResponse): HttpAnswer {
	const status = response.statusCode ?? 0;
	// Only a proxy answers 407: the request stopped there.
	if (status === 407) {
		return { kind: 'not_sent', reason: 'the proxy of n8n asks for a sign-in (407)' };
	}
	return {
		kind: 'response',
		status,
		headers: lowerCaseHeaders(response.headers),
		text: typeof response.body === 'string' ? response.body : '',
	};
}
