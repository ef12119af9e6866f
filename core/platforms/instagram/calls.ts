import type { HttpRequest } from '../../ports';
import type { CarriedAccount } from '../../store/contract';
import { requestUrl } from '../addresses';
import type { PlatformRequest } from '../platform';
import { GRAPH_VERSION } from './capabilities';

/** A read of the Graph API, path below the version. */
export function graphGet(
	path: string,
	fields: Record<string, string>,
	limitMs: number,
): PlatformRequest {
	return {
		method: 'GET',
		path: `/${GRAPH_VERSION}/${path}?${new URLSearchParams(fields).toString()}`,
		headers: { accept: 'application/json' },
		limitMs,
	};
}

/** A form sent to the Graph API, path below the version. */
export function graphPost(
	path: string,
	form: Record<string, string>,
	limitMs: number,
): PlatformRequest {
	return {
		method: 'POST',
		path: `/${GRAPH_VERSION}/${path}`,
		headers: {
			'content-type': 'application/x-www-form-urlencoded',
			accept: 'application/json',
		},
		body: new URLSearchParams(form).toString(),
		limitMs,
	};
}

/** The token goes into a header, where no log of addresses can keep it. */
export function authorize(
	request: PlatformRequest,
	account: CarriedAccount,
	accessToken: string,
): HttpRequest {
	return {
		method: request.method,
		url: requestUrl(request.path, account),
		headers: { ...request.headers, authorization: `Bearer ${accessToken}` },
		...(request.body === undefined ? {} : { body: request.body }),
		limitMs: request.limitMs,
	};
}
